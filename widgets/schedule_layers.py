"""What is shown with a plan: what comes of it with all that binds (the composite), prices, measured values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from widgets.schedule_limits import Supply, Unit, convert
from widgets.schedule_plan import Plan, Step, converted

PriceStep = tuple[int, float | None]
"""Minute from which on a price holds, and the price; None is unknown."""

MeasuredPoint = tuple[float, float]
"""Minute, and the value measured then."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Composite and measured values are in `unit`; minutes are those of the plan they are shown with.

    `reported` is what another party says is in effect.
    """

    unit: Unit = "A"
    composite: tuple[Step, ...] = ()
    measured: tuple[MeasuredPoint, ...] = ()
    price: tuple[PriceStep, ...] = ()
    price_unit: str = ""
    reported: tuple[Step, ...] = ()

    def in_unit_of(self, plan: Plan, supply: Supply) -> Layers:
        """Return the layers in the plan's unit; measured values go by the phases of the plan's steps."""
        if plan.unit == self.unit:
            return self
        measured = tuple(
            (minute, convert(value, self.unit, plan.unit, supply, plan.at(minute).phases))
            for minute, value in self.measured
        )
        composite = converted(self.composite, self.unit, plan.unit, supply)
        reported = converted(self.reported, self.unit, plan.unit, supply)
        return replace(self, unit=plan.unit, composite=composite, reported=reported, measured=measured)


def clean_measured(points: Iterable[MeasuredPoint]) -> tuple[MeasuredPoint, ...]:
    """Return the points that can be drawn."""
    return tuple(point for point in points if all(map(math.isfinite, point)))


def clean_price(steps: Sequence[PriceStep]) -> tuple[PriceStep, ...]:
    """Return the price steps by time; what is no number is unknown."""
    known = ((minute, price if price is not None and math.isfinite(price) else None) for minute, price in steps)
    return tuple(sorted(known, key=lambda step: step[0]))


def differs(one: float | None, other: float | None) -> bool:
    """Tell whether two limits differ by more than the rounding between units makes."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) > max(one, other) / 100


def range_text(composite: Sequence[Step], start: int, end: int, unit: Unit) -> str:
    """Return what holds from a minute to another, in amperes or kilowatts: `6.0`, `6.0-11.0`, `6.0-none`.

    Nothing where it is unknown.
    """
    limits: list[float | None] = []
    for place, step in enumerate(composite):
        if step.start_minute >= end:
            break
        until = composite[place + 1].start_minute if place + 1 < len(composite) else end
        if max(step.start_minute, start) < min(until, end):
            limits.append(step.limit)
    known = [limit for limit in limits if limit is not None]
    texts = [f"{limit / (1 if unit == 'A' else 1000):.1f}" for limit in (min(known), max(known))] if known else []
    if len(known) < len(limits):
        texts[1:] = ["none"]
    return "-".join(dict.fromkeys(texts))
