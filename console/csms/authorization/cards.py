"""Unknown cards: the station's question waits while an operator looks, and is answered as the operator says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from console.csms.authorization.authorization import ACCEPTED, INVALID, Passes
from console.csms.ports import Clock
from console.csms.said.reports import Verdict
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.model.change import CardGone, CardSwiped, Change, Learning, NoticeKind, TokenChanged
from console.model.token import Card, CardVerdict, Token, token_key

#: How long a card that was let charge once may come again: Authorize first, then StartTransaction.
ONCE = timedelta(minutes=2)
#: How long "learn the next card" stays on.
LEARN = timedelta(minutes=2)
#: How many cards may wait for a verdict at once, and how many questions about one of them (a station asks again).
MOST_WAITING = 20
_MOST_QUESTIONS = 8

Reply = Callable[[Verdict], None]


class _Question:
    """A card that waits: where, who wants to know, and how to stop the time-out."""

    def __init__(self, station_id: str, cancel: Callable[[], None]) -> None:
        self.station_id = station_id
        self.cancel = cancel
        self.replies: list[Reply] = []


class Cards:
    """The room for cards that nobody knows."""

    def __init__(self, state: State, clock: Clock, settings: CsmsSettings, passes: Passes) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self._passes = passes
        self._waiting: dict[str, _Question] = {}
        state.on_removed.append(self._forget)

    def ask(
        self, station_id: str, evse_id: int, id_token: str, reply: Reply, *, token_type: str = ""
    ) -> Verdict | None:
        """Judge an unknown card: at once if possible; else None, and ``reply`` will be called."""
        now = self._clock.now()
        if self._learns(now):
            self._learn(station_id, id_token, token_type, now)
            return ACCEPTED
        card_id = _card_id(station_id, id_token)
        question = self._waiting.get(card_id)
        if question is None:
            waits = self._settings.operators_present() and len(self._waiting) < MOST_WAITING
            self._list(Card(card_id, id_token, station_id, evse_id, now, self._deadline(now), waits, token_type))
            if not waits:
                return INVALID
            question = self._hold(station_id, card_id)
        if len(question.replies) >= _MOST_QUESTIONS:
            return INVALID
        question.replies.append(reply)
        return None

    def is_asked(self, station_id: str, id_token: str) -> bool:
        """Whether a person is being asked about this card at this station."""
        return _card_id(station_id, id_token) in self._waiting

    def _deadline(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._settings.card_wait_s)

    def _hold(self, station_id: str, card_id: str) -> _Question:
        cancel = self._clock.call_later(self._settings.card_wait_s, lambda: self._time_out(card_id))
        question = self._waiting[card_id] = _Question(station_id, cancel)
        return question

    def _forget(self, station_id: str) -> None:
        """A station is no more: nobody is asked about its cards, and it is cut off without an answer."""
        for card_id, question in list(self._waiting.items()):
            if question.station_id == station_id:
                question.cancel()
                del self._waiting[card_id]

    def _list(self, card: Card) -> None:
        where = f"{card.station_id} connector {card.evse_id}" if card.evse_id else card.station_id
        text = f"unknown card {card.id_token} at {where}"
        self._state.emit([CardSwiped(card), self._state.notice(text, NoticeKind.WARNING, card.station_id)])

    def _time_out(self, card_id: str) -> None:
        card = self._state.cards.get(card_id)
        if card is not None:
            self._state.emit([CardSwiped(msgspec.structs.replace(card, waiting=False))])
        self._answer(card_id, INVALID)

    def _answer(self, card_id: str, verdict: Verdict) -> None:
        question = self._waiting.pop(card_id, None)
        if question is None:
            return
        question.cancel()
        for reply in question.replies:
            reply(verdict)

    def settle(self, card_id: str, verdict: CardVerdict) -> Card | None:
        """Do what the operator said about a card; None if it is not listed any more.

        ``once`` holds for the waiting question, and for two minutes where the card comes again; ``always`` makes a
        token of it.
        """
        card = self._state.cards.get(card_id)
        if card is None:
            return None
        now = self._clock.now()
        changes: list[Change] = [CardGone(card_id)]
        told = INVALID if verdict is CardVerdict.REFUSE else ACCEPTED
        if verdict is CardVerdict.ONCE:
            told = self._passes.give(card.station_id, card.id_token, now + ONCE)
        elif verdict is CardVerdict.ALWAYS:
            changes.append(TokenChanged(_token(card.id_token, card.token_type, now)))
        self._state.emit(changes)
        self._answer(card_id, told)
        if verdict is CardVerdict.ALWAYS:
            self.became_known(card.id_token)
        return card

    def became_known(self, id_token: str) -> None:
        """A token was made of a card by other means: what waits for a verdict on it gets the token's."""
        token = self._state.tokens.get(token_key(id_token))
        for card in list(self._state.cards.values()):
            if token is not None and token_key(card.id_token) == token.key:
                self._state.emit([CardGone(card.card_id)])
                verdict = Verdict(token.status_at(self._clock.now()), token.group_id, token.expires_at)
                self._answer(card.card_id, verdict)

    # --- learning ---

    def learn_next(self, on: bool) -> None:
        """Make a token of the next unknown card that comes within two minutes, or give that up."""
        self._state.emit([Learning(self._clock.now() + LEARN if on else None)])

    def _learns(self, now: datetime) -> bool:
        until = self._state.learning_until
        return until is not None and now <= until

    def _learn(self, station_id: str, id_token: str, token_type: str, now: datetime) -> None:
        token = _token(id_token, token_type, now)
        text = f"learned the card {id_token} at {station_id}"
        self._state.emit([TokenChanged(token), Learning(None), self._state.notice(text, NoticeKind.GOOD, station_id)])
        self.became_known(id_token)


def _token(id_token: str, token_type: str, now: datetime) -> Token:
    """What a card becomes that shall be known from now on."""
    token = Token(id_token, created_at=now, last_seen_at=now)
    return msgspec.structs.replace(token, token_type=token_type) if token_type else token


def _card_id(station_id: str, id_token: str) -> str:
    return f"{token_key(id_token)}@{station_id}"
