"""A console whose terminal does not read delays no station: latencies with and without, in one run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from console.model.command import AddStation
from tests.support.processes import Services
from tests.support.services import console
from tests.support.stations import RawStation, raw_station

STATIONS = 10
ROUNDS = 4
CALLS = 40
#: Consoles that stand still may not make an answer take this many times as long. Generous: two cores, busy machines.
MOST = 3.0


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services()
    yield services
    services.end()


async def test_a_console_that_stands_still_delays_no_answer(services: Services, tmp_path: Path) -> None:
    data = tmp_path / "data"
    running = await asyncio.to_thread(services.start, data)
    async with console(data, operator="me") as backend:
        for number in range(300):  # so that a site is more than a socket's buffer holds
            await backend.run(AddStation(f"LATER-{number:04}", note="x" * 1000))
        url = backend.station_urls()[0]
    without: list[float] = []
    beside: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        stations = [await stack.enter_async_context(raw_station(url, f"CP-{n}")) for n in range(STATIONS)]
        await asyncio.gather(*(station.boot() for station in stations))
        for _ in range(ROUNDS):
            without += await _latencies(stations)
            async with _stalled_consoles(running.socket):
                beside += await _latencies(stations)
    for name, measure in (("median", statistics.median), ("95th percentile", _percentile_95)):
        assert measure(beside) < MOST * measure(without), name
    # And the service is as it was for a console that does read.
    async with console(data) as backend:
        assert len((await anext(backend.watch())).stations) == 300 + STATIONS  # type: ignore[union-attr]


async def _latencies(stations: list[RawStation]) -> list[float]:
    found: list[float] = []

    async def talk(station: RawStation) -> None:
        for number in range(CALLS):
            began = time.perf_counter()
            if number % 2:
                await station.call("Heartbeat")
            else:
                await station.call("StatusNotification", connectorId=1, status="Available", errorCode="NoError")
            found.append(time.perf_counter() - began)

    await asyncio.gather(*(talk(station) for station in stations))
    return found


def _percentile_95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextlib.asynccontextmanager
async def _stalled_consoles(path: str) -> AsyncIterator[None]:
    """Consoles that asked for everything and then stand still. The site is on its way to them: that was their start."""
    with contextlib.ExitStack() as stack:
        for route in ("live", "live", "messages/live", "messages/live"):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(path)
            key = "dGhlIHNhbXBsZSBub25jZQ=="
            client.sendall(
                f"GET /v1/{route} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
            )
            answer = await asyncio.to_thread(client.recv, 12)
            assert answer == b"HTTP/1.1 101", answer + os.linesep.encode()
            if route == "live":
                await asyncio.to_thread(client.recv, 4096, socket.MSG_WAITALL)
        yield
