"""The one source of time in the simulator: real, faster than real, or moved by a test."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta

_STEP_WORTH_CORRECTING_S = 2.0


class Clock:
    """Station time. `time_scale=60` makes a minute pass in a second.

    `elapsed_s` counts station seconds and never jumps; `utc()` is the wall clock a station prints on messages.
    """

    def __init__(self, time_scale: float = 1.0) -> None:
        if time_scale <= 0:
            raise ValueError(f"time_scale must be above 0, not {time_scale}")
        self._scale = time_scale
        self._started = time.monotonic()
        self._epoch = datetime.now(UTC)

    @property
    def elapsed_s(self) -> float:
        """Station seconds since this clock was made."""
        return (time.monotonic() - self._started) * self._scale

    def utc(self) -> datetime:
        """The station's date and time."""
        return self._epoch + timedelta(seconds=self.elapsed_s)

    def synchronise(self, central_utc: datetime) -> None:
        """Take over the central system's time, as stations do at boot and heartbeat.

        Only a real-time clock listens: one that runs faster would jump back each time. Small differences are the
        network's delay, and correcting them would make time stamps go backwards.
        """
        difference = central_utc - self.utc()
        if self._scale == 1.0 and abs(difference.total_seconds()) > _STEP_WORTH_CORRECTING_S:
            self._epoch += difference

    async def sleep_until(self, elapsed_s: float) -> None:
        """Wait until `self.elapsed_s` has reached that value; at once if it is past."""
        await asyncio.sleep(max(0.0, elapsed_s - self.elapsed_s) / self._scale)

    async def sleep(self, seconds: float) -> None:
        """Wait so many station seconds."""
        await self.sleep_until(self.elapsed_s + seconds)

    async def sleep_until_or(self, elapsed_s: float, event: asyncio.Event) -> bool:
        """Wait as `sleep_until` does, but only until `event` is set. Says whether it was."""
        sleeping = asyncio.ensure_future(self.sleep_until(elapsed_s))
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait({sleeping, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waiting.cancel()
        return event.is_set()


class ManualClock(Clock):
    """A clock that stands still until `advance` moves it, for tests that must not depend on speed."""

    def __init__(self, start: datetime | None = None) -> None:
        super().__init__()
        self._epoch = start or datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
        self._now_s = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    @property
    def elapsed_s(self) -> float:
        """How far the clock has been moved, in seconds."""
        return self._now_s

    def synchronise(self, central_utc: datetime) -> None:
        """Do nothing: this clock belongs to the test."""

    async def sleep_until(self, elapsed_s: float) -> None:
        """Wait until `advance` has moved the clock that far."""
        if elapsed_s <= self._now_s:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (elapsed_s, next(self._order), woken))
        await woken

    def advance(self, seconds: float) -> None:
        """Move the clock on and wake everyone whose time has come, in order."""
        self._now_s += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now_s:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
