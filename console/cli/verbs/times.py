"""Periods of time as they are asked for on the command line."""

from __future__ import annotations

from datetime import datetime

from console.cli.context import Call
from console.cli.exits import UsageError
from console.model.when import parse_when


def span_of(call: Call, since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """What ``--since`` and ``--until`` mean; None where nothing was said. Raises ConsoleError."""
    start = parse_when(since, call.now(), past=True) if since else None
    end = parse_when(until, call.now(), past=True, end_of_day=True) if until else None
    if start and end and end <= start:
        raise UsageError("--until is before --since.", "Turn them around.")
    return start, end
