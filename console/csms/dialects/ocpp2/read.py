"""OCPP 2.x: what a station's payload says, by action. The payloads have passed their schema, or were repaired.

``READERS`` is the table of what stations may ask in each version; actions of one block have their readers in a module
of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from console.csms.dialects.ocpp2 import charging, variables
from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, Unreadable, at, token
from console.csms.dialects.ocpp2.meters import meter_values
from console.csms.dialects.ocpp2.transactions import transaction_event
from console.csms.reports import (
    Authorize,
    Boot,
    Heartbeat,
    OtherReport,
    Report,
    StatusReport,
    VendorData,
)
from console.model.station import ConnectorStatus
from console.model.text import plain

__all__ = ["READERS", "Unreadable"]

Reader = Callable[[Json, Problems], Report]

_HEARTBEAT = Heartbeat()


def boot(wire: Json, _problems: Problems) -> Boot:
    """BootNotification (2.0.1 Part 2 §1.5)."""
    station: Json = wire["chargingStation"]
    modem: Json = station.get("modem", {})

    def word(holder: Json, name: str) -> str:
        return plain(holder.get(name, "")).strip()

    return Boot(
        vendor=word(station, "vendorName"),
        model=word(station, "model"),
        serial_number=word(station, "serialNumber"),
        firmware_version=word(station, "firmwareVersion"),
        iccid=word(modem, "iccid"),
        imsi=word(modem, "imsi"),
        reason=word(wire, "reason"),
    )


def heartbeat(_wire: Json, _problems: Problems) -> Heartbeat:
    """Heartbeat."""
    return _HEARTBEAT


def status(wire: Json, problems: Problems) -> StatusReport:
    """StatusNotification. Faults have no code here; they come by NotifyEvent."""
    evse_id, connector_id = wire["evseId"], wire["connectorId"]
    if not 0 <= evse_id <= HIGHEST_EVSE or not 0 <= connector_id <= HIGHEST_EVSE:
        raise Unreadable(f"evseId or connectorId is not between 0 and {HIGHEST_EVSE}")
    if evse_id and not connector_id:
        problems.append("connectorId 0: taken for 1")
    return StatusReport(
        evse_id=evse_id,
        connector_id=connector_id or 1,
        status=ConnectorStatus(wire["connectorStatus"]),
        at=at(wire["timestamp"], problems),
    )


def authorize(wire: Json, _problems: Problems) -> Authorize:
    """Authorize, and whether a contract certificate is to be checked with it (ISO 15118)."""
    id_token, token_type = token(wire["idToken"])
    return Authorize(id_token, token_type, "certificate" in wire or "iso15118CertificateHashData" in wire)


def data_transfer(wire: Json, _problems: Problems) -> VendorData:
    """DataTransfer."""
    return VendorData(plain(wire["vendorId"]), plain(wire.get("messageId", "")))


def other(action: str, wire: Json, _problems: Problems) -> OtherReport:
    """Whatever has no reader of its own yet: kept as a frame, and answered."""
    return OtherReport(action, wire)


def _others(*actions: str) -> dict[str, Reader]:
    return {action: partial(other, action) for action in actions}


_BOTH: dict[str, Reader] = {
    "Authorize": authorize,
    "BootNotification": boot,
    "DataTransfer": data_transfer,
    "Heartbeat": heartbeat,
    "MeterValues": meter_values,
    "ReportChargingProfiles": charging.profiles_report,
    "NotifyMonitoringReport": variables.monitors_report,
    "NotifyReport": variables.settings_report,
    "StatusNotification": status,
    "TransactionEvent": transaction_event,
    **_others(
        "ClearedChargingLimit",
        "FirmwareStatusNotification",
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "LogStatusNotification",
        "NotifyChargingLimit",
        "NotifyCustomerInformation",
        "NotifyDisplayMessages",
        "NotifyEVChargingNeeds",
        "NotifyEVChargingSchedule",
        "NotifyEvent",
        "PublishFirmwareStatusNotification",
        "ReservationStatusUpdate",
        "SecurityEventNotification",
        "SignCertificate",
    ),
}

#: What a station may ask in each version, and who reads it.
READERS: dict[str, dict[str, Reader]] = {
    "2.0.1": _BOTH,
    "2.1": _BOTH
    | {
        "NotifyPriorityCharging": charging.priority_report,
        "PullDynamicScheduleUpdate": charging.dynamic_pull,
    }
    | _others(
        "BatterySwap",
        "ClosePeriodicEventStream",
        "GetCertificateChainStatus",
        "NotifyDERAlarm",
        "NotifyDERStartStop",
        "NotifyPeriodicEventStream",
        "NotifySettlement",
        "OpenPeriodicEventStream",
        "ReportDERControl",
        "VatNumberValidation",
    ),
}
