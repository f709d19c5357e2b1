"""Frames as they crossed the wire, and connection attempts that never became a connection."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Direction(StrEnum):
    """Who sent a frame."""

    FROM_STATION = "cs->csms"
    TO_STATION = "csms->cs"
    EVENT = "event"


class MessageType(StrEnum):
    """What kind of frame it was; MALFORMED where it could not be read at all."""

    CALL = "CALL"
    CALLRESULT = "CALLRESULT"
    CALLERROR = "CALLERROR"
    CALLRESULTERROR = "CALLRESULTERROR"
    SEND = "SEND"
    MALFORMED = "MALFORMED"
    EVENT = "EVENT"


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One frame, with secrets already redacted.

    ``seq`` grows by one a frame over the life of a data folder. ``text`` is the frame as JSON text. An answer carries
    the ``action`` of the call it answers and ``latency_s``, the time between the two. ``problem`` says what is wrong
    with the frame ("" if nothing is): a schema error, an unknown id, a frame that is no JSON.
    """

    seq: int
    at: datetime
    station_id: str
    direction: Direction
    kind: MessageType
    message_id: str = ""
    action: str = ""
    text: str = ""
    latency_s: float | None = None
    problem: str = ""


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A connection that was refused: with its cause, and its cure, in words.

    Repeated attempts of the same kind are one entry that counts (``count``, ``at`` is the newest).
    """

    attempt_id: str
    at: datetime
    address: str
    path: str
    station_id: str
    http_status: int
    cause: str
    cure: str
    count: int = 1
