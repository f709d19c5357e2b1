"""Firmware of a 2.x station: fetched, checked, installed, with a word for each step (L01, L02)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.simulator.base_face import parse_time
from console.simulator.credentials import is_signed, read_chain
from console.simulator.firmware import next_version
from console.simulator.transfer import download
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_INSTALL_S = 10.0
_REBOOT_S = 15.0


class Firmware:
    """At most one update at a time; a new request cancels the one before, as long as nothing is installed."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._request_id: int | None = None
        self._status = "Idle"

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {"UpdateFirmware": self._update}

    def status_request(self) -> Request:
        """What is going on now."""
        if self._request_id is None:
            return Request("FirmwareStatusNotification", {"status": "Idle"})
        return Request("FirmwareStatusNotification", {"status": self._status, "requestId": self._request_id})

    def _update(self, request: Payload) -> Payload:
        if self._status in ("Installing", "InstallRebooting"):
            return {"status": "Rejected", "statusInfo": {"reasonCode": "Installing"}}
        certificate = request["firmware"].get("signingCertificate")
        if certificate is not None and not _is_certificate(certificate):
            event = partial(self._face.security_event, "InvalidFirmwareSigningCertificate")
            self._face.afterwards(event)
            return {"status": "InvalidCertificate"}
        busy, self._request_id = self._request_id, request["requestId"]
        self._face.afterwards(partial(self._carry_out, request))
        return {"status": "Accepted" if busy is None else "AcceptedCanceled"}

    async def _carry_out(self, request: Payload) -> None:
        if await self._fetch(request) and await self._wait_to_install(request):
            await self._install(request["requestId"])

    async def _fetch(self, request: Payload) -> bool:
        """Download and check; says whether there is something to install."""
        clock, firmware, request_id = self._face.host.clock, request["firmware"], request["requestId"]
        wait_s = (parse_time(firmware["retrieveDateTime"]) - clock.utc()).total_seconds()
        if wait_s > 0:
            await self._say("DownloadScheduled", request_id)
            await clock.sleep(wait_s)
        for attempt in range(1 + request.get("retries", 0)):
            await clock.sleep(request.get("retryInterval", 0) if attempt else 0)
            await self._say("Downloading", request_id)
            content = await download(firmware["location"])
            if content is not None:
                break
        if content is None:
            return await self._give_up("DownloadFailed", request_id)
        await self._say("Downloaded", request_id)
        if "signingCertificate" not in firmware:
            return self._is_current(request_id)
        if not is_signed(content, firmware.get("signature", ""), firmware["signingCertificate"]):
            await self._face.security_event("InvalidFirmwareSignature")
            return await self._give_up("InvalidSignature", request_id)
        await self._say("SignatureVerified", request_id)
        return self._is_current(request_id)

    async def _wait_to_install(self, request: Payload) -> bool:
        host, request_id = self._face.host, request["requestId"]
        when = request["firmware"].get("installDateTime")
        wait_s = (parse_time(when) - host.clock.utc()).total_seconds() if when else 0.0
        if wait_s > 0 or host.hardware.in_transaction:
            await self._say("InstallScheduled", request_id)
            await host.clock.sleep(wait_s)
            await host.wait_for(lambda: not host.hardware.in_transaction)
        return self._is_current(request_id)

    async def _install(self, request_id: int) -> None:
        host = self._face.host
        await self._say("Installing", request_id)
        await host.clock.sleep(_INSTALL_S)
        await self._say("InstallRebooting", request_id)
        host.hardware.firmware_version = next_version(host.hardware.firmware_version)
        await self._face.reboot(away_s=_REBOOT_S, reason="FirmwareUpdate")
        await host.wait_for(lambda: self._face.announced)
        await self._say("Installed", request_id)
        self._request_id, self._status = None, "Idle"

    def _is_current(self, request_id: int) -> bool:
        return self._request_id == request_id

    async def _give_up(self, status: str, request_id: int) -> bool:
        if self._request_id == request_id:
            self._status = status
            told = self.status_request()
            self._request_id, self._status = None, "Idle"
            await self._face.tell(told)
        return False

    async def _say(self, status: str, request_id: int) -> None:
        if self._request_id == request_id:
            self._status = status
            await self._face.tell(self.status_request())


def _is_certificate(pem: str) -> bool:
    try:
        return bool(read_chain(pem))
    except ValueError:
        return False
