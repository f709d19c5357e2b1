"""OCPP 1.6: what a station's payload says. The payloads have passed their schema, or were repaired where tolerated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from console.csms.dialects.checks import Unreadable
from console.csms.dialects.ocpp16.samples import read_samples
from console.csms.dialects.security_events import read_security_event
from console.csms.dialects.times import read_time
from console.csms.key_codes import presented
from console.csms.said.meters import plan
from console.csms.said.reports import (
    Authorize,
    Boot,
    CertificateRequest,
    Heartbeat,
    Measurement,
    MeterReport,
    Report,
    StartReport,
    StatusReport,
    StopReport,
    VendorData,
)
from console.csms.said.told import Progress, Telling
from console.model.record import RecordKind
from console.model.station import ConnectorStatus
from console.model.text import plain

Json = dict[str, Any]
Problems = list[str]

#: No station has connectors beyond this number; whole numbers beyond the other one are no meter's and no database's.
HIGHEST_CONNECTOR = 255
LARGEST = 2**53

_HEARTBEAT = Heartbeat()


def boot(wire: Json, _problems: Problems) -> Boot:
    """BootNotification (1.6 §6.3). The serial number is the charge point's, or else the older charge box's."""

    def word(name: str) -> str:
        return plain(wire.get(name, "")).strip()

    return Boot(
        vendor=word("chargePointVendor"),
        model=word("chargePointModel"),
        serial_number=word("chargePointSerialNumber") or word("chargeBoxSerialNumber"),
        firmware_version=word("firmwareVersion"),
        iccid=word("iccid"),
        imsi=word("imsi"),
        meter_type=word("meterType"),
        meter_serial_number=word("meterSerialNumber"),
    )


def heartbeat(_wire: Json, _problems: Problems) -> Heartbeat:
    """Heartbeat (§6.29)."""
    return _HEARTBEAT


def status(wire: Json, problems: Problems) -> StatusReport:
    """StatusNotification (§6.47)."""
    return StatusReport(
        evse_id=_connector(wire["connectorId"]),
        connector_id=1,
        status=ConnectorStatus(wire["status"]),
        error_code=_error_code(wire["errorCode"]),
        info=plain(wire.get("info", "")),
        vendor_error_code=plain(wire.get("vendorErrorCode", "")),
        at=_at(wire["timestamp"], problems) if "timestamp" in wire else None,
    )


def meter_values(wire: Json, problems: Problems) -> MeterReport:
    """MeterValues (§6.31)."""
    transaction_id = wire.get("transactionId")
    return MeterReport(
        _connector(wire["connectorId"]),
        "" if transaction_id is None else _transaction(transaction_id),
        _measurements(wire["meterValue"], problems),
    )


def authorize(wire: Json, _problems: Problems) -> Authorize:
    """Authorize (§6.1)."""
    return Authorize(presented(plain(wire["idTag"])))


def start(wire: Json, problems: Problems) -> StartReport:
    """StartTransaction (§6.45). It is always answered, whatever it says: odd numbers become 0 and None."""
    connector, meter = wire["connectorId"], wire["meterStart"]
    if not 0 < connector <= HIGHEST_CONNECTOR:
        problems.append(f"transaction on connector {_short(connector)}")
    return StartReport(
        evse_id=connector if 0 < connector <= HIGHEST_CONNECTOR else 0,
        connector_id=1,
        id_token=presented(plain(wire["idTag"])),
        meter_start_wh=_register(meter, problems),
        at=_at(wire["timestamp"], problems),
        raw_at=wire["timestamp"],
        reservation_id=wire.get("reservationId", 0),
    )


def stop(wire: Json, problems: Problems) -> StopReport:
    """StopTransaction (§6.49). It cannot be refused; no reason means Local."""
    return StopReport(
        transaction_id=_transaction(wire["transactionId"]),
        id_token=presented(plain(wire.get("idTag", ""))),
        meter_stop_wh=_register(wire["meterStop"], problems),
        at=_at(wire["timestamp"], problems),
        raw_at=wire["timestamp"],
        reason=plain(wire.get("reason", "Local")),
        measurements=_measurements(wire.get("transactionData", ()), problems),
    )


def data_transfer(wire: Json, _problems: Problems) -> VendorData:
    """DataTransfer (§6.15)."""
    return VendorData(plain(wire["vendorId"]), plain(wire.get("messageId", "")))


def firmware_status(wire: Json, _problems: Problems) -> Progress:
    """FirmwareStatusNotification (§6.19) and its signed sister."""
    return Progress(RecordKind.FIRMWARE, wire["status"], wire, wire.get("requestId"))


def log_status(wire: Json, _problems: Problems) -> Progress:
    """DiagnosticsStatusNotification (§6.17) and LogStatusNotification."""
    return Progress(RecordKind.LOG, wire["status"], wire, wire.get("requestId"))


def security_event(wire: Json, problems: Problems) -> Telling:
    """SecurityEventNotification (security extension)."""
    return Telling((read_security_event(wire, _at(wire["timestamp"], problems)),))


def sign_certificate(wire: Json, _problems: Problems) -> CertificateRequest:
    """SignCertificate (security extension)."""
    return CertificateRequest(wire["csr"], said=wire)


#: What a station may ask, and who reads it.
READERS: dict[str, Callable[[Json, Problems], Report]] = {
    "Authorize": authorize,
    "BootNotification": boot,
    "DataTransfer": data_transfer,
    "DiagnosticsStatusNotification": log_status,
    "FirmwareStatusNotification": firmware_status,
    "Heartbeat": heartbeat,
    "LogStatusNotification": log_status,
    "MeterValues": meter_values,
    "SecurityEventNotification": security_event,
    "SignCertificate": sign_certificate,
    "SignedFirmwareStatusNotification": firmware_status,
    "StartTransaction": start,
    "StatusNotification": status,
    "StopTransaction": stop,
}


def _measurements(wire: Any, problems: Problems) -> tuple[Measurement, ...]:
    return tuple([_measurement(value, problems) for value in wire])


def _measurement(wire: Json, problems: Problems) -> Measurement:
    samples = read_samples(wire["sampledValue"])
    return Measurement(_at(wire["timestamp"], problems), samples, plan(samples))


def _at(text: str, problems: Problems) -> datetime | None:
    moment, problem = read_time(text)
    if problem and problem not in problems:
        problems.append(problem)
    return moment


def _connector(number: int) -> int:
    if not 0 <= number <= HIGHEST_CONNECTOR:
        raise Unreadable(f"connectorId is not between 0 and {HIGHEST_CONNECTOR}")
    return number


def _transaction(number: int) -> str:
    """Transaction ids are opaque above the dialect. One that is no 64-bit number can be none of ours."""
    return str(number) if abs(number) < 2**63 else "0"


def _register(wh: int, problems: Problems) -> int | None:
    if abs(wh) <= LARGEST:
        return wh
    problems.append("a meter reading beyond any meter")
    return None


def _error_code(word: str) -> str:
    """ "" for NoError, so that no alarm is raised where there is none."""
    return "" if word == "NoError" else plain(word)


def _short(number: int) -> str:
    return str(number) if abs(number) < 10**9 else "out of range"
