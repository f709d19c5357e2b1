"""What the keys of a schedule editor do to a plan. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from widgets.schedule_limits import Supply, Unit, formula
from widgets.schedule_plan import SNAP_MINUTES, Plan
from widgets.schedule_times import EntryError

LIMIT_STEPS: Mapping[Unit, tuple[float, float]] = {"A": (1, 1), "W": (500, 100)}
"""By how much up and down, and + and -, change a limit."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The plan after an edit, which step the cursor is on then, and what to say about it."""

    plan: Plan
    cursor: int
    note: str = ""


def other_unit(unit: Unit) -> Unit:
    """Return the unit that a plan can be turned into."""
    return "W" if unit == "A" else "A"


def unit_name(unit: Unit) -> str:
    """Return the unit in which limits are shown."""
    return "A" if unit == "A" else "kW"


def _move(plan: Plan, index: int, direction: int) -> Edit:
    if index == 0:
        raise EntryError("the first step starts where the plan does", "a adds a step")
    moved = plan.move_edge(index, direction * SNAP_MINUTES)
    if moved == plan:
        raise EntryError("the step beside it is in the way", "move or remove that one first")
    return Edit(moved, index)


def _raise(plan: Plan, index: int, size: int, direction: int) -> Edit:
    if plan.steps[index].limit is None:
        raise EntryError("there is no limit here", "enter types one")
    raised = plan.raise_limit(index, direction * LIMIT_STEPS[plan.unit][size])
    if raised == plan:
        raise EntryError("a limit cannot go further", "it ends here")
    return Edit(raised, index)


def _remove(plan: Plan, index: int) -> Edit:
    if index == 0:
        raise EntryError("the first step stays", "remove the one after it")
    return Edit(plan.merge(index), index - 1)


def _phases(plan: Plan, index: int, supply: Supply) -> Edit:
    """Go through what the station has, 1, 2, 3."""
    if supply.phases is None:
        raise EntryError("direct current has no phases", "nothing to choose")
    return Edit(plan.set_phases(index, {None: 1, 1: 2, 2: 3}.get(plan.steps[index].phases)), index)


def _switch_unit(plan: Plan, index: int, supply: Supply) -> Edit:
    step, unit = plan.steps[index], plan.unit
    other = other_unit(unit)
    how = "" if step.limit is None else ": " + formula(step.limit, unit, supply, step.phases)
    return Edit(plan.in_unit(other, supply), index, f"limits are in {unit_name(other)} now{how}")


def _merge_equal(plan: Plan, index: int) -> Edit:
    merged = plan.normalise()
    if merged == plan:
        raise EntryError("no neighbours say the same", "nothing to merge")
    cursor = merged.index_at(plan.steps[index].start_minute)
    return Edit(merged, cursor, f"{len(plan.steps)} steps became {len(merged.steps)}")


EDITS: Mapping[str, Callable[[Plan, int, Supply], Edit]] = {
    "earlier": lambda plan, index, _: _move(plan, index, -1),
    "later": lambda plan, index, _: _move(plan, index, 1),
    "raise": lambda plan, index, _: _raise(plan, index, 0, 1),
    "lower": lambda plan, index, _: _raise(plan, index, 0, -1),
    "raise_little": lambda plan, index, _: _raise(plan, index, 1, 1),
    "lower_little": lambda plan, index, _: _raise(plan, index, 1, -1),
    "remove": lambda plan, index, _: _remove(plan, index),
    "phases": _phases,
    "unit": _switch_unit,
    "merge_equal": lambda plan, index, _: _merge_equal(plan, index),
}
"""Edits by name; each raises EntryError where there is nothing to do, and says why."""
