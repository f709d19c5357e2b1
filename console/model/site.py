"""A site at one moment, and how a change alters it. The same class at both ends of the operator link."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from console.model.change import (
    AttemptSeen,
    CardGone,
    CardSwiped,
    Change,
    Learning,
    LocalListChanged,
    Measured,
    Notice,
    Noticed,
    PricesChanged,
    ReservationChanged,
    ReservationEnded,
    RolloutChanged,
    SchedulesChanged,
    StationChanged,
    StationRemoved,
    StationSeen,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.local_list import LocalList
from console.model.message import Attempt
from console.model.meter import Reading
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.schedule.prices import PriceCurve
from console.model.schedule.rollout import Rollout
from console.model.station import Station
from console.model.tariff import Tariff
from console.model.token import Card, Token
from console.model.transaction import Transaction

#: How many finished transactions, notices, attempts and cards a site keeps in memory. The store has all of them.
KEPT_ENDED = 200
KEPT_NOTICES = 200
KEPT_ATTEMPTS = 50
KEPT_CARDS = 50
KEPT_ROLLOUTS = 50


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a station was last heard, and what it delivered since local midnight."""

    at: datetime
    energy_today_wh: int = 0


class Site(msgspec.Struct, frozen=True):
    """Everything a screen shows without asking: keyed by id, bounded where it could grow for ever.

    ``readings`` is keyed (as text) by station and EVSE, see ``reading``. ``transactions`` holds the running ones and
    the newest ended ones, oldest first. ``tariff`` are the site's own prices.
    """

    name: str = ""
    stations: dict[str, Station] = {}
    seen: dict[str, Seen] = {}
    readings: dict[str, Reading] = {}
    transactions: dict[str, Transaction] = {}
    schedules: dict[str, StationSchedules] = {}
    rollouts: dict[str, Rollout] = {}
    tokens: dict[str, Token] = {}
    cards: dict[str, Card] = {}
    attempts: dict[str, Attempt] = {}
    reservations: dict[str, Reservation] = {}
    local_lists: dict[str, LocalList] = {}
    notices: tuple[Notice, ...] = ()
    learning_until: datetime | None = None
    prices: PriceCurve | None = None
    tariff: Tariff | None = None

    def apply(self, changes: Iterable[Change]) -> Site:
        """Return the site after the changes; this one stays as it is. Costs one copy of each map touched."""
        draft = Draft(self)
        for change in changes:
            draft.absorb(change)
        return draft.site()

    def reading(self, station_id: str, evse_id: int) -> Reading | None:
        """The newest reading of an EVSE."""
        return self.readings.get(f"{station_id}\n{evse_id}")

    def running(self, station_id: str, evse_id: int | None = None) -> list[Transaction]:
        """The running transactions of a station, or of one of its EVSEs."""
        return [
            transaction
            for transaction in self.transactions.values()
            if transaction.running and transaction.station_id == station_id and evse_id in (None, transaction.evse_id)
        ]

    def reserved(self, station_id: str, evse_id: int | None = None) -> list[Reservation]:
        """The reservations of a station, or of one of its EVSEs."""
        return [
            reservation
            for reservation in self.reservations.values()
            if reservation.station_id == station_id and evse_id in (None, reservation.evse_id)
        ]

    def schedules_of(self, station_id: str) -> StationSchedules:
        """The charging profiles of a station, as far as they are known."""
        return self.schedules.get(station_id) or StationSchedules(station_id)

    def got_in_since(self, attempt: Attempt) -> bool:
        """Whether the station of a refused connection has come by another one since."""
        station = self.stations.get(attempt.station_id)
        return bool(
            station and station.online and station.online_changed_at and station.online_changed_at >= attempt.at
        )

    def power_w(self, station_id: str) -> float | None:
        """The power a station delivers now: the sum over its EVSEs, None where nothing was ever measured."""
        station = self.stations.get(station_id)
        if station is None or not station.online:
            return None
        evse_ids = {connector.evse_id for connector in station.connectors}
        readings = (self.reading(station_id, evse_id) for evse_id in sorted(evse_ids))
        powers = [reading.power_w for reading in readings if reading and reading.power_w is not None]
        return sum(powers) if powers else None


class Draft:
    """A site while changes are put into it: a map is copied when it is first touched, and from then on is its own.

    ``Site.apply`` uses one for a moment; whoever follows a site for years keeps one, and then a change costs no copy.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._fields: dict[str, object] = {}
        self._notices: deque[Notice] | None = None
        self._ended: dict[str, None] | None = None

    def site(self) -> Site:
        """The site as it stands. Its maps are the draft's own: they change with the next change put in."""
        if self._notices is not None:
            self._fields["notices"] = tuple(self._notices)
        return msgspec.structs.replace(self._site, **self._fields) if self._fields else self._site

    @property
    def transactions(self) -> Mapping[str, Transaction]:
        """The site's transactions as they stand, to look at: ``site`` makes a whole site, which takes longer."""
        return self._fields.get("transactions", self._site.transactions)  # type: ignore[return-value]  # see _map

    def _map(self, name: str) -> dict[str, object]:
        held = self._fields.get(name)
        if held is None:
            held = self._fields[name] = dict(getattr(self._site, name))
        return held  # type: ignore[return-value]  # what stands under a map's name is a map

    def absorb(self, change: Change) -> None:
        """Put one change in; what says nothing about a site is passed over."""
        absorber = _ABSORBERS.get(type(change))
        if absorber is not None:
            absorber(self, change)

    def station(self, change: StationChanged) -> None:
        self._map("stations")[change.station.station_id] = change.station

    def station_removed(self, change: StationRemoved) -> None:
        station_id = change.station_id
        for name in ("stations", "seen", "local_lists", "schedules"):
            self._map(name).pop(station_id, None)
        for name in ("reservations", "readings"):
            for key in [key for key in self._map(name) if key.startswith(f"{station_id}\n")]:
                del self._map(name)[key]
        for card in list(self._map("cards").values()):
            if isinstance(card, Card) and card.station_id == station_id:
                del self._map("cards")[card.card_id]

    def seen(self, change: StationSeen) -> None:
        self._map("seen")[change.station_id] = Seen(change.at, change.energy_today_wh)

    def measured(self, change: Measured) -> None:
        self._map("readings")[change.key[1]] = change.reading

    def transaction(self, change: TransactionChanged) -> None:
        transaction = change.transaction
        key, transactions = transaction.key, self._map("transactions")
        transactions.pop(key, None)
        transactions[key] = transaction
        ended = self._ended_keys()
        ended.pop(key, None)
        if not transaction.running:
            ended[key] = None
            while len(ended) > KEPT_ENDED:
                oldest = next(iter(ended))
                del ended[oldest], transactions[oldest]

    def _ended_keys(self) -> dict[str, None]:
        """The keys of the ended transactions, oldest first; looked up once, for thousands may be running."""
        if self._ended is None:
            held = self._map("transactions").items()
            self._ended = {key: None for key, one in held if isinstance(one, Transaction) and not one.running}
        return self._ended

    def progressed(self, change: TransactionProgressed) -> None:
        key = change.key[1]
        transaction = self.transactions.get(key)
        if transaction is not None and transaction.running:
            self._map("transactions")[key] = msgspec.structs.replace(
                transaction, energy_wh=change.energy_wh, updated_at=change.at
            )

    def schedules(self, change: SchedulesChanged) -> None:
        self._map("schedules")[change.schedules.station_id] = change.schedules

    def token(self, change: TokenChanged) -> None:
        self._map("tokens")[change.token.key] = change.token

    def token_removed(self, change: TokenRemoved) -> None:
        self._map("tokens").pop(change.token, None)

    def card(self, change: CardSwiped) -> None:
        _put_bounded(self._map("cards"), change.card.card_id, change.card, KEPT_CARDS)

    def card_gone(self, change: CardGone) -> None:
        self._map("cards").pop(change.card_id, None)

    def attempt(self, change: AttemptSeen) -> None:
        _put_bounded(self._map("attempts"), change.attempt.attempt_id, change.attempt, KEPT_ATTEMPTS)

    def reservation(self, change: ReservationChanged) -> None:
        self._map("reservations")[change.reservation.key] = change.reservation

    def reservation_ended(self, change: ReservationEnded) -> None:
        self._map("reservations").pop(change.key[1], None)

    def local_list(self, change: LocalListChanged) -> None:
        self._map("local_lists")[change.local_list.station_id] = change.local_list

    def noticed(self, change: Noticed) -> None:
        if self._notices is None:
            self._notices = deque(self._site.notices, KEPT_NOTICES)
        self._notices.append(change.notice)

    def rollout(self, change: RolloutChanged) -> None:
        _put_bounded(self._map("rollouts"), change.rollout.rollout_id, change.rollout, KEPT_ROLLOUTS)

    def prices(self, change: PricesChanged) -> None:
        self._fields["prices"] = change.prices

    def learning(self, change: Learning) -> None:
        self._fields["learning_until"] = change.until


def _put_bounded(held: dict[str, object], key: str, value: object, bound: int) -> None:
    """Put newest last, and let go of the oldest beyond the bound."""
    held.pop(key, None)
    held[key] = value
    while len(held) > bound:
        del held[next(iter(held))]


_ABSORBERS: dict[type, Callable[[Draft, Any], None]] = {
    StationChanged: Draft.station,
    StationRemoved: Draft.station_removed,
    StationSeen: Draft.seen,
    Measured: Draft.measured,
    TransactionChanged: Draft.transaction,
    TransactionProgressed: Draft.progressed,
    SchedulesChanged: Draft.schedules,
    PricesChanged: Draft.prices,
    RolloutChanged: Draft.rollout,
    TokenChanged: Draft.token,
    TokenRemoved: Draft.token_removed,
    CardSwiped: Draft.card,
    CardGone: Draft.card_gone,
    AttemptSeen: Draft.attempt,
    Noticed: Draft.noticed,
    ReservationChanged: Draft.reservation,
    ReservationEnded: Draft.reservation_ended,
    LocalListChanged: Draft.local_list,
    Learning: Draft.learning,
}
