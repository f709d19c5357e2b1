"""When a tag expires, as people write it: ``2026-12-31``, ``2026-12-31 18:00``, ``+30d``, ``never``. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from console.errors import ConsoleError

HELP = "2026-12-31, +30d, +12h, or never"

_AHEAD = re.compile(r"\+\s*(\d{1,5})\s*([hdwmy])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAYS = {"m": 30, "y": 365}


def parse(text: str, now: datetime, zone: tzinfo | None) -> datetime | None:
    """The instant meant, in UTC; None is never. A day alone counts to its end. Raises ConsoleError."""
    meant = text.strip().casefold()
    if meant in ("", "never", "none", "-"):
        return None
    if meant == "now":
        return now
    try:
        ahead = _AHEAD.fullmatch(meant)
        if ahead:
            number, unit = int(ahead[1]), ahead[2]
            return now + (number * _UNITS[unit] if unit in _UNITS else timedelta(days=number * _DAYS[unit]))
        return _date(meant, now, zone)
    except (ValueError, OverflowError) as error:
        raise ConsoleError(f"{text.strip()!r} is no date", f"Write {HELP}.") from error


def _date(meant: str, now: datetime, zone: tzinfo | None) -> datetime:
    at = datetime.fromisoformat(meant.upper())
    if re.fullmatch(r"[\d-]{8,10}", meant):
        at = datetime.combine(at.date(), time(23, 59, 59))
    if at.tzinfo is None:
        # A zone of None is the computer's own, which astimezone knows for the date in question (summer time).
        at = at.replace(tzinfo=zone) if zone is not None else at.astimezone()
    return at.astimezone(UTC)


def written(expires_at: datetime | None, zone: tzinfo | None) -> str:
    """An expiry in the form in which it can be typed again."""
    if expires_at is None:
        return "never"
    local = expires_at.astimezone(zone)
    return f"{local:%Y-%m-%d}" if local.time().replace(microsecond=0) == time(23, 59, 59) else f"{local:%Y-%m-%d %H:%M}"
