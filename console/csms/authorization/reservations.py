"""Reservations: made with numbers of our own, kept while they run, and ended by whatever ends them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.csms.device.report_waits import Ask
from console.csms.incoming import Connection
from console.csms.ports import Clock
from console.csms.said.reports import Report, StartReport, StatusReport, TransactionReport
from console.csms.state import State
from console.model.change import Change, NoticeKind, ReservationChanged, ReservationEnded
from console.model.device_command import CancelReservation, ReserveConnector
from console.model.outcome import Outcome, Result
from console.model.reservation import Reservation
from console.model.station import ConnectorStatus
from console.model.token import token_key

#: Numbers count seconds from here, so that they never come again after a restart, and fit into 32 bits until 2088.
_EPOCH = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
#: A connector that was reserved and says this is reserved no longer.
_FREED = (ConnectorStatus.AVAILABLE, ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE)
#: What can use a reservation up, or end it.
_TELLING = frozenset({StartReport, StatusReport, TransactionReport})
#: No reservation is made for longer: a clock that is so far off helps nobody.
_LONGEST = timedelta(days=365)


class Reservations:
    """The commands about reservations, and what stations say that ends one."""

    def __init__(self, state: State, clock: Clock, ask: Ask) -> None:
        self._state = state
        self._clock = clock
        self._ask = ask
        self._timers: dict[str, Callable[[], None]] = {}
        self._last_id = 0
        state.on_removed.append(self._forget)
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            ReserveConnector: self.reserve,
            CancelReservation: self.cancel,
        }

    def load(self) -> None:
        """Go on with those that ran when the service ended."""
        for reservation in list(self._state.reservations.values()):
            self._last_id = max(self._last_id, reservation.reservation_id)
            self._let_expire(reservation)

    def _next_id(self) -> int:
        self._last_id = max(self._last_id + 1, int((self._clock.now() - _EPOCH).total_seconds()))
        return self._last_id

    # --- commands ---

    async def reserve(self, connection: Connection, command: ReserveConnector) -> Outcome:
        """ReserveNow. Only what the station accepted is a reservation."""
        now = self._clock.now()
        if not now < command.until < now + _LONGEST:
            return Outcome(Result.NOT_POSSIBLE, "a reservation ends later than now, and within a year")
        token = self._state.tokens.get(token_key(command.id_token))
        command = msgspec.structs.replace(
            command,
            reservation_id=self._next_id(),
            token_type=command.token_type or (token.token_type if token else ""),
            group_id=command.group_id or (token.group_id if token else ""),
        )
        outcome = await self._ask(connection, command)
        if outcome.ok:
            reservation = Reservation(
                command.station_id, command.reservation_id, command.id_token, command.until, command.evse_id,
                command.token_type, command.group_id, now,
            )  # fmt: skip
            self._state.emit([*self._replaced(reservation), ReservationChanged(reservation)])
            self._let_expire(reservation)
            text = f"{outcome.text}, number {reservation.reservation_id}"
            outcome = msgspec.structs.replace(outcome, text=text)
        return outcome

    def _replaced(self, new: Reservation) -> list[Change]:
        """A station keeps one reservation a connector: a newer one that it accepts takes the older one's place."""
        return [
            ReservationEnded(held.station_id, held.reservation_id)
            for held in self._state.reservations.values()
            if new.evse_id and (held.station_id, held.evse_id) == (new.station_id, new.evse_id)
        ]

    async def cancel(self, connection: Connection, command: CancelReservation) -> Outcome:
        """CancelReservation. One that the station does not know is none any more."""
        outcome = await self._ask(connection, command)
        if outcome.result in (Result.ACCEPTED, Result.REJECTED):
            self._end(f"{command.station_id}\n{command.reservation_id}", "")
        return outcome

    # --- their end ---

    def _let_expire(self, reservation: Reservation) -> None:
        left_s = max(0.0, (reservation.until - self._clock.now()).total_seconds())
        text = f"{_where(reservation)}: the reservation for {reservation.id_token} has expired"
        self._timers[reservation.key] = self._clock.call_later(left_s, lambda: self._end(reservation.key, text))

    def _end(self, key: str, text: str) -> None:
        cancel = self._timers.pop(key, None)
        if cancel is not None:
            cancel()
        held = self._state.reservations.get(key)
        if held is None:
            return
        changes: list[Change] = [ReservationEnded(held.station_id, held.reservation_id)]
        if text:
            changes.append(self._state.notice(text, NoticeKind.INFO, held.station_id))
        self._state.emit(changes)

    def _forget(self, station_id: str) -> None:
        """A station is no more, and its reservations are gone."""
        for key in [key for key in self._timers if key.startswith(f"{station_id}\n")]:
            self._timers.pop(key)()

    def heard(self, station_id: str, report: Report) -> None:
        """A station says something, before that has any effect: it may use a reservation up, or end it."""
        if type(report) not in _TELLING:
            return
        for held in [held for held in self._state.reservations.values() if held.station_id == station_id]:
            why = self._why_over(held, report)
            if why:
                self._end(held.key, f"{_where(held)}: the reservation for {held.id_token} {why}")

    def _why_over(self, held: Reservation, report: Report) -> str:
        if isinstance(report, StartReport | TransactionReport):
            same_place = report.evse_id == held.evse_id and bool(held.evse_id)
            same_token = bool(report.id_token) and token_key(report.id_token) == token_key(held.id_token)
            return "was used" if report.reservation_id == held.reservation_id or (same_place and same_token) else ""
        if isinstance(report, StatusReport) and held.evse_id and report.evse_id == held.evse_id:
            station = self._state.stations.get(held.station_id)
            connector = station.connector(report.evse_id, report.connector_id) if station else None
            was_reserved = connector is not None and connector.status is ConnectorStatus.RESERVED
            if was_reserved and report.status in _FREED:
                return f"is over: the connector is {report.status.lower()}"
        return ""


def _where(held: Reservation) -> str:
    return f"{held.station_id} connector {held.evse_id}" if held.evse_id else held.station_id
