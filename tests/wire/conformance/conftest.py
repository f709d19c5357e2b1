"""One service for all tests of a module; each test's stations have names of their own."""

from __future__ import annotations

import asyncio
import contextlib
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.support.services import console, running_service
from tests.wire.conformance.site import Bench, Station

Connect = Callable[..., Awaitable[Station]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """The service, which lets in whom the operator has let in, and an operator who follows the site."""
    data = tmp_path_factory.mktemp("conformance") / "data"
    async with running_service(data, accept_unknown=False, quiet=True) as service, console(data) as backend:
        bench = Bench(service, backend)
        following = asyncio.create_task(bench.follow())
        try:
            yield bench
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


@pytest_asyncio.fixture(loop_scope="module")
async def connect(bench: Bench, request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    """Connects stations that end with the test: ``await connect("2.0.1")``; named after the test unless told."""
    async with contextlib.AsyncExitStack() as stack:
        count = 0

        async def begin(version: str = "1.6", station_id: str = "", **options: Any) -> Station:
            nonlocal count
            count += 1
            unique = f"{zlib.crc32(request.node.name.encode()):08x}-{count}"
            name = station_id or re.sub(r"\W+", "-", f"{request.node.name[5:35]}-{unique}")
            return await stack.enter_async_context(bench.station(name, version, **options))

        yield begin
