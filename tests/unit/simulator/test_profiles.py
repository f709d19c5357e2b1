"""Charging profiles: which schedule counts at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.profiles import MAX_INSTALLED, ProfileStore, composite_value
from console.simulator.types import NO_LIMIT, Limit
from console.simulator.v16.profiles import read_profile

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
HARDWARE_W = 22_080.0


def wire(profile_id: int = 1, **changes: Any) -> dict[str, Any]:
    """A snake_case charging profile: 16 A relative to the transaction, unless changed."""
    schedule = {
        "charging_rate_unit": changes.pop("unit", "A"),
        "charging_schedule_period": changes.pop("periods", [{"start_period": 0, "limit": 16.0}]),
        **{key: changes.pop(key) for key in ("start_schedule", "duration") if key in changes},
    }
    return {
        "charging_profile_id": profile_id,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": schedule,
        **changes,
    }


def store(*entries: tuple[int, dict[str, Any]]) -> ProfileStore:
    profiles = ProfileStore()
    for connector_id, one in entries:
        assert profiles.install(connector_id, read_profile(one))
    return profiles


def current_a(profiles: ProfileStore, after_s: float, connector_id: int = 1) -> float | None:
    return profiles.connector_limit(connector_id, NOON + timedelta(seconds=after_s), NOON).current_a


def test_without_profiles_there_is_no_limit() -> None:
    assert store().connector_limit(1, NOON, NOON) == NO_LIMIT
    assert store().station_limit(NOON) == NO_LIMIT


def test_the_highest_stack_level_counts_even_if_it_allows_more() -> None:
    low = wire(1, stack_level=1, periods=[{"start_period": 0, "limit": 8.0}])
    high = wire(2, stack_level=2, duration=60)
    profiles = store((1, low), (1, high))
    assert current_a(profiles, 59) == 16.0
    assert current_a(profiles, 60) == 8.0


def test_a_transaction_profile_goes_before_a_default_and_a_connectors_own_before_the_stations() -> None:
    everywhere = wire(1, periods=[{"start_period": 0, "limit": 10.0}])
    own = wire(2, periods=[{"start_period": 0, "limit": 12.0}])
    transaction = wire(3, charging_profile_purpose="TxProfile", duration=30)
    profiles = store((0, everywhere), (1, own), (1, transaction))
    assert current_a(profiles, 0) == 16.0
    assert current_a(profiles, 30) == 12.0
    assert current_a(profiles, 30, connector_id=2) == 10.0


def test_a_daily_profile_comes_again() -> None:
    daily = wire(
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
        start_schedule="2026-03-01T12:00:00Z",
        duration=3600,
    )
    profiles = store((1, daily))
    assert current_a(profiles, 3599) == 16.0
    assert current_a(profiles, 3600) is None
    assert current_a(profiles, 86_400) == 16.0


def test_validity_bounds_a_profile() -> None:
    bounded = wire(valid_from="2026-03-14T12:01:00Z", valid_to="2026-03-14T12:02:00Z")
    profiles = store((1, bounded))
    assert [current_a(profiles, after) for after in (59, 60, 119, 120)] == [None, 16.0, 16.0, None]


def test_watts_and_amperes_are_kept_apart() -> None:
    profiles = store((1, wire(unit="W", periods=[{"start_period": 0, "limit": 7_000.0}])))
    assert profiles.connector_limit(1, NOON, NOON) == Limit(power_w=7_000.0)


def test_the_same_purpose_and_stack_level_replaces_and_so_does_the_same_id() -> None:
    profiles = store((1, wire(1)), (1, wire(2, periods=[{"start_period": 0, "limit": 6.0}])))
    assert current_a(profiles, 0) == 6.0
    assert not profiles.clear(profile_id=1)
    assert profiles.install(2, read_profile(wire(2, stack_level=3)))
    assert current_a(profiles, 0) is None


def test_more_than_the_maximum_is_refused() -> None:
    profiles = store(*((1, wire(number, stack_level=number)) for number in range(MAX_INSTALLED)))
    assert not profiles.install(2, read_profile(wire(99)))


def test_clear_by_criteria() -> None:
    profiles = store((1, wire(1)), (2, wire(2)), (2, wire(3, stack_level=1)))
    assert not profiles.clear(purpose="TxProfile")
    assert profiles.clear(place=2, stack_level=1)
    assert current_a(profiles, 0, connector_id=2) == 16.0
    assert profiles.clear()
    assert current_a(profiles, 0) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"periods": []},
        {"periods": [{"start_period": 5, "limit": 1.0}]},
        {"periods": [{"start_period": 0, "limit": 1.0}, {"start_period": 0, "limit": 2.0}]},
        {"charging_profile_kind": "Absolute"},
        {"charging_profile_kind": "Recurring", "start_schedule": "2026-03-14T12:00:00Z"},
        {"charging_profile_kind": "Absolute", "start_schedule": "banana"},
    ],
)
def test_profiles_without_sense_are_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read_profile(wire(**changes))


def test_a_connectors_own_default_goes_first_or_the_higher_stack_level_does() -> None:
    everywhere, own = wire(1, stack_level=5), wire(2, periods=[{"start_period": 0, "limit": 8.0}])
    assert current_a(store((0, everywhere), (1, own)), 0) == 8.0
    jointly = ProfileStore(by_1_6=False)
    for place, one in ((0, everywhere), (1, own)):
        jointly.install(place, read_profile(one))
    assert current_a(jointly, 0) == 16.0


def test_the_composite_of_a_station_adds_its_connectors_up_under_its_maximum() -> None:
    maximum = wire(
        1,
        charging_profile_purpose="ChargePointMaxProfile",
        charging_profile_kind="Absolute",
        start_schedule="2026-03-14T12:00:00Z",
        unit="W",
        periods=[{"start_period": 0, "limit": 20_000.0}, {"start_period": 60, "limit": 9_000.0}],
    )
    profiles = store((0, maximum), (1, wire(2, periods=[{"start_period": 0, "limit": 10.0}])))
    steps = profiles.composite(
        [1, 2], NOON, 120, hardware=Limit(current_a=16.0, phases=3), phases=3, tx_started=[NOON, NOON]
    )
    assert [(start_s, limit.power_w) for start_s, limit in steps] == [(0, 26 * 690), (60, 9_000)]


def test_fewer_phases_carry_less_and_the_fewest_count() -> None:
    one_phase = [{"start_period": 0, "limit": 16.0, "number_phases": 1}]
    profiles = store((1, wire(1, periods=one_phase)))
    limit = profiles.connector_limit(1, NOON, NOON)
    assert limit == Limit(current_a=16.0, phases=1)
    ((_, composite),) = profiles.composite(
        [1], NOON, 60, hardware=Limit(current_a=32.0, phases=3), phases=3, tx_started=[NOON]
    )
    assert composite == Limit(current_a=16.0, power_w=16 * 230, phases=1)
    assert limit.also(Limit(current_a=10.0, phases=3)) == Limit(current_a=10.0, phases=1)


def test_what_is_generated_comes_on_top_of_a_limit_but_limits_nothing_by_itself() -> None:
    assert Limit(power_w=5_000.0).plus(Limit(power_w=2_000.0)).power_w == 7_000
    assert NO_LIMIT.plus(Limit(power_w=2_000.0)) == NO_LIMIT


periods = st.lists(st.tuples(st.integers(1, 3_000), st.floats(0, 32)), max_size=5, unique_by=lambda p: p[0]).map(
    lambda later: (
        [{"start_period": 0, "limit": 20.0}]
        + [{"start_period": start, "limit": limit} for start, limit in sorted(later)]
    )
)
profiles_on_wire = st.builds(
    lambda stack, periods, duration, unit: wire(
        stack, stack_level=stack, periods=periods, unit=unit, **({"duration": duration} if duration else {})
    ),
    st.integers(0, 5),
    periods,
    st.one_of(st.none(), st.integers(1, 4_000)),
    st.sampled_from(("A", "W")),
)


@given(st.lists(profiles_on_wire, max_size=4), st.integers(0, 3_599))
def test_a_composite_schedule_says_what_the_limit_will_be(wires: list[dict[str, Any]], at_s: int) -> None:
    profiles = store(*((1, one) for one in wires))
    steps = profiles.composite([1], NOON, 3_600, hardware=Limit(power_w=HARDWARE_W), phases=3, tx_started=[NOON])
    assert steps[0][0] == 0
    said = next(limit for start_s, limit in reversed(steps) if start_s <= at_s)
    limit = profiles.connector_limit(1, NOON + timedelta(seconds=at_s), NOON)
    assert composite_value(said, "W") == pytest.approx(min(HARDWARE_W, limit.as_power_w(phases=3)), abs=0.051)
