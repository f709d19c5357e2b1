"""``reports``, and what of it is an alarm."""

from __future__ import annotations

import json

import pytest

from console.model.change import RecordKept
from console.model.command import DismissReport
from console.model.record import RecordKind, Severity, StationRecord
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import FakeBackend, ago

LIMIT = StationRecord("CP-01", RecordKind.CHARGING_LIMIT, "EMS 1", ago(minutes=1), "EMS: 16 A", {"a": 1}, standing=True)
LID = StationRecord(
    "CP-03", RecordKind.SECURITY_EVENT, "x", ago(minutes=2), "TamperDetection\x1b[2J", severity=Severity.BAD
)
FAN = StationRecord(
    "CP-03", RecordKind.EVENT, "Fan", ago(minutes=3), "Fan stands still", severity=Severity.WARNING, standing=True
)


@pytest.fixture
def backend(backend: FakeBackend) -> FakeBackend:
    backend.held_records = (LIMIT, LID, FAN)
    return backend


def test_reports_in_columns(run: Run, backend: FakeBackend) -> None:
    lines = run("reports").stdout.splitlines()
    assert lines[0].split() == ["TIME", "STATION", "KIND", "WHAT"]
    assert [line.split()[3:5] for line in lines[1:]] == [
        ["charging-limit", ">"],
        ["security-event", "-"],
        ["event", "!"],
    ]
    assert "\x1b" not in lines[2]


def test_reports_of_one_station_and_kind_with_all_details(run: Run, backend: FakeBackend) -> None:
    said = json.loads(run("reports", "CP-01", "--kind", "charging-limit", "--json").stdout)
    assert [(one["summary"], one["details"]) for one in said["reports"]] == [("EMS: 16 A", {"a": 1})]
    assert json.loads(run("reports", "--alarms", "--now", "--json").stdout)["reports"][0]["key"] == "Fan"
    result = run("reports", "CP-01", "--kind", "log")
    assert "No station has reported such a thing" in result.stderr
    assert run("reports", "--kind", "weather").exit_code == 2


def test_reports_that_come_are_printed(run: Run, backend: FakeBackend) -> None:
    backend.updates = ((RecordKept(LID), RecordKept(LIMIT)),)
    lines = run("reports", "CP-03", "--follow", "--json").stdout.splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["Fan", "x", "x"]


def test_an_alarm_that_stands_wants_attention(run: Run, backend: FakeBackend) -> None:
    found = json.loads(run("alarms", "--json").stdout)["alarms"]
    assert [one["text"] for one in found if one["kind"] == "event"] == ["Fan stands still"]
    assert not [one for one in found if one["kind"] == "charging-limit"]


def test_one_is_dismissed_by_its_key(run: Run, backend: FakeBackend) -> None:
    assert run("reports", "CP-03", "--kind", "event", "--dismiss", "Fan").exit_code == 0
    assert backend.ran == [DismissReport("CP-03", RecordKind.EVENT, "Fan")]
    assert run("reports", "--dismiss", "Fan").exit_code == 2
