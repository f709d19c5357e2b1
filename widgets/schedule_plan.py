"""A plan of limits over a day, a week or a time from a start, and what may be done to it. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from widgets.schedule_limits import MOST, Supply, Unit, convert
from widgets.schedule_times import DAY_MINUTES, WEEK_MINUTES, EntryError, Span, show_minute

SNAP_MINUTES = 15
"""The grid on which edges move."""

_UNDO_STEPS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """From `start_minute` on at most `limit`, in the plan's unit; None is no limit.

    `phases` None leaves the number of phases to the station.
    """

    start_minute: int
    limit: float | None
    phases: int | None = None

    def same_as(self, other: Step) -> bool:
        """Tell whether both say the same, whenever they start."""
        return (self.limit, self.phases) == (other.limit, other.phases)


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps from minute 0 on, each until the next one starts, the last until the end of the span.

    Every operation returns a valid plan, the same one where there is nothing to change, and raises
    EntryError where what was asked cannot be. `duration_minutes` is the length of a "duration".
    """

    steps: tuple[Step, ...]
    unit: Unit = "A"
    span: Span = "day"
    duration_minutes: int = DAY_MINUTES

    def __post_init__(self) -> None:
        starts = [step.start_minute for step in self.steps]
        if not starts or starts[0] != 0:
            raise EntryError("a plan starts at its first minute", "give the first step the start 0")
        if starts != sorted(set(starts)) or starts[-1] >= self.length_minutes:
            raise EntryError("steps follow one another within the plan", "sort them, and cut what is too late")
        for step in self.steps:
            _check(step)

    @property
    def length_minutes(self) -> int:
        """The length of the span."""
        return {"day": DAY_MINUTES, "week": WEEK_MINUTES, "duration": self.duration_minutes}[self.span]

    def end_of(self, index: int) -> int:
        """Return the minute at which a step ends."""
        return self.steps[index + 1].start_minute if index + 1 < len(self.steps) else self.length_minutes

    def index_at(self, minute: float) -> int:
        """Return the step that holds at a minute."""
        return max(0, bisect_right([step.start_minute for step in self.steps], minute) - 1)

    def at(self, minute: float) -> Step:
        """Return the step that holds at a minute."""
        return self.steps[self.index_at(minute)]

    # -- edges

    def move_edge(self, index: int, minutes: int, snap: int = SNAP_MINUTES) -> Plan:
        """Move the start of a step to the grid line about `minutes` away, as far as its neighbours let it."""
        if index == 0 or minutes == 0:
            return self
        start, first, last = self.steps[index].start_minute, *self._room(index)
        wanted = _on_grid(start + minutes, snap, up=minutes < 0)
        if minutes > 0:
            wanted = max(start, min(wanted, last // snap * snap))
        else:
            wanted = min(start, max(wanted, -(-first // snap) * snap))
        return self._with(index, replace(self.steps[index], start_minute=wanted))

    def set_edge(self, index: int, minute: int) -> Plan:
        """Start a step at a minute, which lies between those of its neighbours."""
        if minute == self.steps[index].start_minute:
            return self
        if index == 0:
            raise EntryError("the first step starts where the plan does", "add a step to change something later")
        first, last = self._room(index)
        if not first <= minute <= last:
            room = f"{show_minute(first, self.span)} to {show_minute(last, self.span)}"
            raise EntryError("not between its neighbours", f"write {room}")
        return self._with(index, replace(self.steps[index], start_minute=minute))

    def _room(self, index: int) -> tuple[int, int]:
        """Return the first and the last minute at which a step may start."""
        return self.steps[index - 1].start_minute + 1, self.end_of(index) - 1

    def split(self, minute: int) -> Plan:
        """Start a new step at a minute that says what the step there said."""
        if not 0 <= minute < self.length_minutes:
            end = show_minute(self.length_minutes, self.span)
            raise EntryError("not in this plan", f"it ends at {end}")
        index = self.index_at(minute)
        if self.steps[index].start_minute == minute:
            return self
        new = replace(self.steps[index], start_minute=minute)
        return replace(self, steps=(*self.steps[: index + 1], new, *self.steps[index + 1 :]))

    def middle_of(self, index: int, snap: int = SNAP_MINUTES) -> int:
        """Return a minute on the grid, if there is one, near the middle of a step: where to split it."""
        start, end = self.steps[index].start_minute, self.end_of(index)
        middle = (start + end) // 2
        return next((minute for minute in (_on_grid(middle, snap), middle) if start < minute < end), start)

    def merge(self, index: int) -> Plan:
        """Take a step away: the one before it goes on instead."""
        return self if index == 0 else replace(self, steps=self.steps[:index] + self.steps[index + 1 :])

    def normalise(self) -> Plan:
        """Merge neighbours that say the same."""
        return replace(self, steps=tuple(_without_repeats(self.steps)))

    # -- what a step says

    def raise_limit(self, index: int, by: float) -> Plan:
        """Raise (or lower) a limit to the next multiple of `by`, not below 0; "no limit" stays."""
        limit = self.steps[index].limit
        if limit is None:
            return self
        size = abs(by)
        # Values that are a multiple but for their last bits count as one.
        wanted = (math.floor(limit / size + 1e-6) + 1 if by > 0 else math.ceil(limit / size - 1e-6) - 1) * size
        return self.set_limit(index, min(max(0.0, wanted), max(limit, MOST)))

    def set_limit(self, index: int, limit: float | None) -> Plan:
        """Set a limit in the plan's unit; it is kept in tenths of an ampere or in whole watts."""
        exact = None if limit is None else round(limit, 1 if self.unit == "A" else 0)
        return self._with(index, replace(self.steps[index], limit=exact))

    def set_phases(self, index: int, phases: int | None) -> Plan:
        """Set the number of phases of a step; None leaves it to the station."""
        return self._with(index, replace(self.steps[index], phases=phases))

    def _with(self, index: int, step: Step) -> Plan:
        steps = list(self.steps)
        steps[index] = step
        return self if step == self.steps[index] else replace(self, steps=tuple(steps))

    # -- all of it

    def in_unit(self, unit: Unit, supply: Supply) -> Plan:
        """Return the plan in another unit, each step by its own phases."""
        return (
            self
            if unit == self.unit
            else replace(self, unit=unit, steps=converted(self.steps, self.unit, unit, supply))
        )

    def with_span(self, span: Span) -> Plan:
        """Return the plan over another span: a day is repeated over the week, of a week Monday is taken."""
        if span == "week" and self.span == "day":
            return _join([self.steps] * 7, replace(self, span=span, steps=self.steps), set(range(7)))
        whole = replace(self, span=span, steps=self.steps[:1])
        return replace(whole, steps=tuple(step for step in self.steps if step.start_minute < whole.length_minutes))

    def copy_day(self, day: int, to_days: Iterable[int]) -> Plan:
        """Make days of a week like another one; what holds on the rest of the days stays as it is."""
        targets = set(to_days) - {day}
        if self.span != "week" or not targets:
            return self
        days = [self._day(each) for each in range(7)]
        for target in targets:
            days[target] = days[day]
        return _join(days, self, targets)

    def _day(self, day: int) -> tuple[Step, ...]:
        """Return what holds on a day of the week, with minutes of that day."""
        begin = day * DAY_MINUTES
        later = [step for step in self.steps if begin < step.start_minute < begin + DAY_MINUTES]
        return tuple(replace(step, start_minute=max(0, step.start_minute - begin)) for step in (self.at(begin), *later))


def _check(step: Step) -> None:
    if step.limit is not None and not 0 <= step.limit <= MOST:
        raise EntryError(f"{step.limit} is no limit", f"it is between 0 and {MOST:.0f}")
    if step.phases not in (None, 1, 2, 3):
        raise EntryError(f"{step.phases} phases do not exist", "write 1, 2, 3, or - for what the station has")


def _on_grid(minute: int, snap: int, *, up: bool = False) -> int:
    """Return the grid line at or before a minute, or with `up` at or after it."""
    return -(-minute // snap) * snap if up else minute // snap * snap


def _without_repeats(steps: Iterable[Step]) -> list[Step]:
    kept: list[Step] = []
    for step in steps:
        if not kept or not kept[-1].same_as(step):
            kept.append(step)
    return kept


def _join(days: Sequence[Sequence[Step]], plan: Plan, new_days: set[int]) -> Plan:
    """Return a week of days; a midnight stays a step if it changes something or was one before."""
    old_starts = {step.start_minute for step in plan.steps}
    steps: list[Step] = []
    for day, parts in enumerate(days):
        begin = day * DAY_MINUTES
        for part in parts:
            step = replace(part, start_minute=begin + part.start_minute)
            touched = day in new_days or day - 1 in new_days or step.start_minute not in old_starts
            if part.start_minute == 0 and steps and touched and steps[-1].same_as(step):
                continue
            steps.append(step)
    return replace(plan, steps=tuple(steps))


def converted(steps: Iterable[Step], unit: Unit, to: Unit, supply: Supply) -> tuple[Step, ...]:
    """Return steps with their limits in another unit."""
    return tuple(
        step if step.limit is None else replace(step, limit=convert(step.limit, unit, to, supply, step.phases))
        for step in steps
    )


@dataclass(frozen=True, slots=True)
class Undo:
    """A plan with those before it, and those that were undone."""

    present: Plan
    past: tuple[Plan, ...] = ()
    future: tuple[Plan, ...] = ()

    def do(self, plan: Plan) -> Undo:
        """Go on to another plan; what was undone is forgotten, and what is very old."""
        return self if plan == self.present else Undo(plan, (*self.past, self.present)[-_UNDO_STEPS:])

    def undo(self) -> Undo:
        """Go back to the plan before, if there is one."""
        return Undo(self.past[-1], self.past[:-1], (self.present, *self.future)) if self.past else self

    def redo(self) -> Undo:
        """Go on to the plan that was undone last, if there is one."""
        return Undo(self.future[0], (*self.past, self.present), self.future[1:]) if self.future else self
