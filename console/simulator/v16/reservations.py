"""Reservations of a 1.6 station (1.6 section 3.11): a connector kept for one card until a time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from console.simulator.base_face import parse_time
from console.simulator.host import Host
from console.simulator.types import ConnectorState

Afterwards = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
"""Takes what is to be done once the answer to the request in hand has left."""

_REFUSALS = {ConnectorState.FAULTED: "Faulted", ConnectorState.UNAVAILABLE: "Unavailable"}


@dataclass(frozen=True, slots=True)
class Reservation:
    """One connector, kept for one card or its group."""

    reservation_id: int
    connector_id: int
    id_tag: str
    parent_id_tag: str | None
    expires: datetime

    def is_for(self, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether that card may use it."""
        same_group = parent_id_tag is not None and parent_id_tag == self.parent_id_tag
        return same_group or id_tag.lower() == self.id_tag.lower()


class Reservations:
    """At most one reservation a connector."""

    def __init__(self, host: Host, report: Callable[[int], Coroutine[Any, Any, None]], afterwards: Afterwards) -> None:
        self._host = host
        self._report = report
        self._afterwards = afterwards
        self._by_connector: dict[int, Reservation] = {}

    def reserve(
        self, connector_id: int, reservation_id: int, id_tag: str, expiry_date: str, parent_id_tag: str | None
    ) -> str:
        """Do what ReserveNow asks; answers its status. The same id replaces."""
        if not 1 <= connector_id <= len(self._host.hardware.connectors):
            return "Rejected"
        connector = self._host.hardware.connector(connector_id)
        present = self._by_connector.get(connector_id)
        replaces = present is not None and present.reservation_id == reservation_id
        if connector.state is not ConnectorState.AVAILABLE and not replaces:
            return _REFUSALS.get(connector.state, "Occupied")
        reservation = Reservation(reservation_id, connector_id, id_tag, parent_id_tag, parse_time(expiry_date))
        self._by_connector[connector_id] = reservation
        connector.reserved = True
        self._host.spawn(self._expire(reservation))
        self._afterwards(partial(self._report, connector_id))
        return "Accepted"

    def cancel(self, reservation_id: int) -> str:
        """Do what CancelReservation asks; answers its status."""
        for reservation in list(self._by_connector.values()):
            if reservation.reservation_id == reservation_id:
                self.use(reservation.connector_id)
                self._afterwards(partial(self._report, reservation.connector_id))
                return "Accepted"
        return "Rejected"

    def refuses(self, connector_id: int, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether the connector is kept for somebody else."""
        reservation = self._by_connector.get(connector_id)
        return reservation is not None and not reservation.is_for(id_tag, parent_id_tag)

    def use(self, connector_id: int) -> int | None:
        """The reservation that a starting transaction uses up."""
        reservation = self._by_connector.pop(connector_id, None)
        self._host.hardware.connector(connector_id).reserved = False
        return reservation.reservation_id if reservation else None

    async def _expire(self, reservation: Reservation) -> None:
        left = reservation.expires - self._host.clock.utc()
        await self._host.clock.sleep(left.total_seconds())
        if self._by_connector.get(reservation.connector_id) is reservation:
            self.use(reservation.connector_id)
            await self._report(reservation.connector_id)
