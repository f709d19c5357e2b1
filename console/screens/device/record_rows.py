"""What stations told as rows of a table, as a document to read, and as one line of what matters now. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

from msgspec.structs import replace

from console.backends.base import RecordQuery
from console.errors import ConsoleError
from console.model.record import RecordKind, Severity, StationRecord
from console.model.spec import Target
from console.model.transaction import Transaction
from console.screens.frame import words
from widgets.columns import Column
from widgets.row_line import Cell, CellStyle, Part

COLUMNS = (
    Column("at", "TIME", 11),
    Column("station", "STATION", 10),
    Column("mark", "", 1),
    Column("kind", "KIND", 20),
    Column("summary", "WHAT", 30, flex=True),
)
HELP = "CP-01  alarms  now  kind:event  any words"

_STYLES: dict[Severity, CellStyle] = {Severity.INFO: "", Severity.WARNING: "warn", Severity.BAD: "bad"}
#: How a record is meant, where colour alone must not say it: an alarm that stands, one that is over, what stands.
_STANDING, _OVER, _NOW = "!", "-", ">"
#: What a person at the station wants to know first.
_MATTERS = (
    RecordKind.EVENT,
    RecordKind.DER_ALARM,
    RecordKind.CHARGING_LIMIT,
    RecordKind.CHARGING_NEEDS,
    RecordKind.FIRMWARE,
    RecordKind.LOG,
    RecordKind.CERTIFICATE_REQUEST,
)

#: An EV says what it needs shortly before, or while, its transaction runs.
_ASKED_BEFORE = timedelta(minutes=10)


def mark(record: StationRecord) -> str:
    """One character: ``!`` an alarm that stands, ``-`` one that is past, ``>`` something else that stands."""
    if record.alarm:
        return _STANDING if record.standing else _OVER
    return _NOW if record.standing else ""


def target_of(record: StationRecord | None) -> Target:
    """What a command about a record is about."""
    return Target(station_id=record.station_id, record_key=f"{record.kind}\n{record.key}") if record else Target()


def style(record: StationRecord) -> CellStyle:
    """How a record is coloured."""
    return _STYLES[record.severity]


def cells(record: StationRecord, now: datetime, zone: tzinfo | None) -> dict[str, Cell]:
    """The cells of one record."""
    shown = style(record)
    return {
        "at": (words.day_and_time(record.at, zone, now), "muted"),
        "station": words.name_in(record.station_id, 10),
        "mark": (mark(record), shown or "busy"),
        "kind": (record.kind.words, shown or "strong"),
        "summary": (record.summary, shown),
    }


def document(record: StationRecord, now: datetime, zone: tzinfo | None) -> str:
    """A record to read: when, where, what, and then all that the station sent."""
    where = f"{record.station_id}, EVSE {record.evse_id}" if record.evse_id else record.station_id
    state = "still so" if record.standing else ""
    head = words.join(words.moment(record.at, zone, now), where, record.kind.words, state)
    lines = [head, "", record.summary, ""]
    return "\n".join(lines) + json.dumps(record.details, indent=2, ensure_ascii=False)


def record_query(text: str, station_ids: Iterable[str]) -> RecordQuery:
    """The query that a filter stands for.

    A word is a station's whole identity, a part of one, a kind, ``alarms``, ``now`` (what still stands), or else is
    looked for in the text. Raises ConsoleError for what cannot be read.
    """
    known = {each.casefold(): each for each in station_ids}
    kinds = {kind.value: kind for kind in RecordKind}
    query, texts = RecordQuery(), []
    for word in text.split():
        name, colon, value = word.partition(":")
        lower = word.casefold()
        if colon and name.casefold() == "kind":
            query = replace(query, kind=_kind(value))
        elif colon and name.casefold() == "station":
            query = replace(query, station=value)
        elif lower in ("alarm", "alarms", "!"):
            query = replace(query, alarms=True)
        elif lower in ("now", "standing"):
            query = replace(query, standing=True)
        elif lower in known:
            query = replace(query, station_id=known[lower])
        elif lower in kinds:
            query = replace(query, kind=kinds[lower])
        elif any(lower in each for each in known):
            query = replace(query, station=word)
        else:
            texts.append(word)
    return replace(query, text=" ".join(texts))


def _kind(text: str) -> RecordKind:
    found = [kind for kind in RecordKind if kind.value.startswith(text.casefold())]
    if not text or not found:
        raise ConsoleError(f"there is no kind {text}", f"Write for example {HELP}")
    return next((kind for kind in found if kind.value == text.casefold()), found[0])


def now_line(records: Iterable[StationRecord], running: Iterable[Transaction]) -> list[Part]:
    """What matters at one station now, in a line: what stands, and what the EVs that charge have asked for."""
    began = {each.evse_id: each.started_at for each in running}
    standing = [each for each in records if each.kind in _MATTERS and (each.standing or _is_asked_now(each, began))]
    standing.sort(key=lambda each: (not each.alarm, _MATTERS.index(each.kind), -each.at.timestamp()))
    parts: list[Part] = []
    for each in standing:
        text = f"{each.kind.words}: {each.summary}"
        parts += [("  " if parts else " ", ""), (f"! {text}" if each.alarm else text, _STYLES[each.severity] or "busy")]
    return parts


def _is_asked_now(record: StationRecord, began: Mapping[int, datetime | None]) -> bool:
    """Whether these are needs of an EV that is still there."""
    since = began.get(record.evse_id)
    return record.kind is RecordKind.CHARGING_NEEDS and since is not None and record.at >= since - _ASKED_BEFORE
