"""A profile made to fit a station never allows more than it did."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.schedule.composite import Electrics, Request, composite
from console.model.schedule.fit import in_unit, merged
from console.model.schedule.profile import ChargingProfile, Unit
from tests.unit.schedule.samples import T0, profile
from tests.unit.schedule.test_properties import DAY_S, at_instants, instants_of, profiles

MANY = settings(max_examples=1000, deadline=None)


def alone(held: ChargingProfile, unit: Unit) -> tuple[object, ...]:
    return composite([held], Request(1, T0, 2 * DAY_S, unit), Electrics(230))


@MANY
@given(profiles, st.integers(1, 6))
def test_merged_periods_raise_no_limit(held: ChargingProfile, most: int) -> None:
    fewer = merged(held, most)
    assert len(fewer.periods) <= max(most, 1)
    assert fewer.periods[0].start_s == 0
    starts = [period.start_s for period in held.periods]
    for start in starts:
        before = next(each for each in reversed(held.periods) if each.start_s <= start)
        after = next(each for each in reversed(fewer.periods) if each.start_s <= start)
        assert after.limit <= before.limit


@given(profiles)
def test_what_fits_already_stays_as_it_is(held: ChargingProfile) -> None:
    assert merged(held, len(held.periods)) == held
    assert in_unit(held, held.unit) == held


@MANY
@given(profiles, st.floats(100, 1000))
def test_another_unit_allows_no_more(held: ChargingProfile, voltage_v: float) -> None:
    held = msgspec.structs.replace(held, unit=Unit.A)
    watts = in_unit(held, Unit.W, voltage_v)
    for ours, theirs in zip(held.periods, watts.periods, strict=True):
        assert theirs.limit <= ours.limit * voltage_v * (ours.phases or 3) + 1e-3


@MANY
@given(profiles, st.sampled_from([208.0, 230.0, 240.0, 400.0]))
def test_amperes_to_watts_and_back_is_the_identity(held: ChargingProfile, voltage_v: float) -> None:
    held = msgspec.structs.replace(held, unit=Unit.A)
    assert in_unit(in_unit(held, Unit.W, voltage_v), Unit.A, voltage_v) == held


def test_the_cheapest_neighbours_go_first() -> None:
    held = profile((0, 10.0), (3600, 16.0), (7200, 15.0), (10_800, 32.0))
    assert [(each.start_s, each.limit) for each in merged(held, 3).periods] == [(0, 10), (3600, 15), (10_800, 32)]


def test_the_instants_of_a_merged_profile_are_instants_it_had() -> None:
    held = profile((0, 10.0), (3600, 16.0), (7200, 15.0))
    request = Request(1, T0, DAY_S, Unit.A)
    before, after = composite([held], request), composite([merged(held, 2)], request)
    instants = instants_of(before, after)
    pairs = zip(at_instants(before, instants), at_instants(after, instants), strict=True)
    assert all(low <= high for high, low in pairs)
