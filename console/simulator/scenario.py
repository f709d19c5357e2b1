"""What happens at a site: people come and charge, cards are unknown, things break, a network cable is pulled."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from console.simulator.car import Car
from console.simulator.clock import Clock
from console.simulator.dice import dice
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import KEMPOWER_SATELLITE, KINDS, ConnectorState, StationKind, Verdict

Span = tuple[float, float]

DEMO_CARDS: Mapping[str, str] = MappingProxyType(
    {
        "04A2C19B2C6E80": "Ada",
        "04D3117A5B1290": "Björn",
        "0467E2F08C4A80": "Chidi",
        "045B90C3D21F80": "Dana",
        "04119EAA7730C0": "Emil",
        "04C8F1206B3D80": "Farah",
        "0490AB35E87C11": "Goran",
        "042E61D7F05A80": "Hana",
        "04F7B8824C9160": "Ivo",
        "043D52A6E1B080": "June",
        "0488C07F19D4E0": "Kofi",
        "0415E9B36A7280": "Lena",
        "04B64D0C8F3A50": "Milan",
        "0472FA91D5E680": "Nora",
        "BEEFCAFE": "Pool car",
        "C0FFEE01": "Visitors",
    }
)
"""The cards that people at a demo site carry, and whose they are; its service knows them."""

DEMO_TAGS = tuple(DEMO_CARDS)

_STATIONS_FOR_NAMES = 12
_CARDS_PER_STATION = 2


def demo_cards(stations: int) -> dict[str, str]:
    """The cards at a demo site of so many stations, and whose they are: enough that people need not share them."""
    more = max(0, stations - _STATIONS_FOR_NAMES) * _CARDS_PER_STATION
    return dict(DEMO_CARDS) | {f"04D0{number:06X}7280": f"Driver {number}" for number in range(1, more + 1)}


NEWCOMER_ID = "CP-0913"
"""The demo's station that nobody has approved."""

_DEMO_VERSIONS: Mapping[int, str] = MappingProxyType({2: "2.0.1", 6: "2.1", 9: "2.0.1"})
"""What the demo's newer stations speak, by number."""

_DEMO_KINDS: Mapping[int, StationKind] = MappingProxyType({9: KEMPOWER_SATELLITE})
"""The demo's stations that are not of the usual makes, by number."""

_OUT_OF_ORDER = (ConnectorState.FAULTED, ConnectorState.UNAVAILABLE, ConnectorState.RESERVED)

_CARS = (
    Car(battery_wh=52_000, max_ac_power_w=22_000, max_dc_power_w=46_000),
    Car(battery_wh=77_000, max_ac_power_w=11_000, max_dc_power_w=135_000),
    Car(battery_wh=58_000, max_ac_power_w=11_000, max_dc_power_w=100_000),
    Car(battery_wh=40_000, max_ac_power_w=6_600, max_dc_power_w=46_000, phases=1),
    Car(battery_wh=85_000, max_ac_power_w=11_000, max_dc_power_w=170_000),
)


@dataclass(frozen=True, slots=True)
class Habits:
    """How people use a site, in seconds: from when to when at random."""

    first_arrival_s: Span
    between_cars_s: Span
    stay_s: Span
    reaction_s: Span = (2.0, 5.0)
    patience_s: float = 45.0
    unknown_card_chance: float = 0.08


BUSY = Habits(first_arrival_s=(1.0, 40.0), between_cars_s=(20.0, 90.0), stay_s=(60.0, 300.0))
"""A site that has something to show within a minute."""

EVERYDAY = Habits(first_arrival_s=(1.0, 120.0), between_cars_s=(60.0, 900.0), stay_s=(600.0, 5_400.0))
"""A site on an ordinary day."""


@dataclass(frozen=True, slots=True)
class SiteStation:
    """One station of a site: what it is, what it speaks, and whether its owner has approved it."""

    station_id: str
    kind: StationKind
    approved: bool = True
    ocpp: str = "1.6"


def demo_site(stations: int) -> tuple[SiteStation, ...]:
    """The stations of a demo site, CP-01 onwards, and one newcomer that nobody has approved."""
    known = (
        SiteStation(
            f"CP-{number:02}",
            _DEMO_KINDS.get(number, KINDS[(number - 1) % len(KINDS)]),
            ocpp=_DEMO_VERSIONS.get(number, "1.6"),
        )
        for number in range(1, stations + 1)
    )
    return (*known, SiteStation(NEWCOMER_ID, KINDS[1], approved=False))


def random_car(rng: random.Random) -> Car:
    """A car that somebody drives up with, its battery somewhere between low and most of the way."""
    make = rng.choice(_CARS)
    return Car(
        battery_wh=make.battery_wh,
        soc_percent=rng.uniform(15.0, 78.0),
        max_ac_power_w=make.max_ac_power_w,
        max_dc_power_w=make.max_dc_power_w,
        phases=make.phases,
        target_soc_percent=rng.choice((80.0, 90.0, 100.0)),
    )


class Cards:
    """The cards that a site's people carry. Each is with one driver at a time, as long as there are enough."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._tags = tuple(tags)
        self._in_use: Counter[str] = Counter()

    def take(self, rng: random.Random) -> str:
        """A card for the next driver."""
        free = [tag for tag in self._tags if not self._in_use[tag]]
        tag = rng.choice(free or self._tags)
        self._in_use[tag] += 1
        return tag

    def put_back(self, tag: str) -> None:
        """The driver with that card has left."""
        self._in_use[tag] -= 1


class People:
    """Those who come to one connector, one after the other.

    They also do what an operator waits for: a connector that was started from afar gets a car, and a card that
    was refused waits a while before its owner drives off, in case somebody lets it charge.
    """

    def __init__(
        self, station: SimulatedStation, connector_id: int, *, habits: Habits, cards: Cards, seed: int
    ) -> None:
        self._station = station
        self._connector_id = connector_id
        self._connector = station.connector(connector_id)
        self._habits = habits
        self._cards = cards
        self._rng = dice(seed, f"{station.station_id}/{connector_id}")

    async def run(self) -> None:
        """Come and go for ever."""
        await self._station.booted()
        pause = self._habits.first_arrival_s
        while True:
            await self._wait(lambda: self._connector.authorized, pause)
            await self._station.wait_for(lambda _: self._connector.state not in _OUT_OF_ORDER)
            await self._visit()
            pause = self._habits.between_cars_s

    async def _visit(self) -> None:
        if self._connector.blocked:
            return  # somebody was faster at the other cable of the same EVSE
        started_from_afar = self._connector.authorized
        if started_from_afar:
            await self._pause()
        await self._station.plug_in(self._connector_id, random_car(self._rng))
        if started_from_afar:
            await self._charge(None)
        elif self._rng.random() < self._habits.unknown_card_chance:
            await self._ask_to_charge(unknown_card(self._rng))
        else:
            card = self._cards.take(self._rng)
            await self._ask_to_charge(card)
            self._cards.put_back(card)
        await self._pause()
        await self._station.unplug(self._connector_id)

    async def _ask_to_charge(self, card: str) -> None:
        """Hold a card to the reader; if it is refused, wait a while for somebody to start from afar."""
        await self._pause()
        if await self._station.swipe(self._connector_id, card) is Verdict.ACCEPTED:
            await self._charge(card)
            return
        await self._wait(lambda: self._connector.in_transaction, (self._habits.patience_s, self._habits.patience_s))
        await self._charge(None)

    async def _charge(self, card: str | None) -> None:
        """Stay until it is time to go, or the transaction is over; then stop it with the card, if there is one."""
        if self._connector.in_transaction:
            await self._wait(lambda: not self._connector.in_transaction, self._habits.stay_s)
        if card is not None and self._connector.in_transaction:
            await self._station.swipe(self._connector_id, card)

    async def _pause(self) -> None:
        await self._station.clock.sleep(self._rng.uniform(*self._habits.reaction_s))

    async def _wait(self, happened: Callable[[], bool], span_s: Span) -> None:
        """Wait for something, but no longer than some time in that span."""
        await wait_at_most(self._station, happened, self._rng.uniform(*span_s))


async def wait_at_most(station: SimulatedStation, happened: Callable[[], bool], seconds: float) -> None:
    """Wait until something has happened at a station, or so many of its seconds have passed."""
    happening = asyncio.create_task(station.wait_for(lambda _: happened()))
    passing = asyncio.create_task(station.clock.sleep(seconds))
    try:
        done, _ = await asyncio.wait({happening, passing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        happening.cancel()
        passing.cancel()
    if happening in done:
        happening.result()


def unknown_card(rng: random.Random) -> str:
    """The number of a card that nobody knows."""
    return f"04{rng.randrange(16**12):012X}"


async def break_now_and_then(station: SimulatedStation, rng: random.Random) -> None:
    """Have a ground failure at connector 1 soon, then every few minutes; each is mended after a while."""
    await station.booted()
    await station.clock.sleep(rng.uniform(15.0, 25.0))
    while True:
        await station.fault(1, "GroundFailure")
        await station.clock.sleep(rng.uniform(40.0, 60.0))
        await station.recover(1)
        await station.clock.sleep(rng.uniform(150.0, 300.0))


async def go_offline_now_and_then(station: SimulatedStation, rng: random.Random) -> None:
    """Lose the network in the middle of a session, and come back with what was queued meanwhile."""
    await station.booted()
    while True:
        await wait_at_most(station, lambda: station.hardware.in_transaction, 120.0)
        await station.clock.sleep(rng.uniform(30.0, 45.0))
        await station.drop_connection(away_s=rng.uniform(45.0, 75.0))
        await station.booted()
        await station.clock.sleep(rng.uniform(240.0, 420.0))


async def swipe_unknown_card(station: SimulatedStation, rng: random.Random) -> None:
    """Hold a card that nobody knows to the reader of the last connector, soon and every few minutes."""
    await station.booted()
    connector = station.hardware.connectors[-1]
    await station.clock.sleep(rng.uniform(25.0, 35.0))
    while True:
        if connector.can_start:
            await station.swipe(connector.connector_id, unknown_card(rng))
        await station.clock.sleep(rng.uniform(120.0, 240.0))


async def arrive_later(clock: Clock, rng: random.Random, span_s: Span) -> None:
    """Wait a moment of chance, so that not everyone comes at once."""
    await clock.sleep(rng.uniform(*span_s))
