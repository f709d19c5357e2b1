"""What cars ask of schedules over ISO 15118: they get what an operator has set; nothing is made up here.

2.0.1 K15 to K17, 2.1 K18 to K20.
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from console.csms.chores import Chores
from console.csms.incoming import Connection, Incoming
from console.csms.said.told import Question
from console.csms.smart_charging.schedules import Schedules
from console.csms.state import State
from console.csms.stations.questions import UNSUPPORTED, Decided
from console.model.change import NoticeKind
from console.model.command import SetChargingProfile
from console.model.schedule.composite import Electrics, Request, RunningTransaction, composite
from console.model.schedule.profile import ChargingProfile, Purpose
from console.model.schedule.reported import ReportedComposite, limit_at
from console.model.transaction import Transaction

#: A car that plans more than it may so many times, one after the other, is not sent its schedule again.
_MOST_AGAIN = 3
_MOST_CARS = 1000
#: What a plan may be above a limit: the rounding of two units.
_ABOVE, _ABOVE_ABSOLUTE = 1.01, 0.1
_NOTHING = Decided(False, UNSUPPORTED, "no schedule is set for it, and none is made from EVs' needs here")


class EvSchedules:
    """The room for cars' needs and plans."""

    def __init__(self, state: State, chores: Chores, schedules: Schedules) -> None:
        self._state = state
        self._chores = chores
        self._schedules = schedules
        self._again: OrderedDict[str, int] = OrderedDict()
        state.on_removed.append(self._forget)

    def _forget(self, station_id: str) -> None:
        """A station is no more, and its transactions are over."""
        for key in [key for key in self._again if key.startswith(f"{station_id}\n")]:
            del self._again[key]

    def on_needs(self, incoming: Incoming, question: Question) -> Decided:
        """NotifyEVChargingNeeds: the transaction's own schedule is sent as its TxProfile, else the usual one."""
        transaction = self._state.running_on(incoming.station_id, question.told.evse_id)
        if transaction is None:
            return _NOTHING
        allowed = self._state.schedules_of(incoming.station_id).transfers.get(transaction.transaction_id, ())
        if question.gives_back and question.transfer not in allowed:
            text = f"{_where(transaction)}: a car wants to give power back ({question.transfer}), which is not allowed"
            self._tell(transaction, f"{text}. To allow it: call NotifyAllowedEnergyTransfer", NoticeKind.WARNING)
            return Decided(False, "NotEnabled", f"{question.transfer} is not allowed here", "Rejected")
        profile = self._own(transaction) or self._usual(transaction)
        if profile is None:
            return _NOTHING
        if profile.partial:
            self._tell(transaction, f"{_where(transaction)}: a car waits for its schedule: send it", NoticeKind.WARNING)
            return Decided(True, status="Processing")
        self._send(incoming.connection, transaction, profile)
        return Decided(True)

    def on_plan(self, incoming: Incoming, question: Question) -> Decided:
        """NotifyEVChargingSchedule: refused where it is above what is allowed, and then it hears of that again."""
        plan = question.plan
        transaction = self._state.running_on(incoming.station_id, question.told.evse_id)
        if plan is None or transaction is None or not self._exceeds(plan, transaction):
            if transaction is not None:
                self._again.pop(transaction.key, None)
            return Decided(True)
        profile = self._own(transaction) or self._usual(transaction)
        if profile is not None and not profile.partial and self._may_again(transaction.key):
            self._send(incoming.connection, transaction, profile)
        else:
            self._tell(transaction, f"{_where(transaction)}: a car plans more than it may", NoticeKind.WARNING)
        return Decided(False, "InvalidSchedule", "it is above the limits that are set")

    # --- which schedule ---

    def _own(self, transaction: Transaction) -> ChargingProfile | None:
        """The transaction's own profile, the strongest."""
        held = self._state.schedules_of(transaction.station_id).profiles
        own = [
            each for each in held if each.purpose is Purpose.TX and each.transaction_id == transaction.transaction_id
        ]
        return max(own, key=lambda each: each.stack_level, default=None)

    def _usual(self, transaction: Transaction) -> ChargingProfile | None:
        """What holds for every transaction there, the strongest, as a profile of this one."""
        held = self._state.schedules_of(transaction.station_id).profiles
        usual = [
            each
            for each in held
            if each.purpose is Purpose.TX_DEFAULT and each.evse_id in (0, transaction.evse_id)
        ]  # fmt: skip
        found = max(usual, key=lambda each: (each.stack_level, each.evse_id), default=None)
        if found is None:
            return None
        return msgspec.structs.replace(
            found, profile_id=0, purpose=Purpose.TX, evse_id=transaction.evse_id,
            transaction_id=transaction.transaction_id,
        )  # fmt: skip

    def _exceeds(self, plan: ReportedComposite, transaction: Transaction) -> bool:
        """Whether a plan is above the composite of what is set anywhere."""
        if plan.start is None or transaction.started_at is None:
            return False
        held = self._state.schedules_of(plan_station := transaction.station_id)
        running = RunningTransaction(
            transaction.evse_id, transaction.transaction_id, transaction.started_at,
            transaction.transaction_id in held.priority,
        )  # fmt: skip
        request = Request(transaction.evse_id, plan.start, plan.duration_s, plan.unit)
        evse_count = max((each.evse_id for each in self._state.stations[plan_station].connectors), default=1)
        allowed = composite(held.profiles, request, Electrics(evse_count=evse_count), [running])
        for start_s in sorted({each.start_s for each in (*plan.periods, *allowed) if each.start_s < plan.duration_s}):
            wanted, most = limit_at(plan.periods, start_s), limit_at(allowed, start_s)
            if wanted is not None and most is not None and wanted > most * _ABOVE + _ABOVE_ABSOLUTE:
                return True
        return False

    # --- sending it ---

    def _may_again(self, key: str) -> bool:
        count = self._again.pop(key, 0)
        self._again[key] = count + 1
        if len(self._again) > _MOST_CARS:
            self._again.popitem(last=False)
        return count < _MOST_AGAIN

    def _send(self, connection: Connection, transaction: Transaction, profile: ChargingProfile) -> None:
        """Send it behind the answer that is under way."""
        failed = f"{_where(transaction)}: the schedule could not be sent to the car"
        self._chores.start(
            self._sent(connection, transaction, profile), lambda: self._tell(transaction, failed, NoticeKind.BAD)
        )

    async def _sent(self, connection: Connection, transaction: Transaction, profile: ChargingProfile) -> None:
        outcome = await self._schedules.set(connection, SetChargingProfile(transaction.station_id, profile))
        kind = NoticeKind.INFO if outcome.ok else NoticeKind.WARNING
        self._tell(transaction, f"{_where(transaction)}: its schedule was sent for the car: {outcome.text}", kind)

    def _tell(self, transaction: Transaction, text: str, kind: NoticeKind) -> None:
        self._state.emit([self._state.notice(text, kind, transaction.station_id)])


def _where(transaction: Transaction) -> str:
    return f"{transaction.station_id} connector {transaction.evse_id}"
