"""What only OCPP 2.1 has: tariffs, limits of a transaction, and controls of the grid."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from tests.wire.simulator.central import Central, Refusal

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
def version() -> str:
    return "2.1"


def tariff(tariff_id: str, currency: str = "EUR", prices: int = 1) -> dict[str, Any]:
    return {"tariffId": tariff_id, "currency": currency, "energy": {"prices": [{"priceKwh": 0.39}] * prices}}


async def charge(station: SimulatedStation) -> str:
    await station.plug_in(1, Car())
    await station.swipe(1, "A")
    return str(station.transaction_id(1))


async def test_a_default_tariff_is_set_used_and_cleared(central2: Central, station2: SimulatedStation) -> None:
    assert await central2.call("GetTariffs", evseId=0) == {"status": "NoTariff"}
    assert await central2.call("SetDefaultTariff", evseId=0, tariff=tariff("DAY")) == ACCEPTED
    elsewhere = await central2.call("SetDefaultTariff", evseId=1, tariff=tariff("DAY"))
    assert elsewhere == {"status": "DuplicateTariffId"}
    assert await central2.call("SetDefaultTariff", evseId=1, tariff=tariff("X", prices=11)) == {
        "status": "TooManyElements"
    }
    listed = await central2.call("GetTariffs", evseId=1)
    assert listed["tariffAssignments"] == [{"tariffId": "DAY", "tariffKind": "DefaultTariff", "evseIds": [1]}]
    await charge(station2)
    started = await central2.expect("TransactionEvent", eventType="Started")
    assert started["transactionInfo"]["tariffId"] == "DAY"
    cleared = await central2.call("ClearTariffs", tariffIds=["DAY", "NIGHT"])
    assert cleared["clearTariffsResult"] == [
        {"tariffId": "DAY", "status": "Accepted"},
        {"tariffId": "NIGHT", "status": "NoTariff"},
    ]
    assert await central2.call("ClearTariffs") == {"clearTariffsResult": [{"status": "NoTariff"}]}


async def test_a_transaction_can_change_its_tariff_but_not_its_currency(
    central2: Central, station2: SimulatedStation
) -> None:
    await central2.call("SetDefaultTariff", evseId=0, tariff=tariff("DAY"))
    transaction_id = await charge(station2)
    change = {"transactionId": transaction_id, "tariff": tariff("NIGHT")}
    assert await central2.call("ChangeTransactionTariff", **change) == ACCEPTED
    pounds = {"transactionId": transaction_id, "tariff": tariff("POUNDS", currency="GBP")}
    assert await central2.call("ChangeTransactionTariff", **pounds) == {"status": "NoCurrencyChange"}
    unknown = {"transactionId": "nothing", "tariff": tariff("NIGHT")}
    assert await central2.call("ChangeTransactionTariff", **unknown) == {"status": "TxNotFound"}
    await station2.swipe(1, "A")
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["transactionInfo"]["tariffId"] == "NIGHT"


async def test_a_transaction_is_reckoned_by_its_tariff(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    made = tariff("DAY") | {"fixedFee": {"prices": [{"priceFixed": 1.0}]}}
    await central2.call("SetDefaultTariff", evseId=0, tariff=made)
    await charge(station2)
    clock.advance(3600)
    await station2.swipe(1, "A")
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    cost = ended["costDetails"]
    assert cost["totalUsage"]["energy"] > 1000
    expected = 1.0 + 0.39 * cost["totalUsage"]["energy"] / 1000
    assert cost["totalCost"]["total"]["exclTax"] == pytest.approx(expected, abs=0.01)
    assert cost["totalCost"]["currency"] == "EUR"


async def test_tariffs_hold_where_and_when_they_are_set(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    later = (clock.utc() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert await central2.call("SetDefaultTariff", evseId=0, tariff=tariff("NOW")) == ACCEPTED
    assert await central2.call("SetDefaultTariff", evseId=0, tariff=tariff("LATER") | {"validFrom": later}) == ACCEPTED
    listed = (await central2.call("GetTariffs", evseId=0))["tariffAssignments"]
    assert [each["tariffId"] for each in listed] == ["NOW", "LATER"]
    clock.advance(3600)
    listed = (await central2.call("GetTariffs", evseId=0))["tariffAssignments"]
    assert [each["tariffId"] for each in listed] == ["LATER"]
    assert await central2.call("SetDefaultTariff", evseId=1, tariff=tariff("ONE")) == ACCEPTED
    assert await central2.call("SetDefaultTariff", evseId=1, tariff=tariff("ONE")) == {"status": "DuplicateTariffId"}


async def test_a_tariff_is_refused_by_what_the_station_can(central2: Central, station2: SimulatedStation) -> None:
    def put(variable: str, value: str) -> dict[str, Any]:
        named = {"component": {"name": "TariffCostCtrlr"}, "variable": {"name": variable, "instance": "Tariff"}}
        return {"setVariableData": [{**named, "attributeValue": value}]}

    nothing = {"tariffId": "N", "currency": "EUR"}
    assert (await central2.call("SetDefaultTariff", evseId=0, tariff=nothing))["status"] == "Rejected"
    await central2.call("SetVariables", **put("ConditionsSupported", "false"))
    by_day = {"tariffId": "C", "currency": "EUR", "energy": {"prices": [
        {"priceKwh": 0.3, "conditions": {"startTimeOfDay": "08:00"}}
    ]}}  # fmt: skip
    assert await central2.call("SetDefaultTariff", evseId=0, tariff=by_day) == {"status": "ConditionNotSupported"}
    await central2.call("SetVariables", **put("Enabled", "false"))
    refusal = await central2.call("SetDefaultTariff", evseId=0, tariff=tariff("DAY"))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "NotSupported"


@pytest.mark.parametrize(
    ("limit", "reason"), [({"maxEnergy": 500.0}, "EnergyLimitReached"), ({"maxTime": 120}, "TimeLimitReached")]
)
async def test_a_transaction_ends_at_its_limit(
    central2: Central, station2: SimulatedStation, clock: ManualClock, limit: dict[str, Any], reason: str
) -> None:
    central2.answers["TransactionEvent"] = lambda event: (
        {"transactionLimit": limit} if event["eventType"] == "Started" else {}
    )
    await charge(station2)
    clock.advance(60)
    await central2.call("GetLocalListVersion")
    assert station2.connector(1).in_transaction
    clock.advance(240)
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == ended["transactionInfo"]["stoppedReason"] == reason


async def test_grid_controls_are_kept_superseded_reported_and_cleared(
    central2: Central, station2: SimulatedStation
) -> None:
    def volt_var(control_id: str) -> dict[str, Any]:
        curve = {"priority": 1, "yUnit": "PctMaxVar", "curveData": [{"x": 90.0, "y": 44.0}]}
        return {"controlId": control_id, "controlType": "VoltVar", "isDefault": False, "curve": curve}

    unsupported = {"controlId": "z", "controlType": "WattPF", "isDefault": True}
    assert await central2.call("SetDERControl", **unsupported) == {"status": "NotSupported"}
    assert await central2.call("SetDERControl", **volt_var("a")) == ACCEPTED
    assert await central2.call("SetDERControl", **volt_var("b")) == {**ACCEPTED, "supersededIds": ["a"]}
    service = {"priority": 0, "highVoltage": 110.0, "lowVoltage": 90.0, "highFreq": 50.1, "lowFreq": 49.9}
    enter = {"controlId": "c", "controlType": "EnterService", "isDefault": True, "enterService": service}
    assert await central2.call("SetDERControl", **enter) == ACCEPTED
    assert await central2.call("GetDERControl", requestId=1) == ACCEPTED
    first, second = await central2.expect("ReportDERControl"), await central2.expect("ReportDERControl")
    assert first["tbc"] is True
    assert first["curve"][0]["id"] == "b"
    assert second["enterService"] == [{"id": "c", "enterService": service}]
    assert await central2.call("ClearDERControl", isDefault=False, controlId="b") == ACCEPTED
    assert await central2.call("ClearDERControl", isDefault=False) == {"status": "NotFound"}


@pytest.mark.parametrize("action", ["RequestBatterySwap", "AFRRSignal", "NotifyWebPaymentStarted"])
async def test_what_it_does_not_support_it_says(central2: Central, station2: SimulatedStation, action: str) -> None:
    refusal = await central2.call(action)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "NotSupported"


async def test_a_stream_of_values_replaces_events(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    central2.answers["OpenPeriodicEventStream"] = lambda _: ACCEPTED
    monitor = {
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Power"},
        "type": "Periodic",
        "value": 2,
        "severity": 8,
        "periodicEventStream": {"interval": 60, "values": 3},
    }
    assert await central2.call("GetPeriodicEventStream") == {}
    set_it = await central2.call("SetVariableMonitoring", setMonitoringData=[monitor])
    monitor_id = set_it["setMonitoringResult"][0]["id"]
    opened = await central2.expect("OpenPeriodicEventStream")
    assert opened["constantStreamData"]["variableMonitoringId"] == monitor_id
    listed: dict[str, Any] = {}
    while not listed:
        listed = await central2.call("GetPeriodicEventStream")
    assert listed["constantStreamData"] == [opened["constantStreamData"]]
    while not central2.frames:
        clock.advance(1)
        await asyncio.sleep(0)
    kind, _, action, payload = central2.frames[0]
    assert (kind, action) == (6, "NotifyPeriodicEventStream")
    assert [one["t"] for one in payload["data"]] == [0, 2, 4]
    assert "NotifyEvent" not in central2.actions()
    adjusted = {"id": payload["id"], "params": {"values": 1}}
    assert await central2.call("AdjustPeriodicEventStream", **adjusted) == ACCEPTED
    await central2.call("ClearVariableMonitoring", id=[monitor_id])
    assert await central2.expect("ClosePeriodicEventStream") == {"id": payload["id"]}


async def test_local_generation_comes_on_top_of_the_stations_limit(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await station2.limit_from_outside(5_000)
    await station2.generate_locally(2_000)
    await charge(station2)
    clock.advance(60)
    await station2.wait_for(lambda s: s.connector(1).power_w == pytest.approx(7_000))
    limit = await central2.expect("NotifyChargingLimit")
    assert limit["chargingLimit"] == {"chargingLimitSource": "EMS", "isGridCritical": False}
    assert (await central2.expect("NotifyChargingLimit"))["chargingLimit"]["isLocalGeneration"] is True
