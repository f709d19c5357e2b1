"""The real service, in this process or in one of its own, for tests that need all of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from console.backends.base import Update
from console.backends.service import ServiceBackend
from console.csms.listener.gate import Gate
from console.model.site import Site
from console.service.places import socket_path
from console.service.runtime import Service
from console.service.settings import ServiceSettings


def settings(data: Path, **changed: Any) -> ServiceSettings:
    """Settings of a service on this computer alone, on any free port, that lets every station in, and is quiet."""
    fixed: dict[str, Any] = {"name": "depot", "gates": (Gate("127.0.0.1", 0),), "accept_unknown": True, "quiet": True}
    return ServiceSettings(data, **(fixed | changed))


@contextlib.asynccontextmanager
async def running_service(data: Path, **changed: Any) -> AsyncIterator[Service]:
    """A service in this process."""
    service = Service(settings(data, **changed))
    await service.start()
    try:
        yield service
    finally:
        await service.close()


@contextlib.asynccontextmanager
async def console(data: Path, **options: Any) -> AsyncIterator[ServiceBackend]:
    """A backend over the service of a data folder."""
    backend = ServiceBackend(socket_path(data), **options)
    await backend.open()
    try:
        yield backend
    finally:
        await backend.close()


async def site_when(updates: AsyncIterator[Update], condition: Callable[[Site], bool]) -> Site:
    """Follow a site until it is as wanted. The test's time-out ends it if it never is."""
    site = Site()
    async for update in updates:
        if isinstance(update, Site):
            site = update
        elif isinstance(update, tuple):
            site = site.apply(update)
        if condition(site):
            return site
    raise AssertionError("the backend has ended")


async def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    """Wait for what has no event of its own."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # that is what it is for
            await asyncio.sleep(0.01)
