"""UpdateFirmware of a 2.x station (L01, L02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.simulator.base_face import parse_time
from console.simulator.firmware import FirmwareOrder, FirmwareUpdate
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_REBOOT_S = 15.0


class Firmware:
    """Updates, one at a time."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self.update = FirmwareUpdate(face, _notification, self._reboot)

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {"UpdateFirmware": self._update}

    def _update(self, request: Payload) -> Payload:
        firmware = request["firmware"]
        install = firmware.get("installDateTime")
        order = FirmwareOrder(
            request["requestId"],
            firmware["location"],
            parse_time(firmware["retrieveDateTime"]),
            parse_time(install) if install else None,
            firmware.get("signingCertificate"),
            firmware.get("signature", ""),
            request.get("retries", 0),
            request.get("retryInterval", 0),
        )
        return {"status": self.update.begin(order)}

    async def _reboot(self) -> None:
        await self._face.reboot(away_s=_REBOOT_S, reason="FirmwareUpdate")


def _notification(status: str, request_id: int | None) -> Request:
    numbered = {} if request_id is None else {"requestId": request_id}
    return Request("FirmwareStatusNotification", {"status": status, **numbered})
