"""What the security extension adds to a 1.6 station: certificates, logs, signed firmware, further triggers."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ocpp.v16 import call
from ocpp.v16.enums import DiagnosticsStatus, UploadLogStatus
from ocpp.v16.enums import FirmwareStatus as Status

from console.simulator.base_face import parse_time
from console.simulator.certificates import CertificateStore
from console.simulator.firmware import FirmwareOrder, FirmwareUpdate
from console.simulator.logs import LogOrder, LogUpload
from console.simulator.outbox import RequestFailed, Unreachable

if TYPE_CHECKING:
    from console.simulator.v16.face import Face

_LOG = logging.getLogger(__name__)

_REBOOT_S = 15.0
_USE = "ChargePointCertificate"
_DIAGNOSTICS = {"Idle": "Idle", "Uploading": "Uploading", "Uploaded": "Uploaded", "AcceptedCanceled": None}
_PLAIN_FIRMWARE = ("Idle", "Downloading", "Downloaded", "DownloadFailed", "Installing", "Installed")


class Security:
    """Files and certificates of one 1.6 station. Each method answers with a status at once."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self.diagnostics = LogUpload(face, _diagnostics_status)
        self.logs = LogUpload(face, _log_status)
        self.firmware = FirmwareUpdate(face, _firmware_status, self._reboot)
        self.signed_firmware = FirmwareUpdate(face, _signed_firmware_status, self._reboot)
        self.certificates = CertificateStore(face.host.hardware.serial_number)

    def get_diagnostics(self, location: str, retries: int, retry_interval_s: float) -> str:
        """Upload diagnostics; answers the file's name."""
        _, name = self.diagnostics.begin(LogOrder(None, "DiagnosticsLog", location, retries, retry_interval_s))
        return name

    def get_log(self, order: LogOrder) -> tuple[str, str]:
        """Upload a log; answers the status and the file's name."""
        return self.logs.begin(order)

    def update_firmware(self, location: str, retrieve_date: str, retries: int, retry_interval_s: float) -> None:
        """Fetch and install firmware at that time; 1.6 has no way to refuse."""
        when = parse_time(retrieve_date)
        self.firmware.begin(FirmwareOrder(None, location, when, None, None, "", retries, retry_interval_s))

    def signed_update_firmware(
        self, request_id: int, firmware: dict[str, Any], retries: int, retry_interval_s: float
    ) -> str:
        """Fetch, check and install firmware."""
        install = firmware.get("install_date_time")
        order = FirmwareOrder(
            request_id,
            firmware["location"],
            parse_time(firmware["retrieve_date_time"]),
            parse_time(install) if install else None,
            firmware["signing_certificate"],
            firmware["signature"],
            retries,
            retry_interval_s,
        )
        return self.signed_firmware.begin(order)

    def extended_trigger(self, message: str, connector_id: int | None) -> str:
        """Send a message now; what the plain trigger knows is done by it."""
        match message:
            case "SignChargePointCertificate":
                self._face.afterwards(self._sign)
            case "LogStatusNotification":
                self._face.tell_afterwards(self.logs.notification())
            case "FirmwareStatusNotification":
                self._face.tell_afterwards(self.signed_firmware.notification())
            case _:
                return self._face.commands.trigger(message, connector_id)
        return "Accepted"

    def certificate_signed(self, chain: str) -> str:
        """Take over a certificate if it is for the key that was asked for."""
        if self.certificates.take(_USE, chain):
            return "Accepted"
        self._face.afterwards(partial(self._face.security_event, "InvalidChargePointCertificate"))
        return "Rejected"

    def installed(self, kind: str) -> list[dict[str, str]]:
        """The certificateHashData of the roots of a kind."""
        return [hashes for _, hashes in self.certificates.hashes([kind])]

    async def _sign(self) -> None:
        csr = self.certificates.ask(_USE, self._face.configuration.text("CpoName"))
        try:
            answer = await self._face.request(call.SignCertificate(csr))
        except (Unreachable, RequestFailed) as failure:
            _LOG.warning("%s: SignCertificate failed: %s", self._face.host.station_id, failure)
            return
        if answer.status != "Accepted":
            self.certificates.forget_request(_USE)

    async def _reboot(self) -> None:
        await self._face.reboot(away_s=_REBOOT_S)


def _maybe(request_id: int | None) -> int:
    """The package's dataclasses want an id where OCPP does not; None is left out when they are sent."""
    return cast("int", request_id)


def _diagnostics_status(status: str, _: int | None) -> object | None:
    known = _DIAGNOSTICS.get(status, "UploadFailed")
    return call.DiagnosticsStatusNotification(status=DiagnosticsStatus(known)) if known else None


def _log_status(status: str, request_id: int | None) -> object | None:
    if status == "AcceptedCanceled":
        return None
    return call.LogStatusNotification(status=UploadLogStatus(status), request_id=_maybe(request_id))


def _firmware_status(status: str, _: int | None) -> object | None:
    return call.FirmwareStatusNotification(status=Status(status)) if status in _PLAIN_FIRMWARE else None


def _signed_firmware_status(status: str, request_id: int | None) -> object:
    return call.SignedFirmwareStatusNotification(status=Status(status), request_id=_maybe(request_id))
