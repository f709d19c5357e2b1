"""Many stations at once: a fleet for any central system, or the demo site."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from console.simulator.dice import dice
from console.simulator.host import FRAME_LOG
from console.simulator.scenario import (
    BUSY,
    DEMO_TAGS,
    EVERYDAY,
    NEWCOMER_ID,
    Cards,
    Habits,
    People,
    arrive_later,
    break_now_and_then,
    demo_cards,
    demo_site,
    go_offline_now_and_then,
    swipe_unknown_card,
)
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import KEMPOWER_SATELLITE, KINDS

Event = Callable[[SimulatedStation, random.Random], Coroutine[Any, Any, None]]

_LONGEST_SPREAD_S = 30.0
_SPREAD_PER_STATION_S = 0.05
_NEWCOMER_COMES_S = (6.0, 10.0)


async def run_fleet(
    url: str,
    count: int,
    *,
    ocpp: str = "1.6",
    seed: int = 1,
    time_scale: float = 1.0,
    password: str | None = None,
    tags: Sequence[str] = DEMO_TAGS,
    prefix: str = "SIM-",
) -> None:
    """Run `count` stations SIM-0001, SIM-0002, … with ordinary days in front of them, until cancelled.

    `prefix` is what their names begin with; `ocpp` is one of OCPP_VERSIONS. All of them have the same password. The
    same seed gives the same fleet.
    """
    FRAME_LOG.setLevel(logging.WARNING)
    spread_s = min(_LONGEST_SPREAD_S, count * _SPREAD_PER_STATION_S)
    kinds = KINDS if ocpp == "1.6" else (*KINDS, KEMPOWER_SATELLITE)
    stations = [
        SimulatedStation(
            url,
            f"{prefix}{number + 1:04}",
            password=password,
            profile=kinds[number % len(kinds)],
            seed=seed,
            time_scale=time_scale,
            ocpp=ocpp,
            # Checking costs more than everything else a station does, and the payloads are proved in tests.
            check_schemas=False,
        )
        for number in range(count)
    ]
    cards = Cards(tags)
    async with asyncio.TaskGroup() as tasks:
        for station in stations:
            tasks.create_task(_live(station, EVERYDAY, cards, seed, come_s=(0.0, spread_s), events=()))


async def run_demo(
    url: str,
    stations: int = 12,
    *,
    seed: int = 1,
    time_scale: float = 1.0,
    password: str | None = None,
) -> None:
    """Run the stations of `demo_site(stations)`, with everything that can happen to them, until cancelled.

    Expects a central system that has approved those stations, and knows `demo_cards(stations)`.
    """
    FRAME_LOG.setLevel(logging.WARNING)
    events: dict[int, Event] = {2: break_now_and_then, 3: go_offline_now_and_then, 4: swipe_unknown_card}
    cards = Cards(tuple(demo_cards(stations)))
    async with asyncio.TaskGroup() as tasks:
        for number, site_station in enumerate(demo_site(stations)):
            station = SimulatedStation(
                url,
                site_station.station_id,
                password=password,
                profile=site_station.kind,
                seed=seed,
                time_scale=time_scale,
                ocpp=site_station.ocpp,
                check_schemas=False,
            )
            newcomer = site_station.station_id == NEWCOMER_ID
            come_s = _NEWCOMER_COMES_S if newcomer else (0.0, stations * _SPREAD_PER_STATION_S)
            chosen = () if newcomer or number not in events else (events[number],)
            tasks.create_task(_live(station, BUSY, cards, seed, come_s=come_s, events=chosen))


async def _live(
    station: SimulatedStation,
    habits: Habits,
    cards: Cards,
    seed: int,
    *,
    come_s: tuple[float, float],
    events: Sequence[Event],
) -> None:
    """One station, the people who come to it, and what befalls it."""
    rng = dice(seed, f"{station.station_id}/events")
    await arrive_later(station.clock, rng, come_s)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(station.run())
        for connector in station.hardware.connectors:
            people = People(station, connector.connector_id, habits=habits, cards=cards, seed=seed)
            tasks.create_task(people.run())
        for event in events:
            tasks.create_task(event(station, rng))
