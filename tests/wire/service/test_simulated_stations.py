"""The service and the simulated stations, which share no OCPP code, understand each other in every version."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from console.backends.base import MessageQuery, TransactionQuery
from console.backends.service import ServiceBackend
from console.model.command import PutToken, StartTransaction, StopTransaction
from console.model.token import Token
from console.model.transaction import Transaction
from console.service.runtime import Service
from console.simulator import OCPP_VERSIONS, Car, ManualClock, SimulatedStation, Verdict
from tests.support.services import console

CARD = "04A2C19B"


@pytest.fixture
async def backend(service: Service) -> AsyncIterator[ServiceBackend]:
    async with console(service.settings.data, operator="me") as backend:
        await backend.run(PutToken(Token(CARD)))
        yield backend


@pytest.fixture(params=OCPP_VERSIONS)
async def station(service: Service, request: pytest.FixtureRequest) -> AsyncIterator[SimulatedStation]:
    """A station that has booted; the test moves its clock."""
    station = SimulatedStation(service.info.listening[0], "SIM", ocpp=request.param, clock=ManualClock())
    await station.start()
    await station.booted()
    yield station
    await station.stop()


def advance(station: SimulatedStation, seconds: float) -> None:
    assert isinstance(station.clock, ManualClock)
    station.clock.advance(seconds)


async def delivered(station: SimulatedStation) -> None:
    await station.wait_for(lambda s: s.queued_messages == 0)


async def transactions(backend: ServiceBackend) -> list[Transaction]:
    return sorted(await backend.transactions(TransactionQuery()), key=lambda one: str(one.started_at))


async def no_problems(backend: ServiceBackend) -> bool:
    return not [one for one in await backend.messages(MessageQuery()) if one.problem]


async def test_a_session_is_recorded_to_the_watt_hour(backend: ServiceBackend, station: SimulatedStation) -> None:
    before_wh = station.connector(1).meter.energy_wh
    await station.plug_in(1, Car())
    assert await station.swipe(1, "STRANGER") is not Verdict.ACCEPTED
    assert await station.swipe(1, CARD) is Verdict.ACCEPTED
    advance(station, 600)
    await station.swipe(1, CARD)
    await station.unplug(1)
    await delivered(station)
    (one,) = await transactions(backend)
    assert one.energy_wh == station.connector(1).meter.energy_wh - before_wh > 1_000
    assert (one.evse_id, one.id_token, one.stop_reason) == (1, CARD, "Local")
    assert await no_problems(backend)


async def test_a_session_is_started_and_stopped_from_afar(backend: ServiceBackend, station: SimulatedStation) -> None:
    await station.plug_in(1, Car())
    started = await backend.run(StartTransaction("SIM", 1, CARD))
    assert started.ok, started
    await station.wait_for(lambda s: s.connector(1).in_transaction and s.transaction_id(1) is not None)
    await delivered(station)
    stopped = await backend.run(StopTransaction("SIM", str(station.transaction_id(1))))
    assert stopped.ok, stopped
    await station.wait_for(lambda s: not s.connector(1).in_transaction)
    await delivered(station)
    (one,) = await transactions(backend)
    assert one.stop_reason == "Remote"
    assert await no_problems(backend)


async def test_what_happened_offline_is_made_up_for(backend: ServiceBackend, station: SimulatedStation) -> None:
    before_wh = station.connector(1).meter.energy_wh
    await station.plug_in(1, Car())
    await station.swipe(1, CARD)
    await station.drop_connection(away_s=100)
    for _ in range(6):
        queued = station.queued_messages
        advance(station, 10)
        await station.wait_for(lambda s, queued=queued: s.queued_messages > queued)
    await station.swipe(1, CARD)
    advance(station, 100)
    await delivered(station)
    (one,) = await transactions(backend)
    assert one.ended_at is not None
    assert one.energy_wh == station.connector(1).meter.energy_wh - before_wh > 0
    assert await no_problems(backend)
