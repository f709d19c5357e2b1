"""What stations say of their state: connectors and faults; and what has no room of its own."""

from __future__ import annotations

import msgspec

from console.csms.incoming import Incoming
from console.csms.records.clocks import settled
from console.csms.said.reports import (
    Noted,
    StatusReport,
    VendorAnswer,
    VendorData,
)
from console.csms.state import State
from console.csms.stations.connectors import MOST_CONNECTORS, occupied_as
from console.model.change import Change, NoticeKind, StationChanged
from console.model.station import Connector, ConnectorStatus, Station

_NOTED = Noted()


class Devices:
    """The room for what stations report of themselves."""

    def __init__(self, state: State) -> None:
        self._state = state

    def on_status(self, incoming: Incoming, report: StatusReport) -> Noted:
        """StatusNotification: the newest state of a connector counts, and an old one never replaces a newer."""
        incoming.connection.reported.set()
        station = self._state.stations[incoming.station_id]
        if report.evse_id == 0:
            self._station_status(station, report)
            return _NOTED
        known = station.connector(report.evse_id, report.connector_id)
        if known is None and len(station.connectors) >= MOST_CONNECTORS:
            incoming.problems.append(f"more than {MOST_CONNECTORS} connectors: this one is left out")
            return _NOTED
        at = settled(report.at, incoming.now)
        newest = incoming.connection.states_at
        place = (report.evse_id, report.connector_id)
        known_at = newest.get(place) or (known.changed_at if known is not None else None)
        if known_at is not None and at < known_at:
            incoming.problems.append("older than the state that is known: not applied")
            return _NOTED
        newest[place] = at
        connector = Connector(
            report.evse_id,
            report.connector_id,
            self._status(station.station_id, report),
            report.error_code,
            report.info,
            report.vendor_error_code,
            at,
        )
        if known is None or not _is_same_state(known, connector):
            self._keep(station, known, connector)
        return _NOTED

    def _status(self, station_id: str, report: StatusReport) -> ConnectorStatus:
        """The state that a connector reports; of an occupied one, its transaction tells more."""
        if report.status is not ConnectorStatus.OCCUPIED:
            return report.status
        running = self._state.running_on(station_id, report.evse_id)
        here = running is not None and running.connector_id == report.connector_id
        return occupied_as(running if here else None)

    def _keep(self, station: Station, known: Connector | None, connector: Connector) -> None:
        place = (connector.evse_id, connector.connector_id)
        others = [held for held in station.connectors if (held.evse_id, held.connector_id) != place]
        connectors = tuple(sorted([*others, connector], key=lambda held: (held.evse_id, held.connector_id)))
        station = msgspec.structs.replace(station, connectors=connectors)
        changes: list[Change] = [StationChanged(station)]
        where = f"{station.station_id} connector {connector.evse_id}"
        fault = _fault(connector.status, connector.error_code)
        was = _fault(known.status, known.error_code) if known else ""
        changes += self._alarm(station.station_id, where, was, fault)
        self._state.emit(changes)

    def _station_status(self, station: Station, report: StatusReport) -> None:
        changed = msgspec.structs.replace(station, status=report.status, error_code=report.error_code, info=report.info)
        if changed == station:
            return
        fault = _fault(report.status, report.error_code)
        was = _fault(station.status, station.error_code)
        self._state.emit([StationChanged(changed), *self._alarm(station.station_id, station.station_id, was, fault)])

    def _alarm(self, station_id: str, where: str, was: str, fault: str) -> list[Change]:
        """A line when a fault appears, changes or goes; none while it stays."""
        if fault == was:
            return []
        if fault:
            return [self._state.notice(f"{where}: {fault}", NoticeKind.BAD, station_id)]
        return [self._state.notice(f"{where}: {was} is over", NoticeKind.GOOD, station_id)]

    def on_vendor_data(self, incoming: Incoming, report: VendorData) -> VendorAnswer:
        """DataTransfer: there is no vendor whose messages are understood here; the frame is kept for people to read."""
        incoming.problems.append(f"nobody here knows the messages of {report.vendor_id[:40]}")
        return VendorAnswer()


def _is_same_state(known: Connector, connector: Connector) -> bool:
    """Whether a connector is still as it was: then it has been so since it was first reported."""
    return known.changed_at is not None and connector == msgspec.structs.replace(known, changed_at=connector.changed_at)


def _fault(status: ConnectorStatus, error_code: str) -> str:
    """The fault in words, "" if there is none. Some stations are faulted without an error code, some the reverse."""
    if status is ConnectorStatus.FAULTED:
        return f"FAULT {error_code}".strip()
    return f"reports {error_code}" if error_code else ""
