"""Prices of energy over time, and the schedule that charges in the cheapest hours. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from console.errors import ConsoleError
from console.model.schedule.draft import Draft, Every, Step
from console.model.schedule.profile import Purpose, Unit


class PriceSlot(msgspec.Struct, frozen=True):
    """From ``start`` on a price holds, until the next slot starts."""

    start: datetime
    price: float


class PriceCurve(msgspec.Struct, frozen=True, omit_defaults=True):
    """Prices in ascending order of time; the last slot lasts ``slot_s``. ``unit`` as in ``EUR/kWh``."""

    slots: tuple[PriceSlot, ...]
    unit: str = ""
    slot_s: int = 3600
    source: str = ""
    read_at: datetime | None = None

    @property
    def end(self) -> datetime:
        """Up to when prices are known."""
        return self.slots[-1].start + timedelta(seconds=self.slot_s)

    def between(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime, float]]:
        """The slots of a time, cut to it: from, until, price."""
        ends = [slot.start for slot in self.slots[1:]] + [self.end]
        found = []
        for slot, slot_end in zip(self.slots, ends, strict=True):
            first, last = max(slot.start, begin), min(slot_end, end)
            if first < last:
                found.append((first, last, slot.price))
        return found


class Wish(msgspec.Struct, frozen=True):
    """What the cheapest hours shall do: at least so many of them and so much energy, all before an instant.

    ``limit`` holds in the hours that are chosen, ``otherwise`` in the others; both in ``unit``, over ``phases``.
    """

    before: datetime
    hours: float = 0.0
    energy_wh: float = 0.0
    limit: float = 16.0
    otherwise: float = 0.0
    unit: Unit = Unit.A
    voltage_v: float = 230.0
    phases: int = 3

    def power_w(self, limit: float) -> float:
        """What a limit allows in all."""
        return limit if self.unit is Unit.W else limit * self.voltage_v * self.phases


def cheapest(curve: PriceCurve, wish: Wish, now: datetime) -> Draft:
    """The schedule for the cheapest hours; it begins at the slot that runs and ends where ``before`` is.

    Raises ConsoleError where prices or time do not suffice, and says how far they go.
    """
    slots = curve.between(now, wish.before)
    if not slots or slots[0][0] > now or slots[-1][1] < wish.before or _has_gap(slots):
        known = f"{curve.end.astimezone():%Y-%m-%d %H:%M}"
        raise ConsoleError(
            f"Prices are not known for all of the time: they end at {known}.",
            "Wait for the next prices, or choose an earlier time.",
        )
    chosen = _chosen(slots, wish)
    steps = [Step(0, wish.limit if slots[0] in chosen else wish.otherwise)]
    begin = _minute_of(slots[0][0])
    for slot in slots[1:]:
        minute = int((slot[0] - begin).total_seconds()) // 60
        limit = wish.limit if slot in chosen else wish.otherwise
        if steps[-1].limit != limit:
            steps.append(Step(minute, limit))
    length_min = int((wish.before - begin).total_seconds()) // 60
    return Draft(tuple(steps), Every.ONCE, wish.unit, Purpose.TX_DEFAULT, start=begin, length_min=length_min)


def _has_gap(slots: Sequence[tuple[datetime, datetime, float]]) -> bool:
    return any(one[1] != two[0] for one, two in pairwise(slots))


def _chosen(slots: list[tuple[datetime, datetime, float]], wish: Wish) -> set[tuple[datetime, datetime, float]]:
    """The cheapest slots, the earlier of equal ones, until hours and energy suffice."""
    chosen: set[tuple[datetime, datetime, float]] = set()
    for slot in sorted(slots, key=lambda slot: (slot[2], slot[0])):
        if _enough(chosen, slots, wish):
            break
        chosen.add(slot)
    if not _enough(chosen, slots, wish):
        hours, energy = _sums(chosen, slots, wish)
        raise ConsoleError(
            f"Until then there are {hours:.1f} hours, in which {energy / 1000:.1f} kWh can be charged.",
            "Ask for less, choose a later time, or a higher limit.",
        )
    return chosen


def _enough(
    chosen: set[tuple[datetime, datetime, float]], slots: list[tuple[datetime, datetime, float]], wish: Wish
) -> bool:
    hours, energy_wh = _sums(chosen, slots, wish)
    return hours >= wish.hours - 1e-9 and energy_wh >= wish.energy_wh - 1e-6 and bool(chosen)


def _sums(
    chosen: set[tuple[datetime, datetime, float]], slots: list[tuple[datetime, datetime, float]], wish: Wish
) -> tuple[float, float]:
    """Hours that are chosen, and the energy of all hours together."""
    hours = sum((end - start).total_seconds() for start, end, _ in chosen) / 3600
    others = sum((end - start).total_seconds() for start, end, _ in slots) / 3600 - hours
    return hours, hours * wish.power_w(wish.limit) + others * wish.power_w(wish.otherwise)


def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def price_steps(curve: PriceCurve, begin: datetime, length_min: int) -> list[tuple[int, float | None]]:
    """Prices as a chart takes them: minute from ``begin``, price; None where none is known any more."""
    end = begin + timedelta(minutes=length_min)
    slots = curve.between(begin, end)
    steps: list[tuple[int, float | None]] = [
        (math.floor((start - begin).total_seconds() / 60), price) for start, _end, price in slots
    ]
    if slots and slots[-1][1] < end:
        steps.append((math.floor((slots[-1][1] - begin).total_seconds() / 60), None))
    return steps
