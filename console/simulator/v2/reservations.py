"""Reservations of a 2.x station (H01 to H04): an EVSE kept for one card until a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from console.simulator.base_face import parse_time
from console.simulator.connector import Connector
from console.simulator.types import ConnectorState
from console.simulator.v2.authorization import IdToken
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_REFUSALS = {ConnectorState.FAULTED: "Faulted", ConnectorState.UNAVAILABLE: "Unavailable"}


@dataclass(frozen=True, slots=True)
class Reservation:
    """One EVSE, kept for one card or its group."""

    reservation_id: int
    evse_id: int
    token: IdToken
    group: str | None
    expires: datetime


class Reservations:
    """At most one reservation an EVSE. One without an EVSE takes the first that is free."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._by_evse: dict[int, Reservation] = {}

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask of it."""
        return {"ReserveNow": self._reserve, "CancelReservation": self._cancel}

    def refuses(self, evse_id: int, token: IdToken, group: str | None) -> bool:
        """Whether the EVSE is kept for somebody else."""
        kept = self._by_evse.get(evse_id)
        if kept is None or kept.token.is_same(token):
            return False
        return group is None or group != kept.group

    def use(self, evse_id: int) -> int | None:
        """The reservation that a starting transaction uses up."""
        reservation = self._by_evse.pop(evse_id, None)
        self._mark(evse_id, reserved=False)
        return reservation.reservation_id if reservation else None

    def _reserve(self, request: Payload) -> Payload:
        hardware = self._face.host.hardware
        wanted = request.get("evseId")
        if not self._face.model.flag("ReservationCtrlr", "Enabled") or wanted not in (
            None,
            *range(1, hardware.kind.evses + 1),
        ):
            return {"status": "Rejected"}
        present = next((one for one in self._by_evse.values() if one.reservation_id == request["id"]), None)
        if present is not None:
            self.use(present.evse_id)
        candidates = [one for one in hardware.connectors if wanted in (None, one.evse_id)]
        free = next((one for one in candidates if one.state is ConnectorState.AVAILABLE), None)
        if free is None:
            return {"status": _REFUSALS.get(candidates[0].state, "Occupied")}
        group = request.get("groupIdToken")
        reservation = Reservation(
            request["id"],
            free.evse_id,
            IdToken.from_wire(request["idToken"]),
            group["idToken"] if group else None,
            parse_time(request["expiryDateTime"]),
        )
        self._by_evse[free.evse_id] = reservation
        self._mark(free.evse_id, reserved=True)
        self._face.host.spawn(self._expire(reservation))
        self._face.afterwards(partial(self._face.report_evse, free.evse_id))
        return {"status": "Accepted"}

    def _cancel(self, request: Payload) -> Payload:
        for reservation in list(self._by_evse.values()):
            if reservation.reservation_id == request["reservationId"]:
                self.use(reservation.evse_id)
                self._face.afterwards(partial(self._face.report_evse, reservation.evse_id))
                return {"status": "Accepted"}
        return {"status": "Rejected"}

    def _mark(self, evse_id: int, *, reserved: bool) -> None:
        for connector in self._connectors(evse_id):
            connector.reserved = reserved

    def _connectors(self, evse_id: int) -> list[Connector]:
        return [one for one in self._face.host.hardware.connectors if one.evse_id == evse_id]

    async def _expire(self, reservation: Reservation) -> None:
        clock = self._face.host.clock
        await clock.sleep((reservation.expires - clock.utc()).total_seconds())
        if self._by_evse.get(reservation.evse_id) is reservation:
            self.use(reservation.evse_id)
            told = {"reservationId": reservation.reservation_id, "reservationUpdateStatus": "Expired"}
            await self._face.report_evse(reservation.evse_id)
            await self._face.tell(Request("ReservationStatusUpdate", told))
