"""Times as people write them, and what they mean: the one reader for tags' expiry, exports and filters."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from console.errors import ConsoleError

#: What a person may write, for help texts and hints.
FORMS = "2026-12-31, 2026-12-31 22:00, 22:00, mon 06:00, tomorrow 8:00, +30d, +2h, -90m, now or never"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_OFFSET = re.compile(r"([+-])((?:\d+\s*(?:min|[smhdw])\s*)+)")
_PART = re.compile(r"(\d+)\s*(min|[smhdw])")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def parse_when(
    text: str, now: datetime, tz: tzinfo | None = None, *, past: bool = False, end_of_day: bool = False
) -> datetime | None:
    """Read a time as a person writes it; return it in UTC, or None for "never".

    ``now`` is aware; ``tz`` is the person's time zone (None: this machine's). A time of day or of the week is the next
    one, or with ``past`` the last one (``--since 22:00``). A day alone is its first instant, or with ``end_of_day``
    the first instant after it, for what is good until then (an expiry, ``--until``). Raises ConsoleError.
    """
    words = " ".join(text.strip().casefold().split())
    try:
        if words in ("never", "none", "-"):
            return None
        if words == "now":
            return now.astimezone(UTC)
        if match := _OFFSET.fullmatch(words):
            return _offset(match, now)
        return _absolute(words, tz, end_of_day) or _recurring(words, now, tz, past, end_of_day)
    except (ValueError, OverflowError) as error:
        raise ConsoleError(f'"{text.strip()}" is not a time.', f"Write for example {FORMS}.") from error


def _offset(match: re.Match[str], now: datetime) -> datetime:
    parts = _PART.findall(match[2])
    distance = sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
    return now.astimezone(UTC) + (distance if match[1] == "+" else -distance)


def _absolute(words: str, tz: tzinfo | None, end_of_day: bool) -> datetime | None:
    """A calendar date, with or without a time of day and an offset; None if it does not begin like one."""
    if not re.match(r"\d{4}-", words):
        return None
    moment = datetime.fromisoformat(words.upper())
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words) and end_of_day:
        moment += timedelta(days=1)
    return _to_utc(moment, tz)


def _recurring(words: str, now: datetime, tz: tzinfo | None, past: bool, end_of_day: bool) -> datetime:
    """A day by its name, a time of day, or both."""
    first, _, rest = words.partition(" ")
    today = now.astimezone(tz).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if _CLOCK.fullmatch(first) and not rest:
        return _nearest(today, _clock(first), 1, now, tz, past)
    clock = _clock(rest) if rest else timedelta(days=1 if end_of_day else 0)
    distances = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if first in distances:
        return _to_utc(today + timedelta(days=distances[first]) + clock, tz)
    weekday = _weekday(first)
    return _nearest(today + timedelta(days=(weekday - today.weekday()) % 7), clock, 7, now, tz, past)


def _weekday(word: str) -> int:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if word[:3] not in _DAYS or not names[_DAYS.index(word[:3])].startswith(word):
        raise ValueError(word)
    return _DAYS.index(word[:3])


def _clock(word: str) -> timedelta:
    match = _CLOCK.fullmatch(word)
    if match is None:
        raise ValueError(word)
    moment = time(int(match[1]), int(match[2]), int(match[3] or 0))
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)


def _nearest(day: datetime, clock: timedelta, every: int, now: datetime, tz: tzinfo | None, past: bool) -> datetime:
    """The first such moment after now, or the last one before it, stepping ``every`` days on the wall calendar."""
    candidates = [_to_utc(day + timedelta(days=every * step) + clock, tz) for step in range(-2, 3)]
    if past:
        return max(candidate for candidate in candidates if candidate <= now)
    return min(candidate for candidate in candidates if candidate > now)


def _to_utc(moment: datetime, tz: tzinfo | None) -> datetime:
    """Read a wall-clock time in its own zone, else in the given one, else in this machine's (which knows its DST)."""
    if moment.tzinfo is None and tz is not None:
        moment = moment.replace(tzinfo=tz)
    return moment.astimezone(UTC)


def write_when(moment: datetime) -> str:
    """Write an instant as OCPP wants it: UTC, with milliseconds only where there are any (``2026-11-21T13:02:11Z``)."""
    utc = moment.astimezone(UTC)
    text = utc.isoformat(timespec="milliseconds" if utc.microsecond >= 1000 else "seconds")
    return f"{text.removesuffix('+00:00')}Z"
