"""Between the editor's plan and the model's draft: the editor knows no OCPP, the model no widgets. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from console.model.schedule.composite import CompositePeriod
from console.model.schedule.draft import Draft, Every, Step
from console.model.schedule.outlook import Window
from console.model.schedule.profile import Unit
from widgets.schedule_limits import Unit as PlanUnit
from widgets.schedule_plan import Plan
from widgets.schedule_plan import Step as PlanStep
from widgets.schedule_times import DAY_MINUTES, WEEK_MINUTES, Span

_SPANS: dict[Every, Span] = {
    Every.DAY: "day",
    Every.ONCE: "duration",
    Every.WEEK: "week",
    Every.START: "duration",
    Every.NOW: "duration",
}


def plan_of(draft: Draft) -> Plan:
    """The plan of a draft. What lies beyond the plan's span is left out."""
    span = _SPANS[draft.every]
    length = {"day": DAY_MINUTES, "week": WEEK_MINUTES}.get(span, draft.length_min or DAY_MINUTES)
    steps = tuple(PlanStep(step.minute, step.limit, step.phases) for step in draft.steps if step.minute < length)
    return Plan(steps, _plan_unit(draft.unit), span, length if span == "duration" else DAY_MINUTES)


def draft_of(plan: Plan, draft: Draft) -> Draft:
    """The draft with a plan's steps and unit."""
    steps = tuple(Step(step.start_minute, step.limit, step.phases) for step in plan.normalise().steps)
    return msgspec.structs.replace(draft, steps=steps, unit=Unit(plan.unit))


def with_every(draft: Draft, every: Every) -> Draft:
    """The draft counted otherwise: a day is repeated over the week, of a week Monday is taken."""
    if every is draft.every:
        return draft
    plan = plan_of(draft).with_span(_SPANS[every])
    length_min = DAY_MINUTES if every is Every.ONCE else None
    changed = msgspec.structs.replace(draft, every=every, length_min=length_min, start=None)
    steps = plan.steps[:1] if every is Every.NOW else plan.steps
    return msgspec.structs.replace(
        changed, steps=tuple(Step(step.start_minute, step.limit, step.phases) for step in steps)
    )


def window_of(draft: Draft, evse_id: int, now: datetime, zone: tzinfo | None) -> Window:
    """The window that the chart of a draft shows: today, this week, or from now on."""
    plan = plan_of(draft)
    begin = now
    if draft.every is Every.ONCE:
        begin = draft.start or now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    elif plan.span != "duration":
        begin = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if plan.span == "week":
            begin -= timedelta(days=begin.weekday())
    return Window(evse_id, begin.astimezone(UTC), plan.length_minutes * 60, draft.unit)


def steps_of(
    periods: Iterable[CompositePeriod], shift_s: int = 0, *, round_min: int = 0, length_s: int = 0
) -> tuple[PlanStep, ...]:
    """A composite as the editor's steps; ``shift_s`` is where it begins in the plan. Of one minute the last counts.

    With ``round_min`` the plan recurs, and what goes beyond its end, up to ``length_s``, is drawn from its start.
    """
    found: dict[int, PlanStep] = {}
    held = list(periods)
    for period in held:
        minute = max(0, (period.start_s + shift_s) // 60)
        found[minute] = PlanStep(minute, period.limit, period.phases)
    if round_min and found:
        end = min((shift_s + length_s) // 60, min(found) + round_min)
        later = [each for minute, each in found.items() if round_min <= minute < end]
        over = [each for minute, each in sorted(found.items()) if minute < round_min][-1]
        if end > round_min:
            found.setdefault(0, PlanStep(0, over.limit, over.phases))
            for each in later:
                minute = each.start_minute - round_min
                found[minute] = PlanStep(minute, each.limit, each.phases)
        found = {minute: each for minute, each in found.items() if minute < round_min}
    return tuple(found[minute] for minute in sorted(found))


def _plan_unit(unit: Unit) -> PlanUnit:
    return "A" if unit is Unit.A else "W"
