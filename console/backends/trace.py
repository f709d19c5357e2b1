"""Trace files: frames as they crossed the wire, one JSON object a line. What ``messages --save`` and the messages
screen write, and what ``ocpp-console open FILE`` replays.

    {"ts": "2026-11-21T01:43:09.363Z", "cp": "CP-1", "ver": "1.6", "direction": "cs->csms", "frame": [2, "7", …]}

``cp`` is the identity as it stands in a URL (percent-encoded), ``direction`` is ``cs->csms``, ``csms->cs`` or
``event`` (then ``event`` says which: ``connected``, ``closed``, ``refused``, …). ``schema`` is ``ok``, or what is wrong
with the frame. A frame that is no JSON stands as ``text``. Secrets were redacted when the frames were recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from console.errors import ConsoleError
from console.model.message import Direction, Message, MessageType
from console.model.text import plain

_TYPES = {
    2: MessageType.CALL,
    3: MessageType.CALLRESULT,
    4: MessageType.CALLERROR,
    5: MessageType.CALLRESULTERROR,
    6: MessageType.SEND,
}
_CALLS = frozenset({MessageType.CALL, MessageType.SEND})
#: Other recorders' names of events, and what we call them.
_EVENTS = {"handshake": "connected", "close": "closed", "recv-exception": "connection error"}
#: What is kept of an event. A handshake's headers are not among it: passwords stand there.
_FACTS = (
    "address", "path", "offered", "subprotocol", "selected", "security_profile", "code", "reason", "detail", "cause",
    "cure", "http_status", "data",
)  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One line of a trace. ``frame`` is the frame read as JSON, None for an event and where it could not be read."""

    number: int
    message: Message
    ocpp_version: str
    frame: list[Any] | None = None


class _Raw(msgspec.Struct):
    """A line as it stands in the file."""

    ts: datetime
    direction: Direction
    cp: str = ""
    ver: str = ""
    frame: msgspec.Raw = msgspec.Raw(b"null")
    text: str = ""
    action: str = ""
    schema: str = "ok"
    event: str = ""


def write(messages: Iterable[Message], ocpp_versions: Mapping[str, str]) -> Iterator[str]:
    """The lines of a trace file, with line ends. ``ocpp_versions`` are by station."""
    for message in messages:
        version = ocpp_versions.get(message.station_id, "")
        yield msgspec.json.encode(_fields(message, version)).decode() + "\n"


def _fields(message: Message, version: str) -> dict[str, Any]:
    moment = message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields: dict[str, Any] = {"ts": moment, "cp": quote(message.station_id, safe=":")}
    if version:
        fields["ver"] = version
    fields["direction"] = message.direction.value
    if message.direction is Direction.EVENT:
        fields |= {"event": message.action, **_facts_of(message)}
    elif _is_array(message.text):
        fields["frame"] = msgspec.Raw(message.text.encode())
    else:
        fields["text"] = message.text
    if message.direction is not Direction.EVENT and message.action:
        fields["action"] = message.action
    return fields | {"schema": message.problem or "ok"}


def _facts_of(message: Message) -> dict[str, Any]:
    try:
        facts = msgspec.json.decode(message.text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"detail": message.text}
    return {name: facts[name] for name in _FACTS if name in facts}


def _is_array(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def read(path: Path) -> list[Line]:
    """Read a whole trace. Raises ConsoleError with the line and the cure if it is none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConsoleError(f"{path} cannot be read: {error.strerror}.", "Is it the right path?") from error
    raws = _raws(content, path.name)
    if not raws:
        raise ConsoleError(f"{path} holds no frames.", "Record some: ocpp-console messages --save FILE")
    return list(_lines(raws))


def _raws(content: bytes, name: str) -> list[tuple[int, _Raw, dict[str, Any]]]:
    decode = msgspec.json.Decoder(_Raw).decode
    found = []
    for number, text in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            raw = decode(text)
            if raw.ts.tzinfo is None:
                raw.ts = raw.ts.replace(tzinfo=UTC)
            facts = msgspec.json.decode(text) if raw.direction is Direction.EVENT else {}
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ConsoleError(
                f"{name}, line {number}: this is no line of a recording: {error}.",
                "Mend it, or delete it. A line looks like "
                '{"ts": "2026-11-21T01:43:09Z", "cp": "CP-1", "direction": "cs->csms", "frame": […]}.',
            ) from error
        found.append((number, raw, facts))
    return found


def _lines(raws: list[tuple[int, _Raw, dict[str, Any]]]) -> Iterator[Line]:
    """Pair answers with what they answer, and find each station's OCPP version."""
    versions = {raw.cp: raw.ver for _, raw, _ in reversed(raws) if raw.ver}
    open_calls: dict[tuple[str, Direction, str], tuple[str, datetime]] = {}
    for seq, (number, raw, facts) in enumerate(raws, 1):
        frame = _frame(raw)
        is_event = raw.direction is Direction.EVENT
        message = _event(seq, raw, facts) if is_event else _message(seq, raw, frame, open_calls)
        yield Line(number, message, raw.ver or versions.get(raw.cp, "1.6"), frame)


def _frame(raw: _Raw) -> list[Any] | None:
    try:
        frame = msgspec.json.decode(raw.frame)
    except (msgspec.DecodeError, RecursionError):
        return None
    return frame if isinstance(frame, list) and len(frame) > 2 else None


def _event(seq: int, raw: _Raw, facts: dict[str, Any]) -> Message:
    kept = {name: facts[name] for name in _FACTS if name in facts}
    return Message(
        seq,
        raw.ts,
        plain(unquote(raw.cp)),
        Direction.EVENT,
        MessageType.EVENT,
        action=plain(_EVENTS.get(raw.event, raw.event)),
        text=msgspec.json.encode(kept).decode(),
        problem="" if raw.schema == "ok" else plain(raw.schema),
    )


def _message(
    seq: int, raw: _Raw, frame: list[Any] | None, open_calls: dict[tuple[str, Direction, str], tuple[str, datetime]]
) -> Message:
    kind = _TYPES.get(frame[0], MessageType.MALFORMED) if frame and type(frame[0]) is int else MessageType.MALFORMED
    message_id = plain(frame[1]) if frame and isinstance(frame[1], str) else ""
    action, latency_s = plain(raw.action), None
    if kind in _CALLS and frame is not None:
        action = plain(frame[2]) if isinstance(frame[2], str) else ""
        open_calls[raw.cp, raw.direction, message_id] = (action, raw.ts)
    elif kind is not MessageType.MALFORMED:
        asked_by = Direction.TO_STATION if raw.direction is Direction.FROM_STATION else Direction.FROM_STATION
        asked = open_calls.pop((raw.cp, asked_by, message_id), None)
        if asked is not None:
            action, latency_s = asked[0], (raw.ts - asked[1]).total_seconds()
    return Message(
        seq,
        raw.ts,
        plain(unquote(raw.cp)),
        raw.direction,
        kind,
        message_id,
        action,
        bytes(raw.frame).decode() if frame is not None else raw.text or bytes(raw.frame).decode(),
        latency_s,
        "" if raw.schema == "ok" else plain(raw.schema),
    )
