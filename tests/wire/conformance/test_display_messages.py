"""Display messages with commands of their own: numbered, and read back from the station (2.x, block O)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from console.model.display import ClearMessage, Priority, ReadMessages, ShowMessage, ShownWhile
from console.model.outcome import Result
from console.model.query import RecordQuery
from console.model.record import RecordKind
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import ready
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Display:
    """What a station shows; it reports in parts of one message each."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.messages: dict[int, Json] = {}
        self.telling: list[asyncio.Task[None]] = []
        station.answers |= {
            "SetDisplayMessage": self.set,
            "GetDisplayMessages": self.get,
            "ClearDisplayMessage": lambda asked: {
                "status": "Accepted" if self.messages.pop(asked["id"], None) else "Unknown"
            },
        }

    def set(self, asked: Json) -> Json:
        self.messages[asked["message"]["id"]] = asked["message"]
        return {"status": "Accepted"}

    def get(self, asked: Json) -> Json:
        if not self.messages:
            return {"status": "Unknown"}
        self.telling.append(asyncio.create_task(self.tell(asked["requestId"], list(self.messages.values()))))
        return {"status": "Accepted"}

    async def tell(self, request_id: int, messages: list[Json]) -> None:
        for left, message in zip(reversed(range(len(messages))), messages, strict=True):
            await self.station.call("NotifyDisplayMessages", requestId=request_id, messageInfo=[message], tbc=left > 0)


async def on_record(bench: Bench, station: Station) -> dict[int, str]:
    await bench.service._store.writer.flush()
    query = RecordQuery(station_id=station.station_id, kind=RecordKind.DISPLAY_MESSAGE)
    return {each.details["id"]: each.summary for each in await bench.backend.records(query)}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_messages_are_numbered_and_read_back(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version=version)
    display = Display(station)
    display.messages[1] = {"id": 1, "priority": "InFront", "message": {"format": "UTF8", "content": "of another"}}
    until = datetime.now(UTC) + timedelta(hours=2)
    show = ShowMessage(station.station_id, "Åby", Priority.ALWAYS_FRONT, ShownWhile.IDLE, ends_at=until, language="sv")
    outcome = await bench.run(show)
    assert (outcome.result, outcome.text, outcome.hint) == (
        Result.ACCEPTED, "the station will show the message, number 2", "",
    )  # fmt: skip
    assert (await station.heard("SetDisplayMessage"))["message"] == {
        "id": 2, "priority": "AlwaysFront", "state": "Idle",
        "endDateTime": until.isoformat(timespec="milliseconds")[:23] + "Z",
        "message": {"format": "UTF8", "language": "sv", "content": "Åby"},
    }  # fmt: skip
    assert await on_record(bench, station) == {1: "of another", 2: "Åby"}
    assert (await bench.run(ClearMessage(station.station_id, 1))).ok
    assert await on_record(bench, station) == {2: "Åby"}
    assert (await bench.run(ClearMessage(station.station_id, 2))).ok
    assert await on_record(bench, station) == {}
    assert (await bench.run(ReadMessages(station.station_id))).text == "the station shows no messages"


async def test_a_message_that_is_not_listed_is_told(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    Display(station)
    station.answers["SetDisplayMessage"] = {"status": "Accepted"}
    outcome = await bench.run(ShowMessage(station.station_id, "Hello"))
    assert outcome.ok
    assert "does not list it" in outcome.hint


async def test_nothing_is_sent_that_cannot_be_shown(bench: Bench, connect: Connect) -> None:
    old, station = await connect("1.6"), await ready(connect, bench)
    await old.boot()
    assert (await bench.run(ReadMessages(old.station_id))).result is Result.NOT_POSSIBLE
    past = datetime.now(UTC) - timedelta(hours=1)
    outcome = await bench.run(ShowMessage(station.station_id, "Hello", ends_at=past))
    assert outcome.result is Result.NOT_POSSIBLE
    assert station.times("SetDisplayMessage") == 0
