"""Each request of a station, of each version, and frames, with one thing wrong at a time, over a real WebSocket."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pytest

from console.actions.table import VERSIONS, actions_of
from console.csms.dialects import schemas
from console.csms.error_codes import Meaning, code_for
from console.model.command import CallStation, SetTolerance
from console.model.make import Tolerance
from tests.unit.actions.made import made
from tests.unit.csms.spoilt import NO_OBJECTS, WAYS, Way, can_be_spoilt, no_object
from tests.unit.csms.test_actions import SENT, actions
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")


def spoilt(schema: dict[str, Any], way: Way) -> tuple[Any, Any]:
    """A payload with one thing wrong, and what is wrong with it."""
    if way is no_object:
        return NO_OBJECTS[0], way(schema, {}, lambda places: places[0])
    for seed in itertools.count():
        random = Random(seed)
        payload = made(schema, random)
        try:
            return payload, way(schema, payload, random.choice)
        except IndexError:  # this one holds nothing to spoil: another may
            continue
    raise AssertionError


async def strict(bench: Bench, connect: Connect, version: str) -> Station:
    station = await connect(version)
    assert (await bench.run(SetTolerance(station.station_id, Tolerance.STRICT))).ok
    await station.boot()
    return station


@actions("CS", "CS (SEND)", "both")
async def test_requests_with_one_thing_wrong(bench: Bench, connect: Connect, version: str, action: str) -> None:
    bystander, station = await connect(version), await strict(bench, connect, version)
    await bystander.boot()
    await bench.settled()
    before = bench.site.stations[station.station_id]
    schema = schemas.schema(version, action)
    ways = [way for way in WAYS if can_be_spoilt(schema, way)]
    for number, way in enumerate(ways):
        payload, wrong = spoilt(schema, way)
        if action in SENT:
            await station.say([6, f"wrong-{number}", action, payload])
            continue
        frame = await station.ask(action, payload, f"wrong-{number}")
        assert (frame[0], frame[2]) == (4, code_for(version, wrong)), way.__name__
        assert 0 < len(frame[3]) <= 255
    assert (await station.call("Heartbeat"))["currentTime"]
    assert (await bystander.call("Heartbeat"))["currentTime"]
    held = [each for each in await bench.messages(station.station_id) if each.message_id.startswith("wrong-")]
    assert sum(bool(each.problem) for each in held) == len(ways)
    assert not [each for each in station.frames if action in SENT and str(each[1]).startswith("wrong-")]
    await bench.settled()
    after = bench.site.stations[station.station_id]
    assert (after.connectors, after.vendor, after.status) == (before.connectors, before.vendor, before.status)
    assert not [each for each in bench.site.transactions.values() if each.station_id == station.station_id]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("text", "message_id", "meaning"),
    [
        ('[2,"1",{},{}]', "1", Meaning.RPC_FRAMEWORK_ERROR),
        ('[2,"1",["Heartbeat"],{}]', "1", Meaning.RPC_FRAMEWORK_ERROR),
        ('[2,"1",null,{}]', "1", Meaning.RPC_FRAMEWORK_ERROR),
        ('[2,"1","Heartbeat"]', "1", Meaning.RPC_FRAMEWORK_ERROR),
        ("[2]", "-1", Meaning.RPC_FRAMEWORK_ERROR),
        ('["2","1","Heartbeat",{}]', "-1", Meaning.RPC_FRAMEWORK_ERROR),
        ('["Heartbeat",2,"1",{}]', "-1", Meaning.RPC_FRAMEWORK_ERROR),
        ('[2,null,"Heartbeat",{}]', "-1", Meaning.RPC_FRAMEWORK_ERROR),
        (f'[2,"{"x" * 256}","Heartbeat",{{}}]', "-1", Meaning.RPC_FRAMEWORK_ERROR),
        ('[2,"Heartbeat","1",{}]', "Heartbeat", Meaning.NOT_IMPLEMENTED),
        ('[2,"1","Heartbeat",null]', "1", Meaning.FORMAT_VIOLATION),
        ('[2,"1","Heartbeat",{"a":NaN}]', "1", Meaning.FORMAT_VIOLATION),
        (f'[2,"1","Heartbeat",{{"a":{"1" * 5000}}}]', "1", Meaning.FORMAT_VIOLATION),
        ('[2,"1","Heartbeat",{"a":1e400}]', "1", Meaning.FORMAT_VIOLATION),
        (f'[2,"1","Heartbeat",{"[" * 50_000}', "1", Meaning.FORMAT_VIOLATION),
    ],
)
async def test_frames_that_are_wrong(
    bench: Bench, connect: Connect, version: str, text: str, message_id: str, meaning: Meaning
) -> None:
    bystander, station = await connect(version), await connect(version)
    await bystander.boot()
    await station.boot()
    await station.say(text)
    frame = await station.until_frame(lambda frame: frame[0] == 4)
    assert (frame[1], frame[2]) == (message_id, code_for(version, meaning))
    assert 0 < len(frame[3]) <= 255
    assert (await station.call("Heartbeat"))["currentTime"]
    assert (await bystander.call("Heartbeat"))["currentTime"]
    assert any(each.problem for each in await bench.messages(station.station_id))
    assert not any(each.problem for each in await bench.messages(bystander.station_id))


@pytest.mark.parametrize("version", VERSIONS)
async def test_ids_that_are_empty_or_come_again_are_echoed(connect: Connect, version: str) -> None:
    station = await connect(version)
    await station.boot()
    for message_id in ("", "again", "again"):
        before = len(station.frames)
        await station.say([2, message_id, "Heartbeat", {}])
        await station.until_frame(lambda _frame, before=before: len(station.frames) > before)
        assert station.frames[before][:2] == [3, message_id]


@pytest.mark.parametrize("action", actions_of("2.1"))
async def test_wrong_answers_are_complained_of(bench: Bench, connect: Connect, action: str) -> None:
    station = await connect("2.1")
    await station.boot()
    schema = schemas.schema("2.1", action, answer=True)
    request = made(schemas.schema("2.1", action), Random(5))
    for way in [way for way in WAYS if can_be_spoilt(schema, way)]:
        answer, wrong = spoilt(schema, way)
        # A list would be the station's own way to say CALLERROR.
        station.answers[action] = lambda _asked, answer=answer: "text" if isinstance(answer, list) else answer
        count = len(complaints(station))
        outcome = await bench.run(CallStation(station.station_id, action, request))
        assert outcome.text
        assert outcome.error_code == ""
        await station.until_frame(lambda _frame, count=count: len(complaints(station)) >= count)
        await station.call("Heartbeat")
        assert complaints(station)[count][2] == code_for("2.1", wrong), way.__name__
        assert 0 < len(complaints(station)[count][3]) <= 255


def complaints(station: Station) -> list[list[Any]]:
    """The CALLRESULTERRORs that came."""
    return [frame for frame in station.frames if frame[0] == 5]
