"""Small decisions before the console or the service starts."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from console.cli.context import Call, World
from console.cli.exits import UsageError
from console.cli.services import service_settings
from console.cli.signals import run_until_told
from console.cli.verbs.opening import is_recording
from console.cli.verbs.serve import parse_listen
from console.errors import ConsoleError
from profiles.writer import new_profile, set_setting


@pytest.mark.parametrize(
    ("what", "expected"), [("depot", False), ("day.jsonl", True), ("./day", True), ("/tmp/x", True), ("a.b", False)]
)
def test_a_file_is_told_from_a_profile(what: str, expected: bool) -> None:
    assert is_recording(what) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:9100", ("127.0.0.1", 9100)),
        (":9100", ("here", 9100)),
        ("9100", ("here", 9100)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:80", ("localhost", 80)),
    ],
)
def test_an_address_to_listen_on(text: str, expected: tuple[str, int]) -> None:
    assert parse_listen(text, "here") == expected


@pytest.mark.parametrize("text", ["", "host", "host:", "host:port", "host:70000", "host:-1", "host:²"])
def test_no_address_to_listen_on(text: str) -> None:
    with pytest.raises(UsageError, match="no address to listen on"):
        parse_listen(text, "here")


def test_a_profile_becomes_the_service_s_settings(tmp_path: Path) -> None:
    new_profile("depot", "lab")
    for key, value in (("listen.port", "9100"), ("production", "true"), ("admission.card_wait_s", "7")):
        set_setting("depot", key, value)
    settings = service_settings(Call(World(), as_json=False, profile_id="depot", data=tmp_path / "d").place)
    assert (settings.data, settings.name, settings.gates[0].port) == (tmp_path / "d", "depot", 9100)
    assert (settings.accept_unknown, settings.production, settings.card_wait_s) == (True, True, 7)
    assert (settings.pending_interval_s, settings.heartbeat_interval_s) == (5, 60)
    assert (settings.messages_days, settings.meter_values_days) == (7, 30)


def test_a_database_is_named_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_profile("depot")
    set_setting("depot", "database", "env:SITE_DATABASE")
    place = Call(World(), as_json=False, profile_id="depot", data=tmp_path / "d").place
    monkeypatch.delenv("SITE_DATABASE", raising=False)
    with pytest.raises(ConsoleError, match="SITE_DATABASE is not set"):
        service_settings(place)
    monkeypatch.setenv("SITE_DATABASE", "postgresql://me:geheim@host/site")
    assert service_settings(place).database == "postgresql://me:geheim@host/site"
    with pytest.raises(ConsoleError, match="does not stand in this file itself") as caught:
        set_setting("depot", "database", "postgresql://me:geheim@host/site")
    assert "geheim" not in str(caught.value)


def test_a_hint_names_the_same_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCPP_CONSOLE_DATA")
    plain, named = (Call(World(), False, name, None) for name in ("default", "depot"))
    assert plain.again("service stop") == "ocpp-console service stop"
    assert named.again("service stop") == "ocpp-console --profile depot service stop"
    there = Call(World(), False, "default", Path("/a b"))
    assert there.again("stations") == "ocpp-console --data '/a b' stations"


async def test_a_signal_ends_what_runs() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    await asyncio.wait_for(run_until_told(work()), 10)
    assert ended.is_set()


async def test_what_goes_wrong_in_it_is_raised() -> None:
    async def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await run_until_told(work())
