"""Times as stations write them, and as they want to read them."""

from __future__ import annotations

from datetime import UTC, datetime


def read_time(text: str) -> tuple[datetime | None, str]:
    """Read an ISO 8601 time in any of the forms that stations use; return it in UTC, and what is odd about it.

    Offsets may be ``Z``, ``+02``, ``+0200`` or ``+02:00``, fractions of any length (kept to microseconds). A time
    without an offset is taken as UTC, and said to be naive. What cannot be read is None, with the problem.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.strip().upper())
        except ValueError:
            return None, f'"{text[:40]}" is not a time'
    if moment.tzinfo is UTC:
        return moment, ""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC), "time without an offset, taken as UTC"
    try:
        return moment.astimezone(UTC), ""
    except OverflowError:
        return None, f'"{text[:40]}" is not a time'


def write_time(moment: datetime) -> str:
    """Write a UTC time as every station can read it: ``2026-11-21T01:12:43.510Z``."""
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"
