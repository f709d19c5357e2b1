"""What every backend promises, told by each of them about the same story."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest

from console.backends.base import Backend, Link, MessageQuery, RecordQuery, TransactionQuery, Update
from console.backends.service import ServiceBackend
from console.model.command import Command, ResetStation, command_id
from console.model.message import Direction, Message
from console.model.outcome import Result
from console.model.record import RecordKind, Severity
from console.model.site import Site
from console.model.station import ConnectorStatus
from console.service.places import socket_path
from tests.support.services import site_when
from tests.wire.backends.scenes import OTHER_TAG, SCENES, STATION, TAG, Scene, recording_scene, service_scene

BEFORE = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(params=SCENES)
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with SCENES[request.param](tmp_path) as scene:
        yield scene


@pytest.fixture
def backend(scene: Scene) -> Backend:
    return scene.backend


@contextlib.asynccontextmanager
async def watching(backend: Backend) -> AsyncIterator[AsyncIterator[Update]]:
    updates = backend.watch()
    try:
        yield updates
    finally:
        await updates.aclose()  # type: ignore[attr-defined]


async def site_of(backend: Backend) -> Site:
    async with watching(backend) as updates:
        site = await anext(updates)
        assert isinstance(site, Site)
        return site


async def test_the_station_and_its_connectors(backend: Backend) -> None:
    station = (await site_of(backend)).stations[STATION]
    assert (station.vendor, station.model, station.ocpp_version, station.online) == ("Raw", "One", "1.6", True)
    assert [(one.evse_id, one.status) for one in station.connectors] == [
        (1, ConnectorStatus.AVAILABLE),
        (2, ConnectorStatus.AVAILABLE),
    ]


async def test_a_site_comes_first_then_what_changes_and_both_come_to_the_same(scene: Scene) -> None:
    async with watching(scene.backend) as updates:
        site = await anext(updates)
        assert isinstance(site, Site)
        await scene.go_on()
        async with asyncio.timeout(20):
            while not _faulted(site) or site != await site_of(scene.backend):
                update = await anext(updates)
                assert isinstance(update, tuple)
                site = site.apply(update)


def _faulted(site: Site) -> bool:
    connector = site.stations[STATION].connector(1) if STATION in site.stations else None
    return connector is not None and connector.status is ConnectorStatus.FAULTED


async def test_a_site_that_was_given_stays_as_it_is(scene: Scene) -> None:
    site = await site_of(scene.backend)
    before = msgspec.json.encode(site)
    await scene.go_on()
    async with asyncio.timeout(20):
        while not _faulted(await site_of(scene.backend)):
            pass
    assert msgspec.json.encode(site) == before


async def test_transactions_newest_first(backend: Backend) -> None:
    running, ended = await backend.transactions(TransactionQuery())
    assert (running.id_token, running.running, running.evse_id) == (OTHER_TAG, True, 2)
    assert (ended.id_token, ended.energy_wh, ended.running) == (TAG, 1000, False)
    assert (await site_of(backend)).transactions == {one.key: one for one in (ended, running)}


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        (TransactionQuery(station="cp/1"), [OTHER_TAG, TAG]),
        (TransactionQuery(station="CP-2"), []),
        (TransactionQuery(id_token="ffff"), [OTHER_TAG]),
        (TransactionQuery(running=True), [OTHER_TAG]),
        (TransactionQuery(running=False), [TAG]),
        (TransactionQuery(since=BEFORE), [OTHER_TAG, TAG]),
        (TransactionQuery(until=BEFORE), []),
        (TransactionQuery(before=BEFORE), []),
    ],
)
async def test_transactions_that_match(backend: Backend, query: TransactionQuery, tags: list[str]) -> None:
    assert [one.id_token for one in await backend.transactions(query)] == tags


async def test_meter_values_oldest_first(backend: Backend) -> None:
    (ended,) = await backend.transactions(TransactionQuery(running=False))
    values = await backend.meter_values(STATION, ended.transaction_id)
    assert [value.samples[0].value for value in values] == [1250, 1500]
    assert [value.evse_id for value in values] == [1, 1]
    assert list(await backend.recent_meter_values(STATION, 1, BEFORE)) == list(values)
    assert not await backend.recent_meter_values(STATION, 2, BEFORE)
    assert not await backend.meter_values("CP-2", ended.transaction_id)


async def test_settings_as_last_read(backend: Backend) -> None:
    settings = await backend.settings(STATION)
    assert [(one.key, one.value, one.read_only) for one in settings] == [
        ("HeartbeatInterval", "300", False),
        ("NumberOfConnectors", "2", True),
    ]
    assert not await backend.settings("CP-2")


async def test_records_newest_first(backend: Backend) -> None:
    log, tamper = await backend.records(RecordQuery(station_id=STATION))
    assert (log.kind, log.key, log.summary, log.standing) == (RecordKind.LOG, "7", "Uploading", True)
    assert (tamper.kind, tamper.severity) == (RecordKind.SECURITY_EVENT, Severity.BAD)
    assert tamper.details["techInfo"] == "lid"
    assert list(await backend.records(RecordQuery(station="cp/1", alarms=True, kind=tamper.kind))) == [tamper]
    assert list(await backend.records(RecordQuery(standing=True, before=log.at + timedelta(days=1)))) == [log]
    assert not await backend.records(RecordQuery(station_id="CP-2"))
    assert not await backend.records(RecordQuery(text="no such word"))


async def test_messages_oldest_first_answers_beside_their_calls(backend: Backend) -> None:
    messages = await backend.messages(MessageQuery(action="StartTransaction"))
    assert [one.direction for one in messages] == [Direction.FROM_STATION, Direction.TO_STATION] * 2
    assert [one.latency_s is not None for one in messages] == [False, True] * 2
    assert [one.seq for one in messages] == sorted(one.seq for one in messages)


async def test_messages_in_pages(backend: Backend) -> None:
    everything = await backend.messages(MessageQuery())
    newest = await backend.messages(MessageQuery(limit=3))
    assert list(newest) == list(everything[-3:])
    before = await backend.messages(MessageQuery(before_seq=newest[0].seq, limit=2))
    assert list(before) == list(everything[-5:-3])
    after = await backend.messages(MessageQuery(after_seq=everything[0].seq, limit=2))
    assert list(after) == list(everything[1:3])


async def test_messages_that_have_a_problem(backend: Backend) -> None:
    problems = await backend.messages(MessageQuery(problems_only=True))
    assert "NoSuchAction" in {one.action for one in problems}
    assert all(one.problem for one in problems)


async def test_watched_messages_are_those_that_come_and_match(scene: Scene) -> None:
    updates = scene.backend.watch_messages(MessageQuery(station="cp", action="Status"))
    first = asyncio.ensure_future(anext(updates))
    await _begun(scene.backend, first)
    await scene.go_on()
    async with asyncio.timeout(20):
        messages: list[Message] = list(await first)
        while len(messages) < 2:
            messages += await anext(updates)
    assert [(one.action, one.direction) for one in messages] == [
        ("StatusNotification", Direction.FROM_STATION),
        ("StatusNotification", Direction.TO_STATION),
    ]
    assert "GroundFailure" in messages[0].text
    await updates.aclose()  # type: ignore[attr-defined]


async def _begun(backend: Backend, watch: asyncio.Future[Any]) -> None:
    """Wait until a watch is under way: another that is begun later has got its site."""
    for _ in range(5):
        await asyncio.sleep(0)
        await site_of(backend)
    assert not watch.done()


@pytest.mark.parametrize("kind", get_args(Command), ids=command_id)
async def test_what_is_said_to_be_impossible_is(tmp_path: Path, kind: type[Command]) -> None:
    command = _any(kind)
    async with recording_scene(tmp_path) as scene:
        reason = scene.backend.why_not(command_id(kind))
        assert reason == "this is a recording"
        outcome = await scene.backend.run(command)
    assert (outcome.result, outcome.text) == (Result.NOT_POSSIBLE, reason)


async def test_a_read_only_console_says_so_and_keeps_to_it(tmp_path: Path) -> None:
    async with service_scene(tmp_path):
        backend = ServiceBackend(socket_path(tmp_path / "data"), read_only=True)
        await backend.open()
        for kind in get_args(Command):
            reason = backend.why_not(command_id(kind))
            assert reason
            outcome = await backend.run(_any(kind))
            assert (outcome.result, outcome.text) == (Result.NOT_POSSIBLE, reason)
        await backend.close()


async def test_what_is_possible_is_tried(tmp_path: Path) -> None:
    async with service_scene(tmp_path) as scene:
        assert scene.backend.why_not("station.reset") is None
        outcome = await scene.backend.run(ResetStation(STATION))
        assert outcome.result is Result.ERROR  # the station knows no such request
        assert (await scene.backend.run(ResetStation("CP-2"))).result is not Result.ACCEPTED


def _any(kind: Any) -> Any:
    """A command of a kind, or a part of one, with whatever it needs."""
    return kind(**{field.name: _value(field.type) for field in msgspec.structs.fields(kind) if field.required})


def _value(kind: Any) -> Any:
    """Something of a type."""
    plain: dict[Any, Any] = {str: "x", int: 1, float: 1.0, bool: True, dict: {}, datetime: BEFORE}
    if kind in plain:
        return plain[kind]
    if get_origin(kind) in (tuple, dict):
        return () if get_origin(kind) is tuple else {}
    return next(iter(kind)) if issubclass(kind, Enum) else _any(kind)


async def test_cancelling_does_no_harm(backend: Backend) -> None:
    updates, messages = backend.watch(), backend.watch_messages(MessageQuery())
    asked = [
        anext(messages),
        anext(updates),
        backend.transactions(TransactionQuery()),
        backend.messages(MessageQuery()),
        backend.settings(STATION),
        backend.meter_values(STATION, "1"),
        backend.run(ResetStation("CP-2")),
    ]
    tasks = [asyncio.ensure_future(one) for one in asked]
    for turns in range(len(tasks)):
        for _ in range(turns):
            await asyncio.sleep(0)
        tasks[turns].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(await backend.transactions(TransactionQuery())) == 2
    assert STATION in (await site_of(backend)).stations


@pytest.mark.parametrize("name", SCENES)
async def test_closing_leaves_nothing_running(tmp_path: Path, name: str) -> None:
    async with SCENES[name](tmp_path) as scene:
        before = asyncio.all_tasks()
        for _ in range(2):
            await site_of(scene.backend)
        watch = asyncio.ensure_future(_drain(scene.backend))
        await _begun(scene.backend, watch)
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await scene.backend.close()
        # The service's own end of a connection that was closed takes a moment more.
        async with asyncio.timeout(10):
            while _left() > before:  # noqa: ASYNC110  # it has no event of ours
                await asyncio.sleep(0.01)


def _left() -> set[asyncio.Task[Any]]:
    """The tasks there are, without the service's own of each request."""
    return {task for task in asyncio.all_tasks() if "uvicorn" not in repr(task)}


async def _drain(backend: Backend) -> None:
    async for update in backend.watch():
        assert not isinstance(update, Link)


async def test_both_tell_the_same_story(tmp_path: Path) -> None:
    told = []
    for name in SCENES:
        async with SCENES[name](tmp_path / name) as scene:
            await scene.go_on()
            async with watching(scene.backend) as updates:
                site = await site_when(updates, _faulted)
            told.append(site)
    lived, recorded = told
    assert _comparable(lived) == _comparable(recorded)


def _comparable(site: Site) -> Any:
    """A site without its times, and without ids that are given anew each time."""
    stations = [
        (one.station_id, one.vendor, one.admission, one.online, one.status, one.heartbeat_interval_s,
         [(plug.evse_id, plug.status, plug.error_code) for plug in one.connectors])
        for one in site.stations.values()
    ]  # fmt: skip
    transactions = [
        (one.evse_id, one.id_token, one.meter_start_wh, one.meter_stop_wh, one.energy_wh, one.running, one.flags)
        for one in site.transactions.values()
    ]
    readings = {key: (one.energy_wh, one.power_w) for key, one in site.readings.items()}
    return stations, transactions, readings, list(site.cards), [notice.text for notice in site.notices]


async def test_what_there_is_none_of_of_a_stations_device(backend: Backend) -> None:
    assert list(await backend.monitors(STATION)) == []
    assert list(await backend.snapshots()) == list(await backend.snapshots(STATION)) == []
    assert await backend.snapshot("none") is None
    assert list(await backend.setting_writes(STATION)) == []
