"""Connectors as transactions tell of them: that they exist, and in 2.x what an occupied one is doing."""

from __future__ import annotations

import msgspec

from console.model.change import Change, StationChanged
from console.model.station import Connector, ConnectorStatus, Station
from console.model.transaction import Transaction

#: A station with more connectors than these is making them up.
MOST_CONNECTORS = 64
_STATES = {
    "Charging": ConnectorStatus.CHARGING,
    "EVConnected": ConnectorStatus.PREPARING,
    "SuspendedEV": ConnectorStatus.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorStatus.SUSPENDED_EVSE,
}
_OCCUPIED = frozenset({ConnectorStatus.OCCUPIED, *_STATES.values()})


def with_connector(station: Station | None, evse_id: int, connector_id: int) -> list[Change]:
    """The station with a connector that charges or measures and was never reported, or nothing where it is known.

    A station that was connected elsewhere before reports its connectors only when they change.
    """
    if station is None or evse_id < 1 or len(station.connectors) >= MOST_CONNECTORS:
        return []
    if station.connector(evse_id, connector_id) is not None:
        return []
    connectors = sorted(
        [*station.connectors, Connector(evse_id, connector_id)], key=lambda held: (held.evse_id, held.connector_id)
    )
    return [StationChanged(msgspec.structs.replace(station, connectors=tuple(connectors)))]


def connector_on(station: Station | None, evse_id: int) -> int:
    """The connector that a transaction is on which names its EVSE only: the occupied one, else the first."""
    here = [held for held in station.connectors if held.evse_id == evse_id] if station is not None else []
    occupied = [held for held in here if held.status in _OCCUPIED]
    return (occupied or here)[0].connector_id if here else 1


def occupied_as(transaction: Transaction | None) -> ConnectorStatus:
    """The state of an occupied connector by the transaction on it; one that has ended, or is none, tells no more."""
    if transaction is None or not transaction.running:
        return ConnectorStatus.OCCUPIED
    return _STATES.get(transaction.charging_state, ConnectorStatus.OCCUPIED)


def with_transaction(station: Station | None, transaction: Transaction) -> list[Change]:
    """The station with the connector of a transaction, in the state that this is in, if that is news.

    What the station says of the connector itself (that it is available, or faulted) stands.
    """
    if station is None:
        return []
    changes = with_connector(station, transaction.evse_id, transaction.connector_id)
    for change in changes:
        station = change.station if isinstance(change, StationChanged) else station
    connector = station.connector(transaction.evse_id, transaction.connector_id)
    status = occupied_as(transaction)
    unknown = connector is not None and connector.status is ConnectorStatus.UNKNOWN and transaction.running
    if connector is None or connector.status is status or not (unknown or connector.status in _OCCUPIED):
        return changes
    connectors = tuple(
        msgspec.structs.replace(held, status=status) if held is connector else held for held in station.connectors
    )
    return [StationChanged(msgspec.structs.replace(station, connectors=connectors))]
