"""Frames as rows of a table, and one exchange as a document to read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import tzinfo

from console.model.message import Direction, Message, MessageType
from console.screens.frame import words
from widgets.columns import Column
from widgets.row_line import Cell, CellStyle

COLUMNS = (
    Column("time", "TIME", 12),
    Column("station", "STATION", 10),
    Column("way", "", 1),
    Column("action", "ACTION", 18),
    Column("took", "TOOK", 6, "right"),
    Column("content", "CONTENT", 17, flex=True),
)

#: From a station, to a station, neither.
_WAYS = {Direction.FROM_STATION: ">", Direction.TO_STATION: "<", Direction.EVENT: "*"}
_CALLS = (MessageType.CALL, MessageType.SEND)
_ERRORS = (MessageType.CALLERROR, MessageType.CALLRESULTERROR)
#: What stands in a line already, or needs more room than a line has.
_SAID = ("cause", "cure")
#: Frames are cut before they are looked into for a line: a line shows less than this.
_LOOKED_AT = 400


def cells(message: Message, zone: tzinfo | None) -> dict[str, Cell]:
    """The cells of one frame."""
    style: CellStyle = "" if message.kind in _CALLS else "muted"
    if message.problem or message.kind in _ERRORS:
        style = "warn"
    return {
        "time": (words.precise_time(message.at, zone), style if style == "muted" else ""),
        "station": words.name_in(message.station_id, 10) or words.NOTHING,
        "way": _WAYS[message.direction],
        "action": (message.action or message.kind.value, "strong" if message.kind in _CALLS else style),
        "took": _took(message.latency_s),
        "content": (_content(message), style),
    }


def _took(latency_s: float | None) -> str:
    if latency_s is None:
        return ""
    if latency_s < 0.0005:
        return "<1 ms"
    return f"{latency_s * 1000:.0f} ms" if latency_s < 1 else f"{latency_s:.1f} s"


def _content(message: Message) -> str:
    facts = _facts(message.text) if message.direction is Direction.EVENT else ""
    if message.problem:
        return words.join(f"! {message.problem}", facts)
    if message.direction is Direction.EVENT:
        return facts
    payload = _payload(message)
    return f"ERROR {payload}" if message.kind in _ERRORS else payload


def _payload(message: Message) -> str:
    """What stands behind type, id and action: found without reading the whole frame as JSON."""
    text = message.text[:_LOOKED_AT]
    if message.kind in _ERRORS:
        frame = parsed(message.text)
        return " ".join(str(each) for each in frame[2:4]) if isinstance(frame, list) else text
    start = text.find("{")
    return text[start:].removesuffix("]") if start >= 0 else text


def _facts(text: str) -> str:
    facts = parsed(text)
    if not isinstance(facts, dict):
        return text
    told = (f"{name} {value}" for name, value in facts.items() if name not in _SAID and value not in (None, "", []))
    return words.join(*told)


def parsed(text: str) -> object:
    """The JSON value of a text, or None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def partner(message: Message, others: Iterable[Message]) -> Message | None:
    """The answer to a request, or the request of an answer, among other frames."""
    if not message.message_id or message.direction is Direction.EVENT:
        return None
    asking = message.kind in _CALLS
    found = [
        each
        for each in others
        if each.message_id == message.message_id
        and each.station_id == message.station_id
        and each.direction is not message.direction
        and (each.kind in _CALLS) is not asking
    ]
    # Stations use ids again (some begin at 1 with every connection): the nearest in time is meant.
    return min(found, key=lambda each: abs(each.seq - message.seq), default=None)


def document(messages: Sequence[Message], zone: tzinfo | None) -> str:
    """Request and answer, one under the other, as indented JSON with what is wrong in words."""
    return "\n\n".join(_section(each, zone) for each in messages)


def _section(message: Message, zone: tzinfo | None) -> str:
    who = {
        Direction.FROM_STATION: f"from {message.station_id}",
        Direction.TO_STATION: f"to {message.station_id}",
        Direction.EVENT: f"event at {message.station_id or 'the door'}",
    }[message.direction]
    kind = "request" if message.kind in _CALLS else message.kind.value.lower()
    what = {MessageType.CALLRESULT: "answer", MessageType.CALLERROR: "error answer"}.get(message.kind, kind)
    took = f", after {_took(message.latency_s)}" if message.latency_s is not None else ""
    head = f"{words.precise_time(message.at, zone)}  {who}: {message.action} {what}{took}"
    lines = [head]
    if message.problem:
        lines.append(f"! {message.problem}")
    value = parsed(message.text)
    lines.append(json.dumps(value, indent=2, ensure_ascii=False) if value is not None else message.text)
    return "\n".join(lines)
