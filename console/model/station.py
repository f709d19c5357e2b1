"""A charging station as the operator knows it, in the terms of OCPP 2.x (1.6: connector n is EVSE n)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from console.model.make import Tolerance


class Admission(StrEnum):
    """Whether the operator lets this station take part (BootNotification's status)."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ConnectorStatus(StrEnum):
    """Connector states of 1.6 and 2.x together; UNKNOWN until the station has spoken."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    OCCUPIED = "Occupied"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"
    UNKNOWN = "Unknown"


#: The letter that stands for a state where there is room for one character only.
STATUS_LETTER: dict[ConnectorStatus, str] = {
    ConnectorStatus.AVAILABLE: "A",
    ConnectorStatus.PREPARING: "P",
    ConnectorStatus.CHARGING: "C",
    ConnectorStatus.SUSPENDED_EV: "c",
    ConnectorStatus.SUSPENDED_EVSE: "c",
    ConnectorStatus.FINISHING: "f",
    ConnectorStatus.OCCUPIED: "O",
    ConnectorStatus.RESERVED: "R",
    ConnectorStatus.UNAVAILABLE: "U",
    ConnectorStatus.FAULTED: "!",
    ConnectorStatus.UNKNOWN: "-",
}

#: The words that stand for a state where there is room for them.
STATUS_WORDS: dict[ConnectorStatus, str] = {
    ConnectorStatus.AVAILABLE: "available",
    ConnectorStatus.PREPARING: "preparing",
    ConnectorStatus.CHARGING: "charging",
    ConnectorStatus.SUSPENDED_EV: "suspended by the car",
    ConnectorStatus.SUSPENDED_EVSE: "suspended by the station",
    ConnectorStatus.FINISHING: "finishing",
    ConnectorStatus.OCCUPIED: "occupied",
    ConnectorStatus.RESERVED: "reserved",
    ConnectorStatus.UNAVAILABLE: "unavailable",
    ConnectorStatus.FAULTED: "FAULT",
    ConnectorStatus.UNKNOWN: "unknown",
}


class Connector(msgspec.Struct, frozen=True, omit_defaults=True):
    """One connector of one EVSE and the last state it reported; of an occupied one (2.x), the transaction's state.

    ``error_code`` and ``vendor_error_code`` are the station's own words ("" where it reported none);
    ``changed_at`` is since when it is so: the station's timestamp, or the time of arrival where it sent none.
    """

    evse_id: int
    connector_id: int = 1
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    error_code: str = ""
    info: str = ""
    vendor_error_code: str = ""
    changed_at: datetime | None = None


class Station(msgspec.Struct, frozen=True, omit_defaults=True):
    """A station: who it is, whether it is let in, whether it is connected, and its connectors.

    ``connectors`` are sorted by (evse_id, connector_id) and never hold EVSE 0; what the station says of itself as a
    whole (1.6 connector 0) is ``status`` and ``error_code``.
    ``alarms`` counts what it told that is to be looked at and still is so (see ``StationRecord``).
    ``reported_at`` is the time of the last BootNotification. ``settings_of`` is what the station was when its settings
    were read unasked, ``settings_refused`` that it is not to be asked so again.
    ``tolerance`` is the operators' choice, ``profiles`` name
    the vendor profiles that fit, ``tolerated`` tells in words what is taken from it though it breaks OCPP, and
    ``treated`` what is done otherwise for its make.
    ``unresponsive``: it is connected and speaks, but leaves our requests without an answer.
    """

    station_id: str
    admission: Admission = Admission.PENDING
    ocpp_version: str = ""
    online: bool = False
    online_changed_at: datetime | None = None
    address: str = ""
    security_profile: int = 0
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware_version: str = ""
    iccid: str = ""
    imsi: str = ""
    meter_type: str = ""
    meter_serial_number: str = ""
    reported_at: datetime | None = None
    boot_reason: str = ""
    heartbeat_interval_s: int = 0
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    error_code: str = ""
    info: str = ""
    firmware_status: str = ""
    diagnostics_status: str = ""
    connectors: tuple[Connector, ...] = ()
    alarms: int = 0
    note: str = ""
    settings_of: str = ""
    settings_refused: bool = False
    unresponsive: bool = False
    tolerance: Tolerance = Tolerance.PROFILE
    profiles: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    treated: tuple[str, ...] = ()

    def connector(self, evse_id: int, connector_id: int = 1) -> Connector | None:
        """Return the connector, or None if the station never mentioned it."""
        for connector in self.connectors:
            if (connector.evse_id, connector.connector_id) == (evse_id, connector_id):
                return connector
        return None


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One configuration key (1.6) or variable attribute (2.x) of a station, as last read.

    ``key`` is 1.6's own, or the one text form of a 2.x name (see ``device.SettingKey``). ``value`` is None where the
    station named the key without a value. A secret's value is never kept: ``secret`` is then true and ``value`` None.
    ``unknown``: the station says that it has no such key. What only 2.x tells: ``data_type`` (DataEnumType, "" where
    it was not told), ``unit``, limits, ``choices`` (of OptionList, SequenceList and MemberList), and how it is kept.
    """

    station_id: str
    key: str
    value: str | None = None
    read_only: bool = False
    secret: bool = False
    reboot_required: bool = False
    read_at: datetime | None = None
    data_type: str = ""
    unit: str = ""
    min_limit: float | None = None
    max_limit: float | None = None
    choices: tuple[str, ...] = ()
    write_only: bool = False
    constant: bool = False
    persistent: bool = False
    monitorable: bool = False
    unknown: bool = False

    @property
    def writable(self) -> bool:
        """Whether it can be changed, as far as the station has told."""
        return not (self.read_only or self.constant or self.unknown)
