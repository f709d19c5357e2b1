"""Work that must not hold up the event loop's callers: bounded, never forgotten, its failures seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_LOG = logging.getLogger(__name__)


class Chores:
    """A few tasks on the side. One that fails is logged and reported to ``on_failure`` of its ``start``."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], on_failure: Callable[[], None]) -> None:
        """Begin; where too much is under way already, it fails at once."""
        if len(self._tasks) >= self._most:
            work.close()
            on_failure()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, on_failure))

    def _ended(self, task: asyncio.Task[None], on_failure: Callable[[], None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            _LOG.error("a task on the side failed", exc_info=error)
            on_failure()

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
