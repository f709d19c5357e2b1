"""Charging profiles: installed, refused, obeyed, removed, and put together."""

from __future__ import annotations

import math
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ALFEN_NG910, ConnectorState
from tests.wire.simulator.central import Central
from tests.wire.simulator.conftest import MakeStation

BIG_CAR = {"max_ac_power_w": 22_000.0, "soc_percent": 20.0}


def profile(purpose: str, *limits: tuple[int, float], unit: str = "A", **more: Any) -> dict[str, Any]:
    """csChargingProfiles of that purpose with (startPeriod, limit) pairs."""
    schedule = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [{"startPeriod": start, "limit": limit} for start, limit in limits],
    }
    base = {"chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": purpose}
    if purpose == "ChargePointMaxProfile":
        schedule["startSchedule"] = "2026-03-14T00:00:00Z"
        return {**base, "chargingProfileKind": "Absolute", "chargingSchedule": schedule, **more}
    return {**base, "chargingProfileKind": "Relative", "chargingSchedule": schedule, **more}


async def put(central: Central, connector_id: int, wire: dict[str, Any]) -> str:
    answer = await central.call("SetChargingProfile", connectorId=connector_id, csChargingProfiles=wire)
    return str(answer["status"])


async def power(station: SimulatedStation, expected_w: float, connector_id: int = 1) -> None:
    """Wait until a connector delivers so much."""
    await station.wait_for(lambda s: s.connector(connector_id).power_w == pytest.approx(expected_w))


async def test_a_default_profile_limits_the_current(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    assert await put(central, 1, profile("TxDefaultProfile", (0, 10.0))) == "Accepted"
    await station.plug_in(1, Car(**BIG_CAR))
    await station.swipe(1, "A")
    clock.advance(40)
    await power(station, 10 * 690)


async def test_below_six_amperes_the_station_suspends_and_resumes(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.plug_in(1, Car(**BIG_CAR))
    await station.swipe(1, "A")
    assert await put(central, 1, profile("TxProfile", (0, 5.0), transactionId=101)) == "Accepted"
    clock.advance(1)
    await central.expect("StatusNotification", status="SuspendedEVSE")
    assert await central.call("ClearChargingProfile", id=1) == {"status": "Accepted"}
    clock.advance(1)
    await central.expect("StatusNotification", status="Charging")
    await central.expect("StatusNotification", status="Charging")


async def test_the_station_maximum_is_shared(central: Central, make_station: MakeStation, clock: ManualClock) -> None:
    station = make_station(profile=ALFEN_NG910)
    await station.start()
    await station.booted()
    assert await put(central, 0, profile("ChargePointMaxProfile", (0, 12_000.0), unit="W")) == "Accepted"
    for connector_id in (1, 2):
        await station.plug_in(connector_id, Car(**BIG_CAR))
        await station.swipe(connector_id, "A")
    clock.advance(40)
    await power(station, 6_000, connector_id=1)
    await power(station, 6_000, connector_id=2)
    await station.swipe(2, "A")
    clock.advance(40)
    await power(station, 12_000, connector_id=1)


async def test_a_schedule_is_followed_in_time(central: Central, station: SimulatedStation, clock: ManualClock) -> None:
    await station.plug_in(1, Car(**BIG_CAR))
    await station.swipe(1, "A")
    await put(central, 1, profile("TxProfile", (0, 16.0), (120, 8.0), transactionId=101))
    clock.advance(119)
    await power(station, 16 * 690)
    clock.advance(1)
    await power(station, 8 * 690)


async def test_a_transaction_profile_ends_with_its_transaction(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.plug_in(1, Car(**BIG_CAR))
    await station.swipe(1, "A")
    await put(central, 1, profile("TxProfile", (0, 0.0), transactionId=101))
    await station.swipe(1, "A")
    await station.swipe(1, "A")
    assert station.connector(1).state is ConnectorState.CHARGING
    assert await central.call("ClearChargingProfile", id=1) == {"status": "Unknown"}


async def test_remote_start_brings_its_profile(central: Central, station: SimulatedStation, clock: ManualClock) -> None:
    wrong = profile("TxDefaultProfile", (0, 8.0))
    answer = await central.call("RemoteStartTransaction", idTag="A", connectorId=1, chargingProfile=wrong)
    assert answer == {"status": "Rejected"}
    await station.plug_in(1, Car(**BIG_CAR))
    wire = profile("TxProfile", (0, 8.0))
    await central.call("RemoteStartTransaction", idTag="A", connectorId=1, chargingProfile=wire)
    await station.wait_for(lambda s: s.transaction_id(1) is not None)
    clock.advance(40)
    await power(station, 8 * 690)


@pytest.mark.parametrize(
    ("connector_id", "wire"),
    [
        (1, profile("ChargePointMaxProfile", (0, 10.0))),
        (9, profile("TxDefaultProfile", (0, 10.0))),
        (1, profile("TxProfile", (0, 10.0))),
        (1, profile("TxDefaultProfile", (10, 10.0))),
        (1, profile("TxDefaultProfile", (0, 10.0), (0, 12.0))),
        (1, profile("TxDefaultProfile", (0, 10.0), stackLevel=9)),
        (1, profile("TxDefaultProfile", (0, 10.0), chargingProfileKind="Absolute")),
        (1, profile("TxDefaultProfile", *((n * 60, 10.0) for n in range(25)))),
    ],
)
async def test_profiles_that_make_no_sense_are_rejected(
    central: Central, station: SimulatedStation, connector_id: int, wire: dict[str, Any]
) -> None:
    assert await put(central, connector_id, wire) == "Rejected"


async def test_composite_schedule_puts_all_limits_together(central: Central, station: SimulatedStation) -> None:
    await put(central, 0, profile("ChargePointMaxProfile", (0, 20.0)))
    default = profile("TxDefaultProfile", (0, 25.0), (600, 10.5), chargingProfileId=2)
    await put(central, 1, default)
    answer = await central.call("GetCompositeSchedule", connectorId=1, duration=3600)
    assert answer["status"] == "Accepted"
    assert answer["scheduleStart"] == "2026-03-14T09:00:00.000Z"
    assert answer["chargingSchedule"] == {
        "duration": 3600,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 20.0, "numberPhases": 3},
            {"startPeriod": 600, "limit": 10.5, "numberPhases": 3},
        ],
    }
    in_watts = await central.call("GetCompositeSchedule", connectorId=0, duration=60, chargingRateUnit="W")
    assert in_watts["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 20 * 690
    assert await central.call("GetCompositeSchedule", connectorId=7, duration=60) == {"status": "Rejected"}


@pytest.mark.parametrize("kind", ["Absolute", "Recurring", "Relative"])
async def test_a_simulated_day_delivers_what_its_schedule_says(
    central: Central, station: SimulatedStation, clock: ManualClock, kind: str
) -> None:
    limits = ((0, 16.0), (6 * 3600, 0.0), (9 * 3600 + 17, 6.0), (20 * 3600, 32.0))
    wire = profile("TxDefaultProfile", *limits, chargingProfileKind=kind)
    wire["chargingSchedule"]["chargingSchedulePeriod"][2]["numberPhases"] = 1
    if kind != "Relative":
        wire["chargingSchedule"]["startSchedule"] = "2026-03-14T09:00:00Z"
    if kind == "Recurring":
        wire["recurrencyKind"] = "Daily"
    assert await put(central, 1, wire) == "Accepted"
    await central.call("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
    before_wh = station.connector(1).meter.energy_wh
    await station.plug_in(1, Car(battery_wh=900_000.0, **BIG_CAR, ramp_w_per_s=math.inf))
    await station.swipe(1, "A")
    for _ in range(24):
        clock.advance(3600)
        await central.call("GetLocalListVersion")
    await station.swipe(1, "A")
    delivered_wh = station.connector(1).meter.energy_wh - before_wh
    expected_wh = 6 * 16 * 690 + (11 - 17 / 3600) * 6 * 230 + 4 * 22_000  # the car takes no more than 22 kW
    assert delivered_wh == pytest.approx(expected_wh, abs=3)
