"""A transaction that goes on after its station was interrupted: the station gets the transaction's profiles again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from console.csms.chores import Chores
from console.csms.incoming import Incoming
from console.csms.said.reports import TransactionReport
from console.csms.state import State
from console.model.change import NoticeKind
from console.model.command import Command, SetChargingProfile
from console.model.outcome import Outcome
from console.model.schedule.profile import ChargingProfile, Purpose

#: The trigger of the event by which a station tells that it goes on (2.1).
_RESUMED = "TxResumed"


class ResumedTransactions:
    """Sends TxProfiles anew, for a station may have lost them (2.1 E17). An operator has set them, so ``quiet`` too.

    ``then`` is the room that takes the event itself.
    """

    def __init__(
        self,
        state: State,
        chores: Chores,
        execute: Callable[[Command], Awaitable[Outcome]],
        then: Callable[[Incoming, TransactionReport], None],
    ) -> None:
        self._state = state
        self._chores = chores
        self._execute = execute
        self._then = then

    def on_event(self, incoming: Incoming, report: TransactionReport) -> None:
        """TransactionEvent; where it resumes a transaction, its profiles are sent."""
        self._then(incoming, report)
        if report.trigger_reason != _RESUMED:
            return
        for profile in self._state.schedules_of(incoming.station_id).profiles:
            if profile.purpose is not Purpose.TX or profile.transaction_id != report.transaction_id:
                continue
            if profile.partial:
                where = f"{incoming.station_id}: transaction {report.transaction_id} goes on"
                text = f"{where}, send its profile {profile.profile_id} again: not all of it is known here"
                self._state.emit([self._state.notice(text, NoticeKind.WARNING, incoming.station_id)])
            else:
                self._chores.start(
                    self._send(incoming.station_id, profile), partial(self._failed, incoming.station_id, profile)
                )

    def _failed(self, station_id: str, profile: ChargingProfile) -> None:
        where = f"{station_id}: transaction {profile.transaction_id} goes on"
        text = f"{where}, send its profile {profile.profile_id} again: the service could not"
        self._state.emit([self._state.notice(text, NoticeKind.BAD, station_id)])

    async def _send(self, station_id: str, profile: ChargingProfile) -> None:
        outcome = await self._execute(SetChargingProfile(station_id, profile))
        text = f"{station_id}: transaction {profile.transaction_id} goes on, its profile {profile.profile_id} was sent"
        kind = NoticeKind.INFO
        if not outcome.ok:
            text, kind = f"{text}: {outcome.text}", NoticeKind.WARNING
        self._state.emit([self._state.notice(text, kind, station_id)])
