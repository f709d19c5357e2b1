"""The real time, as the CSMS asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """This computer's clock and the running event loop's timers."""

    def now(self) -> datetime:
        """The instant, UTC."""
        return datetime.now(UTC)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after a while; the function returned cancels that."""
        return asyncio.get_running_loop().call_later(delay_s, callback).cancel
