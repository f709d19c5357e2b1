"""What stations tell of themselves is kept: the newest of each thing, so many of each kind, and alarms are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from console.csms.incoming import Incoming
from console.csms.records.assembly import Assembler, Assembly, joined
from console.csms.records.clocks import settled
from console.csms.said.details import details
from console.csms.said.reports import Events, Noted
from console.csms.said.told import ReportPart, ReservationUpdate, StreamData, Telling, Told
from console.csms.state import State
from console.model.change import Change, NoticeKind, RecordGone, RecordKept, ReservationEnded, StationChanged
from console.model.record import RecordKind, Severity, StationRecord
from console.model.text import plain

K = RecordKind
_NOTED = Noted()
_LONGEST_KEY, _LONGEST_SUMMARY = 200, 300
#: How many records of one kind a station may have, and how large the details of one may be, in bytes.
_MOST, _MOST_BYTES = 100, 8_000
_MOST_OF: dict[RecordKind, tuple[int, int]] = {
    K.EVENT: (500, 4_000),
    K.SECURITY_EVENT: (500, 2_000),
    K.CHARGING_LIMIT: (40, 64_000),
    K.CHARGING_NEEDS: (40, 32_000),
    K.EV_SCHEDULE: (40, 64_000),
    K.DISPLAY_MESSAGES: (8, 128_000),
    K.CUSTOMER_INFORMATION: (8, 128_000),
    K.CERTIFICATE: (100, 16_000),
    K.DER_CONTROL: (100, 16_000),
    K.TARIFF: (100, 64_000),
    K.COST: (100, 32_000),
}
_MOST_SAMPLES = 50
#: So many of several things are named in one line.
_NAMED = 4
_NOTICE_KINDS = {Severity.INFO: NoticeKind.INFO, Severity.WARNING: NoticeKind.WARNING, Severity.BAD: NoticeKind.BAD}


class Hearing(Protocol):
    """What something was told in: a message, or what we know of a station ourselves."""

    station_id: str
    now: datetime
    problems: list[str]


class Records:
    """The room for what is kept as it was told."""

    def __init__(self, state: State, on_status: Callable[[Incoming, Any], Noted]) -> None:
        self._state = state
        self._on_status = on_status
        self._assembler: Assembler[dict[str, Any]] = Assembler()
        state.on_removed.append(self._assembler.forget)

    def on_telling(self, incoming: Incoming, report: Telling) -> Noted:
        """Whatever is answered with nothing."""
        self.keep(incoming, report.told)
        return _NOTED

    def on_events(self, incoming: Incoming, report: Events) -> Noted:
        """NotifyEvent: alarms, and the state of connectors where a station tells it so."""
        for state in report.states:
            self._on_status(incoming, state)
        self.keep(incoming, report.told)
        return _NOTED

    def on_reservation(self, incoming: Incoming, report: ReservationUpdate) -> Noted:
        """ReservationStatusUpdate: the connector is free for others again."""
        self.keep(incoming, [report.told])
        self._state.emit([ReservationEnded(incoming.station_id, report.reservation_id)])
        return _NOTED

    def on_part(self, incoming: Incoming, report: ReportPart) -> Noted:
        """A part of a report: what has come of it is kept, and how much is missing is said."""
        key = (report.kind, report.request_id, report.section)
        assembly = self._assembler.add(incoming.station_id, key, report.seq_no, report.more, report.said)
        name = f"request {report.request_id}" + (f" {report.section}" if report.section else "")
        content, text = _CONTENTS[report.kind](assembly)
        summary = f"{text}{_state_of(assembly)}"
        self.keep(incoming, [Told(report.kind, name, summary, content, standing=not assembly.ended, quiet=report.more)])
        return _NOTED

    def on_stream_data(self, incoming: Incoming, report: StreamData) -> Noted:
        """NotifyPeriodicEventStream: the newest samples stand in the record of their stream."""
        key = str(report.stream_id)
        held = self._state.records(incoming.station_id, K.EVENT_STREAM).get(key)
        if held is None or not held.standing:
            incoming.problems.append(f"stream {key} was never opened")
        samples = report.said.get("data", [])
        newest = plain(str(samples[-1].get("v", "")))[:60] if samples else "nothing"
        before = held.details.get("samples", []) if held else []
        said = {name: member for name, member in report.said.items() if name in ("basetime", "pending")}
        said["samples"] = [*before, *samples][-_MOST_SAMPLES:]
        watched = held.details.get("variableMonitoringId") if held else None
        of = f"monitor {watched}: " if isinstance(watched, int) else ""
        told = Told(
            K.EVENT_STREAM, key, f"{of}newest value {newest}", said, report.at, standing=True, quiet=True, merged=True
        )
        self.keep(incoming, [told])
        return _NOTED

    # --- keeping ---

    def keep(self, incoming: Hearing, told: Sequence[Told]) -> None:
        """Keep what a station told in a message; nothing of one that was removed while it was waited for."""
        if incoming.station_id not in self._state.stations:
            return
        changes: list[Change] = []
        for one in told:
            record = self._record(incoming, one)
            held = self._state.records(record.station_id, record.kind)
            before = held.get(record.key)
            if one.merged and before is not None:
                record = msgspec.structs.replace(record, details=before.details | record.details)
            if before is not None and record.kind is K.EVENT and record.at < before.at:
                incoming.problems.append(f"older than what is known of {record.key}: not applied")
                continue
            changes += self._ended(record, one.ends)
            changes.append(RecordKept(record))
            if not one.quiet:
                changes += self._news(before, record)
            if before is None and len(held) >= _MOST_OF.get(record.kind, (_MOST, 0))[0]:
                over = (key for key, other in held.items() if not other.standing)
                changes.append(RecordGone(record.station_id, record.kind, next(over, next(iter(held)))))
            self._state.emit(changes)
            changes = []
        self._count(incoming.station_id)

    def drop(self, station_id: str, kind: RecordKind, keys: Sequence[str]) -> None:
        """Keep some records no more."""
        self._state.emit([RecordGone(station_id, kind, key) for key in keys])
        self._count(station_id)

    def dismiss(self, station_id: str, kind: RecordKind, key: str) -> bool:
        """Let something stand no longer, for a person says so; it stays on record. False if it does not stand."""
        held = self._state.records(station_id, kind).get(key)
        if held is None or not held.standing:
            return False
        self._state.emit([RecordKept(msgspec.structs.replace(held, standing=False))])
        self._count(station_id)
        return True

    def _count(self, station_id: str) -> None:
        """Let the station show how many alarms stand."""
        station = self._state.stations.get(station_id)
        count = self._state.standing_alarms(station_id)
        if station is not None and station.alarms != count:
            self._state.emit([StationChanged(msgspec.structs.replace(station, alarms=count))])

    def _record(self, incoming: Hearing, told: Told) -> StationRecord:
        return StationRecord(
            station_id=incoming.station_id,
            kind=told.kind,
            key=plain(told.key)[:_LONGEST_KEY],
            at=settled(told.at, incoming.now),
            summary=plain(told.summary)[:_LONGEST_SUMMARY],
            details=details(told.said, _MOST_OF.get(told.kind, (0, _MOST_BYTES))[1]),
            evse_id=told.evse_id,
            severity=told.severity,
            standing=told.standing,
        )

    def _ended(self, record: StationRecord, start: str | None) -> list[Change]:
        """The records that stand no longer, now that this one is told."""
        if start is None:
            return []
        held = self._state.records(record.station_id, record.kind).values()
        return [
            RecordKept(msgspec.structs.replace(one, standing=False))
            for one in held
            if one.standing and one.key.startswith(start) and one.key != record.key
        ]

    def _news(self, before: StationRecord | None, record: StationRecord) -> list[Change]:
        """A line where something is new, or other than before."""
        if before is not None and _said(before) == _said(record):
            return []
        kind = _NOTICE_KINDS[record.severity]
        if before is not None and before.alarm and before.standing and not record.standing:
            kind = NoticeKind.GOOD
        text = f"{record.station_id} {record.kind.words}: {record.summary}"
        return [self._state.notice(text, kind, record.station_id)]


def _said(record: StationRecord) -> tuple[str, Severity, bool]:
    return record.summary, record.severity, record.standing


def _state_of(assembly: Assembly[Any]) -> str:
    """How much of a report is there, "" for all of it."""
    if assembly.overflowed:
        return ", too long to keep all of it"
    if not assembly.ended:
        return ", more to come"
    return f", {assembly.missing} parts missing" if assembly.missing else ""


Content = tuple[dict[str, Any], str]


def _customer(assembly: Assembly[dict[str, Any]]) -> Content:
    """Customer information is one text, cut where it pleased the station."""
    text = "".join(str(part.get("data", "")) for part in assembly.parts)
    return {"data": text}, plain(text)[:120] or "nothing is known of this customer"


def _messages(assembly: Assembly[dict[str, Any]]) -> Content:
    found = joined(assembly.parts, "messageInfo")
    return {"messageInfo": found}, _count(len(found), "display message")


def _der_controls(assembly: Assembly[dict[str, Any]]) -> Content:
    names = dict.fromkeys(name for part in assembly.parts for name, value in part.items() if isinstance(value, list))
    found = {name: joined(assembly.parts, name) for name in names}
    told = [_der_name(name, each) for name, held in found.items() for each in held]
    return found, _named(told, "DER control")


def _der_name(member: str, control: Any) -> str:
    """A control by what it does and its id: "VoltVar a", "enterService b"."""
    said = control if isinstance(control, dict) else {}
    superseded = " (superseded)" if said.get("isSuperseded") is True else ""
    return plain(f"{said.get('curveType', member)} {said.get('id', '')}")[:40].strip() + superseded


def _named(names: Sequence[str], noun: str) -> str:
    """How many, and which: the first of them by name."""
    shown = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return _count(len(names), noun) + (f": {shown}" if shown else "")


_CONTENTS: dict[RecordKind, Callable[[Assembly[dict[str, Any]]], Content]] = {
    K.CUSTOMER_INFORMATION: _customer,
    K.DISPLAY_MESSAGES: _messages,
    K.DER_CONTROL: _der_controls,
}


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
