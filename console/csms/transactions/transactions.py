"""Transactions whose id the CSMS gives (1.6): begun, ended, and everything that goes wrong in between.

Whatever a station says here is answered and kept; what is odd about it becomes a flag (protocol: OCPP 1.6 §4.8, §4.10,
and the errata on them).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from console.csms.authorization.cards import Cards
from console.csms.authorization.tokens import Tokens
from console.csms.chores import Chores
from console.csms.incoming import Incoming
from console.csms.policy import Policy
from console.csms.records.clocks import plausible
from console.csms.said.reports import StartAnswer, StartReport, StopAnswer, StopReport, Verdict
from console.csms.state import State
from console.csms.stations.connectors import with_connector
from console.csms.transactions.metering import NO_IDS, Metering
from console.model.change import Change, NoticeKind, TransactionChanged
from console.model.token import token_key
from console.model.transaction import Flag, Transaction

Lookup = Callable[[str, str], Awaitable[Transaction | None]]
_StartKey = tuple[str, int, str, str, int | None]

#: How many starts are remembered by what the station wrote, to know them again when it repeats them.
_MOST_STARTS = 20_000
_MOST_GUESSED = 1000


class Transactions:
    """The room for StartTransaction and StopTransaction.

    ``lookup`` finds a transaction that is not in memory (station id, transaction id) in the store.
    """

    def __init__(
        self,
        state: State,
        policy: Policy,
        cards: Cards,
        tokens: Tokens,
        metering: Metering,
        chores: Chores,
        lookup: Lookup | None,
    ) -> None:
        self._state = state
        self._policy = policy
        self._cards = cards
        self._tokens = tokens
        self._metering = metering
        self._chores = chores
        self._lookup = lookup
        # Ordered ones give their oldest entry at once; a plain dictionary looks for it past all that were deleted.
        self._starts: OrderedDict[_StartKey, str] = OrderedDict()
        self._guessed: OrderedDict[str, None] = OrderedDict()  # ended by a stop that only seemed to be theirs

    # --- begin ---

    def on_start(self, incoming: Incoming, report: StartReport) -> None:
        """StartTransaction: always answered with an id, once the transaction is durable and its token judged."""
        transaction = self._repeated(incoming, report)
        if transaction is not None:
            incoming.problems.append(f"repeated: transaction {transaction.transaction_id} began already")
            verdict = self._policy.may_charge(incoming.station_id, report.id_token, incoming.now, report.evse_id)
            self._judge_or_ask(incoming, transaction, verdict)
            return
        # What is abandoned on this connector does not count as charging elsewhere, so it goes first.
        self._make_way(incoming, report)
        verdict = self._policy.may_start(incoming.station_id, report.id_token, incoming.now, report.evse_id)
        transaction = self._begun(incoming, report, verdict)
        self._remember(incoming.station_id, report, transaction.transaction_id)
        text = f"{incoming.station_id} connector {report.evse_id}: charging started, tag {report.id_token}"
        notice = self._state.notice(text, station_id=incoming.station_id)
        station = self._state.stations.get(incoming.station_id)
        changes = with_connector(station, report.evse_id, report.connector_id)
        changes += [TransactionChanged(transaction), notice]
        if verdict is not None:
            self._answer_start(incoming, transaction, verdict, changes)
        else:
            self._state.emit(changes)
            self._judge_or_ask(incoming, transaction, None)

    def _judge_or_ask(self, incoming: Incoming, transaction: Transaction, verdict: Verdict | None) -> None:
        """Keep the verdict, or a person's where there is none, with a transaction that is known already."""
        if verdict is None:
            verdict = self._cards.ask(
                incoming.station_id,
                transaction.evse_id,
                transaction.id_token,
                lambda said: self._judge(incoming, transaction, said),
            )
        if verdict is not None:
            self._judge(incoming, transaction, verdict)

    def _judge(self, incoming: Incoming, transaction: Transaction, verdict: Verdict) -> None:
        current = self._state.transaction(transaction.station_id, transaction.transaction_id) or transaction
        flags = current.flags
        if not verdict.accepted and Flag.NOT_AUTHORIZED not in flags:
            flags = (*flags, Flag.NOT_AUTHORIZED)
        current = msgspec.structs.replace(current, flags=flags, group_id=verdict.group_id or current.group_id)
        self._answer_start(incoming, current, verdict, [TransactionChanged(current)])

    def _answer_start(
        self, incoming: Incoming, transaction: Transaction, verdict: Verdict, changes: list[Change]
    ) -> None:
        """Answer when the changes are durable."""
        changes += self._tokens.seen(incoming, transaction.id_token, verdict)
        self._state.emit(changes, incoming.answering(StartAnswer(transaction.transaction_id, verdict)))

    def _repeated(self, incoming: Incoming, report: StartReport) -> Transaction | None:
        """The transaction that this very start began before: in this run, or before a restart."""
        transaction_id = self._starts.get(_start_key(incoming.station_id, report))
        if transaction_id is not None:
            return self._state.transaction(incoming.station_id, transaction_id)
        for running in self._state.running(incoming.station_id):
            if (
                running.started_at == report.at
                and running.evse_id == report.evse_id
                and running.meter_start_wh == report.meter_start_wh
                and token_key(running.id_token) == token_key(report.id_token)
            ):
                return running
        return None

    def _begun(self, incoming: Incoming, report: StartReport, verdict: Verdict | None) -> Transaction:
        flags = []
        started_at = report.at
        if started_at is None or not plausible(started_at, incoming.now):
            incoming.problems.append("the station's clock cannot be right: the time of arrival is kept")
            started_at = incoming.now
            flags.append(Flag.CLOCK_SUSPECT)
        if report.meter_start_wh is None:
            flags.append(Flag.METER_INVALID)
        if verdict is not None and not verdict.accepted:
            flags.append(Flag.NOT_AUTHORIZED)
        return Transaction(
            station_id=incoming.station_id,
            transaction_id=self._policy.new_transaction_id(incoming.station_id),
            evse_id=report.evse_id,
            connector_id=report.connector_id,
            id_token=report.id_token,
            group_id=verdict.group_id if verdict else "",
            started_at=started_at,
            meter_start_wh=report.meter_start_wh,
            energy_wh=None if report.meter_start_wh is None else 0,
            flags=tuple(flags),
            updated_at=incoming.now,
        )

    def _remember(self, station_id: str, report: StartReport, transaction_id: str) -> None:
        self._starts[_start_key(station_id, report)] = transaction_id
        if len(self._starts) > _MOST_STARTS:
            self._starts.popitem(last=False)

    def _make_way(self, incoming: Incoming, report: StartReport) -> None:
        """Close what still runs on the connector: its end was lost. A start from the station's queue closes nothing."""
        changes: list[Change] = []
        running = self._state.running(incoming.station_id)
        for held in running:
            historic = held.started_at is not None and report.at is not None and report.at < held.started_at
            if held.evse_id == report.evse_id and not historic:
                at = report.at if report.at is not None and plausible(report.at, incoming.now) else incoming.now
                changes += self.abandon(held, at, incoming.now)
        if not changes and self._state.many_running(incoming.station_id):
            changes += self.abandon(running[0], incoming.now, incoming.now)
        if changes:
            self._state.emit(changes)

    def abandon(self, transaction: Transaction, at: datetime, now: datetime) -> list[Change]:
        """End a transaction whose end never came, with the energy that is known of it."""
        ended = msgspec.structs.replace(
            transaction, ended_at=at, flags=(*transaction.flags, Flag.ABANDONED), updated_at=now
        )
        where = f"{transaction.station_id} connector {transaction.evse_id}"
        text = f"{where}: transaction {transaction.transaction_id} was abandoned, its end never came"
        return [
            TransactionChanged(ended),
            self._state.notice(text, NoticeKind.WARNING, transaction.station_id),
            *self._metering.finish(transaction, ended, now),
        ]

    # --- end ---

    def on_stop(self, incoming: Incoming, report: StopReport) -> None:
        """StopTransaction: cannot be refused. Another station's transaction is never touched."""
        incoming.connection.heard_at = None  # the day's energy is told with the next word
        if report.transaction_id in NO_IDS or report.transaction_id.startswith("-"):
            self._stop_by_guess(incoming, report)
            return
        transaction = self._state.transaction(incoming.station_id, report.transaction_id)
        if transaction is None:
            # Said now, for the frame is recorded before the store has been asked.
            elsewhere = self._state.of_any_station(report.transaction_id)
            where = f", but {_is_or_was(elsewhere)}" if elsewhere else ""
            incoming.problems.append(f"transaction {report.transaction_id} does not run at this station{where}")
        if transaction is None and self._lookup is not None:
            self._chores.start(
                self._stop_looked_up(incoming, report, self._lookup), lambda: self._stop(incoming, report, None)
            )
            return
        self._stop(incoming, report, transaction)

    async def _stop_looked_up(self, incoming: Incoming, report: StopReport, lookup: Lookup) -> None:
        found = await lookup(incoming.station_id, report.transaction_id)
        self._stop(incoming, report, self._state.transaction(incoming.station_id, report.transaction_id) or found)

    def _stop_by_guess(self, incoming: Incoming, report: StopReport) -> None:
        """The station never learned the id (its start got lost): the one transaction that fits is taken for it."""
        fitting = [
            running for running in self._state.running(incoming.station_id) if _fits(running, report, incoming.now)
        ]
        if len(fitting) != 1:
            incoming.problems.append(f"transaction id {report.transaction_id}: no single one that runs here fits")
            self._stop(incoming, report, None)
            return
        incoming.problems.append(f"transaction id {report.transaction_id}: taken for {fitting[0].transaction_id}")
        self._stop(incoming, report, _flagged(fitting[0], Flag.MATCHED_BY_GUESS))
        self._guessed[fitting[0].key] = None
        if len(self._guessed) > _MOST_GUESSED:
            self._guessed.popitem(last=False)

    def _stop(self, incoming: Incoming, report: StopReport, transaction: Transaction | None) -> None:
        if transaction is None:
            transaction = self._orphan(incoming, report)
        verdict = self._policy.may_stop(transaction, report.id_token, incoming.now) if report.id_token else None
        answer = incoming.answering(StopAnswer(verdict))
        if self._has_ended(transaction):
            incoming.problems.append(f"transaction {transaction.transaction_id} had ended already: first values kept")
            self._state.emit([], answer)
            return
        self._guessed.pop(transaction.key, None)
        ended = self._end(incoming, report, transaction, verdict)
        changes: list[Change] = [*self._metering.keep(ended, report.measurements, incoming.now)]
        changes += [TransactionChanged(ended), self._told(ended)]
        changes += self._metering.finish(transaction, ended, incoming.now)
        self._state.emit(changes, answer)

    def _has_ended(self, transaction: Transaction) -> bool:
        """Whether the station has told its end. One that was abandoned, or ended by a guess, may still be told of."""
        return not transaction.running and bool(transaction.stop_reason) and transaction.key not in self._guessed

    def _orphan(self, incoming: Incoming, report: StopReport) -> Transaction:
        """An end without a start. Ids that name none get the time to tell them apart."""
        transaction_id = report.transaction_id
        if transaction_id in NO_IDS or transaction_id.startswith("-"):
            transaction_id = f"{transaction_id} {report.raw_at[:40]}"
        known = self._state.transaction(incoming.station_id, transaction_id)
        return known or Transaction(
            station_id=incoming.station_id,
            transaction_id=transaction_id,
            evse_id=0,
            id_token=report.id_token,
            flags=(Flag.ORPHAN,),
        )

    def _end(
        self, incoming: Incoming, report: StopReport, transaction: Transaction, verdict: Verdict | None
    ) -> Transaction:
        flags = list(transaction.flags)
        energy_wh = _delivered(transaction.meter_start_wh, report.meter_stop_wh)
        if energy_wh is None and Flag.ORPHAN not in flags:
            flags.append(Flag.METER_INVALID)
        ended_at = report.at
        if ended_at is None or not plausible(ended_at, incoming.now):
            ended_at = incoming.now
            flags.append(Flag.CLOCK_SUSPECT)
        foreign = token_key(report.id_token) != token_key(transaction.id_token)
        if verdict is not None and not verdict.accepted and foreign:
            flags.append(Flag.FOREIGN_TOKEN)
        return msgspec.structs.replace(
            transaction,
            ended_at=ended_at,
            meter_stop_wh=report.meter_stop_wh,
            energy_wh=energy_wh,
            stop_reason=report.reason,
            stop_token=report.id_token,
            flags=tuple(dict.fromkeys(flags)),
            updated_at=incoming.now,
        )

    def _told(self, ended: Transaction) -> Change:
        where = f"{ended.station_id} connector {ended.evse_id}" if ended.evse_id else ended.station_id
        energy = f"{ended.energy_wh / 1000:.1f} kWh" if ended.energy_wh is not None else "energy unknown"
        odd = f", {', '.join(ended.flags)}" if ended.flags else ""
        if Flag.ORPHAN in ended.flags:
            elsewhere = self._state.of_any_station(ended.transaction_id)
            odd += f" {ended.transaction_id[:20]}" + (f", which {_is_or_was(elsewhere)}" if elsewhere else "")
        kind = NoticeKind.WARNING if ended.flags else NoticeKind.INFO
        return self._state.notice(
            f"{where}: charging ended, {energy}, {ended.stop_reason}{odd}", kind, ended.station_id
        )


def _start_key(station_id: str, report: StartReport) -> _StartKey:
    return (station_id, report.evse_id, token_key(report.id_token), report.raw_at, report.meter_start_wh)


def _is_or_was(elsewhere: Transaction) -> str:
    return f"{'runs' if elsewhere.running else 'ran'} at {elsewhere.station_id}"


def _flagged(transaction: Transaction, flag: Flag) -> Transaction:
    flags = tuple(dict.fromkeys((*transaction.flags, flag)))
    return msgspec.structs.replace(transaction, flags=flags)


def _fits(running: Transaction, report: StopReport, now: datetime) -> bool:
    """Whether a running transaction can be the one that a stop without an id is about."""
    if report.id_token and token_key(report.id_token) != token_key(running.id_token):
        return False
    if report.at is not None and plausible(report.at, now) and running.started_at and report.at < running.started_at:
        return False
    return (
        running.meter_start_wh is None or report.meter_stop_wh is None or report.meter_stop_wh >= running.meter_start_wh
    )


def _delivered(meter_start_wh: int | None, meter_stop_wh: int | None) -> int | None:
    """What was delivered by the two registers, or None if they cannot both be right. Never negative."""
    if meter_start_wh is None or meter_stop_wh is None or meter_stop_wh < meter_start_wh:
        return None
    return meter_stop_wh - meter_start_wh
