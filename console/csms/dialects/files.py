"""What GetLog and the update of firmware are made of, where 1.6's security extension and 2.x say it alike."""

from __future__ import annotations

from datetime import datetime

from console.csms.dialects.times import write_time
from console.csms.ports import Payload
from console.errors import ConsoleError
from console.model.file_command import FetchLog, UpdateFirmware
from console.model.station_file import FileKind

_LOG_TYPES = {FileKind.DIAGNOSTICS: "DiagnosticsLog", FileKind.SECURITY: "SecurityLog"}
#: The longest that 1.6 and 2.x take (CertificateType, signature).
_LONGEST_CERTIFICATE, _LONGEST_SIGNATURE = 5500, 800


def attempts(command: FetchLog | UpdateFirmware) -> Payload:
    """How often it is tried again, and how many seconds lie between."""
    payload: Payload = {}
    if command.retries is not None:
        payload["retries"] = command.retries
    if command.retry_interval_s is not None:
        payload["retryInterval"] = command.retry_interval_s
    return payload


def log_parameters(command: FetchLog) -> Payload:
    """GetLog."""
    log: Payload = {"remoteLocation": command.location}
    if command.since is not None:
        log["oldestTimestamp"] = write_time(command.since)
    if command.until is not None:
        log["latestTimestamp"] = write_time(command.until)
    return {"logType": _LOG_TYPES[command.kind], "requestId": command.request_id, "log": log} | attempts(command)


def signed(command: UpdateFirmware) -> Payload:
    """SignedUpdateFirmware of 1.6, UpdateFirmware of 2.x."""
    firmware: Payload = {"location": command.location, "retrieveDateTime": write_time(retrieve_at(command))}
    if command.install_at is not None:
        firmware["installDateTime"] = write_time(command.install_at)
    if bool(command.signing_certificate) != bool(command.signature):
        raise ConsoleError("A signature and the certificate of who signed belong together.", "Give both, or none.")
    for name, text, longest in (
        ("signingCertificate", command.signing_certificate, _LONGEST_CERTIFICATE),
        ("signature", command.signature, _LONGEST_SIGNATURE),
    ):
        if len(text) > longest:
            raise ConsoleError(f"The {name} has {len(text)} characters; OCPP takes {longest}.", "Use a shorter one.")
        if text:
            firmware[name] = text
    return {"requestId": command.request_id, "firmware": firmware} | attempts(command)


def retrieve_at(command: UpdateFirmware) -> datetime:
    """When the station fetches it; the service has filled that in."""
    if command.retrieve_at is None:
        raise ConsoleError("Nobody said when the firmware shall be fetched.")
    return command.retrieve_at
