"""Transactions to which the station gives the id (2.x): their events, in whatever order and company they come.

No event is refused; what is odd becomes a flag, and what was missing may still come (2.0.1 Part 2, E, and its errata).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import msgspec

from console.csms.authorization import ACCEPTED, INVALID
from console.csms.cards import Cards
from console.csms.chores import Chores
from console.csms.connectors import connector_on, with_transaction
from console.csms.event_merging import merged, same_but_energy
from console.csms.incoming import Incoming
from console.csms.metering import Metering
from console.csms.policy import Policy
from console.csms.remote_starts import RemoteStarts
from console.csms.reports import EventAnswer, TransactionEvent, TransactionReport, Verdict
from console.csms.sequence import Heard
from console.csms.state import State
from console.csms.tokens import Tokens
from console.csms.transactions import Lookup
from console.model.change import Change, NoticeKind, TransactionChanged
from console.model.tariff import Tariff
from console.model.token import token_key
from console.model.transaction import Flag, Transaction

#: The type of a token that says that none is needed here.
NO_AUTHORIZATION = "NoAuthorization"
#: How many ended transactions' numbers are remembered beyond those that are stored.
_MOST_HEARD = 20_000

_STARTED, _ENDED = TransactionEvent.STARTED, TransactionEvent.ENDED
Abandon = Callable[[Transaction, datetime, datetime], list[Change]]
Gap = Callable[[Incoming, Transaction], None]


class TransactionEvents:
    """The room for TransactionEvent.

    ``lookup`` finds a transaction that is not in memory in the store; ``abandon`` ends one whose end never came;
    ``on_gap`` is told when events of one are found to be missing. ``tariff``: what is charged for, None for nothing.
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
        tariff: Tariff | None,
    ) -> None:
        self._state = state
        self._policy = policy
        self._cards = cards
        self._tokens = tokens
        self._metering = metering
        self._chores = chores
        self._remote_starts = remote_starts
        self._lookup = lookup
        self._abandon = abandon
        self._on_gap = on_gap
        self._tariff = tariff
        self._heard: OrderedDict[str, Heard] = OrderedDict()

    def on_event(self, incoming: Incoming, report: TransactionReport) -> None:
        """TransactionEvent: answered once what it says is durable, and its token judged."""
        id_token = self._tokens.known_as(report.id_token, report.token_type)
        if id_token is not report.id_token:
            report = msgspec.structs.replace(report, id_token=id_token)
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
            self._answer(incoming, report, known, self._verdict(incoming, report, known), [])
            return
        is_newest = report.seq_no >= heard.newest
        heard.take(report)
        changes = self._make_way(incoming, report, held)
        if changes:  # what is abandoned does not count as charging elsewhere, so it goes first
            self._state.emit(changes)
        verdict = self._verdict(incoming, report, held)
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
        now = incoming.now
        changes: list[Change] = []
        begins_wh, ends_wh = _registers(report)
        moved = msgspec.structs.replace(told, ended_at=held.ended_at)
        if begins_wh is not None and told.meter_start_wh is None:
            moved = self._metering.begun_at(moved, begins_wh, now)
        moved = self._metering.follow(moved, report.measurements, now, changes)
        if report.event is _ENDED and not held.stop_reason:
            incoming.connection.heard_at = None  # the day's energy is told with the next word
            stop_wh = self._metering.register_of(moved) if ends_wh is None else ends_wh
            ended = _ended(moved, told.ended_at, stop_wh)
            changes += with_transaction(self._state.stations.get(incoming.station_id), ended)
            changes += [TransactionChanged(ended), self._told_end(ended)]
            changes += self._metering.finish(moved, ended, now)
        else:
            ended = moved
            if not same_but_energy(ended, held) or report.event is _STARTED:
                changes += self._told_change(incoming, report, held, ended)
        self._say_gap(incoming, held, ended, changes)
        self._answer(incoming, report, ended, verdict, changes)

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
        if transaction.id_token:
            return transaction
        return msgspec.structs.replace(transaction, id_token=id_token)

    # --- tokens ---

    def _verdict(self, incoming: Incoming, report: TransactionReport, held: Transaction) -> Verdict | None:
        """The verdict on the token presented, evaluated anew each time; None where none was, or a person is asked."""
        if not report.token_type:
            return None
        if report.token_type == NO_AUTHORIZATION:
            return ACCEPTED
        station_id, id_token, now = incoming.station_id, report.id_token, incoming.now
        same = token_key(id_token) == token_key(held.id_token)
        if _stops(report) and held.id_token and report.stopped_reason != "MasterPass":
            return self._policy.may_stop(held, id_token, now)
        if same or _stops(report) or report.offline:
            verdict = self._policy.may_charge(station_id, id_token, now)
            if verdict is None and same and Flag.NOT_AUTHORIZED not in held.flags:
                return Verdict(ACCEPTED.status, expires_at=now)  # let charge once, by a person
            return INVALID if verdict is None and (_stops(report) or report.offline) else verdict
        return self._policy.may_start(station_id, id_token, now)

    def _answer(
        self,
        incoming: Incoming,
        report: TransactionReport,
        transaction: Transaction,
        verdict: Verdict | None,
        changes: list[Change],
    ) -> None:
        """Answer when the changes are durable and the token is judged, by a person if need be."""
        if not report.token_type:
            answer = EventAnswer(total_cost=self._cost(incoming, report, transaction))
            self._state.emit(changes, incoming.answering(answer))
            return
        if verdict is None:
            self._state.emit(changes)
            changes = []
            verdict = self._cards.ask(
                incoming.station_id,
                transaction.evse_id,
                report.id_token,
                lambda said: self._judged(incoming, report, transaction, said, []),
                token_type=report.token_type,
            )
        if verdict is not None:
            self._judged(incoming, report, transaction, verdict, changes)

    def _judged(
        self,
        incoming: Incoming,
        report: TransactionReport,
        transaction: Transaction,
        verdict: Verdict,
        changes: list[Change],
    ) -> None:
        current = transaction
        if not changes:  # it may have gone on while a person was asked
            current = self._state.transaction(transaction.station_id, transaction.transaction_id) or transaction
        flag = Flag.FOREIGN_TOKEN if _stops(report) else Flag.NOT_AUTHORIZED
        flags = current.flags
        if not verdict.accepted and flag not in flags:
            flags = (*flags, flag)
        group_id = current.group_id if _stops(report) else verdict.group_id or current.group_id
        judged = msgspec.structs.replace(current, flags=flags, group_id=group_id)
        if judged != current:
            changes.append(TransactionChanged(judged))
        if report.token_type != NO_AUTHORIZATION:
            changes += self._tokens.seen(incoming, report.id_token, verdict)
        self._state.emit(changes, incoming.answering(EventAnswer(verdict, self._cost(incoming, report, judged))))

    def _cost(self, incoming: Incoming, report: TransactionReport, transaction: Transaction) -> float | None:
        """What is told of the cost: nothing at the start, what it is so far with meter values, and all at the end."""
        if self._tariff is None or not (report.event is _ENDED or report.measurements):
            return None
        cost = self._tariff.cost(transaction, report.at or incoming.now)
        return None if cost is None else float(cost)

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


def _stops(report: TransactionReport) -> bool:
    """Whether the token in an event was presented to end the transaction."""
    return report.event is _ENDED or report.trigger_reason == "StopAuthorized"


def _registers(report: TransactionReport) -> tuple[int | None, int | None]:
    """The register readings at the beginning and at the end of the transaction, as far as an event tells of them.

    Where none is marked as such, the first reading of the first event and the last one of the last event are taken.
    """
    begins, ends, read = [], [], []
    for measurement in report.measurements:
        begins.append(measurement.register("Transaction.Begin"))
        ends.append(measurement.register("Transaction.End"))
        read.append(measurement.figures.energy_wh)
    if report.event is _STARTED:
        begins += read
    if report.event is _ENDED:
        ends += reversed(read)
    return _first(begins), _first(ends)


def _first(readings: list[int | None]) -> int | None:
    return next((reading for reading in readings if reading is not None), None)


def _ended(transaction: Transaction, at: datetime | None, meter_stop_wh: int | None) -> Transaction:
    """The transaction at its end: by its two registers where both are known, else by what was counted."""
    energy_wh, flags = transaction.energy_wh, transaction.flags
    if transaction.meter_start_wh is not None and meter_stop_wh is not None:
        if meter_stop_wh < transaction.meter_start_wh:
            flags = tuple(dict.fromkeys((*flags, Flag.METER_INVALID)))
        else:
            energy_wh = meter_stop_wh - transaction.meter_start_wh
    return msgspec.structs.replace(
        transaction, ended_at=at, meter_stop_wh=meter_stop_wh, energy_wh=energy_wh, flags=flags
    )


def _where(transaction: Transaction) -> str:
    return f"{transaction.station_id} EVSE {transaction.evse_id}" if transaction.evse_id else transaction.station_id
