"""What waits for a person: stations to let in, unknown cards, connections that were refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.model.message import Attempt
from console.model.site import Site
from console.model.station import Station
from console.model.token import Card
from console.screens.frame import paint, words
from widgets.row_line import Part

#: How long a refused connection stands on the screen after its last attempt.
REFUSED_SHOWN = timedelta(minutes=10)
#: How long a card stands there that is no longer waiting at the station.
CARD_SHOWN = timedelta(minutes=2)

_WAITING_KEYS: tuple[tuple[str, str], ...] = (("y", "once"), ("Y", "always"), ("n", "refuse"))
_LATE_KEYS: tuple[tuple[str, str], ...] = (("Y", "let in next time"), ("n", "dismiss"))


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits; ``keys`` are (key, what it does), ``short`` is said where ``text`` has no room."""

    mark: str
    word: str
    text: str
    keys: tuple[tuple[str, str], ...] = ()
    short: str = ""

    def parts(self, width: int) -> list[Part]:
        """The line, its keys at the right end."""
        head: Part = (f" {self.mark} {self.word:<5} " if self.word else " " * 11, "warn")
        right: list[Part] = []
        for key, what in self.keys:
            right += [(key, "strong"), (f" {what}  ", "muted")]
        fits = paint.length([head, (self.text, ""), *right]) + 2 <= width
        return paint.two_ends([head, (self.text if fits else self.short or self.text, "")], right, width)


def open_cards(site: Site, now: datetime) -> list[Card]:
    """The unknown cards to show: those that wait at a station first, the most urgent on top."""
    cards = [card for card in site.cards.values() if card.waiting or now - card.seen_at < CARD_SHOWN]
    return sorted(cards, key=lambda card: (not card.waiting, card.deadline))


def refused(site: Site, now: datetime) -> list[Attempt]:
    """The refused connections to show, newest first: not those whose station has got in since."""
    recent = [each for each in site.attempts.values() if now - each.at < REFUSED_SHOWN]
    return sorted((each for each in recent if not site.got_in_since(each)), key=lambda each: each.at, reverse=True)


def card_line(cards: Sequence[Card], now: datetime, allowed: bool) -> Line:
    """The line for the first card, with the seconds it has left."""
    card = cards[0]
    where = f"{card.station_id} connector {card.evse_id}" if card.evse_id else card.station_id
    place = f"{card.station_id}/{card.evse_id}" if card.evse_id else card.station_id
    left_s = int((card.deadline - now).total_seconds())
    more = _more(cards)
    if card.waiting and left_s > 0:
        left = f"{left_s} s left{more}  {card.id_token}"
        short = f"{left_s} s left{more.replace(' more', '')}  {card.id_token} {place}"
        text, keys = f"{left} at {where}", _WAITING_KEYS
    else:
        text = short = f"{card.id_token}{more} was at {where}"
        keys = _LATE_KEYS
    return Line("?", "CARD", text, keys if allowed else (), short)


def pending_line(stations: Sequence[Station], allowed: bool) -> Line:
    """The line for the station that waits longest, with what it said of itself."""
    station = stations[0]
    said = words.join(
        f"{station.vendor} {station.model}".strip() or "said nothing of itself yet",
        f"OCPP {station.ocpp_version}" if station.ocpp_version else "",
        f"from {station.address}" if station.address else "",
        "" if station.online else "offline now",
    )
    text = f"{station.station_id}{_more(stations)}  {said}"
    return Line("!", "NEW", text, (("a", "accept"), ("x", "reject")) if allowed else ())


def refused_lines(attempts: Sequence[Attempt]) -> list[Line]:
    """Two lines for the newest refused connection: its cause, and its cure."""
    attempt = attempts[0]
    who = words.join(attempt.station_id or attempt.path, f"from {attempt.address}" if attempt.address else "", by=" ")
    times = f", {attempt.count} times" if attempt.count > 1 else ""
    short = f"{attempt.station_id or attempt.path}: {attempt.cause}"
    first = Line("!", "REFUSED", f"{who}{times}{_more(attempts)}: {attempt.cause}", short=short)
    return [first, Line("", "", attempt.cure)] if attempt.cure else [first]


def learning_line(until: datetime, now: datetime) -> Line:
    """The line while the next card is awaited."""
    left_s = int((until - now).total_seconds())
    return Line("?", "LEARN", f"{left_s} s left  hold the card to the reader of any station")


def lines(
    site: Site, pending: Sequence[Station], now: datetime, *, everything: bool, may_settle: bool, may_admit: bool
) -> list[Line]:
    """All that waits, the most urgent first. Without ``everything`` only what cannot wait: cards."""
    found: list[Line] = []
    if site.learning_until is not None and site.learning_until > now:
        found.append(learning_line(site.learning_until, now))
    if cards := open_cards(site, now):
        found.append(card_line(cards, now, may_settle))
    if everything and pending:
        found.append(pending_line(pending, may_admit))
    if everything and (attempts := refused(site, now)):
        found += refused_lines(attempts)
    return found


def _more(things: Sequence[object]) -> str:
    return f" (+{len(things) - 1} more)" if len(things) > 1 else ""
