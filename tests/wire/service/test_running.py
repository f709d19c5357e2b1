"""The whole service: what a station says is seen through the operator link, and what an operator asks reaches it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from console.backends.base import MessageQuery, TransactionQuery
from console.backends.service import ServiceBackend
from console.csms.listener.gate import Gate
from console.errors import ConsoleError
from console.model.change import NoticeKind
from console.model.command import PutToken, SettleCard, StartTransaction, StopService
from console.model.meter import MeterValue, Sample
from console.model.outcome import Result
from console.model.site import Site
from console.model.token import CardVerdict, Token
from console.service import operator_link
from console.service.dropbox import box
from console.service.lifecycle import find_running
from console.service.operator_link import WebServer
from console.service.runtime import Service
from tests.support.services import console, running_service, settings, site_when
from tests.support.stations import RawStation, raw_station
from tests.unit.store.support import sampled

NOW = datetime.now(UTC)
ConnectStation = Callable[..., Awaitable[RawStation]]


@pytest.fixture
async def backend(service: Service) -> AsyncIterator[ServiceBackend]:
    async with console(service.settings.data, operator="me") as backend:
        yield backend


async def test_a_station_that_connects_is_seen(backend: ServiceBackend, raw_station: RawStation) -> None:
    await raw_station.boot(connectors=2)
    site = await site_when(backend.watch(), lambda site: _connectors(site) == 2)
    station = site.stations["CP-1"]
    assert (station.online, station.vendor, station.ocpp_version) == (True, "Raw", "1.6")


def _connectors(site: Site) -> int:
    return len(site.stations["CP-1"].connectors) if "CP-1" in site.stations else 0


async def test_a_session_from_start_to_stop(backend: ServiceBackend, raw_station: RawStation) -> None:
    await backend.run(PutToken(Token("04A2C19B")))
    await raw_station.boot()
    transaction_id = await raw_station.start("04A2C19B", 1000)
    await raw_station.meter(transaction_id, 1500)
    await raw_station.stop(transaction_id, 2000)
    (transaction,) = await backend.transactions(TransactionQuery())
    assert (transaction.transaction_id, transaction.energy_wh) == (str(transaction_id), 1000)
    (value,) = await backend.meter_values("CP-1", str(transaction_id))
    assert value.samples[0].value == 1500
    actions: list[str] = []
    async with asyncio.timeout(20):
        while len(actions) < 4:  # an answer is recorded when it has left
            actions = [message.action for message in await backend.messages(MessageQuery(action="Transaction"))]
    assert actions == ["StartTransaction"] * 2 + ["StopTransaction"] * 2
    site = await site_when(backend.watch(), lambda site: not site.running("CP-1"))
    assert site.transactions[transaction.key] == transaction


async def test_a_remote_start(backend: ServiceBackend, raw_station: RawStation) -> None:
    await backend.run(PutToken(Token("04A2C19B")))
    raw_station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    await raw_station.boot()
    outcome = await backend.run(StartTransaction("CP-1", 1, "04A2C19B"))
    assert outcome.result is Result.ACCEPTED
    assert (await raw_station.heard("RemoteStartTransaction"))["idTag"] == "04A2C19B"


async def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_service(data) as service, console(data) as backend:
        await backend.run(PutToken(Token("A")))
        async with raw_station(service.info.listening[0]) as station:
            await station.boot()
            transaction_id = await station.start("A", 100)
        before = await site_when(backend.watch(), lambda site: not site.stations["CP-1"].online)
    async with running_service(data) as service, console(data) as backend:
        site = await anext(backend.watch())
        assert (site.stations.keys(), site.tokens) == ({"CP-1"}, before.tokens)
        assert site.running("CP-1")[0].transaction_id == str(transaction_id)
        async with raw_station(service.info.listening[0]) as station:
            await station.stop(transaction_id, 600)
        (transaction,) = await backend.transactions(TransactionQuery())
        assert transaction.energy_wh == 500


async def test_stations_are_told_that_the_service_goes(tmp_path: Path) -> None:
    async with running_service(tmp_path / "data") as service, raw_station(service.info.listening[0]) as station:
        await service.close()
        await station.connection.wait_closed()
        assert station.connection.close_code == 1001
    assert find_running(tmp_path / "data") is None


async def test_an_operator_stops_the_service(tmp_path: Path) -> None:
    data = tmp_path / "data"
    service = Service(settings(data))
    ready = asyncio.Event()
    running = asyncio.create_task(service.run(lambda _info: ready.set()))
    await ready.wait()
    async with console(data) as backend:
        assert (await backend.run(StopService())).ok
        await running
    assert find_running(data) is None


@pytest.mark.parametrize("where", [box, operator_link])
async def test_the_end_of_what_must_not_end_ends_the_service_with_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: ModuleType
) -> None:
    class Broken(WebServer):
        async def serve(self, sockets: list[socket.socket] | None = None) -> None:
            for each in sockets or ():
                each.close()
            raise RuntimeError("a bug of ours")

    monkeypatch.setattr(where, "WebServer", Broken)
    async with running_service(tmp_path) as service:
        with pytest.raises(RuntimeError, match="a bug of ours"):
            await service._until_the_end()


async def test_a_second_service_on_the_same_data_is_refused(service: Service) -> None:
    with pytest.raises(ConsoleError, match="A service already runs on") as refused:
        await Service(settings(service.settings.data)).start()
    assert "pid" in refused.value.message
    async with console(service.settings.data) as backend:
        assert backend.name == "depot"


async def test_a_port_that_is_taken_is_said_and_nothing_is_left(service: Service, tmp_path: Path) -> None:
    port = int(service.info.listening[0].rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(ConsoleError, match=f":{port}"):
        await Service(settings(tmp_path / "other", gates=(Gate("127.0.0.1", port),))).start()
    assert find_running(tmp_path / "other") is None


async def test_profile_1_wants_a_password_of_every_station(tmp_path: Path) -> None:
    async with running_service(tmp_path / "data", gates=(Gate("127.0.0.1", 0, 1),)) as service:
        with pytest.raises(Exception, match="401"):
            async with raw_station(service.info.listening[0]):
                pass


async def test_an_unknown_card_waits_for_an_operator(backend: ServiceBackend, raw_station: RawStation) -> None:
    await raw_station.boot()
    updates = backend.watch()
    await anext(updates)
    swiped = asyncio.create_task(raw_station.call("Authorize", idTag="STRANGER"))
    site = await site_when(updates, lambda site: bool(site.cards))
    (card,) = site.cards.values()
    assert (card.id_token, card.waiting, swiped.done()) == ("STRANGER", True, False)
    assert (await backend.run(SettleCard(card.card_id, CardVerdict.ONCE))).ok
    assert (await swiped)["idTagInfo"]["status"] == "Accepted"


async def test_with_nobody_there_an_unknown_card_is_refused_at_once(
    backend: ServiceBackend, raw_station: RawStation
) -> None:
    await raw_station.boot()
    async with asyncio.timeout(10):  # less than a card would wait
        assert (await raw_station.call("Authorize", idTag="STRANGER"))["idTagInfo"]["status"] == "Invalid"


async def test_trouble_with_the_disk_is_seen_at_once_and_kept_when_it_is_over(
    service: Service, backend: ServiceBackend
) -> None:
    trouble = service._store.writer.on_trouble
    trouble("no space left on device")
    trouble("no space left on device, still")
    site = await site_when(backend.watch(), lambda site: bool(site.notices))
    assert site.notices[-1].kind is NoticeKind.BAD
    trouble(None)
    site = await site_when(backend.watch(), lambda site: "takes data again" in site.notices[-1].text)
    assert site.notices[-1].text.endswith("It was: no space left on device")
    assert (await service._store.queries.alarms())[-1] == site.notices[-1]


async def test_a_store_that_is_behind_holds_the_stations(service: Service, raw_station: RawStation) -> None:
    await raw_station.boot()
    service._store.writer.on_pressure(True)
    asked = asyncio.create_task(raw_station.call("Heartbeat"))
    done, _ = await asyncio.wait([asked], timeout=0.2)
    assert not done
    service._store.writer.on_pressure(False)
    assert (await asked)["currentTime"]


async def test_what_is_too_old_is_deleted_at_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    values = [MeterValue("CP-1", 1, at, (Sample(value=1.0),), "7", at) for at in (NOW - timedelta(days=40), NOW)]
    async with running_service(data) as service:
        service._store.writer.append([sampled(value) for value in values])
    async with running_service(data, meter_values_days=30) as service, asyncio.timeout(20):
        left = values
        while left != values[1:]:
            left = await service._store.queries.meter_values("CP-1", "7")
