"""GetLog of a 2.x station (N01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.simulator.logs import LogOrder, LogUpload
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face


class Logs:
    """Diagnostics and security logs, one at a time."""

    def __init__(self, face: Face) -> None:
        self.upload = LogUpload(face, _notification)

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {"GetLog": self._get}

    def _get(self, request: Payload) -> Payload:
        if request["logType"] not in ("DiagnosticsLog", "SecurityLog"):
            return {"status": "Rejected"}
        order = LogOrder(request["requestId"], request["logType"], request["log"]["remoteLocation"])
        if "retries" in request:
            order = LogOrder(
                order.request_id, order.kind, order.location, request["retries"], request.get("retryInterval", 0)
            )
        status, name = self.upload.begin(order)
        return {"status": status, "filename": name}


def _notification(status: str, request_id: int | None) -> Request:
    numbered = {} if request_id is None else {"requestId": request_id}
    return Request("LogStatusNotification", {"status": status, **numbered})
