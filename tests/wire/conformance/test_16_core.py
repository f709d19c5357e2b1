"""OCPP 1.6 Core, case by case, by a station on the plain `websockets` client."""

from __future__ import annotations

import pytest

from console.model.command import ResetStation
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, now

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.conforms("TC_001_CSMS")
async def test_cold_boot(bench: Bench, connect: Connect) -> None:
    station = await connect()
    answer = await station.boot()
    assert answer["status"] == "Accepted"
    assert answer["currentTime"].endswith("Z")
    assert answer["interval"] > 0
    for connector_id in (0, 1, 2):
        status = {"connectorId": connector_id, "status": "Available", "errorCode": "NoError", "timestamp": now()}
        assert await station.call("StatusNotification", **status) == {}
    assert (await station.call("Heartbeat"))["currentTime"].endswith("Z")
    known = await bench.until(lambda site: site.stations.get(station.station_id))
    assert [each.evse_id for each in known.connectors] == [1, 2]


@pytest.mark.conforms("TC_013_CSMS")
async def test_hard_reset(bench: Bench, connect: Connect) -> None:
    station = await connect()
    await station.boot()
    station.answers["Reset"] = {"status": "Accepted"}
    outcome = await bench.run(ResetStation(station.station_id, hard=True))
    assert outcome.ok
    assert await station.heard("Reset") == {"type": "Hard"}
    assert (await station.boot())["status"] == "Accepted"
