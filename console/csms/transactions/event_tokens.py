"""Events of a transaction (2.x) answered: the token presented is judged anew each time, by a person if need be."""

from __future__ import annotations

import msgspec

from console.csms.authorization.authorization import ACCEPTED, INVALID
from console.csms.authorization.cards import Cards
from console.csms.authorization.tokens import Tokens
from console.csms.incoming import Incoming
from console.csms.policy import Policy
from console.csms.said.reports import EventAnswer, TransactionEvent, TransactionReport, Verdict
from console.csms.state import State
from console.csms.transactions.event_merging import stops
from console.csms.transactions.station_costs import StationCosts
from console.csms.transactions.transaction_limits import TransactionLimits
from console.model.change import Change, TransactionChanged
from console.model.token import token_key
from console.model.transaction import Flag, Transaction

#: The type of a token that says that none is needed here.
NO_AUTHORIZATION = "NoAuthorization"
_ENDED = TransactionEvent.ENDED


class EventTokens:
    """Judges tokens and answers events."""

    def __init__(
        self,
        state: State,
        policy: Policy,
        cards: Cards,
        tokens: Tokens,
        costs: StationCosts,
        limits: TransactionLimits,
    ) -> None:
        self._state = state
        self._policy = policy
        self._cards = cards
        self._tokens = tokens
        self._costs = costs
        self._limits = limits

    def known_as(self, report: TransactionReport) -> TransactionReport:
        """The event with its token as it is called here."""
        id_token = self._tokens.known_as(report.id_token, report.token_type)
        return report if id_token is report.id_token else msgspec.structs.replace(report, id_token=id_token)

    def verdict(self, incoming: Incoming, report: TransactionReport, held: Transaction) -> Verdict | None:
        """The verdict on the token presented, evaluated anew each time; None where none was, or a person is asked."""
        if not report.token_type:
            return None
        if report.token_type == NO_AUTHORIZATION:
            return ACCEPTED
        station_id, id_token, now = incoming.station_id, report.id_token, incoming.now
        same = token_key(id_token) == token_key(held.id_token)
        evse_id = report.evse_id or held.evse_id
        if stops(report) and held.id_token and report.stopped_reason != "MasterPass":
            return self._policy.may_stop(held, id_token, now)
        if same or stops(report) or report.offline:
            verdict = self._policy.may_charge(station_id, id_token, now, evse_id)
            if verdict is None and same and Flag.NOT_AUTHORIZED not in held.flags:
                if self._cards.is_asked(station_id, id_token):
                    return None
                return Verdict(ACCEPTED.status, expires_at=now)  # let charge once, by a person
            return INVALID if verdict is None and (stops(report) or report.offline) else verdict
        return self._policy.may_start(station_id, id_token, now, evse_id)

    def answer(
        self,
        incoming: Incoming,
        report: TransactionReport,
        transaction: Transaction,
        verdict: Verdict | None,
        changes: list[Change],
    ) -> None:
        """Answer when the changes are durable and the token is judged, by a person if need be."""
        if not report.token_type:
            answer = self._event_answer(incoming, report, transaction, None)
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
        flag = Flag.FOREIGN_TOKEN if stops(report) else Flag.NOT_AUTHORIZED
        flags = current.flags
        if not verdict.accepted and flag not in flags:
            flags = (*flags, flag)
        group_id = current.group_id if stops(report) else verdict.group_id or current.group_id
        judged = msgspec.structs.replace(current, flags=flags, group_id=group_id)
        if judged != current:
            changes.append(TransactionChanged(judged))
        if report.token_type != NO_AUTHORIZATION:
            changes += self._tokens.seen(incoming, report.id_token, verdict)
        self._state.emit(changes, incoming.answering(self._event_answer(incoming, report, judged, verdict)))

    def _event_answer(
        self, incoming: Incoming, report: TransactionReport, transaction: Transaction, verdict: Verdict | None
    ) -> EventAnswer:
        limit = None if report.event is _ENDED else self._limits.to_tell(transaction.key)
        return EventAnswer(verdict, self._cost(incoming, report, transaction), limit)

    def _cost(self, incoming: Incoming, report: TransactionReport, transaction: Transaction) -> float | None:
        """What is told of the cost: nothing at the start, what it is so far with meter values, and all at the end."""
        if not (report.event is _ENDED or report.measurements):
            return None
        cost = self._costs.by_site(transaction, report.at or incoming.now)
        return None if cost is None else float(cost)
