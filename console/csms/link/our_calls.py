"""Our CALLs to one station: one outstanding, the others waiting their turn, each with a deadline."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable

from console.csms.link.framing import encode_call
from console.csms.ports import CallEnd, CallLost, Clock, Payload
from console.errors import ConsoleError

_MOST_WAITING = 100
_LATE_ANSWERS_KNOWN = 16


class OurCall:
    """One request of ours. ``sent_s`` is 0 until it was sent (monotonic seconds)."""

    __slots__ = ("action", "asked_s", "cancel_deadline", "data", "end", "message_id", "sent_s")

    def __init__(self, action: str, payload: Payload, end: asyncio.Future[CallEnd]) -> None:
        # Unguessable: an answer must not be possible before the question was read.
        self.message_id = str(uuid.uuid4())
        self.action = action
        self.data = encode_call(self.message_id, action, payload)
        self.end = end
        self.asked_s = time.monotonic()
        self.sent_s = 0.0
        self.cancel_deadline: Callable[[], None] = _nothing

    @property
    def elapsed_s(self) -> float:
        """Time since the request was asked for."""
        return time.monotonic() - self.asked_s


def _nothing() -> None:
    """No deadline is set."""


class OurCalls:
    """The queue before the one outstanding request (OCPP-J: one CALL each way at a time)."""

    __slots__ = ("_clock", "_late", "_outstanding", "_send", "_waiting")

    def __init__(self, clock: Clock, send: Callable[[OurCall], None]) -> None:
        self._clock = clock
        self._send = send
        self._outstanding: OurCall | None = None
        self._waiting: list[OurCall] = []
        self._late: dict[str, str] = {}

    async def call(self, station_id: str, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        """Send when it is its turn, and wait for the end. ``timeout_s`` counts from now, waiting included."""
        if len(self._waiting) >= _MOST_WAITING:
            raise ConsoleError(
                f"{_MOST_WAITING} requests to {station_id} are waiting already.",
                "Wait until the station has answered, or disconnect it.",
            )
        request = OurCall(action, payload, asyncio.get_running_loop().create_future())
        request.cancel_deadline = self._clock.call_later(timeout_s, lambda: self._expire(request))
        self._waiting.append(request)
        self._send_next()
        try:
            return await request.end
        finally:
            if request in self._waiting:  # the caller gave up before its turn came
                self._waiting.remove(request)
                request.cancel_deadline()

    def answered(self, message_id: str) -> OurCall | None:
        """Take the outstanding request out if this is its id, and send the next. Resolving ``end`` is the caller's."""
        request = self._outstanding
        if request is None or request.message_id != message_id:
            return None
        request.cancel_deadline()
        self._outstanding = None
        return request

    def finish(self, request: OurCall, end: CallEnd) -> None:
        """Tell who asked, and let the next request go."""
        if not request.end.done():
            request.end.set_result(end)
        self._send_next()

    def late(self, message_id: str) -> str | None:
        """Return the action of a request whose deadline passed, if the id is one's; each only once."""
        return self._late.pop(message_id, None)

    def abandon(self) -> None:
        """The connection is gone: end everything as offline."""
        requests = [*([self._outstanding] if self._outstanding else []), *self._waiting]
        self._outstanding, self._waiting = None, []
        for request in requests:
            request.cancel_deadline()
            if not request.end.done():
                request.end.set_result(CallLost(True, request.elapsed_s))

    def _send_next(self) -> None:
        while self._outstanding is None and self._waiting:
            request = self._waiting.pop(0)
            if request.end.done():
                continue
            self._outstanding = request
            request.sent_s = time.monotonic()
            self._send(request)

    def _expire(self, request: OurCall) -> None:
        request.cancel_deadline = _nothing  # the timer holds the request, so the request must let go of the timer
        if request is self._outstanding:
            self._outstanding = None
            self._late[request.message_id] = request.action
            if len(self._late) > _LATE_ANSWERS_KNOWN:
                del self._late[next(iter(self._late))]
        elif request in self._waiting:
            self._waiting.remove(request)
        self.finish(request, CallLost(False, request.elapsed_s))
