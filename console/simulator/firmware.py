"""Firmware on its way into a station: fetched, checked, installed, with a word for each step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from console.simulator.base_face import BaseFace
from console.simulator.credentials import is_signed, read_chain
from console.simulator.transfer import download

_INSTALL_S = 10.0

Notification = Callable[[str, int | None], object | None]
"""Makes the message that tells a status, with the id of the request; None where the version has no such status."""


@dataclass(frozen=True, slots=True)
class FirmwareOrder:
    """What an update is to do. `signing_certificate` (PEM) and `signature` (base64) come together."""

    request_id: int | None
    location: str
    retrieve: datetime
    install: datetime | None = None
    signing_certificate: str | None = None
    signature: str = ""
    retries: int = 0
    retry_interval_s: float = 0.0


class FirmwareUpdate:
    """At most one update at a time; a new order cancels the one before, as long as nothing is installed."""

    def __init__(self, face: BaseFace, notification: Notification, reboot: Callable[[], Awaitable[None]]) -> None:
        self._face = face
        self._notification = notification
        self._reboot = reboot
        self._order: FirmwareOrder | None = None
        self.status = "Idle"

    def notification(self) -> object | None:
        """The message that tells what is going on now."""
        return self._notification(self.status, self._order.request_id if self._order else None)

    def begin(self, order: FirmwareOrder) -> str:
        """Begin an update once the answer has left; answers the status that the request gets."""
        if self.status in ("Installing", "InstallRebooting"):
            return "Rejected"
        if order.signing_certificate is not None and not _is_certificate(order.signing_certificate):
            self._face.afterwards(partial(self._face.security_event, "InvalidFirmwareSigningCertificate"))
            return "InvalidCertificate"
        busy, self._order = self._order, order
        self._face.afterwards(partial(self._carry_out, order))
        return "Accepted" if busy is None else "AcceptedCanceled"

    async def _carry_out(self, order: FirmwareOrder) -> None:
        if await self._fetch(order) and await self._wait_to_install(order):
            await self._install(order)

    async def _fetch(self, order: FirmwareOrder) -> bool:
        """Download and check; says whether there is something to install."""
        clock = self._face.host.clock
        wait_s = (order.retrieve - clock.utc()).total_seconds()
        if wait_s > 0:
            await self._say("DownloadScheduled", order)
            await clock.sleep(wait_s)
        for attempt in range(1 + order.retries):
            await clock.sleep(order.retry_interval_s if attempt else 0.0)
            await self._say("Downloading", order)
            content = await download(order.location)
            if content is not None:
                break
        if content is None:
            return await self._give_up("DownloadFailed", order)
        await self._say("Downloaded", order)
        if order.signing_certificate is None:
            return self._order is order
        if not is_signed(content, order.signature, order.signing_certificate):
            await self._face.security_event("InvalidFirmwareSignature")
            return await self._give_up("InvalidSignature", order)
        await self._say("SignatureVerified", order)
        return self._order is order

    async def _wait_to_install(self, order: FirmwareOrder) -> bool:
        host = self._face.host
        wait_s = (order.install - host.clock.utc()).total_seconds() if order.install else 0.0
        if wait_s > 0 or host.hardware.in_transaction:
            await self._say("InstallScheduled", order)
            await host.clock.sleep(wait_s)
            await host.wait_for(lambda: not host.hardware.in_transaction)
        return self._order is order

    async def _install(self, order: FirmwareOrder) -> None:
        host = self._face.host
        await self._say("Installing", order)
        await host.clock.sleep(_INSTALL_S)
        await self._say("InstallRebooting", order)
        host.hardware.firmware_version = next_version(host.hardware.firmware_version)
        await self._reboot()
        await host.wait_for(lambda: self._face.announced)
        await self._say("Installed", order)
        self._order, self.status = None, "Idle"

    async def _give_up(self, status: str, order: FirmwareOrder) -> bool:
        if self._order is order:
            self._order, self.status = None, "Idle"
            await self._tell(status, order)
        return False

    async def _say(self, status: str, order: FirmwareOrder) -> None:
        if self._order is order:
            self.status = status
            await self._tell(status, order)

    async def _tell(self, status: str, order: FirmwareOrder) -> None:
        message = self._notification(status, order.request_id)
        if message is not None:
            await self._face.tell(message)


def next_version(version: str) -> str:
    """The version after this one: its last number plus one."""
    head = version.rstrip("0123456789")
    return f"{head}{int(version[len(head) :] or 0) + 1}"


def _is_certificate(pem: str) -> bool:
    try:
        return bool(read_chain(pem))
    except ValueError:
        return False
