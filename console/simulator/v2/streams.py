"""Periodic event streams of a 2.1 station (N11 to N15): values of a monitor, in messages that nobody answers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from console.simulator.base_face import timestamp
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

_LONGEST_S = 60
_MOST_VALUES = 20


@dataclass(slots=True)
class Stream:
    """A stream that the central system has accepted, and the values that wait to be sent."""

    stream_id: int
    monitor_id: int
    params: Payload
    values: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def wire(self) -> Payload:
        """Its constantStreamData."""
        return {"id": self.stream_id, "variableMonitoringId": self.monitor_id, "params": self.params}

    @property
    def is_due(self) -> bool:
        """Whether what it holds is to be sent: enough values, or the first of them is old enough."""
        if not self.values:
            return False
        waited_s = (self.values[-1][0] - self.values[0][0]).total_seconds()
        most = int(self.params.get("values", _MOST_VALUES))
        return len(self.values) >= most or waited_s >= float(self.params.get("interval", _LONGEST_S))


class Streams:
    """The streams of one station, by the monitor that feeds them."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._by_monitor: dict[int, Stream] = {}

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for; nothing before 2.1."""
        if self._face.version != "2.1":
            return {}
        return {"AdjustPeriodicEventStream": self._adjust, "GetPeriodicEventStream": self._get}

    def open(self, monitor_id: int, params: Payload) -> None:
        """Ask for a stream once the answer has left; until it is accepted, events tell the values."""
        self._face.afterwards(partial(self._open, Stream(monitor_id, monitor_id, params)))

    def close(self, monitor_id: int) -> None:
        """Its monitor is gone."""
        stream = self._by_monitor.pop(monitor_id, None)
        if stream is not None:
            self._face.tell_afterwards(Request("ClosePeriodicEventStream", {"id": stream.stream_id}))

    async def take(self, monitor_id: int, value: str) -> bool:
        """Take in a value of a monitor; False if it has no stream."""
        stream = self._by_monitor.get(monitor_id)
        if stream is None:
            return False
        stream.values.append((self._face.host.clock.utc(), value))
        if stream.is_due:
            values, stream.values = stream.values, []
            await self._face.send(_notification(stream, values))
        return True

    async def _open(self, stream: Stream) -> None:
        try:
            answer = await self._face.request(Request("OpenPeriodicEventStream", {"constantStreamData": stream.wire}))
        except (Unreachable, RequestFailed) as failure:
            _LOG.warning("%s: no stream: %s", self._face.host.station_id, failure)
            return
        if answer.get("status") == "Accepted":
            self._by_monitor[stream.monitor_id] = stream

    def _adjust(self, request: Payload) -> Payload:
        stream = next((one for one in self._by_monitor.values() if one.stream_id == request["id"]), None)
        if stream is None:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "NotFound"}}
        stream.params = request["params"]
        return {"status": "Accepted"}

    def _get(self, _: Payload) -> Payload:
        found = [one.wire for one in self._by_monitor.values()]
        return {"constantStreamData": found} if found else {}


def _notification(stream: Stream, values: list[tuple[datetime, str]]) -> Request:
    first = values[0][0]
    data = [{"t": (when - first).total_seconds(), "v": value} for when, value in values]
    payload = {"id": stream.stream_id, "pending": 0, "basetime": timestamp(first), "data": data}
    return Request("NotifyPeriodicEventStream", payload)
