"""Charging profiles of 2.x stations: installed, refused, obeyed, reported, removed, and put together."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ALFEN_NG910
from tests.wire.simulator.central import Central, Refusal
from tests.wire.simulator.conftest import MakeStation

BIG_CAR = {"max_ac_power_w": 22_000.0, "soc_percent": 20.0, "battery_wh": 400_000.0, "ramp_w_per_s": math.inf}


def profile(purpose: str, *limits: tuple[float, ...], unit: str = "A", **more: Any) -> dict[str, Any]:
    """A chargingProfile of that purpose with (startPeriod, limit[, numberPhases]) periods."""
    periods = [
        {"startPeriod": one[0], "limit": one[1]} | ({"numberPhases": one[2]} if len(one) > 2 else {}) for one in limits
    ]
    schedule: dict[str, Any] = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    kind = "Relative"
    if purpose == "ChargingStationMaxProfile":
        kind, schedule["startSchedule"] = "Absolute", "2026-03-14T00:00:00Z"
    schedule |= more.pop("schedule", {})
    base = {"id": 1, "stackLevel": 0, "chargingProfilePurpose": purpose, "chargingProfileKind": kind}
    return {**base, "chargingSchedule": [schedule], **more}


async def put(central: Central, evse_id: int, wire: dict[str, Any]) -> str:
    answer = await central.call("SetChargingProfile", evseId=evse_id, chargingProfile=wire)
    return answer.code if isinstance(answer, Refusal) else str(answer["status"])


async def power(station: SimulatedStation, expected_w: float, connector_id: int = 1) -> None:
    """Let a little time pass until a connector delivers so much."""
    assert isinstance(station.clock, ManualClock)
    delivered = asyncio.create_task(
        station.wait_for(lambda s: s.connector(connector_id).power_w == pytest.approx(expected_w))
    )
    while not delivered.done():
        station.clock.advance(0.1)
        await asyncio.sleep(0)


async def charge(station: SimulatedStation, connector_id: int = 1) -> str:
    await station.plug_in(connector_id, Car(**BIG_CAR))
    await station.swipe(connector_id, "A")
    return str(station.transaction_id(connector_id))


async def test_amperes_watts_and_phases_are_obeyed(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    transaction_id = await charge(station2)
    limits = ((0, 10.0), (60, 10.0, 1), (120, 20.0, 2))
    tx_profile = profile("TxProfile", *limits, transactionId=transaction_id)
    assert await put(central2, 1, tx_profile) == "Accepted"
    await power(station2, 10 * 690)
    clock.advance(60)
    await power(station2, 10 * 230)
    clock.advance(60)
    await power(station2, 20 * 460)
    assert await put(central2, 1, profile("TxDefaultProfile", (0, 7_000.0), unit="W", id=2)) == "Accepted"
    assert await central2.call("ClearChargingProfile", chargingProfileId=1) == {"status": "Accepted"}
    await power(station2, 7_000)


async def test_the_station_maximum_is_shared(central2: Central, make_station2: MakeStation, clock: ManualClock) -> None:
    station = make_station2(profile=ALFEN_NG910)
    await station.start()
    await station.booted()
    assert await put(central2, 0, profile("ChargingStationMaxProfile", (0, 12_000.0), unit="W")) == "Accepted"
    await charge(station, 1)
    await charge(station, 2)
    clock.advance(1)
    await power(station, 6_000, connector_id=1)
    await power(station, 6_000, connector_id=2)


async def test_below_six_amperes_the_station_suspends_and_says_so(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    transaction_id = await charge(station2)
    await put(central2, 1, profile("TxProfile", (0, 5.0), transactionId=transaction_id))
    clock.advance(1)
    event = await central2.expect("TransactionEvent", triggerReason="ChargingStateChanged")
    assert event["transactionInfo"]["chargingState"] == "SuspendedEVSE"


async def test_a_transaction_profile_ends_with_its_transaction(central2: Central, station2: SimulatedStation) -> None:
    transaction_id = await charge(station2)
    await put(central2, 1, profile("TxProfile", (0, 0.0), transactionId=transaction_id))
    await station2.swipe(1, "A")
    assert await central2.call("ClearChargingProfile", chargingProfileId=1) == {"status": "Unknown"}


async def test_a_remote_start_brings_its_profile(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await station2.plug_in(1, Car(**BIG_CAR))
    request = {"idToken": {"idToken": "A", "type": "Central"}, "remoteStartId": 1, "evseId": 1}
    wrong = profile("TxDefaultProfile", (0, 8.0))
    assert (await central2.call("RequestStartTransaction", **request, chargingProfile=wrong))["status"] == "Rejected"
    tx_profile = profile("TxProfile", (0, 8.0))
    await central2.call("RequestStartTransaction", **request, chargingProfile=tx_profile)
    await power(station2, 8 * 690)
    await central2.call("GetChargingProfiles", requestId=1, chargingProfile={"chargingProfilePurpose": "TxProfile"})
    (reported,) = (await central2.expect("ReportChargingProfiles"))["chargingProfile"]
    assert reported["transactionId"] == station2.transaction_id(1)


@pytest.mark.parametrize(
    ("evse_id", "wire"),
    [
        (1, profile("ChargingStationMaxProfile", (0, 10.0))),
        (9, profile("TxDefaultProfile", (0, 10.0))),
        (1, profile("TxProfile", (0, 10.0))),
        (1, profile("TxProfile", (0, 10.0), transactionId="nothing")),
        (1, profile("TxDefaultProfile", (10, 10.0))),
        (1, profile("TxDefaultProfile", (0, 10.0), stackLevel=9)),
        (1, profile("TxDefaultProfile", (0, 10.0), chargingProfileKind="Absolute")),
        (1, profile("TxDefaultProfile", (0, 10.0), schedule={"startSchedule": "2026-03-14T00:00:00Z"})),
        (0, profile("ChargingStationExternalConstraints", (0, 10.0))),
        (1, profile("TxDefaultProfile", *((n * 60, 10.0) for n in range(25)))),
    ],
)
async def test_profiles_that_make_no_sense_are_rejected(
    central2: Central, station2: SimulatedStation, evse_id: int, wire: dict[str, Any]
) -> None:
    assert await put(central2, evse_id, wire) == "Rejected"


async def test_two_profiles_share_a_place_of_the_stack_at_different_times_only(
    central2: Central, station2: SimulatedStation
) -> None:
    morning = profile("TxDefaultProfile", (0, 8.0), validTo="2026-03-14T12:00:00Z")
    assert await put(central2, 1, morning) == "Accepted"
    always = profile("TxDefaultProfile", (0, 16.0), id=2)
    answer = await central2.call("SetChargingProfile", evseId=1, chargingProfile=always)
    assert answer == {"status": "Rejected", "statusInfo": {"reasonCode": "DuplicateProfile"}}
    afternoon = {**always, "validFrom": "2026-03-14T12:00:00Z"}
    assert await put(central2, 1, afternoon) == "Accepted"
    assert await put(central2, 1, {**morning, "stackLevel": 1}) == "Accepted"
    schedule = (await central2.call("GetCompositeSchedule", evseId=1, duration=14_400))["schedule"]
    assert [(one["startPeriod"], one["limit"]) for one in schedule["chargingSchedulePeriod"]] == [
        (0, 8.0),
        (3 * 3600, 16.0),
    ]


async def test_profiles_are_reported_by_evse_and_by_criteria(central2: Central, station2: SimulatedStation) -> None:
    maximum, default = profile("ChargingStationMaxProfile", (0, 20.0)), profile("TxDefaultProfile", (0, 16.0), id=2)
    await put(central2, 0, maximum)
    await put(central2, 1, default)
    assert await central2.call("GetChargingProfiles", requestId=3, chargingProfile={}) == {"status": "Accepted"}
    first = await central2.expect("ReportChargingProfiles", evseId=0)
    second = await central2.expect("ReportChargingProfiles", evseId=1)
    assert first["tbc"] is True
    assert "tbc" not in second
    assert first["chargingProfile"] == [maximum]
    assert second["chargingProfile"] == [default]
    assert second["chargingLimitSource"] == "CSO"
    nothing = await central2.call("GetChargingProfiles", requestId=4, chargingProfile={"stackLevel": 5})
    assert nothing == {"status": "NoProfiles"}
    criteria = {"chargingProfilePurpose": "TxDefaultProfile", "evseId": 1}
    assert await central2.call("ClearChargingProfile", chargingProfileCriteria=criteria) == {"status": "Accepted"}


async def test_a_composite_schedule_puts_all_limits_together(central2: Central, station2: SimulatedStation) -> None:
    await put(central2, 0, profile("ChargingStationMaxProfile", (0, 20.0)))
    await put(central2, 1, profile("TxDefaultProfile", (0, 25.0), (600, 10.5), (1200, 16.0, 1), id=2))
    answer = await central2.call("GetCompositeSchedule", evseId=1, duration=3600)
    assert answer["schedule"] == {
        "evseId": 1,
        "duration": 3600,
        "scheduleStart": "2026-03-14T09:00:00.000Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 20.0, "numberPhases": 3},
            {"startPeriod": 600, "limit": 10.5, "numberPhases": 3},
            {"startPeriod": 1200, "limit": 16.0, "numberPhases": 1},
        ],
    }
    in_watts = await central2.call("GetCompositeSchedule", evseId=0, duration=60, chargingRateUnit="W")
    assert in_watts["schedule"]["chargingSchedulePeriod"][0]["limit"] == 20 * 690
    assert (await central2.call("GetCompositeSchedule", evseId=7, duration=60))["status"] == "Rejected"


async def test_a_limit_from_outside_is_obeyed_told_and_not_the_central_systems_to_remove(
    central2: Central, station2: SimulatedStation
) -> None:
    await charge(station2)
    await power(station2, 22_000)
    await station2.limit_from_outside(5_000)
    await power(station2, 5_000)
    told = await central2.expect("NotifyChargingLimit")
    assert told["chargingLimit"]["chargingLimitSource"] == "EMS"
    assert told["chargingSchedule"][0]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 5_000}]
    await central2.expect("TransactionEvent", triggerReason="ChargingRateChanged")
    await central2.call("GetChargingProfiles", requestId=1, chargingProfile={"chargingLimitSource": ["EMS"]})
    (reported,) = (await central2.expect("ReportChargingProfiles", chargingLimitSource="EMS"))["chargingProfile"]
    assert reported["chargingProfilePurpose"] == "ChargingStationExternalConstraints"
    external = {"chargingProfilePurpose": "ChargingStationExternalConstraints"}
    cleared = await central2.call("ClearChargingProfile", chargingProfileCriteria=external)
    assert cleared == {"status": "Unknown"}
    await station2.limit_from_outside(None)
    await power(station2, 22_000)
    assert await central2.expect("ClearedChargingLimit") == {"chargingLimitSource": "EMS"}


def dynamic(**more: Any) -> dict[str, Any]:
    return profile("TxDefaultProfile", (0, 10.0), chargingProfileKind="Dynamic", **more)


async def test_a_dynamic_profile_is_changed_in_place(
    central2: Central, station2: SimulatedStation, version: str
) -> None:
    if version != "2.1":
        assert await put(central2, 1, dynamic()) == "FormatViolation"
        return
    await charge(station2)
    assert await put(central2, 1, dynamic()) == "Accepted"
    await power(station2, 10 * 690)
    update = {"chargingProfileId": 1, "scheduleUpdate": {"limit": 20.0}}
    assert await central2.call("UpdateDynamicSchedule", **update) == {"status": "Accepted"}
    await power(station2, 20 * 690)
    unknown = {"chargingProfileId": 5, "scheduleUpdate": {"limit": 20.0}}
    assert (await central2.call("UpdateDynamicSchedule", **unknown))["status"] == "Rejected"
    await central2.call("GetChargingProfiles", requestId=1, chargingProfile={})
    (reported,) = (await central2.expect("ReportChargingProfiles"))["chargingProfile"]
    assert reported["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 20.0


async def test_a_dynamic_profile_is_pulled(
    central2: Central, station2: SimulatedStation, clock: ManualClock, version: str
) -> None:
    if version != "2.1":
        return
    pulled = {"status": "Accepted", "scheduleUpdate": {"limit": 8.0}}
    central2.answers["PullDynamicScheduleUpdate"] = lambda _: pulled
    await charge(station2)
    await put(central2, 1, dynamic(dynUpdateInterval=30))
    await power(station2, 10 * 690)
    clock.advance(30)
    assert await central2.expect("PullDynamicScheduleUpdate") == {"chargingProfileId": 1}
    await power(station2, 8 * 690)


async def test_priority_charging_overrules_while_it_is_used(
    central2: Central, station2: SimulatedStation, version: str
) -> None:
    if version != "2.1":
        return
    transaction_id = await charge(station2)
    await put(central2, 1, profile("TxProfile", (0, 8.0), transactionId=transaction_id))
    use = {"transactionId": transaction_id, "activate": True}
    assert await central2.call("UsePriorityCharging", **use) == {"status": "NoProfile"}
    await put(central2, 1, profile("PriorityCharging", (0, 30.0), id=2))
    await power(station2, 8 * 690)
    assert await central2.call("UsePriorityCharging", **use) == {"status": "Accepted"}
    await power(station2, 30 * 690)
    assert await central2.call("UsePriorityCharging", **{**use, "activate": False}) == {"status": "Accepted"}
    await power(station2, 8 * 690)


@pytest.mark.parametrize("kind", ["Absolute", "Recurring", "Relative"])
async def test_a_simulated_day_delivers_what_its_schedule_says(
    central2: Central, station2: SimulatedStation, clock: ManualClock, kind: str
) -> None:
    limits = ((0, 11_000.0), (6 * 3600, 0.0), (9 * 3600 + 17, 4_140.0), (20 * 3600, 22_080.0))
    start = {} if kind == "Relative" else {"startSchedule": "2026-03-14T09:00:00Z"}
    more = {"recurrencyKind": "Daily"} if kind == "Recurring" else {}
    wire = profile("TxDefaultProfile", *limits, unit="W", chargingProfileKind=kind, schedule=start, **more)
    assert await put(central2, 1, wire) == "Accepted"
    await central2.call(
        "SetVariables",
        setVariableData=[
            {
                "component": {"name": "SampledDataCtrlr"},
                "variable": {"name": "TxUpdatedInterval"},
                "attributeValue": "0",
            }
        ],
    )
    before_wh = station2.connector(1).meter.energy_wh
    await charge(station2)
    for _ in range(24):
        clock.advance(3600)
        await central2.call("GetLocalListVersion")
    await station2.swipe(1, "A")
    delivered_wh = station2.connector(1).meter.energy_wh - before_wh
    expected_wh = 6 * 11_000 + (11 - 17 / 3600) * 4_140 + 4 * 22_000  # the car takes no more than 22 kW
    assert delivered_wh == pytest.approx(expected_wh, abs=3)
