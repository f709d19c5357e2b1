"""What stations tell that is kept and shown, as dialects read it: one thing, or a part of a long report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.model.record import RecordKind, Severity


class Told(msgspec.Struct, frozen=True):
    """One thing that a station told; see ``StationRecord`` for the fields of the same names.

    ``said`` is the payload as it came. ``ends`` is the beginning of the keys of what stands no longer, now that this is
    told (None: nothing). ``quiet``: not worth a line on the screens when it comes.
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
    """How a job goes (firmware, log); ``request_id`` is None where the station named none."""

    kind: RecordKind
    status: str
    said: dict[str, Any]
    request_id: int | None = None


class StreamData(msgspec.Struct, frozen=True):
    """Samples of a periodic event stream (2.1), which nobody answers."""

    stream_id: int
    said: dict[str, Any]
    at: datetime | None = None
