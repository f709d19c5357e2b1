"""The real time, as the CSMS asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """This computer's clock and the running event loop's timers.

    All that happens in one turn of the event loop happens at one instant: the clock is asked several times for every
    frame, and asking the system each time would cost more than decoding the frame.
    """

    def __init__(self) -> None:
        self._now: datetime | None = None

    def now(self) -> datetime:
        """The instant, UTC. Called on the event loop."""
        now = self._now
        if now is None:
            now = self._now = datetime.now(UTC)
            asyncio.get_running_loop().call_soon(self._forget)
        return now

    def _forget(self) -> None:
        self._now = None

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after a while; the function returned cancels that."""
        return asyncio.get_running_loop().call_later(delay_s, callback).cancel
