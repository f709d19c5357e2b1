"""Minutes of a day, of a week or since a start: read as people write them, shown as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Span = Literal["day", "week", "duration"]
"""What a plan covers: every day, every week from Monday on, or a time from a start that is not known yet."""

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES
WEEK_MINUTES = 7 * DAY_MINUTES

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_SETS: Mapping[str, range] = {"weekdays": range(5), "weekend": range(5, 7), "all": range(7)}

TIME_FORMS: Mapping[Span, str] = {
    "day": "22:00, 6am or +2h",
    "week": "mon 06:00, 22:00, 6am or +2h",
    "duration": "+2h, +90m or +1h30m",
}
"""What may be written, for hints."""

DAY_FORMS = "tue-fri, sat sun or all"
"""What may be written for days, for hints."""

_OFFSET = re.compile(r"(?P<sign>[+-]?)\s*(?:(?P<d>\d+)d)?\s*(?:(?P<h>\d+)h)?\s*(?:(?P<m>\d+)(?:m|min)?)?")
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm)?")
_MOST_CHARACTERS = 40  # a longer text is no time; it is not searched


class EntryError(ValueError):
    """What a person wrote or wants cannot be; `hint` says what can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}: {self.hint}"


def parse_minute(text: str, span: Span, *, base: int = 0, after: bool = False) -> int:
    """Return the minute that a person means.

    `base` is the minute that `+2h` and `-30m` count from in a day or a week (in a duration they count
    from its start), and whose day a time without one belongs to; with `after` it is the first such
    time later than `base`. Raises EntryError. Does not check that the minute is within the span.
    """
    words = " ".join(text.casefold().split())
    wrong = EntryError("that is no time here", f"write {TIME_FORMS[span]}")
    if not words or len(words) > _MOST_CHARACTERS:
        raise wrong
    offset = _offset(words, signed=span != "duration")
    if offset is not None:
        return offset if span == "duration" else base + offset
    if span == "duration":
        raise wrong
    first, _, rest = words.partition(" ")
    day = _day(first)
    if day is not None and span == "day":
        raise EntryError("this plan is the same every day", "write a time alone, such as 22:00")
    minute = _clock(words if day is None else rest or "00:00")
    if minute is None:
        raise wrong
    if day is not None or span == "day":
        return (day or 0) * DAY_MINUTES + minute
    minute += base // DAY_MINUTES * DAY_MINUTES
    return minute + DAY_MINUTES if after and minute <= base else minute


def _offset(words: str, *, signed: bool) -> int | None:
    match = _OFFSET.fullmatch(words)
    if match is None or (signed and not match["sign"]):
        return None
    if match["d"] is None and match["h"] is None and not re.search(r"\d+m", words):
        # A number alone is no length, nor is a sign alone; but "+0" is.
        return 0 if match["m"] is not None and int(match["m"]) == 0 else None
    minutes = sum(int(match[unit] or 0) * size for unit, size in (("d", DAY_MINUTES), ("h", HOUR_MINUTES), ("m", 1)))
    return -minutes if match["sign"] == "-" else minutes


def _clock(words: str) -> int | None:
    """Return the minute of the day; 24:00 is its end."""
    if words in ("midnight", "noon"):
        return 0 if words == "midnight" else DAY_MINUTES // 2
    match = _CLOCK.fullmatch(words)
    if match is None:
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    total = hour * HOUR_MINUTES + minute
    return total if minute < HOUR_MINUTES and total <= DAY_MINUTES else None


def _day(word: str) -> int | None:
    """Return the day of the week from Monday, 0; None for a word that names none."""
    word = word.strip(".,")
    for day, name in enumerate(_LONG_NAMES):
        if len(word) >= 2 and name.startswith(word):
            return day
    return None


def show_minute(minute: int, span: Span, zone: str = "") -> str:
    """Return a minute as text: `22:00`, `mon 06:00`, `+2h30m`; with the zone where there is one."""
    if span == "duration":
        return "+" + show_length(minute)
    day, rest = divmod(minute, DAY_MINUTES)
    if rest == 0 and minute >= (WEEK_MINUTES if span == "week" else DAY_MINUTES):
        day, rest = day - 1, DAY_MINUTES  # the end of the span is its last day's 24:00
    clock = f"{rest // HOUR_MINUTES:02}:{rest % HOUR_MINUTES:02}"
    text = f"{DAY_NAMES[day % 7]} {clock}" if span == "week" else clock
    return f"{text} {zone}" if zone else text


def show_length(minutes: int) -> str:
    """Return a length as text: `0h`, `45m`, `2h`, `2h30m`."""
    hours, rest = divmod(minutes, HOUR_MINUTES)
    if rest == 0:
        return f"{hours}h"
    return f"{hours}h{rest}m" if hours else f"{rest}m"


def parse_days(text: str) -> tuple[int, ...]:
    """Return the days that a person names, ascending, Monday is 0. Raises EntryError."""
    days: set[int] = set()
    words = re.sub(r"\s*(?:-|–|\bto\b)\s*", "-", text.casefold()).replace(",", " ").split()
    for word in words[:_MOST_CHARACTERS]:
        first, _, last = word.partition("-")
        start, end = _day(first), _day(last or first)
        if word in _DAY_SETS:
            days.update(_DAY_SETS[word])
        elif start is None or end is None:
            raise EntryError(f'"{word[:12]}" names no day', f"write {DAY_FORMS}")
        else:
            days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    if not days:
        raise EntryError("no day is named", f"write {DAY_FORMS}")
    return tuple(sorted(days))


def show_days(days: tuple[int, ...]) -> str:
    """Return days as text that `parse_days` reads: `tue-fri`, `mon wed sat-sun`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return " ".join(DAY_NAMES[run[0]] + (f"-{DAY_NAMES[run[-1]]}" if run[1:] else "") for run in runs)
