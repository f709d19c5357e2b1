"""Transaction messages on their way to the central system: in order, kept while offline, sent again."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from console.simulator.clock import Clock

_LOG = logging.getLogger(__name__)

_MOST_DROPPABLE = 1_000


class Unreachable(Exception):
    """There is no connection, or it was lost before the answer came."""


class RequestFailed(Exception):
    """The central system answered with an error, with nonsense, or not in time."""


class RetryRule(Protocol):
    """How often to send again, read each time because it may be changed meanwhile."""

    def attempts(self) -> int:
        """How often a message is sent before it is given up."""

    def interval_s(self) -> float:
        """The wait after the first failure; the n-th wait is n times that."""


class Message:
    """One message of a transaction. `build` makes it when it is sent: only then all ids are known.

    `settled` holds the answer, or None once the message was given up.
    """

    def __init__(self, build: Callable[[], object], on_settled: Callable[[Any | None], None] | None = None) -> None:
        self.build = build
        self.failures = 0
        self.settled: asyncio.Future[Any | None] = asyncio.get_running_loop().create_future()
        self._on_settled = on_settled

    def settle(self, answer: Any | None) -> None:
        """Note the answer and tell whoever waits for it."""
        if self._on_settled is not None:
            self._on_settled(answer)
        self.settled.set_result(answer)


class Outbox:
    """The queue, and the one task that empties it."""

    def __init__(self, rule: RetryRule, clock: Clock) -> None:
        self._rule = rule
        self._clock = clock
        self._queue: deque[Message] = deque()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, message: Message) -> None:
        """Queue a message that must arrive."""
        self._queue.append(message)
        self._changed.set()

    def add_droppable(self, message: Message) -> None:
        """Queue a message unless the memory is full, as 1.6 section 3.3 allows for periodic meter values."""
        if len(self._queue) < _MOST_DROPPABLE:
            self.add(message)

    async def run(
        self,
        request: Callable[[object], Awaitable[Any]],
        deliverable: Callable[[], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        """Deliver for ever. `deliverable` returns when the station may send, `request` sends and awaits."""
        while True:
            await deliverable()
            if not self._queue:
                self._changed.clear()
                await self._changed.wait()
                continue
            message = self._queue[0]
            try:
                answer = await request(message.build())
            except Unreachable:
                continue
            except RequestFailed as failure:
                message.failures += 1
                retry_at_s = self._clock.elapsed_s + self._rule.interval_s() * message.failures
                on_change()
                _LOG.warning("transaction message failed %d times: %s", message.failures, failure)
                if message.failures < self._rule.attempts():
                    await self._clock.sleep_until(retry_at_s)
                    continue
                answer = None
            self._queue.popleft()
            message.settle(answer)
            on_change()
