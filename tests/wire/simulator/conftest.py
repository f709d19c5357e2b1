"""A central system, and stations in front of it whose clock the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from tests.wire.simulator.central import Central

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
