"""Log files of a station, uploaded where the central system wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from console.simulator.base_face import BaseFace, timestamp
from console.simulator.transfer import upload

_PREPARING_S = 2.0


@dataclass(frozen=True, slots=True)
class LogOrder:
    """What an upload is to do. `kind` is DiagnosticsLog or SecurityLog."""

    request_id: int | None
    kind: str
    location: str
    retries: int = 0
    retry_interval_s: float = _PREPARING_S


class LogUpload:
    """At most one upload at a time; a new order cancels the one before."""

    def __init__(self, face: BaseFace, notification: Callable[[str, int | None], object | None]) -> None:
        self._face = face
        self._notification = notification
        self._order: LogOrder | None = None

    def notification(self) -> object | None:
        """The message that tells what is going on now."""
        if self._order is None:
            return self._notification("Idle", None)
        return self._notification("Uploading", self._order.request_id)

    def begin(self, order: LogOrder) -> tuple[str, str]:
        """Begin an upload once the answer has left; the status that the request gets, and the file's name."""
        busy, self._order = self._order, order
        number = "" if order.request_id is None else f"-{order.request_id}"
        name = f"{self._face.host.station_id.replace('/', '_')}-{order.kind}{number}.log"
        if busy is not None:
            self._face.afterwards(partial(self._tell, "AcceptedCanceled", busy))
        self._face.afterwards(partial(self._carry_out, order, name))
        return "Accepted" if busy is None else "AcceptedCanceled", name

    async def _carry_out(self, order: LogOrder, name: str) -> None:
        await self._tell("Uploading", order)
        for attempt in range(1 + order.retries):
            await self._face.host.clock.sleep(order.retry_interval_s if attempt else _PREPARING_S)
            if self._order is not order:
                return
            status = await upload(order.location, name, self._content(order.kind))
            if status == "Uploaded":
                break
        if self._order is order:
            self._order = None
            await self._tell(status, order)

    async def _tell(self, status: str, order: LogOrder) -> None:
        message = self._notification(status, order.request_id)
        if message is not None:
            await self._face.tell(message)

    def _content(self, kind: str) -> bytes:
        host = self._face.host
        hardware = host.hardware
        lines = [
            f"{timestamp(host.clock.utc())} {kind} of {host.station_id}",
            f"{hardware.kind.vendor} {hardware.kind.model}, firmware {hardware.firmware_version}",
            *(f"connector {one.connector_id}: {one.state}, {one.meter.energy_wh} Wh" for one in hardware.connectors),
        ]
        return "\n".join([*lines, ""]).encode()
