"""The operator link over a real socket: who may open it, what it answers, and how watchers are fed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import unix_connect
from websockets.exceptions import ConnectionClosed

from console.backends import wire
from console.backends.base import Link, MessageQuery, TransactionQuery
from console.backends.service import ServiceBackend
from console.errors import ConsoleError
from console.model import export
from console.model.change import (
    Audited,
    MessagesSeen,
    Notice,
    NoticeKind,
    StationChanged,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.command import (
    AddStation,
    ChangeSetting,
    Command,
    ResetStation,
    StopService,
)
from console.model.message import Direction, Message, MessageType
from console.model.meter import MeterValue, Sample
from console.model.outcome import Outcome, Result
from console.model.site import Site
from console.model.station import Setting, Station
from console.model.transaction import Transaction
from console.service.desk import Desk
from console.service.dropbox.folder import Folder
from console.service.live import Hub
from console.service.operator_link import OperatorLink
from console.service.routes import MAX_BODY_BYTES, Routes
from tests.support.records import FakeJournal, FakeRecords

NOW = datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)


class World:
    """A service's operator link with nothing real behind it."""

    def __init__(self, path: Path, *, read_only: bool = False, protocol: int = wire.PROTOCOL) -> None:
        self.path = path
        self.hub = Hub(Site(name="depot"), pace_s=0)
        self.records = FakeRecords()
        self.journal = FakeJournal()
        self.outcome: Outcome | Exception = Outcome(Result.ACCEPTED, "done", elapsed_s=0.5)
        self.executed: list[Command] = []
        self.stopped = asyncio.Event()
        self._info = wire.Info(protocol, "1", "depot", os.getpid(), NOW, read_only, True, ("ws://h:9000/",))
        desk = Desk(self.execute, self.journal, lambda: self.hub.site, self.stopped.set, read_only=read_only)
        routes = Routes(lambda: self._info, self.hub, self.records, desk, Folder(path.parent / "files"))
        self.link = OperatorLink(routes.app(), path)

    async def execute(self, command: Command) -> Outcome:
        self.executed.append(command)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    @property
    def audited(self) -> list[Audited]:
        return [change for change in self.journal.changes if isinstance(change, Audited)]


@contextlib.asynccontextmanager
async def running(path: Path, **arguments: Any) -> AsyncIterator[World]:
    world = World(path, **arguments)
    await world.link.start()
    try:
        yield world
    finally:
        await world.link.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path / "o.sock") as world:
        yield world


@pytest.fixture
async def backend(world: World) -> AsyncIterator[ServiceBackend]:
    backend = ServiceBackend(world.path, operator="Åsa")
    await backend.open()
    yield backend
    await backend.close()


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(uds=str(world.path))
    async with httpx.AsyncClient(transport=transport, base_url="http://x/v1/") as client:
        yield client


async def test_only_its_owner_can_open_the_socket(world: World) -> None:
    assert stat.S_IMODE(world.path.stat().st_mode) == 0o600


async def test_it_says_who_serves(backend: ServiceBackend) -> None:
    assert (backend.name, backend.production, backend.read_only) == ("depot", True, False)
    assert list(backend.station_urls()) == ["ws://h:9000/"]


async def test_the_site_as_json(world: World, http: httpx.AsyncClient) -> None:
    world.hub.publish([StationChanged(Station("CP-1", vendor="[/x]"))])
    site = (await http.get("site")).json()
    assert site["stations"]["CP-1"]["vendor"] == "[/x]"


async def test_watching_gives_the_site_then_changes(world: World, backend: ServiceBackend) -> None:
    async with contextlib.aclosing(backend.watch()) as updates:
        assert await anext(updates) == Site(name="depot")
        world.hub.publish([StationChanged(Station("CP-1"))])
        assert await anext(updates) == (StationChanged(Station("CP-1")),)
        assert world.hub.operators_present


async def test_a_watcher_gets_the_next_frame_only_when_it_took_the_one_before(world: World) -> None:
    async with unix_connect(str(world.path), "ws://x/v1/live") as connection:
        assert isinstance(wire.decode_live(await connection.recv(decode=False)), wire.WholeSite)
        for number in range(5):
            world.hub.publish([StationChanged(Station("CP-1", model=str(number)))])
            await asyncio.sleep(0)
        await connection.send(wire.TAKEN)
        frame = wire.decode_live(await connection.recv(decode=False))
        assert frame == wire.SomeChanges((StationChanged(Station("CP-1", model="4")),))


async def test_a_watcher_that_leaves_is_forgotten_while_nothing_happens(world: World) -> None:
    async with unix_connect(str(world.path), "ws://x/v1/live") as connection:
        await connection.recv()
        await connection.send(wire.TAKEN)
        assert world.hub.operators_present
    while world.hub.operators_present:  # noqa: ASYNC110  # the test ends by time-out if it stays
        await asyncio.sleep(0.01)


async def test_who_only_looks_is_no_operator(world: World) -> None:
    backend = ServiceBackend(world.path, read_only=True)
    await backend.open()
    updates = backend.watch()
    assert isinstance(await anext(updates), Site)
    assert not world.hub.operators_present
    await backend.close()
    assert [update async for update in updates] == []


async def test_messages_are_watched_by_station_and_action(world: World, backend: ServiceBackend) -> None:
    updates = backend.watch_messages(MessageQuery(station="CP-1", action="Heartbeat"))
    first = asyncio.ensure_future(anext(updates))
    while not world.hub._message_watches:  # noqa: ASYNC110  # it has no event of its own
        await asyncio.sleep(0.01)
    seen = [_message(1, "CP-1", "Heartbeat"), _message(2, "CP-2", "Heartbeat"), _message(3, "CP-1", "MeterValues")]
    world.hub.publish([MessagesSeen(tuple(seen))])
    assert list(await first) == seen[:1]
    await updates.aclose()


async def test_messages_that_came_too_fast_are_one_line(world: World, backend: ServiceBackend) -> None:
    updates = backend.watch_messages(MessageQuery())
    first = asyncio.ensure_future(anext(updates))
    while not world.hub._message_watches:  # noqa: ASYNC110  # it has no event of its own
        await asyncio.sleep(0.01)
    world.hub.publish([MessagesSeen((_message(seq),)) for seq in range(1, 2011)])
    messages = await first
    assert (messages[0].kind, messages[0].seq, messages[1].seq) == (MessageType.EVENT, 10, 11)
    assert messages[0].problem.startswith("10 messages")
    await updates.aclose()


async def test_a_wrong_watch_is_told_why(world: World) -> None:
    async with unix_connect(str(world.path), "ws://x/v1/messages/live?sation=CP-1") as connection:
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert "There is no parameter sation" in closed.value.rcvd.reason


async def test_a_command_is_carried_out_and_audited(world: World, backend: ServiceBackend) -> None:
    assert await backend.run(ResetStation("CP-1", hard=True)) == world.outcome
    assert world.executed == [ResetStation("CP-1", hard=True)]
    (audited,) = world.audited
    assert (audited.operator, audited.command, audited.station_id) == ("Åsa", "station.reset", "CP-1")
    assert (json.loads(audited.detail)["hard"], audited.result, audited.text) == (True, "accepted", "done")


@pytest.mark.parametrize(
    "command", [AddStation("CP-1", password="s3cret"), ChangeSetting("CP-1", "AuthorizationKey", "s3cret")]
)
async def test_secrets_are_not_audited(world: World, backend: ServiceBackend, command: Command) -> None:
    await backend.run(command)
    assert "s3cret" not in world.audited[0].detail
    assert "CP-1" in world.audited[0].detail


async def test_a_fault_of_ours_is_an_outcome(world: World, backend: ServiceBackend) -> None:
    world.outcome = ZeroDivisionError("oops")
    outcome = await backend.run(ResetStation("CP-1"))
    assert outcome.result is Result.ERROR
    assert "oops" in outcome.text
    assert world.audited[0].result == "error"


async def test_stopping_the_service(world: World, backend: ServiceBackend) -> None:
    assert (await backend.run(StopService())).ok
    assert world.stopped.is_set()
    assert world.audited[0].command == "service.stop"


async def test_a_read_only_service_refuses_what_changes_something(tmp_path: Path) -> None:
    async with running(tmp_path / "r.sock", read_only=True) as world:
        transport = httpx.AsyncHTTPTransport(uds=str(world.path))
        async with httpx.AsyncClient(transport=transport, headers={"Operator": "me"}) as client:
            body = wire.encode(ResetStation("CP-1"))
            response = await client.post("http://x/v1/command", content=body)
            assert response.status_code == 403
            assert "read-only" in response.json()["message"]
        assert world.executed == []
        assert world.audited[0].result == "not possible"
        backend = ServiceBackend(world.path)
        await backend.open()
        assert backend.read_only
        assert (await backend.run(ResetStation("CP-1"))).result is Result.NOT_POSSIBLE
        assert backend.why_not("station.reset")
        assert backend.why_not("view.open") is None
        await backend.close()


async def test_a_command_needs_a_name(world: World, http: httpx.AsyncClient) -> None:
    response = await http.post("command", content=wire.encode(ResetStation("CP-1")))
    assert (response.status_code, world.executed) == (400, [])
    assert "Operator" in response.json()["hint"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"command":"no.such"}', b'{"command":"station.reset"}'])
async def test_what_is_no_command_is_refused(world: World, http: httpx.AsyncClient, body: bytes) -> None:
    response = await http.post("command", content=body, headers={"Operator": "me"})
    assert (response.status_code, world.executed) == (400, [])
    assert response.json()["message"].startswith("This is no command")


async def test_a_command_that_is_too_long_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("command", content=b" " * (MAX_BODY_BYTES + 1), headers={"Operator": "me"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("nothing", 404, "Not Found"),
        ("transactions?statoin=CP-1", 400, "statoin"),
        ("transactions?limit=many", 400, "limit"),
        ("meter-values?station=CP-1", 400, "Which"),
        ("export/transactions?format=xls", 400, "xls"),
    ],
)
async def test_errors_are_told_in_json(http: httpx.AsyncClient, path: str, status: int, word: str) -> None:
    response = await http.get(path)
    assert response.status_code == status
    assert word in response.json()["message"]
    assert response.json()["hint"]


async def test_queries_reach_the_store_as_they_were_asked(world: World, backend: ServiceBackend) -> None:
    query = TransactionQuery(station="a&b=c", since=NOW, running=True, limit=7)
    world.records.kept_transactions = [Transaction("CP-1", "7", 1, started_at=NOW)]
    assert await backend.transactions(query) == world.records.kept_transactions
    assert world.records.asked == query
    world.records.kept_meter_values = [MeterValue("CP-1", 1, NOW, (Sample(value=1.5),))]
    assert await backend.meter_values("CP-1", "7") == world.records.kept_meter_values
    assert world.records.asked == ("CP-1", "7")
    assert await backend.recent_meter_values("CP-1", 2, NOW) == world.records.kept_meter_values
    assert world.records.asked == ("CP-1", 2, NOW)
    world.records.kept_messages = [_message(4)]
    assert await backend.messages(MessageQuery(after_seq=3, problems_only=True)) == world.records.kept_messages
    assert world.records.asked == MessageQuery(after_seq=3, problems_only=True)
    world.records.kept_settings = [Setting("CP-1", "k", "v")]
    assert await backend.settings("CP-1") == world.records.kept_settings


async def test_exports_have_one_header_and_no_formulas(world: World, http: httpx.AsyncClient) -> None:
    world.records.kept_transactions = [Transaction("CP-1", "7", 1, id_token="=1+1"), Transaction("CP-1", "8", 1)]
    lines = (await http.get("export/transactions", params={"station": "CP"})).text.splitlines()
    assert [line.split(",")[1] for line in lines] == ["transaction_id", "7", "8"]
    assert "'=1+1" in lines[1]
    assert world.records.asked == TransactionQuery(station="CP")
    world.records.kept_messages = [_message(1), _message(2)]
    response = await http.get("export/messages?format=json")
    assert [json.loads(line)["seq"] for line in response.text.splitlines()] == [1, 2]
    world.records.kept_meter_values = []
    assert (await http.get("export/meter-values")).text.startswith("station_id,")


async def test_running_transactions_are_listed_and_exported_as_they_stand_now(
    world: World, backend: ServiceBackend, http: httpx.AsyncClient
) -> None:
    running, ended = Transaction("CP-1", "7", 1, energy_wh=0), Transaction("CP-1", "6", 1, ended_at=NOW, energy_wh=9)
    world.hub.publish([TransactionChanged(running), TransactionProgressed("CP-1", "7", NOW, 1234)])
    world.records.kept_transactions = [running, ended, Transaction("CP-2", "5", 1)]
    assert [one.energy_wh for one in await backend.transactions(TransactionQuery())] == [1234, 9, None]
    exported = (await http.get("export/transactions?format=json")).text.splitlines()
    assert [json.loads(line)["energy_wh"] for line in exported] == [1234, 9, None]


async def test_old_alarms_and_all_meter_values_can_be_asked_for(world: World, backend: ServiceBackend) -> None:
    world.records.kept_notices = [Notice(NOW, "the disk is full", NoticeKind.BAD)]
    assert await backend.alarms(7) == world.records.kept_notices
    assert world.records.asked == ("alarms", 7)
    clock_aligned = MeterValue("CP-1", 2, NOW, (Sample(measurand="Voltage", value=231.5, unit="V"),))
    world.records.kept_meter_values = [clock_aligned]
    rows = [row async for row in backend.meter_value_rows("CP", NOW)]
    assert rows == list(export.meter_value_rows([clock_aligned]))
    assert world.records.asked == ("CP", NOW, None)


async def test_a_watch_lives_through_a_restart_of_the_service(tmp_path: Path) -> None:
    path = tmp_path / "o.sock"
    async with running(path):
        backend = ServiceBackend(path)
        await backend.open()
        updates = backend.watch()
        assert isinstance(await anext(updates), Site)
        broken = asyncio.ensure_future(anext(updates))
    link = await broken
    assert isinstance(link, Link)
    assert not link.connected
    assert link.stale_since is not None
    async with running(path) as world:
        world.hub.publish([StationChanged(Station("CP-1"))])
        while not (isinstance(link, Link) and link.connected):
            link = await anext(updates)
        site = await anext(updates)
        assert isinstance(site, Site)
        assert list(site.stations) == ["CP-1"]
        await backend.close()


@pytest.mark.parametrize(("protocol", "word"), [(wire.PROTOCOL - 1, "older"), (wire.PROTOCOL + 1, "newer")])
async def test_a_service_of_another_version_is_told_apart(tmp_path: Path, protocol: int, word: str) -> None:
    async with running(tmp_path / "o.sock", protocol=protocol) as world:
        with pytest.raises(ConsoleError, match=word):
            await ServiceBackend(world.path).open()


async def test_no_service_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="No service answers"):
        await ServiceBackend(tmp_path / "none.sock").open()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "stale.sock"))
    with pytest.raises(ConsoleError, match="No service answers"):
        await ServiceBackend(tmp_path / "stale.sock").open()


async def test_a_command_to_a_service_that_went_away_is_an_error(tmp_path: Path) -> None:
    async with running(tmp_path / "o.sock") as world:
        backend = ServiceBackend(world.path)
        await backend.open()
    with pytest.raises(ConsoleError, match="No service answers"):
        await backend.run(ResetStation("CP-1"))
    await backend.close()


async def test_nothing_of_a_backend_is_left_after_closing(world: World) -> None:
    before = asyncio.all_tasks()
    backend = ServiceBackend(world.path)
    await backend.open()
    watches = [asyncio.ensure_future(_drain(backend)) for _ in range(3)]
    while len(world.hub._watches) < 3:  # noqa: ASYNC110  # it has no event of its own
        await asyncio.sleep(0.01)
    watches[0].cancel()
    await backend.close()
    await asyncio.gather(*watches, return_exceptions=True)
    while world.hub._watches:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert {task for task in asyncio.all_tasks() if "uvicorn" not in repr(task)} <= before


async def _drain(backend: ServiceBackend) -> None:
    async for _update in backend.watch():
        pass


def _message(seq: int, station_id: str = "CP-1", action: str = "Heartbeat") -> Message:
    return Message(seq, NOW, station_id, Direction.FROM_STATION, MessageType.CALL, str(seq), action, "[]")


def test_what_crosses_the_link_survives_it() -> None:
    for value, decode in [
        (wire.WholeSite(Site(name="x")), wire.decode_live),
        (wire.SomeChanges((StationChanged(Station("CP-1")),)), wire.decode_live),
        (wire.Frames((_message(1),), 3), wire.decode_frames),
        (ResetStation("CP-1"), wire.decode_command),
    ]:
        assert decode(msgspec.json.encode(value)) == value
