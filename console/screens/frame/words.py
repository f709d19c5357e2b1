"""Figures, times and states as a person reads them: pure, with the unit always beside the number."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

NOTHING = "."
"""Stands where there is nothing to show: calmer than an empty cell, and it keeps the column in sight."""


def name_in(name: str, width: int) -> str:
    """A station's name in so many columns. Names of one site differ at their end, so the middle is left out."""
    if len(name) <= width:
        return name
    end = (width - 1) * 2 // 3
    return f"{name[: width - 1 - end]}…{name[-end:]}"


def power(power_w: float | None) -> str:
    """Power, as in ``11.0 kW``."""
    if power_w is None:
        return NOTHING
    return f"{power_w / 1e6:.2f} MW" if abs(power_w) >= 999_950 else f"{power_w / 1000:.1f} kW"


def energy(energy_wh: int | None) -> str:
    """Energy, as in ``42.1 kWh``."""
    if energy_wh is None:
        return NOTHING
    if abs(energy_wh) >= 99_999_500:
        return f"{energy_wh / 1e6:.1f} MWh"
    return f"{energy_wh / 1000:.0f} kWh" if abs(energy_wh) >= 999_950 else f"{energy_wh / 1000:.1f} kWh"


def duration(seconds: float) -> str:
    """A length of time in its two largest units, as in ``1 h 04 min``."""
    left = max(0, int(seconds))
    if left < 60:
        return f"{left} s"
    if left < 3600:
        return f"{left // 60} min"
    if left < 86_400:
        return f"{left // 3600} h {left % 3600 // 60:02d} min"
    return f"{left // 86_400} d {left % 86_400 // 3600} h"


def span(begin: datetime | None, end: datetime) -> str:
    """The time between two instants, or nothing."""
    return duration((end - begin).total_seconds()) if begin else NOTHING


def brief_span(begin: datetime | None, end: datetime) -> str:
    """The time between two instants in at most six characters, as in ``1h04m``, for columns."""
    if begin is None:
        return NOTHING
    left = max(0, int((end - begin).total_seconds()))
    if left < 3600:
        return f"{left // 60}m" if left >= 60 else f"{left}s"
    if left < 86_400:
        return f"{left // 3600}h{left % 3600 // 60:02d}m"
    return f"{left // 86_400}d{left % 86_400 // 3600}h"


def ago(then: datetime | None, now: datetime) -> str:
    """An age in at most four characters.

    In steps of five seconds: a table whose ages all change every second costs a slow line more than they tell.
    """
    if then is None:
        return NOTHING
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 5:
        return "now"
    if seconds < 60:
        return f"{seconds // 5 * 5}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    return f"{seconds // 3600}h" if seconds < 86_400 else f"{seconds // 86_400}d"


def time_of_day(at: datetime | None, zone: tzinfo | None) -> str:
    """The local time, as in ``14:02:11``."""
    return f"{at.astimezone(zone):%H:%M:%S}" if at else NOTHING


def precise_time(at: datetime, zone: tzinfo | None) -> str:
    """The local time to the millisecond."""
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def moment(at: datetime | None, zone: tzinfo | None, now: datetime | None = None) -> str:
    """The local date and time; without the date where it is that of ``now``."""
    if at is None:
        return NOTHING
    local = at.astimezone(zone)
    today = now is not None and local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%Y-%m-%d %H:%M}"


def expiry(at: datetime | None, zone: tzinfo | None) -> str:
    """When something expires, as it can be typed again: the end of a day is written as that day."""
    if at is None:
        return "never"
    local = at.astimezone(zone)
    if local.time() == time():
        return f"{local - timedelta(days=1):%Y-%m-%d}"
    return f"{local:%Y-%m-%d %H:%M}"


def day_and_time(at: datetime | None, zone: tzinfo | None, now: datetime) -> str:
    """When something was, in at most eleven characters: less of the date the nearer it is."""
    if at is None:
        return NOTHING
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, as in ``1 fault`` and ``2 faults``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def elapsed(seconds: float) -> str:
    """A short time to the tenth of a second, as in ``0.4 s``."""
    return f"{seconds:.1f} s"


def join(*texts: str, by: str = ", ") -> str:
    """The texts that are not empty, in one line."""
    return by.join(text for text in texts if text)
