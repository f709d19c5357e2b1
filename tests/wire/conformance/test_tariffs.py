"""Tariffs with commands of their own: sent, read back, kept; and what transactions cost by them (2.1, I07 to I12)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from console.model.command import CallStation, DismissReport, ReadSettings
from console.model.outcome import Result
from console.model.query import RecordQuery
from console.model.record import RecordKind, StationRecord
from console.model.station_tariff import ChangeTransactionTariff, ClearTariffs, ReadTariffs, SetTariff
from console.model.tariff import Tariff
from tests.support.services import console, running_service
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, energy, ready
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = Tariff(Decimal("0.50"), Decimal("1.20"), Decimal(1))
DAY: Json = {"tariffId": "DAY", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.4}]}}
NIGHT: Json = {
    "tariffId": "NIGHT",
    "currency": "EUR",
    "energy": {"prices": [{"priceKwh": 0.2, "conditions": {"startTimeOfDay": "22:00"}}, {"priceKwh": 0.4}]},
    "fixedFee": {"prices": [{"priceFixed": 1.0}]},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A site with prices of its own, whose currency is each station's."""
    data: Path = tmp_path_factory.mktemp("tariffs") / "data"
    async with running_service(data, tariff=SITE) as service, console(data) as backend:
        bench = Bench(service, backend)
        following = asyncio.create_task(bench.follow())
        yield bench
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


class Till:
    """A station with two EVSEs and a tariff for each, as 2.1 has it: an id means one tariff only."""

    def __init__(self, station: Station) -> None:
        self.on: dict[int, str] = {}
        station.answers |= {"SetDefaultTariff": self.set, "GetTariffs": self.get, "ClearTariffs": self.clear}

    def set(self, asked: Json) -> Json:
        name = asked["tariff"]["tariffId"]
        if name in self.on.values():
            return {"status": "DuplicateTariffId"}
        self.on |= dict.fromkeys([asked["evseId"]] if asked["evseId"] else [1, 2], name)
        return {"status": "Accepted"}

    def get(self, _asked: Json) -> Json:
        held = [
            {
                "tariffId": name,
                "tariffKind": "DefaultTariff",
                "evseIds": [evse_id for evse_id, on in self.on.items() if on == name],
            }
            for name in dict.fromkeys(self.on.values())
        ]
        return {"status": "Accepted", "tariffAssignments": held} if held else {"status": "NoTariff"}

    def clear(self, asked: Json) -> Json:
        wanted, evse_id = asked.get("tariffIds"), asked.get("evseId")
        gone = [place for place, name in self.on.items() if (not wanted or name in wanted) and evse_id in (None, place)]
        names = dict.fromkeys(self.on.pop(place) for place in gone)
        results = [{"tariffId": name, "status": "Accepted"} for name in names]
        results += [{"tariffId": name, "status": "NoTariff"} for name in wanted or () if name not in names]
        return {"clearTariffsResult": results or [{"status": "NoTariff"}]}


async def till(connect: Connect, bench: Bench, *tags: str) -> tuple[Station, Till]:
    station = await ready(connect, bench, *tags, version="2.1")
    at = {"timestamp": "2026-11-20T10:00:00Z", "connectorStatus": "Available", "connectorId": 1}
    await station.call("StatusNotification", evseId=2, **at)
    return station, Till(station)


async def on_record(bench: Bench, station: Station) -> dict[str, StationRecord]:
    await bench.service._store.writer.flush()
    query = RecordQuery(station_id=station.station_id, kind=RecordKind.TARIFF)
    return {each.key: each for each in await bench.backend.records(query)}


async def installed(bench: Bench, station: Station) -> dict[str, list[int]]:
    held = await on_record(bench, station)
    return {key: each.details["evseIds"] for key, each in held.items() if each.standing}


async def test_tariffs_are_set_read_back_and_cleared(bench: Bench, connect: Connect) -> None:
    station, _ = await till(connect, bench)
    outcome = await bench.run(SetTariff(station.station_id, DAY))
    assert (outcome.result, outcome.text, outcome.hint) == (
        Result.ACCEPTED, "the tariff is set: DAY, 0.40 EUR/kWh", "",
    )  # fmt: skip
    assert await station.heard("SetDefaultTariff") == {"evseId": 0, "tariff": DAY}
    assert await installed(bench, station) == {"DAY": [1, 2]}
    assert (await bench.run(SetTariff(station.station_id, NIGHT, 2))).ok
    assert await installed(bench, station) == {"DAY": [1], "NIGHT": [2]}
    held = await on_record(bench, station)
    assert held["NIGHT"].details["tariff"] == NIGHT
    assert held["NIGHT"].summary == "NIGHT: 0.20 to 0.40 EUR/kWh, 1.00 EUR fee"
    assert (await bench.run(ReadTariffs(station.station_id))).text == "the station has 2 tariffs"
    dismissed = await bench.run(DismissReport(station.station_id, RecordKind.TARIFF, "DAY"))
    assert (dismissed.result, dismissed.text) == (Result.NOT_POSSIBLE, "the station has this tariff")
    assert (await bench.run(ClearTariffs(station.station_id, ("DAY",)))).ok
    assert await station.heard("ClearTariffs") == {"tariffIds": ["DAY"]}
    assert await installed(bench, station) == {"NIGHT": [2]}
    assert (await bench.run(ClearTariffs(station.station_id))).ok
    assert await station.heard("ClearTariffs", 2) == {}
    assert await installed(bench, station) == {}
    assert (await bench.run(ReadTariffs(station.station_id))).text == "the station has no tariffs"
    again = await bench.run(ClearTariffs(station.station_id))
    assert (again.result, again.text) == (Result.ACCEPTED, "there was no tariff there")
    assert not (await bench.run(ClearTariffs(station.station_id, ("DAY",)))).ok


async def test_the_sites_own_prices_are_sent_in_the_stations_currency(bench: Bench, connect: Connect) -> None:
    station, _ = await till(connect, bench)
    outcome = await bench.run(SetTariff(station.station_id))
    assert (outcome.result, outcome.text) == (
        Result.NOT_POSSIBLE, "nothing was sent: the currency of the prices is not known",
    )  # fmt: skip
    assert "[tariff] currency" in outcome.hint
    currency = {"component": {"name": "TariffCostCtrlr"}, "variable": {"name": "Currency"}}
    read = currency | {"attributeStatus": "Accepted", "attributeValue": "SEK"}
    station.answers["GetVariables"] = {"getVariableResult": [read]}
    assert (await bench.run(ReadSettings(station.station_id, ("TariffCostCtrlr/Currency",)))).ok
    assert (await bench.run(SetTariff(station.station_id, evse_id=1))).ok
    name = f"{SITE.tariff_id}-1"
    expected = {
        "tariffId": name,
        "currency": "SEK",
        "energy": {"prices": [{"priceKwh": 0.5}]},
        "chargingTime": {"prices": [{"priceMinute": 0.02}]},
        "idleTime": {"prices": [{"priceMinute": 0.02}]},
        "fixedFee": {"prices": [{"priceFixed": 1.0}]},
    }
    assert await station.heard("SetDefaultTariff") == {"evseId": 1, "tariff": expected}
    assert (await bench.run(SetTariff(station.station_id, evse_id=1))).ok  # the same again needs a name of its own
    assert (await station.heard("SetDefaultTariff", 2))["tariff"] == expected | {"tariffId": f"{name}.2"}
    assert await installed(bench, station) == {f"{name}.2": [1]}
    assert (await bench.run(ClearTariffs(station.station_id))).ok
    assert (await bench.run(SetTariff(station.station_id, evse_id=1))).ok
    assert await installed(bench, station) == {name: [1]}


async def test_a_tariff_that_was_set_by_hand_is_on_record_too(bench: Bench, connect: Connect) -> None:
    station, _ = await till(connect, bench)
    assert (await bench.run(CallStation(station.station_id, "SetDefaultTariff", {"evseId": 1, "tariff": DAY}))).ok
    assert await installed(bench, station) == {"DAY": [1]}
    assert (await bench.run(CallStation(station.station_id, "ClearTariffs", {"evseId": 1}))).ok
    assert await installed(bench, station) == {}


async def test_what_a_station_lists_is_what_it_has(bench: Bench, connect: Connect) -> None:
    station, held = await till(connect, bench)
    assert (await bench.run(SetTariff(station.station_id, DAY))).ok
    held.on = {1: "OTHER"}
    assert (await bench.run(ReadTariffs(station.station_id))).text == "the station has 1 tariff"
    assert await installed(bench, station) == {"OTHER": [1]}
    assert "not known here" in (await on_record(bench, station))["OTHER"].summary
    station.answers["GetTariffs"] = {"status": "NoTariff"}
    outcome = await bench.run(SetTariff(station.station_id, NIGHT))
    assert outcome.ok
    assert "does not list it" in outcome.hint


MOST = {"component": {"name": "TariffCostCtrlr"}, "variable": {"name": "MaxElements", "instance": "Tariff"}}
CONDITIONS = {
    "component": {"name": "TariffCostCtrlr"},
    "variable": {"name": "ConditionsSupported", "instance": "Tariff"},
}
ENABLED = {"component": {"name": "TariffCostCtrlr"}, "variable": {"name": "Enabled", "instance": "Tariff"}}


@pytest.mark.conforms("TC_I_102_CSMS", "TC_I_105_CSMS", "TC_I_106_CSMS")
@pytest.mark.parametrize(
    ("variable", "value", "answer", "said"),
    [
        (MOST, "1", {"status": "TooManyElements"}, "energy has 2 prices, TariffCostCtrlr/MaxElements#Tariff is 1"),
        (CONDITIONS, "false", {"status": "ConditionNotSupported"}, "ConditionsSupported#Tariff is false"),
        (ENABLED, "false", {"status": "Rejected"}, "Enabled#Tariff is false"),
        (ENABLED, "false", ["NotSupported", ""], "Enabled#Tariff is false"),
        (ENABLED, "true", {"status": "DuplicateTariffId"}, "of this id: NIGHT"),
    ],
)
async def test_a_refusal_is_explained_by_the_stations_own_settings(
    bench: Bench, connect: Connect, variable: Json, value: str, answer: Json | list[str], said: str
) -> None:
    station, _ = await till(connect, bench)
    result = variable | {"attributeStatus": "Accepted", "attributeValue": value}
    station.answers["GetVariables"] = {"getVariableResult": [result]}
    name = variable["variable"]
    key = f"TariffCostCtrlr/{name['name']}#{name['instance']}"
    assert (await bench.run(ReadSettings(station.station_id, (key,)))).ok
    station.answers["SetDefaultTariff"] = lambda _asked: answer
    outcome = await bench.run(SetTariff(station.station_id, NIGHT))
    assert not outcome.ok
    assert said in outcome.text
    assert outcome.hint
    assert await installed(bench, station) == {}


async def test_only_stations_of_2_1_know_tariffs(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    outcome = await bench.run(SetTariff(station.station_id, DAY))
    assert (outcome.result, outcome.text) == (Result.NOT_POSSIBLE, "OCPP 2.0.1 knows no tariffs")
    assert station.asked == []
    broken = SetTariff((await till(connect, bench))[0].station_id, {"tariffId": "X", "currency": "EUR", "energy": {}})
    assert "prices" in (await bench.run(broken)).text


async def cost_of(bench: Bench, charge: Charge) -> StationRecord:
    await bench.service._store.writer.flush()
    query = RecordQuery(station_id=charge.station.station_id, kind=RecordKind.COST)
    (held,) = [each for each in await bench.backend.records(query) if each.key == charge.transaction_id]
    return held


@pytest.mark.conforms("TC_I_115_CSMS", "TC_I_122_CSMS")
async def test_a_transaction_by_another_tariff_is_not_told_the_sites_prices(bench: Bench, connect: Connect) -> None:
    station, _ = await till(connect, bench, "T1")
    charge = Charge(station, "T1")
    info = {"tariffId": SITE.tariff_id}
    values = [energy(1000, "Transaction.Begin", 0)]
    await charge.tell("Started", "Authorized", info, evse={"id": 1, "connectorId": 1}, meterValue=values)
    values = [energy(3000, "Sample.Periodic", 0)]
    assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=values) == {"totalCost": 2.02}
    station.answers["ChangeTransactionTariff"] = {"status": "Accepted"}
    outcome = await bench.run(ChangeTransactionTariff(station.station_id, "T1", NIGHT))
    assert outcome.text == "the tariff of the transaction is changed: 0.20 to 0.40 EUR/kWh, 1.00 EUR fee"
    assert await station.heard("ChangeTransactionTariff") == {"transactionId": "T1", "tariff": NIGHT}
    assert (await cost_of(bench, charge)).details == {"tariffId": "NIGHT"}
    values = [energy(4000, "Sample.Periodic", 0)]
    assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=values) == {}
    cost = {
        "chargingPeriods": [{"startPeriod": "2026-11-20T10:00:00Z", "tariffId": "NIGHT"}],
        "totalCost": {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": 1.6}},
        "totalUsage": {"energy": 3000, "chargingTime": 180, "idleTime": 0},
    }
    ended = await charge.ended("Local", meterValue=[energy(4000, "Transaction.End", 3)], costDetails=cost)
    assert ended == {}
    held = await cost_of(bench, charge)
    assert held.summary == "1.60 EUR by the station, transaction T1"
    assert not held.alarm


async def test_a_cost_that_could_not_be_reckoned_is_an_alarm(bench: Bench, connect: Connect) -> None:
    station, _ = await till(connect, bench, "T2")
    charge = Charge(station, "T2")
    await charge.started("T2", meterValue=[energy(1000, "Transaction.Begin", 0)])
    cost = {
        "totalCost": {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": 0}},
        "totalUsage": {"energy": 0, "chargingTime": 0, "idleTime": 0},
        "failureToCalculate": True,
        "failureReason": "no clock",
    }
    await charge.ended("Local", meterValue=[energy(1000, "Transaction.End", 3)], costDetails=cost)
    held = await cost_of(bench, charge)
    assert held.alarm
    assert "no clock" in held.summary
