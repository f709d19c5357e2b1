"""OCPP 2.x: what a station's payload says, by action. The payloads have passed their schema, or were repaired.

``READERS`` is the table of what stations may ask in each version; actions of one block have their readers in a module
of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from console.csms.dialects.checks import Unreadable
from console.csms.dialects.ocpp2 import certificates, charging, events, monitors, telling, variables
from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, at, token
from console.csms.dialects.ocpp2.meters import meter_values
from console.csms.dialects.ocpp2.transactions import transaction_event
from console.csms.said.reports import (
    Authorize,
    Boot,
    Heartbeat,
    Report,
    StatusReport,
    VendorData,
)
from console.model.station import ConnectorStatus
from console.model.text import plain

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


_BOTH: dict[str, Reader] = {
    "Authorize": authorize,
    "BootNotification": boot,
    "ClearedChargingLimit": telling.cleared_limit,
    "DataTransfer": data_transfer,
    "FirmwareStatusNotification": events.firmware_status,
    "Get15118EVCertificate": certificates.contract_certificate,
    "GetCertificateStatus": certificates.certificate_status,
    "Heartbeat": heartbeat,
    "LogStatusNotification": events.log_status,
    "MeterValues": meter_values,
    "NotifyChargingLimit": telling.charging_limit,
    "NotifyCustomerInformation": telling.customer_information,
    "NotifyDisplayMessages": telling.display_messages,
    "NotifyEVChargingNeeds": telling.charging_needs,
    "NotifyEVChargingSchedule": telling.ev_schedule,
    "NotifyEvent": events.notify_event,
    "NotifyMonitoringReport": monitors.monitors_report,
    "NotifyReport": variables.settings_report,
    "PublishFirmwareStatusNotification": events.publish_status,
    "ReportChargingProfiles": charging.profiles_report,
    "ReservationStatusUpdate": telling.reservation_status,
    "SecurityEventNotification": events.security_event,
    "SignCertificate": certificates.sign_certificate,
    "StatusNotification": status,
    "TransactionEvent": transaction_event,
}

#: What a station may ask in each version, and who reads it.
READERS: dict[str, dict[str, Reader]] = {
    "2.0.1": _BOTH,
    "2.1": _BOTH
    | {
        "BatterySwap": telling.battery_swap,
        "ClosePeriodicEventStream": events.close_stream,
        "GetCertificateChainStatus": certificates.chain_status,
        "NotifyDERAlarm": telling.der_alarm,
        "NotifyDERStartStop": telling.der_start_stop,
        "NotifyPeriodicEventStream": events.stream_data,
        "NotifyPriorityCharging": charging.priority_report,
        "NotifySettlement": telling.settlement,
        "OpenPeriodicEventStream": events.open_stream,
        "PullDynamicScheduleUpdate": charging.dynamic_pull,
        "ReportDERControl": telling.der_controls,
        "VatNumberValidation": telling.vat_number,
    },
}
