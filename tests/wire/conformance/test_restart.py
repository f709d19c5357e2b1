"""The service is restarted under a site at work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.csms.listener.gate import Gate
from tests.support.services import console, running_service
from tests.wire.conformance.events import Charge, energy
from tests.wire.conformance.site import Bench, Station, now

STATIONS = 100
VERSIONS = ("1.6", "2.0.1", "2.1")


@contextlib.asynccontextmanager
async def site(data: Path, port: int = 0) -> AsyncIterator[Bench]:
    """The site, at a port that it keeps."""
    async with running_service(data, gates=(Gate("127.0.0.1", port),)) as service, console(data) as backend:
        bench = Bench(service, backend)
        following = asyncio.create_task(bench.follow())
        try:
            yield bench
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def all_of_them(stack: contextlib.AsyncExitStack, bench: Bench) -> list[Station]:
    """A hundred stations that connect at once."""
    coming = [
        stack.enter_async_context(bench.station(f"T48-{number}", VERSIONS[number % 3], accepted=False))
        for number in range(STATIONS)
    ]
    return list(await asyncio.gather(*coming))


@pytest.mark.conforms("DX-T48")
async def test_a_hundred_stations_come_back_at_once(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with site(tmp_path) as bench:
            port = int(bench.url.rstrip("/").rpartition(":")[2])
            stations = await all_of_them(stack, bench)
            await asyncio.gather(*(station.boot() for station in stations))
            await bench.add_tags("T48-a", "T48-b")
            start = {"connectorId": 1, "idTag": "T48-a", "meterStart": 1000, "timestamp": now()}
            started = await stations[0].call("StartTransaction", **start)
            charge = Charge(stations[1], "T48")
            await charge.started("T48-b", meterValue=[energy(1000, "Transaction.Begin", 0)])
            await bench.service._store.writer.flush()
        async with site(tmp_path, port) as bench:
            again = await all_of_them(stack, bench)
            # None of them boots, for none has restarted.
            answers = await asyncio.gather(*(station.call("Heartbeat") for station in again))
            assert all(answer["currentTime"] for answer in answers)
            assert await bench.until(lambda site: sum(each.online for each in site.stations.values()) == STATIONS)
            stop = {"transactionId": started["transactionId"], "meterStop": 3000, "timestamp": now()}
            await again[0].call("StopTransaction", **stop)
            charge.station = again[1]
            await charge.ended("Local", meterValue=[energy(3000, "Transaction.End", 30)])
            ended = await bench.until(
                lambda site: (
                    len(site.transactions) == 2
                    and all(not each.running for each in site.transactions.values())
                    and list(site.transactions.values())
                )
            )
            assert [(each.energy_wh, each.flags) for each in ended] == [(2000, ())] * 2
