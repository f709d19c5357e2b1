"""Making a profile fit a station on request: another unit, fewer periods. No limit is ever raised. Pure."""

from __future__ import annotations

import math

import msgspec

from console.model.schedule.composite import converted
from console.model.schedule.profile import ChargingProfile, Period, Unit
from console.model.schedule.steps import DEFAULT_PHASES

_DAY_S = 86_400


def in_unit(
    profile: ChargingProfile, unit: Unit, voltage_v: float = 230.0, phases: int = DEFAULT_PHASES
) -> ChargingProfile:
    """The profile in another unit, each period with its own phases; rounded down to tenths, as OCPP has them.

    ``phases`` are those of a period that names none. A to W to A is the identity.
    """
    if unit is profile.unit:
        return profile

    def turn(value: float, own: int | None) -> float:
        exact = converted(value, profile.unit, unit, voltage_v, own or phases)
        # The tenth of a watt that rounding took must not cost a tenth of an ampere on the way back.
        spare = 0.1 / (voltage_v * (own or phases)) if unit is Unit.A else 0.0
        return math.floor((exact + spare) * 10 + 1e-6) / 10

    periods = tuple(
        msgspec.structs.replace(period, limit=turn(period.limit, period.phases)) for period in profile.periods
    )
    least = profile.min_charging_rate
    return msgspec.structs.replace(
        profile, unit=unit, periods=periods, min_charging_rate=None if least is None else turn(least, None)
    )


def merged(profile: ChargingProfile, most: int) -> ChargingProfile:
    """The profile with at most so many periods: neighbours are put together at the lower limit, the cheapest first.

    What it costs is the energy that is no longer allowed. Neighbours with different phases keep the fewer.
    """
    periods = list(profile.periods)
    while len(periods) > max(1, most):
        ends = [period.start_s for period in periods[1:]] + [_end(profile, periods[-1])]
        costs = [_cost(periods[place], periods[place + 1], ends[place + 1]) for place in range(len(periods) - 1)]
        place = costs.index(min(costs))
        periods[place : place + 2] = [_both(periods[place], periods[place + 1])]
    return msgspec.structs.replace(profile, periods=tuple(periods))


def _end(profile: ChargingProfile, last: Period) -> int:
    """When the last period ends, or what stands for it where it has no end."""
    if profile.duration_s is not None:
        return max(profile.duration_s, last.start_s)
    round_s = profile.recurrency.length_s if profile.recurrency else _DAY_S
    return max(round_s, last.start_s + 1)


def _cost(first: Period, second: Period, end_s: int) -> float:
    """What is lost when two neighbours get the lower limit of both."""
    first_s, second_s = second.start_s - first.start_s, end_s - second.start_s
    low = min(first.limit, second.limit)
    return (first.limit - low) * first_s + (second.limit - low) * second_s


def _both(first: Period, second: Period) -> Period:
    said = [period.phases for period in (first, second) if period.phases is not None]
    same = first.phase_to_use == second.phase_to_use
    return Period(
        first.start_s,
        min(first.limit, second.limit),
        min(said) if said else None,
        first.phase_to_use if same else None,
    )
