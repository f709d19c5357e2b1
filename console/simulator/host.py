"""What the parts of one simulated station share: its hardware, its tasks, and who waits for what."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any

from console.simulator.clock import Clock
from console.simulator.link import Link
from console.simulator.station import Station

FRAME_LOG = logging.getLogger("console.simulator.frames")
"""Gets every frame at INFO, passwords included: entry points raise its level."""


class StationStopped(Exception):
    """The simulated station was stopped, or failed, while something waited for it."""


class Host:
    """The body an OCPP face lives in."""

    def __init__(self, station_id: str, hardware: Station, link: Link, clock: Clock, rng: random.Random) -> None:
        self.station_id = station_id
        self.hardware = hardware
        self.link = link
        self.clock = clock
        self.rng = rng
        self._tasks: asyncio.TaskGroup | None = None
        self._watchers: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def run(self, *jobs: Coroutine[Any, Any, None]) -> None:
        """Run the station's jobs, and whatever they spawn, until one fails or this is cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                for job in jobs:
                    self._tasks.create_task(job)
        finally:
            self._tasks = None
            for _, future in self._watchers:
                if not future.done():
                    future.set_exception(StationStopped(self.station_id))

    def spawn(self, job: Coroutine[Any, Any, None]) -> None:
        """Start a job of the station; if it fails, the station fails visibly."""
        if self._tasks is None:
            job.close()
            raise StationStopped(self.station_id)
        self._tasks.create_task(job)

    def changed(self) -> None:
        """Something happened: let everyone look whether that is what they waited for."""
        for predicate, future in self._watchers:
            if not future.done() and predicate():
                future.set_result(None)

    async def wait_for(self, predicate: Callable[[], bool]) -> None:
        """Wait until `predicate` holds; it is asked after each change. Raises StationStopped."""
        if predicate():
            return
        watcher = (predicate, asyncio.get_running_loop().create_future())
        self._watchers.append(watcher)
        try:
            await watcher[1]
        finally:
            self._watchers.remove(watcher)
