"""Log files of a 2.x station, uploaded where the central system wants them (N01)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.simulator.transfer import upload
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_PREPARING_S = 2.0


class Logs:
    """At most one upload at a time; a new request cancels the one before."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._request_id: int | None = None

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {"GetLog": self._get}

    def status(self) -> Request:
        """What is going on now."""
        if self._request_id is None:
            return Request("LogStatusNotification", {"status": "Idle"})
        return _notification("Uploading", self._request_id)

    def _get(self, request: Payload) -> Payload:
        if request["logType"] not in ("DiagnosticsLog", "SecurityLog"):
            return {"status": "Rejected"}
        name = f"{self._face.host.station_id.replace('/', '_')}-{request['logType']}-{request['requestId']}.log"
        busy, self._request_id = self._request_id, request["requestId"]
        if busy is not None:
            self._face.tell_afterwards(_notification("AcceptedCanceled", busy))
        self._face.afterwards(partial(self._upload, request, name))
        return {"status": "Accepted" if busy is None else "AcceptedCanceled", "filename": name}

    async def _upload(self, request: Payload, name: str) -> None:
        request_id = request["requestId"]
        await self._face.tell(_notification("Uploading", request_id))
        for attempt in range(1 + request.get("retries", 0)):
            await self._face.host.clock.sleep(request.get("retryInterval", _PREPARING_S) if attempt else _PREPARING_S)
            if self._request_id != request_id:
                return
            status = await upload(request["log"]["remoteLocation"], name, self._content(request["logType"]))
            if status == "Uploaded":
                break
        if self._request_id == request_id:
            self._request_id = None
            await self._face.tell(_notification(status, request_id))

    def _content(self, kind: str) -> bytes:
        hardware = self._face.host.hardware
        lines = [
            f"{self._face.now()} {kind} of {self._face.host.station_id}",
            f"{hardware.kind.vendor} {hardware.kind.model}, firmware {hardware.firmware_version}",
            *(f"connector {one.connector_id}: {one.state}, {one.meter.energy_wh} Wh" for one in hardware.connectors),
        ]
        return "\n".join([*lines, ""]).encode()


def _notification(status: str, request_id: int) -> Request:
    return Request("LogStatusNotification", {"status": status, "requestId": request_id})
