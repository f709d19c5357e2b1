"""Stations that live by themselves: the demo site and the fleet."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from console.errors import ConsoleError
from console.simulator import DEMO_TAGS, NEWCOMER_ID, SimulatedStation, demo_cards, demo_site, run_demo, run_fleet
from console.simulator.dice import dice
from console.simulator.scenario import BUSY, Cards, Habits, People
from tests.wire.simulator.central import Central
from tests.wire.simulator.conftest import MakeStation

FAST = 100.0


@contextlib.asynccontextmanager
async def running(job: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run something that goes on for ever; whatever makes it fail fails the test."""
    task = asyncio.create_task(job)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_the_demo_site_has_one_newcomer() -> None:
    site = demo_site(12)
    assert [one.station_id for one in site] == [f"CP-{number:02}" for number in range(1, 13)] + [NEWCOMER_ID]
    assert [one.station_id for one in site if not one.approved] == [NEWCOMER_ID]
    assert any(one.kind.is_dc for one in site)


def test_there_are_cards_enough_for_a_large_demo() -> None:
    assert tuple(demo_cards(12)) == DEMO_TAGS
    assert len(demo_cards(300)) == len(DEMO_TAGS) + 576
    assert set(demo_cards(13)) < set(demo_cards(300))


def test_a_card_is_with_one_driver_at_a_time_while_there_are_enough() -> None:
    cards, rng = Cards(["A", "B"]), dice(1, "cards")
    first, second = cards.take(rng), cards.take(rng)
    assert {first, second} == {"A", "B"}
    cards.put_back(second)
    assert cards.take(rng) == second
    assert cards.take(rng) in ("A", "B")


def authorize(card: dict[str, Any]) -> dict[str, Any]:
    """Answer as a central system of the demo does, in the words of either version."""
    if "idTag" in card:
        return {"idTagInfo": {"status": "Accepted" if card["idTag"] in DEMO_TAGS else "Invalid"}}
    return {"idTokenInfo": {"status": "Accepted" if card["idToken"]["idToken"] in DEMO_TAGS else "Unknown"}}


async def test_the_demo_shows_everything_that_can_happen(central: Central) -> None:
    central.answers["Authorize"] = authorize
    async with running(run_demo(central.url, 5, time_scale=FAST)):
        await central.expect("MeterValues")
        await central.expect("StatusNotification", from_station="CP-03", errorCode="GroundFailure")
        await central.expect("StatusNotification", from_station="CP-04", status="Charging")
        while sum(request.path.endswith("/CP-04") for request in central.requests) < 2:
            await central.expect("MeterValues")
        await central.expect("StopTransaction", reason="Local")
        await central.expect("BootNotification", from_station=NEWCOMER_ID)
        while all(one.payload.get("idTag") in (*DEMO_TAGS, None) for one in central.received):
            await central.expect("Authorize")
    boots = [one.station_id for one in central.received if one.action == "BootNotification"]
    assert boots.count("CP-04") == 1


async def test_the_demo_site_speaks_every_version() -> None:
    assert [one.ocpp for one in demo_site(6)] == ["1.6", "2.0.1", "1.6", "1.6", "1.6", "2.1", "1.6"]
    central = Central(subprotocols=("ocpp1.6", "ocpp2.0.1", "ocpp2.1"))
    central.answers["Authorize"] = authorize
    async with central.listening(), running(run_demo(central.url, 6, time_scale=FAST)):
        for station_id in ("CP-02", "CP-06"):
            await central.expect("TransactionEvent", from_station=station_id, eventType="Started")
            await central.expect("TransactionEvent", from_station=station_id, eventType="Updated")
        await central.expect("StartTransaction")


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_fleet_of_newer_stations_charges_and_stops(version: str) -> None:
    central = Central(subprotocols=(f"ocpp{version}",))
    central.answers["Authorize"] = authorize
    async with central.listening(), running(run_fleet(central.url, 3, time_scale=1_000.0, ocpp=version)):
        for number in range(1, 4):
            await central.expect("TransactionEvent", from_station=f"SIM-{number:04}", eventType="Started")
        await central.expect("TransactionEvent", eventType="Ended")


async def test_a_fleet_charges_and_stops(central: Central) -> None:
    async with running(run_fleet(central.url, 4, time_scale=1_000.0, password="secret")):
        for number in range(1, 5):
            await central.expect("StartTransaction", from_station=f"SIM-{number:04}")
        await central.expect("StopTransaction")
    assert all(request.headers["Authorization"].startswith("Basic ") for request in central.requests)


async def test_two_fleets_do_not_get_into_each_other_s_way(central: Central) -> None:
    async with running(run_fleet(central.url, 1)), running(run_fleet(central.url, 1, prefix="LAB/")):
        await central.expect("BootNotification", from_station="SIM-0001")
        await central.expect("BootNotification", from_station="LAB/0001")


async def test_an_unknown_version_is_refused(central: Central) -> None:
    with pytest.raises(ConsoleError, match=r"OCPP 0\.9"):
        await run_fleet(central.url, 1, ocpp="0.9")


async def people_at(station: SimulatedStation, habits: Habits) -> None:
    await People(station, 1, habits=habits, cards=Cards(["KNOWN"]), seed=1).run()


async def test_a_car_comes_when_a_connector_is_started_from_afar(central: Central, make_station: MakeStation) -> None:
    station = make_station(clock=None, time_scale=FAST)
    await station.start()
    await station.booted()
    nobody_comes = replace(BUSY, first_arrival_s=(1e6, 2e6))
    async with running(people_at(station, nobody_comes)):
        await central.call("RemoteStartTransaction", idTag="APP", connectorId=1)
        await central.expect("StartTransaction", idTag="APP")


async def test_a_refused_card_waits_for_somebody_to_let_it_charge(central: Central, make_station: MakeStation) -> None:
    central.answers["Authorize"] = lambda _: {"idTagInfo": {"status": "Invalid"}}
    station = make_station(clock=None, time_scale=FAST)
    await station.start()
    patient = replace(BUSY, patience_s=1e6)
    async with running(people_at(station, patient)):
        card = (await central.expect("Authorize"))["idTag"]
        await central.call("RemoteStartTransaction", idTag=card, connectorId=1)
        await central.expect("StartTransaction", idTag=card)
