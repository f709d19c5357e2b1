"""A charging session from the card to the cable's leaving, as the central system sees it."""

from __future__ import annotations

import asyncio
from typing import Any

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ABB_TERRA_54, ConnectorState, Verdict
from tests.wire.simulator.central import Central
from tests.wire.simulator.conftest import MakeStation


def refused(status: str) -> Any:
    return lambda _: {"idTagInfo": {"status": status}}


def started_as(status: str, transaction_id: int = 7) -> Any:
    return lambda _: {"transactionId": transaction_id, "idTagInfo": {"status": status}}


def measurands(meter_value: dict[str, Any]) -> set[str]:
    return {sample["measurand"] for sample in meter_value["sampledValue"]}


async def statuses(central: Central, connector_id: int = 1) -> list[str]:
    return [
        one.payload["status"]
        for one in central.received
        if one.action == "StatusNotification" and one.payload["connectorId"] == connector_id
    ]


async def test_a_whole_session_in_order(central: Central, station: SimulatedStation, clock: ManualClock) -> None:
    await station.plug_in(1, Car())
    assert await station.swipe(1, "04A2C19B") is Verdict.ACCEPTED
    assert station.connector(1).state is ConnectorState.CHARGING
    clock.advance(10)
    sample = await central.expect("MeterValues")
    assert await station.swipe(1, "04A2C19B") is Verdict.ACCEPTED
    await station.unplug(1)

    assert central.actions("Authorize", "StartTransaction", "MeterValues", "StopTransaction") == [
        "Authorize",
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
    ]
    assert await statuses(central) == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    start, stop = await central.expect("StartTransaction"), await central.expect("StopTransaction")
    assert sample["transactionId"] == stop["transactionId"] == 101
    assert stop["meterStop"] == station.connector(1).meter.energy_wh > start["meterStart"]
    assert stop["reason"] == "Local"
    assert stop["idTag"] == "04A2C19B"
    assert start["timestamp"] == "2026-03-14T09:00:00.000Z"
    assert stop["timestamp"] == "2026-03-14T09:00:10.000Z"


async def test_samples_have_phases_and_the_right_contexts(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    clock.advance(10)
    (sample,) = (await central.expect("MeterValues"))["meterValue"]
    await station.swipe(1, "04A2C19B")
    stop = await central.expect("StopTransaction")

    values = {(one["measurand"], one.get("phase")): one for one in sample["sampledValue"]}
    assert {phase for name, phase in values if name == "Current.Import"} == {"L1", "L2", "L3"}
    assert {phase for name, phase in values if name == "Voltage"} == {"L1-N", "L2-N", "L3-N"}
    assert float(values["Power.Active.Import", None]["value"]) > 5_000
    assert {one["context"] for one in sample["sampledValue"]} == {"Sample.Periodic"}
    contexts = [one["context"] for value in stop["transactionData"] for one in value["sampledValue"]]
    assert contexts == ["Transaction.Begin", "Transaction.End"]


async def test_a_direct_current_station_reports_the_state_of_charge(
    central: Central, make_station: MakeStation, clock: ManualClock
) -> None:
    station = make_station(profile=ABB_TERRA_54)
    await station.start()
    await station.booted()
    await station.plug_in(2, Car(soc_percent=30))
    await station.swipe(2, "04A2C19B")
    clock.advance(10)
    (sample,) = (await central.expect("MeterValues", connectorId=2))["meterValue"]
    soc = next(one for one in sample["sampledValue"] if one["measurand"] == "SoC")
    assert soc["unit"] == "Percent"
    assert soc["location"] == "EV"
    assert 30 <= float(soc["value"]) < 31


async def test_a_card_before_the_cable_waits_for_it(central: Central, station: SimulatedStation) -> None:
    await station.swipe(1, "04A2C19B")
    assert station.connector(1).state is ConnectorState.PREPARING
    assert "StartTransaction" not in central.actions()
    await station.plug_in(1, Car())
    assert station.transaction_id(1) == 101


async def test_a_card_without_a_cable_lapses_after_connection_time_out(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.swipe(1, "04A2C19B")
    clock.advance(60)
    await station.wait_for(lambda s: s.connector(1).state is ConnectorState.AVAILABLE)
    await station.plug_in(1, Car())
    assert station.connector(1).state is ConnectorState.PREPARING
    assert "StartTransaction" not in central.actions()


async def test_a_refused_card_starts_nothing(central: Central, station: SimulatedStation) -> None:
    central.answers["Authorize"] = refused("Blocked")
    await station.plug_in(1, Car())
    assert await station.swipe(1, "DEAD") is Verdict.BLOCKED
    assert station.connector(1).state is ConnectorState.PREPARING
    assert "StartTransaction" not in central.actions()


async def test_start_answered_invalid_is_stopped_as_deauthorized(central: Central, station: SimulatedStation) -> None:
    central.answers["StartTransaction"] = started_as("Invalid")
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    stop = await central.expect("StopTransaction")
    assert stop["reason"] == "DeAuthorized"
    assert stop["transactionId"] == 7
    assert "idTag" not in stop


async def test_start_answered_invalid_may_also_only_cut_the_supply(central: Central, station: SimulatedStation) -> None:
    await central.call("ChangeConfiguration", key="StopTransactionOnInvalidId", value="false")
    central.answers["StartTransaction"] = started_as("ConcurrentTx")
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    await central.expect("StatusNotification", status="SuspendedEVSE")
    assert "StopTransaction" not in central.actions()


async def test_another_card_of_the_group_stops_and_a_stranger_does_not(
    central: Central, station: SimulatedStation
) -> None:
    family = {"status": "Accepted", "parentIdTag": "FAMILY"}
    central.answers["StartTransaction"] = lambda _: {"transactionId": 7, "idTagInfo": family}
    await station.plug_in(1, Car())
    await station.swipe(1, "MOTHER")
    assert await station.swipe(1, "STRANGER") is Verdict.INVALID
    assert station.transaction_id(1) == 7
    central.answers["Authorize"] = lambda _: {"idTagInfo": family}
    assert await station.swipe(1, "SON") is Verdict.ACCEPTED
    stop = await central.expect("StopTransaction")
    assert stop["idTag"] == "SON"


async def test_cards_are_the_same_in_any_case_of_letters(central: Central, station: SimulatedStation) -> None:
    await station.plug_in(1, Car())
    await station.swipe(1, "abcd")
    await station.swipe(1, "ABCD")
    assert central.actions("Authorize", "StopTransaction") == ["Authorize", "StopTransaction"]


async def test_pulling_the_cable_ends_the_transaction(central: Central, station: SimulatedStation) -> None:
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    await station.unplug(1)
    assert (await central.expect("StopTransaction"))["reason"] == "EVDisconnected"
    assert await statuses(central) == ["Available", "Preparing", "Charging", "Available"]


async def test_pulling_the_cable_may_also_suspend(central: Central, station: SimulatedStation) -> None:
    await central.call("ChangeConfiguration", key="StopTransactionOnEVSideDisconnect", value="false")
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    car = await station.unplug(1)
    assert (await statuses(central))[-1] == "SuspendedEV"
    await station.plug_in(1, car)
    assert (await statuses(central))[-1] == "Charging"
    assert "StopTransaction" not in central.actions()


async def test_a_full_car_suspends_the_session(central: Central, station: SimulatedStation, clock: ManualClock) -> None:
    await station.plug_in(1, Car(battery_wh=1_000, soc_percent=99))
    await station.swipe(1, "04A2C19B")
    clock.advance(600)
    await central.expect("StatusNotification", status="SuspendedEV")
    assert station.connector(1).power_w == 0


async def test_a_fault_stops_the_transaction_and_is_mended(central: Central, station: SimulatedStation) -> None:
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    await station.fault(1, "GroundFailure")
    fault = await central.expect("StatusNotification", status="Faulted")
    assert fault["errorCode"] == "GroundFailure"
    assert (await central.expect("StopTransaction"))["reason"] == "Other"
    assert await station.swipe(1, "04A2C19B") is Verdict.OUT_OF_SERVICE
    await station.recover(1)
    assert (await statuses(central))[-1] == "Finishing"


async def test_a_sample_interval_takes_effect_at_once_and_zero_ends_samples(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await central.call("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
    await central.call("ChangeConfiguration", key="MeterValuesSampledData", value="Voltage")
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    clock.advance(3600)
    await central.call("ChangeConfiguration", key="MeterValueSampleInterval", value="5")
    sample = asyncio.create_task(central.expect("MeterValues"))
    while not sample.done():
        clock.advance(1)
        await asyncio.sleep(0)
    (value,) = sample.result()["meterValue"]
    assert measurands(value) == {"Voltage"}
    assert value["timestamp"] > "2026-03-14T10:00"


async def test_clock_aligned_samples_come_at_round_times(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    clock.advance(100)
    await central.call("ChangeConfiguration", key="ClockAlignedDataInterval", value="900")
    clock.advance(800)
    sample = await central.expect("MeterValues")
    assert sample["meterValue"][0]["timestamp"] == "2026-03-14T09:15:00.000Z"
    assert sample["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"
    assert "transactionId" not in sample


async def test_a_session_runs_in_real_time_scaled(central: Central, make_station: MakeStation) -> None:
    station = make_station(clock=None, time_scale=1_000.0)
    await station.start()
    await station.booted()
    await station.plug_in(1, Car(battery_wh=20_000, soc_percent=50))
    await station.swipe(1, "04A2C19B")
    await station.wait_for(lambda s: s.connector(1).car is not None and s.connector(1).car.soc_percent > 52)
    await station.swipe(1, "04A2C19B")
    start, stop = await central.expect("StartTransaction"), await central.expect("StopTransaction")
    assert stop["meterStop"] - start["meterStart"] >= 400
