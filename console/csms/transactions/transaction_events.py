"""Transactions to which the station gives the id (2.x): their events, in whatever order and company they come.

No event is refused; what is odd becomes a flag, and what was missing may still come (2.0.1 Part 2, E, and its errata).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import msgspec

from console.csms.authorization.cards import Cards
from console.csms.authorization.tokens import Tokens
from console.csms.chores import Chores
from console.csms.incoming import Incoming
from console.csms.policy import Policy
from console.csms.said.reports import TransactionEvent, TransactionReport, Verdict
from console.csms.state import State
from console.csms.stations.connectors import connector_on, with_transaction
from console.csms.transactions.event_merging import ended_at, merged, registers, same_but_energy
from console.csms.transactions.event_tokens import EventTokens
from console.csms.transactions.metering import Metering
from console.csms.transactions.remote_starts import RemoteStarts
from console.csms.transactions.sequence import Heard
from console.csms.transactions.station_costs import StationCosts
from console.csms.transactions.transaction_limits import TransactionLimits
from console.csms.transactions.transactions import Lookup
from console.model.change import Change, NoticeKind, TransactionChanged
from console.model.transaction import Flag, Transaction

#: How many ended transactions' numbers are remembered beyond those that are stored.
_MOST_HEARD = 20_000

_STARTED, _ENDED = TransactionEvent.STARTED, TransactionEvent.ENDED
Abandon = Callable[[Transaction, datetime, datetime], list[Change]]
Gap = Callable[[Incoming, Transaction], None]


class TransactionEvents:
    """The room for TransactionEvent.

    ``lookup`` finds a transaction that is not in memory in the store; ``abandon`` ends one whose end never came;
    ``on_gap`` is told when events of one are found to be missing. ``limits`` are those of transactions, told and heard;
    ``costs`` are what they cost, by the site's prices and by what stations work out.
    """

    def __init__(
        self,
        state: State,
        policy: Policy,
        cards: Cards,
        tokens: Tokens,
        metering: Metering,
        chores: Chores,
        remote_starts: RemoteStarts,
        lookup: Lookup | None,
        abandon: Abandon,
        on_gap: Gap,
        limits: TransactionLimits,
        costs: StationCosts,
    ) -> None:
        self._state = state
        self._event_tokens = EventTokens(state, policy, cards, tokens, costs, limits)
        self._limits = limits
        self._costs = costs
        self._metering = metering
        self._chores = chores
        self._remote_starts = remote_starts
        self._lookup = lookup
        self._abandon = abandon
        self._on_gap = on_gap
        self._heard: OrderedDict[str, Heard] = OrderedDict()

    def on_event(self, incoming: Incoming, report: TransactionReport) -> None:
        """TransactionEvent: answered once what it says is durable, and its token judged."""
        report = self._event_tokens.known_as(report)
        station_id, transaction_id = incoming.station_id, report.transaction_id
        known = self._state.transaction(station_id, transaction_id)
        if known is None and self._lookup is not None and report.event is not _STARTED:
            self._chores.start(
                self._looked_up(incoming, report, self._lookup), lambda: self._take(incoming, report, None)
            )
            return
        self._take(incoming, report, known)

    async def _looked_up(self, incoming: Incoming, report: TransactionReport, lookup: Lookup) -> None:
        found = await lookup(incoming.station_id, report.transaction_id)
        self._take(incoming, report, self._state.transaction(incoming.station_id, report.transaction_id) or found)

    def _take(self, incoming: Incoming, report: TransactionReport, known: Transaction | None) -> None:
        held = known or Transaction(incoming.station_id, report.transaction_id, evse_id=0)
        heard = self._heard_of(held)
        if known is not None and _comes_again(heard, known, report):
            incoming.problems.append(f"repeated: event {report.seq_no} of this transaction came before")
            self._event_tokens.answer(incoming, report, known, self._event_tokens.verdict(incoming, report, known), [])
            return
        self._limits.heard(incoming, report)
        is_newest = report.seq_no >= heard.newest
        heard.take(report)
        changes = self._make_way(incoming, report, held)
        if changes:  # what is abandoned does not count as charging elsewhere, so it goes first
            self._state.emit(changes)
        verdict = self._event_tokens.verdict(incoming, report, held)
        told = self._joined(incoming, report, merged(held, report, heard.numbers, incoming, is_newest=is_newest))
        if report.evse_id and not held.evse_id and not report.connector_id:
            station = self._state.stations.get(incoming.station_id)
            told = msgspec.structs.replace(told, connector_id=connector_on(station, report.evse_id))
        self._settle(incoming, report, held, told, verdict)

    def _settle(
        self,
        incoming: Incoming,
        report: TransactionReport,
        held: Transaction,
        told: Transaction,
        verdict: Verdict | None,
    ) -> None:
        """Let the meter values count, end it where it ended, and answer when all of it is durable."""
        now, ends = incoming.now, report.event is _ENDED and not held.stop_reason
        changes: list[Change] = []
        begins_wh, ends_wh = registers(report) if told.meter_start_wh is None or ends else (None, None)
        moved = msgspec.structs.replace(told, ended_at=held.ended_at)
        if begins_wh is not None and told.meter_start_wh is None:
            moved = self._metering.begun_at(moved, begins_wh, now)
        moved = self._metering.follow(moved, report.measurements, now, changes)
        if ends:
            incoming.connection.heard_at = None  # the day's energy is told with the next word
            stop_wh = self._metering.register_of(moved) if ends_wh is None else ends_wh
            ended = ended_at(moved, told.ended_at, stop_wh)
            changes += with_transaction(self._state.stations.get(incoming.station_id), ended)
            changes += [TransactionChanged(ended), self._told_end(ended)]
            changes += self._metering.finish(moved, ended, now)
        else:
            ended = moved
            if not same_but_energy(ended, held) or report.event is _STARTED:
                changes += self._told_change(incoming, report, held, ended)
        self._costs.heard(incoming, report, ended)
        self._say_gap(incoming, held, ended, changes)
        self._event_tokens.answer(incoming, report, ended, verdict, changes)

    # --- what it is about ---

    def _heard_of(self, transaction: Transaction) -> Heard:
        heard = self._heard.get(transaction.key)
        if heard is None:
            heard = self._heard[transaction.key] = Heard(transaction.seq_nos)
            if len(self._heard) > _MOST_HEARD:
                self._heard.popitem(last=False)
        return heard

    def _make_way(self, incoming: Incoming, report: TransactionReport, held: Transaction) -> list[Change]:
        """Close what still runs on the EVSE: its end was lost. An event from the station's queue closes nothing."""
        changes: list[Change] = []
        evse_id = report.evse_id
        running = self._state.running(incoming.station_id)
        if not evse_id or held.evse_id == evse_id or report.event is _ENDED or report.offline:
            running = ()
        for other in running:
            historic = other.started_at is not None and report.at is not None and report.at < other.started_at
            if other.evse_id == evse_id and other.key != held.key and not historic:
                changes += self._abandon(other, incoming.now, incoming.now)
        if not changes and running and self._state.many_running(incoming.station_id):
            changes += self._abandon(running[0], incoming.now, incoming.now)
        return changes

    def _joined(self, incoming: Incoming, report: TransactionReport, transaction: Transaction) -> Transaction:
        """The transaction with the token of the remote start that it came of, where it names no other."""
        if not report.remote_start_id:
            return transaction
        id_token = self._remote_starts.token_of(transaction.station_id, report.remote_start_id)
        if not id_token:
            incoming.problems.append(f"remote start {report.remote_start_id} was not asked for here of late")
        self._remote_starts.begun(transaction.station_id, report.remote_start_id)
        self._limits.began(transaction, report.remote_start_id)
        if transaction.id_token:
            return transaction
        return msgspec.structs.replace(transaction, id_token=id_token)

    # --- what people are told ---

    def _told_change(
        self, incoming: Incoming, report: TransactionReport, held: Transaction, now: Transaction
    ) -> list[Change]:
        changes = with_transaction(self._state.stations.get(incoming.station_id), now)
        changes.append(TransactionChanged(now))
        if report.event is _STARTED and not held.seq_nos:
            tag = f", tag {now.id_token}" if now.id_token else ""
            text = f"{_where(now)}: transaction began{tag} ({report.trigger_reason})"
            changes.append(self._state.notice(text, station_id=now.station_id))
        elif now.id_token and not held.id_token:
            text = f"{_where(now)}: charging started, tag {now.id_token}"
            changes.append(self._state.notice(text, station_id=now.station_id))
        return changes

    def _told_end(self, ended: Transaction) -> Change:
        energy = f"{ended.energy_wh / 1000:.1f} kWh" if ended.energy_wh is not None else "energy unknown"
        odd = f", {', '.join(ended.flags)}" if ended.flags else ""
        kind = NoticeKind.WARNING if ended.flags else NoticeKind.INFO
        text = f"{_where(ended)}: charging ended, {energy}, {ended.stop_reason}{odd}"
        return self._state.notice(text, kind, ended.station_id)

    def _say_gap(self, incoming: Incoming, held: Transaction, now: Transaction, changes: list[Change]) -> None:
        had, has = Flag.GAP in held.flags, Flag.GAP in now.flags
        if has and not had:
            incoming.problems.append("events of this transaction are missing")
            text = f"{_where(now)}: events of the transaction {now.transaction_id} are missing"
            changes.append(self._state.notice(text, NoticeKind.WARNING, now.station_id))
            self._on_gap(incoming, now)
        elif had and not has:
            text = f"{_where(now)}: the transaction {now.transaction_id} is complete again"
            changes.append(self._state.notice(text, NoticeKind.GOOD, now.station_id))


def _comes_again(heard: Heard, known: Transaction, report: TransactionReport) -> bool:
    """Whether an event came before; of a start or an end, there is only one that counts."""
    if report.event is _ENDED and bool(known.stop_reason):
        return True
    if report.event is _STARTED and known.started_at is not None:
        return True
    return heard.repeats(report)


def _where(transaction: Transaction) -> str:
    return (
        f"{transaction.station_id} connector {transaction.evse_id}" if transaction.evse_id else transaction.station_id
    )
