"""What an operator can ask about a station's device model, its local list and its reservations, as data."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.model.local_list import ListEntry


class _Command(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="command"):
    """Base of these commands; see ``command``."""


class SettingChange(msgspec.Struct, frozen=True):
    """A setting and the value it shall have."""

    key: str
    value: str


class ChangeSettings(_Command, frozen=True, tag="settings.change_many"):
    """Set several settings of a station, in as few requests as its version and its own limits allow."""

    station_id: str
    changes: tuple[SettingChange, ...]


class UndoSettings(_Command, frozen=True, tag="settings.undo"):
    """Take back the last changes of a station's settings that were made here."""

    station_id: str
    count: int = 1


class TakeSnapshot(_Command, frozen=True, tag="settings.snapshot"):
    """Put a station's settings by as they were last read."""

    station_id: str
    name: str = ""


class RemoveSnapshot(_Command, frozen=True, tag="settings.snapshot_remove"):
    """Throw a snapshot away."""

    snapshot_id: str


class ReadMonitors(_Command, frozen=True, tag="monitor.read"):
    """Read the monitors of a station's variables (2.x); no keys means all. ``request_id`` is the service's to give."""

    station_id: str
    keys: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    request_id: int = 0


class SetMonitor(_Command, frozen=True, tag="monitor.set"):
    """Put a monitor on a variable (2.x), or change one (``monitor_id``). See ``device.Monitor``."""

    station_id: str
    key: str
    kind: str
    value: float
    severity: int
    transaction: bool = False
    monitor_id: int | None = None


class ClearMonitors(_Command, frozen=True, tag="monitor.clear"):
    """Take monitors away (2.x)."""

    station_id: str
    monitor_ids: tuple[int, ...]


class SetMonitoringBase(_Command, frozen=True, tag="monitor.base"):
    """Put a station back to a set of monitors (2.x MonitoringBaseEnumType: All, FactoryDefault, HardWiredOnly)."""

    station_id: str
    base: str


class SetMonitoringLevel(_Command, frozen=True, tag="monitor.level"):
    """Hear only of events up to a severity, 0 (danger) to 9 (debug) (2.x)."""

    station_id: str
    severity: int


class ReadLocalList(_Command, frozen=True, tag="local_list.status"):
    """Ask for the version of a station's local authorization list, and compare it with ours."""

    station_id: str


class SendLocalList(_Command, frozen=True, tag="local_list.send"):
    """Bring a station's local list up to date: only what differs, or ``full``: all of it.

    ``version``, ``put``, ``drop`` and ``differential`` are the service's to fill in, for each message.
    """

    station_id: str
    full: bool = False
    version: int = 0
    put: tuple[ListEntry, ...] = ()
    drop: tuple[ListEntry, ...] = ()
    differential: bool = False


class ReserveConnector(_Command, frozen=True, tag="reservation.make"):
    """Keep an EVSE (0: any) free for a tag until a time; the last three are the service's to fill in.

    ``connector_type`` asks for any EVSE with such a plug (2.x).
    """

    station_id: str
    evse_id: int
    id_token: str
    until: datetime
    connector_type: str = ""
    reservation_id: int = 0
    token_type: str = ""
    group_id: str = ""


class CancelReservation(_Command, frozen=True, tag="reservation.cancel"):
    """Let a reservation go."""

    station_id: str
    reservation_id: int


DeviceCommand = (
    ChangeSettings
    | UndoSettings
    | TakeSnapshot
    | RemoveSnapshot
    | ReadMonitors
    | SetMonitor
    | ClearMonitors
    | SetMonitoringBase
    | SetMonitoringLevel
    | ReadLocalList
    | SendLocalList
    | ReserveConnector
    | CancelReservation
)
