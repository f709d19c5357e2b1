"""Times of a schedule as people write them: ``22:00``, ``mon 06:00``, ``+2h30m``. Minutes from the schedule's start."""

from __future__ import annotations

import re

from console.errors import ConsoleError

DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?:(?P<days>[a-z,\- ]+) +)?(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?")
_OFFSET = re.compile(r"\+(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m?)?")


def read_minutes(text: str) -> tuple[int, ...]:
    """The minutes that a text means: one, or one for each day that is named (``mon-fri 06:00``). Raises ConsoleError.

    A time without a day is a minute of the day; one with days counts from Monday, 00:00; ``+2h`` from the start.
    """
    words = " ".join(text.casefold().split())
    offset = _OFFSET.fullmatch(words)
    if offset is not None and len(words) > 1:
        return (int(offset["h"] or 0) * 60 + int(offset["m"] or 0),)
    clock = _CLOCK.fullmatch(words)
    if clock is None:
        raise ConsoleError(f"{text!r} is no time.", "Write 22:00, mon-fri 06:00 or +2h30m.")
    minute = int(clock["hour"]) * 60 + int(clock["minute"] or 0)
    if minute > DAY_MIN or int(clock["minute"] or 0) > 59:
        raise ConsoleError(f"{text!r} is no time of a day.", "A day goes from 00:00 to 24:00.")
    if clock["days"] is None:
        return (minute,)
    return tuple(day * DAY_MIN + minute for day in read_days(clock["days"]))


def read_days(text: str) -> tuple[int, ...]:
    """The days that a text names, Monday is 0: ``mon``, ``mon-fri``, ``sat,sun``. Raises ConsoleError."""
    found: set[int] = set()
    for word in re.split(r"[,\s]+", text.strip()):
        first, _, last = word.partition("-")
        try:
            begin, end = DAYS.index(first[:3]), DAYS.index((last or first)[:3])
        except ValueError:
            raise ConsoleError(f"{word!r} names no day.", f"Days are {', '.join(DAYS)}.") from None
        found.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return tuple(sorted(found))


def show_minute(minute: int, *, weekly: bool = False, relative: bool = False) -> str:
    """A minute as text that ``read_minutes`` reads."""
    if relative:
        hours, rest = divmod(minute, 60)
        return f"+{hours}h{rest}m" if rest else f"+{hours}h"
    day, rest = divmod(minute, DAY_MIN)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return f"{DAYS[day % 7]} {clock}" if weekly else clock
