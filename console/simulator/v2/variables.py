"""What a simulated 2.x station has in its device model (2.x part 2, appendices 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from console.simulator import profiles
from console.simulator.connector import NO_ERROR, Connector
from console.simulator.v2.device_model import READ_WRITE, WRITE_ONLY, Variable
from console.simulator.v2.samples import MEASURANDS_AC, MEASURANDS_DC

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

LOCAL_LIST_ENTRIES = 500
TARIFF_ELEMENTS = 10
DISPLAY_MESSAGES = 10
ITEMS_PER_MESSAGE = 25

_TX_POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
_CURRENCY = "EUR"


def standard_variables(face: Face) -> list[Variable]:
    """Every variable of a station."""
    return [
        *_hardware(face),
        *_communication(),
        *_authorization(face),
        *_transactions(face),
        *_security(face),
        *_smart_charging(face),
        *_other_rooms(face),
    ]


def _flag(component: str, name: str, value: bool, *, writable: bool = True, instance: str | None = None) -> Variable:
    mutability = READ_WRITE if writable else "ReadOnly"
    return Variable(component, name, str(value).lower(), "boolean", mutability, instance)


def _count(
    component: str,
    name: str,
    value: int,
    unit: str | None = None,
    *,
    writable: bool = True,
    instance: str | None = None,
    least: int = 0,
    most: int | None = None,
    needs_reboot: bool = False,
) -> Variable:
    return Variable(
        component,
        name,
        str(value),
        "integer",
        READ_WRITE if writable else "ReadOnly",
        instance,
        unit=unit,
        least=least,
        most=most,
        needs_reboot=needs_reboot,
    )


def _fixed(component: str, name: str, value: str) -> Variable:
    return Variable(component, name, value)


def _live(component: str, name: str, read: Callable[[], str], **more: object) -> Variable:
    return Variable(component, name, read=read, **more)  # type: ignore[arg-type]


def _hardware(face: Face) -> Iterator[Variable]:
    hardware = face.host.hardware
    kind = hardware.kind
    yield _live("ChargingStation", "AvailabilityState", lambda: hardware.state.value, data_type="OptionList")
    yield _flag("ChargingStation", "Available", True, writable=False)
    yield _live(
        "ChargingStation",
        "Problem",
        lambda: _said(any(one.error_code != NO_ERROR for one in hardware.connectors)),
        data_type="boolean",
        monitored=True,
    )
    yield _fixed("ChargingStation", "VendorName", kind.vendor)
    yield _fixed("ChargingStation", "Model", kind.model)
    yield _fixed("ChargingStation", "SerialNumber", hardware.serial_number)
    yield _live("ChargingStation", "FirmwareVersion", lambda: hardware.firmware_version)
    yield _count("ChargingStation", "SupplyPhases", kind.phases, writable=False)
    for evse_id in range(1, kind.evses + 1):
        connectors = tuple(one for one in hardware.connectors if one.evse_id == evse_id)
        yield from _evse(face, evse_id, connectors)
        for connector in connectors:
            yield from _connector(face, connector)


def _evse(face: Face, evse_id: int, connectors: tuple[Connector, ...]) -> Iterator[Variable]:
    kind = face.host.hardware.kind
    yield _live("EVSE", "AvailabilityState", lambda: face.evse_status(evse_id), data_type="OptionList", evse_id=evse_id)
    yield Variable("EVSE", "Available", "true", "boolean", evse_id=evse_id)
    yield Variable("EVSE", "SupplyPhases", str(kind.phases), "integer", evse_id=evse_id)
    yield _live(
        "EVSE",
        "Power",
        lambda: f"{sum(one.power_w for one in connectors):.1f}",
        data_type="decimal",
        unit="W",
        most=kind.max_power_w,
        monitored=True,
        evse_id=evse_id,
    )
    yield Variable(
        "EVSE", "DCInputPower" if kind.is_dc else "ACCurrent", f"{kind.max_current_a:.0f}", "decimal", evse_id=evse_id
    )


def _connector(face: Face, connector: Connector) -> Iterator[Variable]:
    place = {"evse_id": connector.evse_id, "connector_id": connector.number_in_evse}
    yield _live(
        "Connector",
        "AvailabilityState",
        lambda: face.status(connector),
        data_type="OptionList",
        monitored=True,
        **place,
    )
    yield _live("Connector", "Available", lambda: _said(connector.operative), data_type="boolean", **place)
    yield _live(
        "Connector",
        "Problem",
        lambda: _said(connector.error_code != NO_ERROR),
        data_type="boolean",
        monitored=True,
        **place,
    )
    yield _live("Connector", "ConnectorType", lambda: "cCCS2" if connector.kind.is_dc else "sType2", **place)


def _communication() -> Iterator[Variable]:
    at = "OCPPCommCtrlr"
    yield _count(at, "HeartbeatInterval", 300, "s")
    yield _count(at, "WebSocketPingInterval", 20, "s", needs_reboot=True)
    yield _count(at, "OfflineThreshold", 60, "s")
    yield _count(at, "MessageTimeout", 30, "s", writable=False, instance="Default")
    yield _count(at, "MessageAttempts", 3, instance="TransactionEvent", least=1, most=10)
    yield _count(at, "MessageAttemptInterval", 60, "s", instance="TransactionEvent")
    yield _count(at, "NetworkProfileConnectionAttempts", 3)
    yield Variable(at, "NetworkConfigurationPriority", "1", "SequenceList", READ_WRITE, values=("1", "2"))
    yield _count(at, "ActiveNetworkProfile", 1, writable=False)
    yield _count(at, "ResetRetries", 1)
    yield _count(at, "RetryBackOffWaitMinimum", 1, "s", writable=False)
    yield _flag(at, "UnlockOnEVSideDisconnect", True, writable=False)
    yield Variable(at, "FileTransferProtocols", "HTTP", "MemberList", values=("HTTP",))
    for message in ("GetReport", "GetVariables", "SetVariables"):
        yield _count("DeviceDataCtrlr", "ItemsPerMessage", ITEMS_PER_MESSAGE, writable=False, instance=message)
        yield _count("DeviceDataCtrlr", "BytesPerMessage", 65_536, writable=False, instance=message)


def _authorization(face: Face) -> Iterator[Variable]:
    yield _flag("AuthCtrlr", "Enabled", True)
    yield _flag("AuthCtrlr", "AuthorizeRemoteStart", False)
    yield _flag("AuthCtrlr", "LocalAuthorizeOffline", True)
    yield _flag("AuthCtrlr", "LocalPreAuthorize", False)
    yield _flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled", False)
    yield _flag("AuthCacheCtrlr", "Available", True, writable=False)
    yield _flag("AuthCacheCtrlr", "Enabled", True)
    yield _count("AuthCacheCtrlr", "LifeTime", 0, "s")
    yield _flag("LocalAuthListCtrlr", "Available", True, writable=False)
    yield _flag("LocalAuthListCtrlr", "Enabled", True)
    yield _live(
        "LocalAuthListCtrlr",
        "Entries",
        lambda: str(face.memory.list_length),
        data_type="integer",
        most=LOCAL_LIST_ENTRIES,
    )
    yield _count("LocalAuthListCtrlr", "ItemsPerMessage", 100, writable=False)
    yield _count("LocalAuthListCtrlr", "BytesPerMessage", 65_536, writable=False)
    yield _flag("ReservationCtrlr", "Available", True, writable=False)
    yield _flag("ReservationCtrlr", "Enabled", True)
    yield _flag("ReservationCtrlr", "NonEvseSpecific", False, writable=False)


def _transactions(face: Face) -> Iterator[Variable]:
    measurands = MEASURANDS_DC if face.host.hardware.kind.is_dc else MEASURANDS_AC
    sampled = ",".join(name for name in measurands if name != "Current.Offered")
    energy = "Energy.Active.Import.Register"

    def measured(component: str, name: str, value: str) -> Variable:
        return Variable(component, name, value, "MemberList", READ_WRITE, values=measurands)

    yield _count("TxCtrlr", "EVConnectionTimeOut", 60, "s")
    yield _flag("TxCtrlr", "StopTxOnEVSideDisconnect", True)
    yield _flag("TxCtrlr", "StopTxOnInvalidId", True)
    yield Variable("TxCtrlr", "TxStartPoint", "PowerPathClosed", "MemberList", READ_WRITE, values=_TX_POINTS)
    yield Variable("TxCtrlr", "TxStopPoint", "EVConnected,Authorized", "MemberList", READ_WRITE, values=_TX_POINTS)
    yield _flag("SampledDataCtrlr", "Available", True, writable=False)
    yield _flag("SampledDataCtrlr", "Enabled", True)
    yield measured("SampledDataCtrlr", "TxStartedMeasurands", energy)
    yield measured("SampledDataCtrlr", "TxUpdatedMeasurands", sampled)
    yield _count("SampledDataCtrlr", "TxUpdatedInterval", 10, "s")
    yield measured("SampledDataCtrlr", "TxEndedMeasurands", energy)
    yield _count("SampledDataCtrlr", "TxEndedInterval", 0, "s")
    yield _flag("AlignedDataCtrlr", "Available", True, writable=False)
    yield _flag("AlignedDataCtrlr", "Enabled", True)
    yield measured("AlignedDataCtrlr", "Measurands", energy)
    yield _count("AlignedDataCtrlr", "Interval", 0, "s")
    yield measured("AlignedDataCtrlr", "TxEndedMeasurands", "")
    yield _count("AlignedDataCtrlr", "TxEndedInterval", 0, "s")


def _security(face: Face) -> Iterator[Variable]:
    yield Variable("SecurityCtrlr", "BasicAuthPassword", "", "string", WRITE_ONLY, least=16, most=40)
    yield _fixed("SecurityCtrlr", "Identity", face.host.station_id)
    yield Variable("SecurityCtrlr", "OrganizationName", "Example Charging", "string", READ_WRITE, most=64)
    yield _live("SecurityCtrlr", "SecurityProfile", lambda: "0" if face.host.link.password is None else "1")
    yield _live(
        "SecurityCtrlr", "CertificateEntries", lambda: str(len(face.certificates)), data_type="integer", most=10
    )
    yield _count("SecurityCtrlr", "CertSigningWaitMinimum", 30, "s")
    yield _count("SecurityCtrlr", "CertSigningRepeatTimes", 2)
    yield _live("ClockCtrlr", "DateTime", lambda: face.now(), data_type="dateTime")
    yield Variable("ClockCtrlr", "TimeSource", "Heartbeat", "SequenceList", READ_WRITE, values=("Heartbeat", "NTP"))


def _smart_charging(face: Face) -> Iterator[Variable]:
    at = "SmartChargingCtrlr"
    yield _flag(at, "Available", True, writable=False)
    yield _flag(at, "Enabled", True)
    yield _count(at, "ProfileStackLevel", profiles.MAX_STACK_LEVEL, writable=False)
    yield _count(at, "PeriodsPerSchedule", profiles.MAX_PERIODS, writable=False)
    yield Variable(at, "RateUnit", "A,W", "MemberList", values=("A", "W"))
    yield _flag(at, "ACPhaseSwitchingSupported", False, writable=False)
    yield _flag(at, "Phases3to1", not face.host.hardware.kind.is_dc, writable=False)
    yield _live(
        at,
        "Entries",
        lambda: str(len(face.profiles)),
        data_type="integer",
        instance="ChargingProfiles",
        most=profiles.MAX_INSTALLED,
    )
    yield Variable(at, "LimitChangeSignificance", "1.0", "decimal", READ_WRITE, unit="Percent", least=0, most=100)
    yield _flag(at, "ExternalControlSignalsEnabled", True)
    yield _flag(at, "NotifyChargingLimitWithSchedules", False)
    if face.version == "2.1":
        yield _flag(at, "SupportsDynamicProfiles", True, writable=False)
        yield Variable(at, "SupportedAdditionalPurposes", profiles.PRIORITY, "MemberList", values=(profiles.PRIORITY,))
        for name in ("SupportsUseLocalTime", "SupportsRandomizedDelay", "SupportsLimitAtSoC", "SupportsEvseSleep"):
            yield _flag(at, name, False, writable=False)


def _other_rooms(face: Face) -> Iterator[Variable]:
    yield _flag("MonitoringCtrlr", "Available", True, writable=False)
    yield _flag("MonitoringCtrlr", "Enabled", True)
    yield _live("MonitoringCtrlr", "ActiveMonitoringBase", lambda: face.monitors.base)
    yield _live("MonitoringCtrlr", "ActiveMonitoringLevel", lambda: str(face.monitors.level), data_type="integer")
    for message in ("SetVariableMonitoring", "ClearVariableMonitoring"):
        yield _count("MonitoringCtrlr", "ItemsPerMessage", ITEMS_PER_MESSAGE, writable=False, instance=message)
        yield _count("MonitoringCtrlr", "BytesPerMessage", 65_536, writable=False, instance=message)
    yield _flag("DisplayMessageCtrlr", "Available", True, writable=False)
    yield _flag("DisplayMessageCtrlr", "Enabled", True)
    yield _live(
        "DisplayMessageCtrlr",
        "DisplayMessages",
        lambda: str(len(face.displays)),
        data_type="integer",
        most=DISPLAY_MESSAGES,
    )
    yield Variable("DisplayMessageCtrlr", "SupportedFormats", "ASCII,UTF8", "MemberList", values=("ASCII", "UTF8"))
    priorities = ("AlwaysFront", "InFront", "NormalCycle")
    yield Variable("DisplayMessageCtrlr", "SupportedPriorities", ",".join(priorities), "MemberList", values=priorities)
    for instance in ("Tariff", "Cost"):
        yield _flag("TariffCostCtrlr", "Available", True, writable=False, instance=instance)
        yield _flag("TariffCostCtrlr", "Enabled", True, instance=instance)
    if face.version == "2.1":
        yield _count("TariffCostCtrlr", "MaxElements", TARIFF_ELEMENTS, writable=False, instance="Tariff")
        yield _flag("TariffCostCtrlr", "ConditionsSupported", True, instance="Tariff")
    yield Variable("TariffCostCtrlr", "Currency", _CURRENCY, "string", READ_WRITE, least=3, most=3)
    yield Variable("TariffCostCtrlr", "TotalCostFallbackMessage", "Price on your bill", "string", READ_WRITE, most=255)
    yield Variable("TariffCostCtrlr", "TariffFallbackMessage", "0.39 EUR/kWh", "string", READ_WRITE, most=255)


def _said(value: bool) -> str:
    return "true" if value else "false"
