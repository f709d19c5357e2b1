"""What stations tell that is kept and shown, as dialects read it: one thing, or a part of a long report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.model.record import RecordKind, Severity
from console.model.schedule.reported import ReportedComposite


class Told(msgspec.Struct, frozen=True):
    """One thing that a station told; see ``StationRecord`` for the fields of the same names.

    ``said`` is the payload as it came. ``ends`` is the beginning of the keys of what stands no longer, now that this is
    told (None: nothing). ``quiet``: not worth a line on the screens when it comes. ``merged``: what was said before of
    the same thing stays beside it.
    """

    kind: RecordKind
    key: str
    summary: str
    said: dict[str, Any]
    at: datetime | None = None
    evse_id: int = 0
    severity: Severity = Severity.INFO
    standing: bool = False
    ends: str | None = None
    quiet: bool = False
    merged: bool = False


class Telling(msgspec.Struct, frozen=True):
    """A message that is answered with nothing, and what it tells."""

    told: tuple[Told, ...]


class ReportPart(msgspec.Struct, frozen=True):
    """A part of a report that was asked for under ``request_id``; ``seq_no`` None where parts have no number.

    ``more``: others follow (``tbc``). Reports of one request that differ in ``section`` are different reports.
    """

    kind: RecordKind
    request_id: int
    seq_no: int | None
    more: bool
    said: dict[str, Any]
    section: str = ""


class Progress(msgspec.Struct, frozen=True):
    """How a job goes (firmware, log); ``request_id`` is None where the station named none.

    ``job`` tells jobs of one kind apart whose numbers have nothing to do with each other.
    """

    kind: RecordKind
    status: str
    said: dict[str, Any]
    request_id: int | None = None
    job: str = ""


class StreamData(msgspec.Struct, frozen=True):
    """Samples of a periodic event stream (2.1), which nobody answers."""

    stream_id: int
    said: dict[str, Any]
    at: datetime | None = None


class ReservationUpdate(msgspec.Struct, frozen=True):
    """A reservation is over without having been used (2.x)."""

    reservation_id: int
    told: Told


class Question(msgspec.Struct, frozen=True):
    """Something that a station asks, and what it told with it. ``action`` is OCPP's name of it.

    Of cars: ``transfer`` is the kind of energy transfer that one wants, ``gives_back`` whether it could give power
    back with it; ``plan`` is the schedule that one means to keep.
    """

    action: str
    told: Told
    transfer: str = ""
    gives_back: bool = False
    plan: ReportedComposite | None = None


class Reply(msgspec.Struct, frozen=True):
    """Yes or no to a question, with the reason in OCPP's code (20 characters at most) and in words.

    ``status`` is OCPP's word where yes or no is not all there is.
    """

    question: Question
    yes: bool
    at: datetime
    reason_code: str = ""
    reason: str = ""
    status: str = ""
