"""Stations come, say what they are, and are let in or not. Acceptance outlives connections and restarts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.csms.incoming import Connection, Incoming
from console.csms.passwords import hash_password
from console.csms.policy import Policy
from console.csms.said.reports import Boot, BootAnswer, Heartbeat, TimeAnswer
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.csms.stations.makes import Makes
from console.model.change import Change, CredentialChanged, NoticeKind, SettingsRead, StationChanged, StationRemoved
from console.model.station import Admission, ConnectorStatus, Station

#: How many stations may wait for a verdict. Beyond these the longest offline one makes room, or nobody comes in.
MOST_PENDING = 200
#: How many stations there may be at all before strangers stay out, where strangers are let in.
MOST_STATIONS = 50_000
#: BootReasonEnumType: the station has not started anew, it was asked to say so.
_TRIGGERED = "Triggered"
#: Close codes of connections that ended as they should (RFC 6455 §7.4.1, and 1012 of its registry).
_NOT_WHO_IT_SAYS = 1008
_ORDERLY = frozenset({1000, 1001, 1005, 1012})


#: What a station said of itself as a whole before it restarted (only 2.x says whether it did).
_UNKNOWN: dict[str, Any] = {"status": ConnectorStatus.UNKNOWN, "error_code": "", "info": ""}


class Boots:
    """The room for BootNotification, Heartbeat, connecting and disconnecting."""

    def __init__(self, state: State, policy: Policy, settings: CsmsSettings, makes: Makes) -> None:
        self._state = state
        self._makes = makes
        self._policy = policy
        self._settings = settings

    def has_room(self, station_id: str) -> bool:
        """Whether a station may connect: everybody who is known, and strangers while not too many wait."""
        if station_id in self._state.stations:
            return True
        if self._settings.accept_unknown:
            return len(self._state.stations) < MOST_STATIONS
        waiting = [held for held in self._state.stations.values() if held.admission is Admission.PENDING]
        return len(waiting) < MOST_PENDING or any(not held.online for held in waiting)

    def certificate_fits(self, station_id: str, name: str) -> bool:
        """Whether a certificate can be a station's: its common name is the serial number (A00.FR.429), or the identity.

        A station that never said its serial number may show any name that is no other station's; BootNotification
        then tells.
        """
        station = self._state.stations.get(station_id)
        if name == station_id or (station is not None and station.serial_number == name):
            return True
        if station is not None and station.serial_number:
            return False
        return not any(name in (held.station_id, held.serial_number) for held in self._state.stations.values())

    def opened(self, connection: Connection, now: datetime) -> None:
        """A station connected: it is online, whatever it is."""
        session = connection.session
        station_id = session.station_id
        station = self._state.stations.get(station_id)
        changes: list[Change] = [] if station else self._make_room()
        station = station or Station(station_id)
        station = msgspec.structs.replace(
            station,
            admission=self._policy.admission(station),
            ocpp_version=session.ocpp_version,
            online=True,
            unresponsive=False,
            online_changed_at=now,
            address=session.address,
            # What it can, it must from now on: nobody takes its place by a weaker way in (2.0.1 A05.FR.07).
            security_profile=max(station.security_profile, session.security_profile),
        )
        station = self._makes.settle(connection, station)
        changes.append(StationChanged(station))
        if session.new_password:
            changes.append(CredentialChanged(station_id, hash_password(session.new_password)))
        whence = f" from {session.address}" if session.address else ""  # recordings may not say
        changes.append(self._state.notice(f"{station_id} connected{whence}", station_id=station_id))
        self._state.emit(changes)

    def _make_room(self) -> list[Change]:
        waiting = [held for held in self._state.stations.values() if held.admission is Admission.PENDING]
        if len(waiting) < MOST_PENDING:
            return []
        gone = min((held for held in waiting if not held.online), key=_last_online, default=None)
        return [StationRemoved(gone.station_id)] if gone else []

    def closed(self, connection: Connection, now: datetime, code: int, reason: str) -> None:
        """A station's connection ended."""
        station_id = connection.station_id
        station = self._state.stations.get(station_id)
        if station is None:
            return
        offline = msgspec.structs.replace(station, online=False, online_changed_at=now)
        why = f"{code} {reason}".strip()
        kind = NoticeKind.INFO if code in _ORDERLY else NoticeKind.WARNING
        notice = self._state.notice(f"{station_id} disconnected ({why})", kind, station_id)
        self._state.emit([StationChanged(offline), notice])

    def on_boot(self, incoming: Incoming, report: Boot) -> BootAnswer:
        """BootNotification: keep what the station says of itself, and tell it whether it is let in."""
        station = self._state.stations[incoming.station_id]
        named = incoming.connection.session.certificate_name
        if named and report.serial_number and named != report.serial_number:
            return self._impostor(incoming, named, report.serial_number)
        admission = self._policy.admission(station)
        interval_s = self._interval_s(admission)
        restarted = report.reason not in ("", "Triggered")
        told = msgspec.structs.replace(
            station,
            admission=admission,
            ocpp_version=incoming.connection.dialect.version,
            vendor=report.vendor,
            model=report.model,
            serial_number=report.serial_number,
            firmware_version=report.firmware_version,
            iccid=report.iccid,
            imsi=report.imsi,
            meter_type=report.meter_type,
            meter_serial_number=report.meter_serial_number,
            boot_reason=report.reason,
            **(_UNKNOWN if restarted else {}),
            reported_at=incoming.now,
            heartbeat_interval_s=interval_s if admission is Admission.ACCEPTED else station.heartbeat_interval_s,
        )
        told = self._makes.settle(incoming.connection, told)
        changes: list[Change] = [StationChanged(told)]
        first = not incoming.connection.told_accepted and station.reported_at is None
        if first or station.admission is not admission:
            changes.append(self._introduce(told))
        if not incoming.connection.told_accepted and report.reason != _TRIGGERED:
            changes += self._in_force(station.station_id)
        incoming.connection.told_accepted = admission is Admission.ACCEPTED
        if admission is Admission.ACCEPTED:
            incoming.connection.booted.set()
        self._state.emit(changes)
        return BootAnswer(admission, incoming.now, interval_s)

    def _impostor(self, incoming: Incoming, named: str, serial_number: str) -> BootAnswer:
        """The certificate is another station's than the serial number says (2.0.1 B01.FR.11, .12): end it."""
        text = f"{incoming.station_id} shows the certificate of {named} and says that it is {serial_number}: cut off"
        self._state.emit([self._state.notice(text, NoticeKind.BAD, incoming.station_id)])
        incoming.connection.session.close(_NOT_WHO_IT_SAYS, "the certificate is another station's")
        return BootAnswer(Admission.REJECTED, incoming.now, self._settings.rejected_interval_s)

    def _in_force(self, station_id: str) -> list[Change]:
        """The settings that took effect now that the station has booted."""
        held = self._state.awaiting_boot.get(station_id, {})
        settings = tuple(msgspec.structs.replace(each, reboot_required=False) for each in held.values())
        return [SettingsRead(station_id, settings)] if settings else []

    def _introduce(self, station: Station) -> Change:
        name = " ".join(word for word in (station.vendor, station.model) if word)
        if station.admission is Admission.ACCEPTED:
            return self._state.notice(f"{station.station_id} is in: {name}", NoticeKind.GOOD, station.station_id)
        text = f"{station.station_id} wants to be let in: {name}"
        if station.admission is Admission.REJECTED:
            text = f"{station.station_id} was turned away: {name}"
        return self._state.notice(text, NoticeKind.WARNING, station.station_id)

    def _interval_s(self, admission: Admission) -> int:
        if admission is Admission.ACCEPTED:
            return self._settings.heartbeat_interval_s
        if admission is Admission.PENDING:
            return self._settings.pending_interval_s
        return self._settings.rejected_interval_s

    def on_heartbeat(self, incoming: Incoming, _report: Heartbeat) -> TimeAnswer:
        """Heartbeat: the time."""
        return TimeAnswer(incoming.now)


def _last_online(station: Station) -> float:
    return station.online_changed_at.timestamp() if station.online_changed_at else 0.0
