"""Reports of variables in many parts, and reports that nobody asked for."""

from __future__ import annotations

import asyncio
import random

import pytest

from console.model.command import ReadSettings
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, ready
from tests.wire.conformance.site import Bench, Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

PARTS = 500


def part(number: int, request_id: int, parts: int = PARTS) -> Json:
    """One NotifyReport, with one variable in it."""
    reported = {
        "component": {"name": f"Part{number:03}"},
        "variable": {"name": "Enabled"},
        "variableAttribute": [{"value": "true"}],
    }
    return {
        "requestId": request_id,
        "generatedAt": AT.format(0),
        "seqNo": number,
        "tbc": number < parts - 1,
        "reportData": [reported],
    }


@pytest.mark.conforms("DX-D02")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_very_many_parts_in_any_order(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version=version)
    station.answers["GetBaseReport"] = {"status": "Accepted"}
    reading = asyncio.create_task(bench.run(ReadSettings(station.station_id)))
    asked = await station.heard("GetBaseReport")
    numbers = list(range(PARTS))
    random.Random(48).shuffle(numbers)
    for number in numbers:
        assert not reading.done()
        assert await station.call("NotifyReport", **part(number, asked["requestId"])) == {}
    assert (await reading).ok
    settings = await bench.backend.settings(station.station_id)
    assert sorted(each.key for each in settings) == [f"Part{number:03}/Enabled" for number in range(PARTS)]


@pytest.mark.conforms("DX-D03")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_report_that_nobody_asked_for(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version=version)
    assert await station.call("NotifyReport", **part(0, 4711, 1)) == {}
    messages = await bench.messages(station.station_id)
    (held,) = await bench.backend.settings(station.station_id)
    assert (held.key, held.value) == ("Part000/Enabled", "true")
    assert any(each.action == "NotifyReport" and "nobody waits for report 4711" in each.problem for each in messages)
