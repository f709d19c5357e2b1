"""OCPP 2.x, block I: what charging costs, told while it runs and when it has ended, and what stations reckon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from console.model.query import RecordQuery
from console.model.record import RecordKind
from console.model.tariff import Tariff
from tests.support.services import console, running_service
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, energy, ready
from tests.wire.conformance.site import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A site where a kWh costs 0.50 and a session 1.00."""
    data = tmp_path_factory.mktemp("cost") / "data"
    tariff = Tariff(per_kwh=Decimal("0.50"), per_session=Decimal(1))
    async with running_service(data, tariff=tariff) as service, console(data) as backend:
        bench = Bench(service, backend)
        following = asyncio.create_task(bench.follow())
        yield bench
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@pytest.mark.conforms("TC_I_01_CSMS", "TC_I_02_CSMS")
async def test_the_cost_so_far_and_in_all(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "I01"), "I01")
    started = await charge.started("I01", meterValue=[energy(1000, "Transaction.Begin", 0)])
    assert started["idTokenInfo"]["status"] == "Accepted"
    for minute, wh, cost in ((10, 3000, 2.0), (20, 4500, 2.75)):
        values = [energy(wh, "Sample.Periodic", minute)]
        assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=values) == {"totalCost": cost}
    assert await charge.tell("Updated", "ChargingStateChanged", {"chargingState": "SuspendedEV"}) == {}
    ended = await charge.ended("Local", meterValue=[energy(5000, "Transaction.End", 30)])
    assert ended == {"totalCost": 3.0}


@pytest.mark.conforms("DX-X35")
async def test_what_is_not_known_is_not_told(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X35"), "X35-unknown")
    await charge.started("X35")
    assert await charge.ended("Local") == {}


@pytest.mark.conforms("DX-X35")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_what_is_free_costs_nothing_and_says_so(tmp_path: Path, version: str) -> None:
    async with running_service(tmp_path, tariff=Tariff()) as service, console(tmp_path) as backend:
        site = Bench(service, backend)
        async with site.station("X35", version) as station:
            await station.boot()
            await site.add_tags("X35")
            charge = Charge(station, "X35")
            begun = await charge.started("X35", meterValue=[energy(1000, "Transaction.Begin", 0)])
            assert begun["idTokenInfo"]["status"] == "Accepted"
            values = [energy(3000, "Sample.Periodic", 10)]
            assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=values) == {"totalCost": 0.0}
            assert await charge.ended("Local", meterValue=[energy(3000, "Transaction.End", 30)]) == {"totalCost": 0.0}


@pytest.mark.conforms("TC_I_122_CSMS")
@pytest.mark.parametrize(("total", "alarm"), [(3.0, False), (4.2, True)])
async def test_the_stations_reckoning_is_kept_and_compared(
    bench: Bench, connect: Connect, total: float, alarm: bool
) -> None:
    tag = f"I122-{total}"
    charge = Charge(await ready(connect, bench, tag, version="2.1"), tag)
    await charge.started(tag, meterValue=[energy(1000, "Transaction.Begin", 0)])
    details = {
        "totalCost": {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": 2.5, "inclTax": total}},
        "totalUsage": {"energy": 4000, "chargingTime": 1800, "idleTime": 0},
    }
    ended = await charge.ended("Local", meterValue=[energy(5000, "Transaction.End", 30)], costDetails=details)
    assert ended == {"totalCost": 3.0}
    await bench.service._store.writer.flush()
    records = await bench.backend.records(RecordQuery(station_id=charge.station.station_id))
    (kept,) = [each for each in records if each.kind is RecordKind.COST]
    assert kept.details["totalCost"] == details["totalCost"]
    assert kept.alarm is alarm
    assert ("3.00 by the tariff here" in kept.summary) is alarm
