"""A central system, and stations in front of it whose clock the test moves."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from tests.wire.simulator.central import Central

TEST_PATIENCE_S = 30.0


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test of this folder wait for ever for an event that does not come."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent == Path(__file__).parent:
            item.obj = _patient(item.obj)


def _patient(test: Callable[..., Any]) -> Callable[..., Any]:
    if not inspect.iscoroutinefunction(test):
        return test

    @functools.wraps(test)
    async def wrapped(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(TEST_PATIENCE_S):
            await test(*args, **kwargs)

    return wrapped


MakeStation = Callable[..., SimulatedStation]


@pytest.fixture
async def central() -> AsyncIterator[Central]:
    central = Central()
    async with central.listening():
        yield central


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def make_station(central: Central, clock: ManualClock) -> AsyncIterator[MakeStation]:
    """Makes stations of the central system, and stops them at the end."""
    made: list[SimulatedStation] = []

    def make(station_id: str = "CP-1", **options: object) -> SimulatedStation:
        options = {"clock": clock, "seed": 1, **options}
        station = SimulatedStation(central.url, station_id, **options)  # type: ignore[arg-type]
        made.append(station)
        return station

    yield make
    for station in made:
        await station.stop()


@pytest.fixture
async def station(make_station: MakeStation) -> SimulatedStation:
    """A station that has booted and reported its connectors."""
    station = make_station()
    await station.start()
    await station.booted()
    return station


# --- OCPP 2.x: everything is tried in both versions -------------------------------------------------------------


@pytest.fixture(params=["2.0.1", "2.1"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def central2(version: str) -> AsyncIterator[Central]:
    central = Central(subprotocols=(f"ocpp{version}",))
    central.answers["Authorize"] = lambda _: {"idTokenInfo": {"status": "Accepted"}}
    async with central.listening():
        yield central


@pytest.fixture
async def make_station2(central2: Central, clock: ManualClock, version: str) -> AsyncIterator[MakeStation]:
    """Makes 2.x stations of the central system, and stops them at the end."""
    made: list[SimulatedStation] = []

    def make(station_id: str = "CP-1", **options: object) -> SimulatedStation:
        options = {"clock": clock, "seed": 1, "ocpp": version, **options}
        station = SimulatedStation(central2.url, station_id, **options)  # type: ignore[arg-type]
        made.append(station)
        return station

    yield make
    for station in made:
        await station.stop()


@pytest.fixture
async def station2(make_station2: MakeStation) -> SimulatedStation:
    """A 2.x station that has booted and reported its connectors."""
    station = make_station2()
    await station.start()
    await station.booted()
    return station
