"""What is typed into a schedule: what is asked for, the text so far, and the plan that comes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from widgets.schedule_edits import Edit
from widgets.schedule_limits import Supply, convert, formula, parse_limit, show_limit
from widgets.schedule_plan import Plan
from widgets.schedule_times import (
    DAY_FORMS,
    DAY_MINUTES,
    DAY_NAMES,
    TIME_FORMS,
    EntryError,
    parse_days,
    parse_minute,
    show_days,
    show_minute,
)
from widgets.text import plain

What = Literal["start", "limit", "phases", "add", "copy"]
"""Which cell is typed into, or what else is asked for."""

_MOST_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Typing:
    """A text that is being typed. While it is `fresh`, the first character replaces what is offered."""

    what: What
    label: str
    text: str
    hint: str
    fresh: bool = True

    def add(self, characters: str) -> Typing:
        """Type some characters."""
        text = plain(characters) if self.fresh else self.text + plain(characters)
        return replace(self, text=text[:_MOST_CHARACTERS], fresh=False)

    def take_back(self) -> Typing:
        """Take the last character away; what is offered may be changed from its end too."""
        return replace(self, text=self.text[:-1], fresh=False)

    def clear(self) -> Typing:
        """Take the whole text away."""
        return replace(self, text="", fresh=False)


def ask(plan: Plan, index: int, what: What) -> Typing:
    """Return what to ask for, with an offer. Raises EntryError where there is nothing to type."""
    step, times = plan.steps[index], f"write {TIME_FORMS[plan.span]}"
    match what:
        case "start":
            if index == 0:
                raise EntryError("the first step starts where the plan does", "a adds a step")
            return Typing(what, "starts at", show_minute(step.start_minute, plan.span), times)
        case "add":
            return Typing(what, "new step at", show_minute(plan.middle_of(index), plan.span), times)
        case "limit":
            other = "16 A" if plan.unit == "W" else "11 kW"
            own = "11 kW" if plan.unit == "W" else "16 A"
            limit = "none" if step.limit is None else show_limit(step.limit, plan.unit)
            return Typing(what, "limit", limit, f"write {own}, {other}, 0 or none")
        case "phases":
            return Typing(what, "phases", "-" if step.phases is None else str(step.phases), "write 1, 2, 3 or -")
        case "copy":
            if plan.span != "week":
                raise EntryError("this plan has no days of the week", "only a plan of a week has")
            day = step.start_minute // DAY_MINUTES
            others = tuple(each for each in (range(5) if day < 5 else range(5, 7)) if each != day)
            return Typing(what, f"copy {DAY_NAMES[day]} to", show_days(others), f"write {DAY_FORMS}")


def typed(plan: Plan, index: int, typing: Typing, supply: Supply) -> Edit:
    """Return what comes of a text. Raises EntryError where nothing can."""
    step, text = plan.steps[index], typing.text
    match typing.what:
        case "start":
            return Edit(plan.set_edge(index, parse_minute(text, plan.span, base=step.start_minute)), index)
        case "add":
            minute = parse_minute(text, plan.span, base=step.start_minute, after=True)
            split = plan.split(minute)
            note = "now its limit: up and down, or enter" if split != plan else "a step starts there already"
            return Edit(split, split.index_at(minute), note)
        case "limit":
            limit, unit = parse_limit(text, plan.unit)
            if limit is None or unit == plan.unit:
                return Edit(plan.set_limit(index, limit), index)
            value = convert(limit, unit, plan.unit, supply, step.phases)
            return Edit(plan.set_limit(index, value), index, formula(limit, unit, supply, step.phases))
        case "phases":
            return Edit(plan.set_phases(index, _phases(text, supply)), index)
        case "copy":
            day, days = step.start_minute // DAY_MINUTES, parse_days(text)
            copied = plan.copy_day(day, days)
            note = f"{DAY_NAMES[day]} copied to {show_days(days)}"
            return Edit(copied, copied.index_at(step.start_minute), note)


def _phases(text: str, supply: Supply) -> int | None:
    word = text.strip()
    if word in ("", "-", "none"):
        return None
    if supply.phases is None:
        raise EntryError("direct current has no phases", "write -")
    if word not in ("1", "2", "3"):
        raise EntryError(f'"{word}" is no number of phases', "write 1, 2, 3, or - for what the station has")
    return int(word)
