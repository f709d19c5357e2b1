"""What stations tell of themselves: kept under its key, bounded, harmless, and told where a person should know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.csms.incoming import Connection, Incoming
from console.csms.redact import HIDDEN
from console.csms.said.details import details
from console.csms.said.told import ReportPart, StreamData, Told
from console.model.change import NoticeKind, RecordGone, StationRemoved
from console.model.command import DismissReport
from console.model.outcome import Result
from console.model.record import RecordKind, Severity, StationRecord
from tests.unit.csms.rig import START, Charger, Rig

K = RecordKind


def record(rig: Rig, kind: RecordKind, key: str, station_id: str = "CP1") -> StationRecord:
    return rig.csms._state.records(station_id, kind)[key]


def keep(rig: Rig, *told: Told) -> Incoming:
    incoming = _incoming(rig)
    rig.csms._rooms.records.keep(incoming, told)
    return incoming


def _incoming(rig: Rig) -> Incoming:
    connection: Connection = rig.csms._connections["CP1"]
    return Incoming(connection, "m", rig.clock.now())


def event(rig: Rig, key: str = "Fan", **fields: Any) -> Incoming:
    return keep(rig, Told(K.EVENT, key, **({"summary": "Fan stands still", "said": {}} | fields)))


def test_a_newer_report_takes_the_place_of_an_older_one(rig: Rig, charger: Charger) -> None:
    event(rig, summary="hot")
    event(rig, summary="hotter")
    assert record(rig, K.EVENT, "Fan").summary == "hotter"
    assert len(rig.csms._state.records("CP1", K.EVENT)) == 1


def test_dx_d06_an_event_older_than_what_is_known_changes_nothing(rig: Rig, charger: Charger) -> None:
    event(rig, summary="cleared", at=START + timedelta(seconds=20))
    incoming = event(rig, summary="hot", at=START + timedelta(seconds=10))
    assert record(rig, K.EVENT, "Fan").summary == "cleared"
    assert "older than what is known" in incoming.problems[0]


def test_an_alarm_is_told_when_it_comes_and_when_it_goes_and_once(rig: Rig, charger: Charger) -> None:
    before = len(rig.journal.site.notices)
    for _ in range(2):
        event(rig, severity=Severity.BAD, standing=True)
    event(rig, summary="Fan turns", standing=False)
    notices = rig.journal.site.notices[before:]
    assert [(notice.text, notice.kind) for notice in notices] == [
        ("CP1 event: Fan stands still", NoticeKind.BAD),
        ("CP1 event: Fan turns", NoticeKind.GOOD),
    ]


def test_what_is_quiet_is_not_told(rig: Rig, charger: Charger) -> None:
    before = rig.journal.texts()
    event(rig, quiet=True)
    assert rig.journal.texts() == before


def test_dx_s23_a_flood_is_bounded_and_rendered_harmless(rig: Rig, charger: Charger) -> None:
    for number in range(600):
        charger.ask(
            "SecurityEventNotification",
            {"type": "[red]x", "timestamp": "2026-11-21T12:00:00Z", "techInfo": f"\u001b[2J{number}"},
        )
    held = rig.csms._state.records("CP1", K.SECURITY_EVENT)
    assert len(held) == 500
    assert len(rig.journal.of(RecordGone)) == 100
    assert all("\u001b" not in one.summary and "\u001b" not in str(one.details) for one in held.values())


def test_the_longest_untouched_that_stands_no_more_makes_room(rig: Rig, charger: Charger) -> None:
    event(rig, "alarm", standing=True)
    for number in range(500):
        event(rig, f"e{number}")
    held = rig.csms._state.records("CP1", K.EVENT)
    assert "alarm" in held
    assert "e0" not in held
    assert "e499" in held


def test_what_stands_ends_by_what_comes_after_it(rig: Rig, charger: Charger) -> None:
    keep(rig, Told(K.CHARGING_LIMIT, "EMS 1", "16 A", {}, standing=True))
    keep(rig, Told(K.CHARGING_LIMIT, "SO 1", "10 A", {}, standing=True))
    keep(rig, Told(K.CHARGING_LIMIT, "EMS 0", "released", {}, ends="EMS "))
    assert [one.standing for one in rig.csms._state.records("CP1", K.CHARGING_LIMIT).values()] == [True, False, False]


async def test_alarms_are_counted_and_dismissed(rig: Rig, charger: Charger) -> None:
    event(rig, "a", severity=Severity.BAD, standing=True)
    event(rig, "b", severity=Severity.WARNING, standing=True)
    event(rig, "c", standing=True)
    assert charger.known.alarms == 2
    event(rig, "a", summary="cleared")
    assert charger.known.alarms == 1
    outcome = await rig.csms.execute(DismissReport("CP1", K.EVENT, "b"))
    assert (outcome.ok, outcome.text, charger.known.alarms) == (True, "CP1: event is dismissed", 0)
    assert (record(rig, K.EVENT, "b").standing, record(rig, K.EVENT, "b").severity) == (False, Severity.WARNING)
    again = await rig.csms.execute(DismissReport("CP1", K.EVENT, "b"))
    assert again.result is Result.NOT_POSSIBLE


def test_records_go_with_their_station(rig: Rig, charger: Charger) -> None:
    event(rig)
    rig.csms.emit([StationRemoved("CP1")])
    assert not rig.csms._state.records("CP1", K.EVENT)


def test_a_restart_keeps_them(rig: Rig, charger: Charger) -> None:
    event(rig, summary="hot", standing=True)
    kept = record(rig, K.EVENT, "Fan")
    csms = rig._make()
    csms.load(rig.journal.site, records=[kept])
    assert csms._state.records("CP1", K.EVENT) == {"Fan": kept}


# --- reports in parts ---


def part(rig: Rig, kind: RecordKind, said: dict[str, Any], *, more: bool, seq_no: int | None = None) -> None:
    rig.csms._rooms.records.on_part(_incoming(rig), ReportPart(kind, 7, seq_no, more, said))


def test_customer_information_is_one_text(rig: Rig, charger: Charger) -> None:
    part(rig, K.CUSTOMER_INFORMATION, {"data": "A. Dri"}, more=True, seq_no=0)
    held = record(rig, K.CUSTOMER_INFORMATION, "request 7")
    assert (held.standing, held.summary) == (True, "A. Dri, more to come")
    part(rig, K.CUSTOMER_INFORMATION, {"data": "ver"}, more=False, seq_no=1)
    held = record(rig, K.CUSTOMER_INFORMATION, "request 7")
    assert (held.standing, held.summary, held.details) == (False, "A. Driver", {"data": "A. Driver"})


def test_a_missing_part_is_said(rig: Rig, charger: Charger) -> None:
    part(rig, K.CUSTOMER_INFORMATION, {"data": "ver"}, more=False, seq_no=2)
    assert record(rig, K.CUSTOMER_INFORMATION, "request 7").summary == "ver, 2 parts missing"


def test_samples_of_a_stream_stand_in_its_record(rig: Rig, charger: Charger) -> None:
    keep(rig, Told(K.EVENT_STREAM, "3", "monitor 5", {"variableMonitoringId": 5}, standing=True))
    for value in range(60):
        said = {"id": 3, "pending": 0, "basetime": "2026-11-21T12:00:00Z", "data": [{"t": value, "v": str(value)}]}
        rig.csms._rooms.records.on_stream_data(_incoming(rig), StreamData(3, said))
    held = record(rig, K.EVENT_STREAM, "3")
    assert (held.summary, held.details["variableMonitoringId"]) == ("monitor 5: newest value 59", 5)
    assert [sample["t"] for sample in held.details["samples"]] == list(range(10, 60))


def test_a_stream_that_was_never_opened_is_kept_and_said(rig: Rig, charger: Charger) -> None:
    incoming = _incoming(rig)
    rig.csms._rooms.records.on_stream_data(incoming, StreamData(4, {"id": 4, "data": []}))
    assert incoming.problems == ["stream 4 was never opened"]
    assert record(rig, K.EVENT_STREAM, "4").summary == "newest value nothing"


# --- jobs ---


def test_a_job_is_followed_to_its_end(rig: Rig, charger: Charger) -> None:
    for status in ("Uploading", "Uploading", "Uploaded"):
        charger.ask("LogStatusNotification", {"status": status, "requestId": 7})
    held = record(rig, K.LOG, "7")
    assert (held.summary, held.standing, held.severity) == ("Uploaded", False, Severity.INFO)
    assert [step["status"] for step in held.details["steps"]] == ["Uploading", "Uploading", "Uploaded"]
    assert rig.journal.texts()[-2:] == ["CP1 log: Uploading", "CP1 log: Uploaded"]
    charger.ask("LogStatusNotification", {"status": "Uploading", "requestId": 7})
    held = record(rig, K.LOG, "7")
    assert (held.standing, len(held.details["steps"])) == (True, 4)  # the same job: it was thought to be over


def test_a_job_that_fails_is_an_alarm(rig: Rig, charger: Charger) -> None:
    charger.ask("SignedFirmwareStatusNotification", {"status": "InvalidSignature", "requestId": 9})
    assert record(rig, K.FIRMWARE, "9").severity is Severity.BAD
    assert rig.journal.site.notices[-1].kind is NoticeKind.BAD


def test_tc_f_15_idle_says_that_nothing_is_under_way(rig: Rig, charger: Charger) -> None:
    charger.ask("LogStatusNotification", {"status": "Idle"})
    assert not rig.csms._state.records("CP1", K.LOG)
    charger.ask("LogStatusNotification", {"status": "Uploading", "requestId": 7})
    charger.ask("LogStatusNotification", {"status": "Idle"})
    held = record(rig, K.LOG, "7")
    assert (held.standing, held.summary) == (False, "Uploading, then idle: its end was not told")
    assert charger.known.diagnostics_status == "Idle"


# --- details ---


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"a": "x\u001b[2J"}, {"a": "x�[2J"}),
        ({"remoteLocation": "ftp://me:pw@host/"}, {"remoteLocation": f"ftp://{HIDDEN}@host/"}),
        ({"idToken": {"idToken": "1234", "type": "KeyCode"}}, {"idToken": {"idToken": HIDDEN, "type": "KeyCode"}}),
        ({"n": 10**40, "f": float("inf"), "b": True}, {"n": "(too large a number)", "f": None, "b": True}),
        ({"small": 1, "large": "x" * 500}, {"small": 1, "large": "(left out: 507 bytes)"}),
    ],
)
def test_details_are_harmless_secret_free_and_bounded(said: dict[str, Any], kept: dict[str, Any]) -> None:
    assert details(said, 200) == kept


def test_details_that_nest_without_end_are_cut() -> None:
    said: dict[str, Any] = {}
    inner = said
    for _ in range(100):
        inner["x"] = inner = {}
    assert "(too deep)" in str(details(said, 4000))
