"""``settings`` and ``monitor``: compared, applied, put by, taken back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from console.model.command import ChangeSetting, Command, ReadSettings
from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.outcome import Outcome, Result
from console.model.station import Setting
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import NOW, FakeBackend


def setting(key: str, value: str | None, **more: object) -> Setting:
    return Setting("CP-03", key, value, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _two_states(backend: FakeBackend) -> None:
    then = (
        setting("A", "1"), setting("B", "2"), setting("Fixed", "x", read_only=True), setting("Old", "9"),
        setting("Secret", None, secret=True),
    )  # fmt: skip
    backend.held_snapshots = [Snapshot("s1", "CP-03", NOW, "before", len(then), then)]
    backend.held_settings["CP-03"] = [
        setting("a", "3"), setting("B", "2"), setting("Fixed", "y", read_only=True), setting("New", "1"),
        setting("Secret", None, secret=True),
    ]  # fmt: skip


def test_only_what_differs_is_shown(run: Run) -> None:
    result = run("settings", "compare", "s1", "CP-03")
    assert (
        result.stdout
        == """\
KEY    s1 (CP-03)  CP-03
A      1           3
Fixed  x           y
New    (has none)  1
Old    9           (has none)
"""
    )
    assert run("settings", "compare", "s1", "s1").stdout == "s1 (CP-03) and s1 (CP-03) are set alike.\n"
    both = json.loads(run("settings", "compare", "s1", "CP-03", "--json").stdout)["differences"]
    assert [each["key"] for each in both] == ["A", "Fixed", "New", "Old"]


def test_what_there_is_none_of(run: Run, backend: FakeBackend) -> None:
    result = run("settings", "compare", "s9", "CP-03")
    assert (result.exit_code, "neither a station nor a snapshot" in result.stderr) == (1, True)
    backend.held_snapshots = ()
    assert "There are no snapshots" in run("settings", "snapshots").stderr
    assert "No settings of CP-77 are known" in run("settings", "CP-77").stderr


def test_applying_writes_what_can_be_written_and_says_what_cannot(run: Run, backend: FakeBackend) -> None:
    result = run("settings", "apply", "s1", "CP-03", "--yes")
    assert backend.ran == [ChangeSetting("CP-03", "a", "1")]
    assert (result.exit_code, "1 of 1: a = 1" in result.stderr) == (0, True)
    for why in ("Fixed: it is read only", "Old: the station has no such setting", "New: there is nothing to write"):
        assert f"left out: {why}" in result.stderr


def test_applying_dry_writes_nothing(run: Run, backend: FakeBackend) -> None:
    result = run("settings", "apply", "s1", "CP-03", "--dry-run")
    assert (result.stdout, backend.ran) == ("a = 1\n", [])


@pytest.mark.parametrize(
    ("end", "asked", "code"), [(Result.REJECTED, 3, 1), (Result.OFFLINE, 1, 4), (Result.TIMED_OUT, 1, 5)]
)
def test_one_that_is_refused_does_not_stop_the_rest_but_silence_does(
    run: Run, backend: FakeBackend, end: Result, asked: int, code: int
) -> None:
    then = tuple(setting(key, "1") for key in "XYZ")
    backend.held_snapshots = [Snapshot("s2", "CP-03", NOW, "", 3, then)]
    backend.held_settings["CP-03"] = [setting(key, "2") for key in "XYZ"]
    backend.outcome = Outcome(end, "no")
    result = run("settings", "apply", "s2", "CP-03", "--yes")
    assert (len(backend.ran), result.exit_code) == (asked, code)


def test_snapshots_newest_first(run: Run) -> None:
    assert (
        run("settings", "snapshots").stdout
        == """\
SNAPSHOT  STATION  TAKEN                SETTINGS  NAME
s1        CP-03    2026-11-18 14:30:00         5  before
"""
    )


def test_what_was_changed_here(run: Run, backend: FakeBackend) -> None:
    backend.held_writes = [
        SettingWrite("w2", "CP-03", NOW, "A", "3", "1", undoes="w1"),
        SettingWrite("w1", "CP-03", NOW - timedelta(minutes=1), "A", None, "3"),
        SettingWrite("w0", "CP-03", NOW - timedelta(minutes=2), "AuthorizationKey", secret=True),
    ]
    assert (
        run("settings", "changes", "CP-03").stdout
        == """\
2026-11-18 14:30:00  A: 3 -> 1 takes one back
2026-11-18 14:29:00  A: ? -> 3 taken back
2026-11-18 14:28:00  AuthorizationKey: (secret)
"""
    )


def test_settings_read_by_name_are_printed(run: Run, backend: FakeBackend) -> None:
    result = run("settings", "read", "CP-03", "A", "NEW")
    assert backend.ran == [ReadSettings("CP-03", ("A", "NEW"))]
    assert [line.split()[:2] for line in result.stdout.splitlines()[2:]] == [["a", "3"], ["New", "1"]]


def test_a_production_site_wants_yes_once(run: Run, backend: FakeBackend) -> None:
    backend.production = True
    assert run("settings", "apply", "s1", "CP-03").exit_code == 2
    assert backend.ran == []
    assert run("settings", "apply", "s1", "CP-03", "--yes").exit_code == 0
    ran: list[Command] = backend.ran
    assert len(ran) == 1


def test_monitors_in_columns(run: Run, backend: FakeBackend) -> None:
    assert "add --read" in run("monitor", "list", "CP-03").stderr
    backend.held_monitors = [Monitor("CP-03", 7, "EVSE@1/Power", "UpperThreshold", 11.5, 3, transaction=True)]
    assert (
        run("monitor", "list", "CP-03").stdout
        == """\
ID  VARIABLE      KIND            VALUE  SEVERITY
 7  EVSE@1/Power  UpperThreshold   11.5         3  while charging
"""
    )
