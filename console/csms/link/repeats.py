"""Retried messages: the same request again gets the same answer, and has no second effect.

OCPP lets a retry reuse its message id (errata 1.6-J 2025-04, 2.0.1 2024-09), over a new connection too. But stations
exist that use the same ids again after every restart, or one id for everything. So only a request of the same id *and*
the same content counts as a retry, and only requests that must not take effect twice are remembered once they have been
answered. The others (BootNotification, Heartbeat, StatusNotification, ...) may be carried out again at no harm, and an
old answer to them would set the station's clock back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.csms.link.link import Link

#: Requests of which a second effect would cost somebody money.
ONCE_ONLY = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})

#: So many are remembered for certain, at most twice as many.
_REQUESTS_PER_STATION = 8
#: A station that is known by its messages alone may be silent for this long, until more is known of it.
_USUAL_SILENCE_S = 900.0
_MOST_STATIONS = 10_000


class TheirCall:
    """A station's request that is waiting for its answer, or was answered a short while ago.

    ``waiting`` are the links that want the answer, one entry for each time the request came.
    """

    __slots__ = ("action", "answer", "content", "message_id", "received_s", "waiting")

    def __init__(self, message_id: str, action: str, content: int, received_s: float) -> None:
        self.message_id = message_id
        self.action = action
        self.content = content
        self.received_s = received_s
        self.answer: bytes | None = None
        self.waiting: list[Link] = []


class Memory:
    """What is remembered of one identity over its connections."""

    __slots__ = ("_requests", "ignores_pings", "is_pinged", "silence_s")

    def __init__(self) -> None:
        self.ignores_pings = False
        self.is_pinged = True
        self.silence_s = _USUAL_SILENCE_S
        self._requests: dict[str, TheirCall] = {}

    def find(self, message_id: str, content: int) -> TheirCall | None:
        """Return the request that this one repeats, or None."""
        request = self._requests.get(message_id)
        return request if request is not None and request.content == content else None

    def keep(self, request: TheirCall) -> None:
        """Remember a request as the newest; now and then, forget the oldest."""
        requests = self._requests
        if request.message_id in requests:
            del requests[request.message_id]
        requests[request.message_id] = request
        if len(requests) >= 2 * _REQUESTS_PER_STATION:
            for message_id in list(requests)[:_REQUESTS_PER_STATION]:
                del requests[message_id]

    def forget(self, request: TheirCall) -> None:
        """A request got no answer worth repeating: its retry is a new request."""
        if self._requests.get(request.message_id) is request:
            del self._requests[request.message_id]


class Memories:
    """The memory of every identity seen lately."""

    def __init__(self) -> None:
        self._by_station: OrderedDict[str, Memory] = OrderedDict()

    def of(self, station_id: str) -> Memory:
        """Return the identity's memory."""
        memory = self._by_station.pop(station_id, None) or Memory()
        self._by_station[station_id] = memory
        if len(self._by_station) > _MOST_STATIONS:
            self._by_station.popitem(last=False)
        return memory
