"""Cars, meters and connectors: energy is the integral of power, and no limit is ever passed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.car import Car
from console.simulator.connector import Connector
from console.simulator.meter import Meter
from console.simulator.types import (
    ABB_TERRA_54,
    ABB_TERRA_AC,
    EVLINK_WALLBOX,
    KINDS,
    NO_LIMIT,
    ConnectorState,
    Limit,
    StationKind,
)

amperes = st.one_of(st.none(), st.floats(0, 100))
watts = st.one_of(st.none(), st.floats(0, 200_000))
limits = st.builds(Limit, current_a=amperes, power_w=watts)
seconds = st.floats(0.1, 900)
kinds = st.sampled_from(KINDS)
cars = st.builds(
    Car,
    battery_wh=st.floats(5_000, 120_000),
    soc_percent=st.floats(0, 100),
    max_ac_power_w=st.floats(3_000, 22_000),
    max_dc_power_w=st.floats(20_000, 300_000),
    phases=st.sampled_from((1, 3)),
    target_soc_percent=st.floats(50, 100),
)


def charging(kind: StationKind = ABB_TERRA_AC, car: Car | None = None, limit: Limit = NO_LIMIT) -> Connector:
    connector = Connector(1, kind, Meter(random.Random(1)))
    connector.limit = limit
    connector.plug_in(car or Car(soc_percent=20, max_ac_power_w=22_000))
    connector.begin()
    return connector


@given(kind=kinds, car=cars, limit=limits, steps=st.integers(1, 300))
def test_energy_is_the_integral_of_power(kind: StationKind, car: Car, limit: Limit, steps: int) -> None:
    connector = charging(kind, car, limit)
    start_wh = connector.meter._register_wh
    integral_ws = 0.0
    for _ in range(steps):
        room_wh = car.room_wh
        connector.advance(1.0)
        # In the second that fills the battery only what it had room for can flow.
        integral_ws += connector.power_w if car.wants_energy else min(room_wh * 3600, kind.max_power_w)
        if not car.wants_energy:
            break
    assert connector.meter._register_wh - start_wh == pytest.approx(integral_ws / 3600, rel=1e-6, abs=0.01)


@given(kind=kinds, car=cars, limit=limits, steps=st.lists(seconds, min_size=1, max_size=12))
def test_no_limit_is_ever_passed(kind: StationKind, car: Car, limit: Limit, steps: list[float]) -> None:
    connector = charging(kind, car, limit)
    phases = 3 if kind.is_dc else min(kind.phases, car.phases)
    allowed_w = min(kind.max_power_w, limit.as_power_w(phases=phases)) + 1e-6
    for step in steps:
        connector.advance(step)
        reading = connector.read()
        assert connector.power_w <= allowed_w
        assert connector.power_w <= (car.max_dc_power_w if kind.is_dc else car.max_ac_power_w) + 1e-6
        if not kind.is_dc:
            assert max(reading.current_a) <= kind.max_current_a + 0.005
            assert limit.current_a is None or max(reading.current_a) <= limit.current_a + 0.005
            assert connector.power_w == 0 or connector.power_w >= 0.04 * 6 * 230


@given(kind=kinds, car=cars, steps=st.lists(seconds, min_size=1, max_size=12))
def test_the_state_of_charge_only_rises_and_never_above_full(kind: StationKind, car: Car, steps: list[float]) -> None:
    connector = charging(kind, car)
    full = max(car.soc_percent, car.target_soc_percent)
    for step in steps:
        before = car.soc_percent
        connector.advance(step)
        assert before <= car.soc_percent <= full <= 100


@given(car=cars, step=st.floats(1, 600), parts=st.integers(2, 20))
def test_it_does_not_matter_how_often_one_looks(car: Car, step: float, parts: int) -> None:
    twin = Car(
        car.battery_wh,
        car.soc_percent,
        car.max_ac_power_w,
        car.max_dc_power_w,
        car.phases,
        car.target_soc_percent,
    )
    once, often = charging(car=car), charging(car=twin)
    once.advance(step)
    for _ in range(parts):
        often.advance(step / parts)
    assert once.meter._register_wh == pytest.approx(often.meter._register_wh, rel=0.02, abs=3)


def test_energy_of_an_hour_at_constant_power() -> None:
    connector = charging(car=Car(battery_wh=1e9, soc_percent=20, max_ac_power_w=11_000))
    connector.advance(60)
    assert connector.power_w == pytest.approx(11_000)
    before = connector.meter.energy_wh
    connector.advance(3600)
    assert connector.meter.energy_wh - before == pytest.approx(11_000, abs=1)


def test_power_ramps_up_and_falls_at_once() -> None:
    connector = charging()
    connector.advance(2)
    assert connector.power_w == pytest.approx(3_000)
    connector.advance(60)
    assert connector.power_w == pytest.approx(22_000, rel=0.01)
    connector.limit = Limit(current_a=8.0)
    connector.advance(1)
    assert connector.power_w == pytest.approx(8 * 690)


def test_a_car_takes_less_above_eighty_percent_until_it_is_full() -> None:
    car = Car(battery_wh=10_000, soc_percent=79, max_ac_power_w=11_000)
    connector = charging(car=car)
    powers = []
    while car.wants_energy:
        connector.advance(60)
        powers.append(connector.power_w)
    assert car.soc_percent == 100
    tapering = powers[2:]
    assert tapering == sorted(tapering, reverse=True)
    assert connector.state is ConnectorState.SUSPENDED_EV
    assert connector.power_w == 0


@pytest.mark.parametrize(
    ("limit", "state", "power_w"),
    [
        (Limit(current_a=6.0), ConnectorState.CHARGING, 6 * 690),
        (Limit(current_a=5.9), ConnectorState.SUSPENDED_EVSE, 0),
        (Limit(power_w=6 * 690), ConnectorState.CHARGING, 6 * 690),
        (Limit(power_w=6 * 690 - 1), ConnectorState.SUSPENDED_EVSE, 0),
        (Limit(current_a=16.0, power_w=7_000), ConnectorState.CHARGING, 7_000),
        (Limit(current_a=0.0), ConnectorState.SUSPENDED_EVSE, 0),
    ],
)
def test_a_limit_below_six_amperes_pauses(limit: Limit, state: ConnectorState, power_w: float) -> None:
    connector = charging(limit=limit)
    connector.advance(60)
    assert connector.state is state
    assert connector.power_w == pytest.approx(power_w)


def test_a_limit_in_amperes_stays_what_it_is_on_one_phase() -> None:
    connector = charging(EVLINK_WALLBOX, limit=Limit(current_a=16.0))
    connector.advance(60)
    assert connector.power_w == pytest.approx(7_360 / 2, rel=0.01)
    assert len(connector.read().current_a) == 1


def test_a_car_on_one_phase_loads_only_that_one() -> None:
    connector = charging(car=Car(max_ac_power_w=6_600, phases=1))
    connector.advance(60)
    first, second, third = connector.read().current_a
    assert first == pytest.approx(6_600 / 230, rel=0.02)
    assert (second, third) == (0, 0)


def test_direct_current_has_one_current_and_the_state_of_charge() -> None:
    connector = charging(ABB_TERRA_54, Car(soc_percent=30))
    connector.advance(60)
    reading = connector.read()
    assert connector.power_w == 50_000
    assert len(reading.current_a) == len(reading.voltage_v) == 1
    assert reading.current_a[0] * reading.voltage_v[0] == pytest.approx(50_000, rel=0.001)
    assert reading.soc_percent == pytest.approx(connector.car.soc_percent if connector.car else None)


def test_a_meter_does_not_count_backwards() -> None:
    meter = Meter(random.Random(1), register_wh=10.9)
    with pytest.raises(ValueError, match="backwards"):
        meter.count(-1)
    assert meter.energy_wh == 10


def test_the_states_of_a_visit() -> None:
    connector = Connector(1, ABB_TERRA_AC, Meter(random.Random(1)))
    assert connector.state is ConnectorState.AVAILABLE
    connector.reserved = True
    assert connector.state is ConnectorState.RESERVED
    connector.reserved = False
    connector.authorize()
    assert connector.state is ConnectorState.PREPARING
    connector.plug_in(Car())
    connector.begin()
    assert connector.state is ConnectorState.CHARGING
    connector.error_code = "GroundFailure"
    assert connector.state is ConnectorState.FAULTED
    connector.advance(60)
    assert connector.power_w == 0
    connector.error_code = "NoError"
    connector.end()
    assert connector.state is ConnectorState.FINISHING
    connector.unplug()
    connector.operative = False
    assert connector.state is ConnectorState.UNAVAILABLE


def test_what_cannot_be_done_says_so() -> None:
    connector = Connector(1, ABB_TERRA_AC, Meter(random.Random(1)))
    with pytest.raises(ValueError, match="no car"):
        connector.unplug()
    with pytest.raises(ValueError, match="cannot start"):
        connector.begin()
    connector.plug_in(Car())
    with pytest.raises(ValueError, match="a car already"):
        connector.plug_in(Car())
