"""Authorize: may this token charge?"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from console.csms.authorization.authorization import INVALID
from console.csms.authorization.cards import Cards
from console.csms.incoming import Incoming
from console.csms.key_codes import KEY_CODE, known_as
from console.csms.policy import Policy
from console.csms.said.reports import Authorize, TokenAnswer, Verdict
from console.csms.state import State
from console.model.change import Change, NoticeKind, TokenChanged
from console.model.token import token_key

#: When a token was last seen is known to the minute: the swipe, and the start that follows it, are once.
_SEEN_EVERY = timedelta(minutes=1)


class Tokens:
    """The room for Authorize."""

    def __init__(self, state: State, policy: Policy, cards: Cards, secret: bytes) -> None:
        self._state = state
        self._secret = secret
        self._policy = policy
        self._cards = cards

    def on_authorize(self, incoming: Incoming, report: Authorize) -> TokenAnswer | None:
        """Authorize: at once where the token is known, else as the operator says. Never ConcurrentTx (1.6 §4.2)."""
        if report.contract:
            return self._contract(incoming, report)
        id_token = self.known_as(report.id_token, report.token_type)
        verdict = self._policy.may_charge(incoming.station_id, id_token, incoming.now)
        if verdict is None:
            verdict = self._cards.ask(
                incoming.station_id,
                0,
                id_token,
                lambda said: incoming.answer(TokenAnswer(said)),
                token_type=report.token_type,
            )
            return None if verdict is None else TokenAnswer(verdict)
        changes = self.seen(incoming, id_token, verdict)
        if changes:
            self._state.emit(changes)
        return TokenAnswer(verdict)

    def known_as(self, id_token: str, token_type: str) -> str:
        """How a token that was presented is called here."""
        return known_as(self._secret, id_token) if token_type == KEY_CODE else id_token

    def _contract(self, incoming: Incoming, report: Authorize) -> TokenAnswer:
        """Plug and charge (2.0.1 C07): no contract can be checked here, so none is accepted."""
        text = f"{incoming.station_id}: the contract of {report.id_token} cannot be checked here, so it was refused"
        self._state.emit([self._state.notice(text, NoticeKind.WARNING, incoming.station_id)])
        return TokenAnswer(INVALID, "NoCertificateAvailable")

    def seen(self, incoming: Incoming, id_token: str, verdict: Verdict) -> list[Change]:
        """What changes when a token was presented: when it last was, and a word where it was refused."""
        changes: list[Change] = []
        token = self._state.tokens.get(token_key(id_token))
        if token is not None and (token.last_seen_at is None or abs(incoming.now - token.last_seen_at) >= _SEEN_EVERY):
            changes.append(TokenChanged(msgspec.structs.replace(token, last_seen_at=incoming.now)))
        if not verdict.accepted:
            text = f"{incoming.station_id}: the tag {id_token} was refused ({verdict.status})"
            changes.append(self._state.notice(text, NoticeKind.WARNING, incoming.station_id))
        return changes
