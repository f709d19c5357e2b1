"""What every test may ask for. Imported late, so that a test of a small thing stays small."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

#: Writes tests/wire/CONFORMANCE.md when a run has covered all rows.
pytest_plugins = ("tests.support.conformance",)

if TYPE_CHECKING:
    from console.service.runtime import Service
    from tests.support.stations import RawStation


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """The real service in this process: on loopback, on a free port, in an empty data folder."""
    from tests.support.services import running_service

    async with running_service(tmp_path / "data") as running:
        yield running


@pytest.fixture
async def connect_station(service: Service) -> AsyncIterator[Callable[..., Awaitable[RawStation]]]:
    """Connects scripted 1.6 stations to the service: ``await connect_station("CP-1")``."""
    from tests.support.stations import raw_station

    async with contextlib.AsyncExitStack() as stack:

        async def connect(station_id: str = "CP-1", **options: Any) -> RawStation:
            return await stack.enter_async_context(raw_station(service.info.listening[0], station_id, **options))

        yield connect


@pytest.fixture
async def raw_station(connect_station: Callable[..., Awaitable[RawStation]]) -> RawStation:
    """One scripted 1.6 station, connected, that has not said anything yet."""
    return await connect_station("CP-1")
