"""OCPP 2.1, block E: transactions with a limit, ours or the station's."""

from __future__ import annotations

from typing import Any

import pytest

from console.model.command import CallStation, LimitTransaction, StartTransaction
from console.model.outcome import Result
from console.model.query import RecordQuery
from console.model.record import RecordKind
from console.model.transaction_limit import TransactionLimit
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, ready, token
from tests.wire.conformance.site import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def told(bench: Bench, charge: Charge) -> list[dict[str, Any]]:
    """The limits on record that the station told of."""
    await bench.service._store.writer.flush()
    records = await bench.backend.records(RecordQuery(station_id=charge.station.station_id))
    return [each.details["limit"] for each in records if each.kind is RecordKind.TRANSACTION_LIMIT]


@pytest.mark.conforms("TC_E_109_CSMS", "TC_E_110_CSMS", "TC_E_111_CSMS", "DX-X41")
@pytest.mark.parametrize(
    ("limit", "wire"),
    [
        (TransactionLimit(max_cost=12.5), {"maxCost": 12.5}),
        (TransactionLimit(max_energy_wh=10_000), {"maxEnergy": 10_000}),
        (TransactionLimit(max_time_s=3600), {"maxTime": 3600}),
    ],
)
async def test_a_limit_of_ours_is_told_once(
    bench: Bench, connect: Connect, limit: TransactionLimit, wire: dict[str, Any]
) -> None:
    tag = f"E109-{next(iter(wire))}"
    charge = Charge(await ready(connect, bench, tag, version="2.1"), tag)
    await charge.started(tag)
    outcome = await bench.run(LimitTransaction(charge.station.station_id, tag, limit))
    assert outcome.ok
    assert "next event" in outcome.text
    assert await charge.tell("Updated", "MeterValuePeriodic") == {"transactionLimit": wire}
    assert await charge.tell("Updated", "LimitSet", {"transactionLimit": wire}) == {}
    assert await told(bench, charge)
    assert await charge.ended("Local") == {}


@pytest.mark.conforms("TC_C_126_CSMS", "DX-X41")
async def test_what_was_paid_at_a_kiosk_limits_the_transaction(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.1")
    paid = StartTransaction(
        station.station_id, 1, "PSP-126", token_type="DirectPayment", limit=TransactionLimit(max_cost=20)
    )
    station.answers["RequestStartTransaction"] = {"status": "Rejected"}
    assert (await bench.run(paid)).result is Result.REJECTED
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    assert (await bench.run(paid)).ok
    asked = await station.heard("RequestStartTransaction", 2)
    used = token("PSP-126", "DirectPayment")
    assert asked == {"evseId": 1, "idToken": used, "remoteStartId": asked["remoteStartId"]}
    charge = Charge(station, "C126")
    info = {"remoteStartId": asked["remoteStartId"]}
    begun = await charge.tell("Started", "RemoteStart", info, evse={"id": 1, "connectorId": 1}, idToken=used)
    assert begun["idTokenInfo"]["status"] == "Accepted"
    assert begun["transactionLimit"] == {"maxCost": 20}
    assert await charge.tell("Updated", "LimitSet", {"transactionLimit": {"maxCost": 20}}) == {}
    assert await charge.ended("LocalOutOfCredit") == {}
    # Another transaction has no part in it.
    assert await Charge(station, "C126-other").started(trigger="CablePluggedIn") == {}


@pytest.mark.conforms("TC_E_106_CSMS", "TC_E_107_CSMS", "TC_E_108_CSMS")
@pytest.mark.parametrize("wire", [{"maxEnergy": 5000}, {"maxTime": 1800}, {"maxCost": 7.5}])
async def test_a_limit_of_the_stations_is_kept_and_not_contradicted(
    bench: Bench, connect: Connect, wire: dict[str, Any]
) -> None:
    tag = f"E106-{next(iter(wire))}"
    charge = Charge(await ready(connect, bench, tag, version="2.1"), tag)
    await charge.started(tag)
    assert await charge.tell("Updated", "LimitSet", {"transactionLimit": wire}) == {}
    (limit,) = await told(bench, charge)
    assert list(limit.values()) == list(wire.values())


@pytest.mark.conforms("TC_E_102_CSMS")
async def test_of_two_limits_the_lower_counts(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "E102", version="2.1"), "E102")
    await charge.started("E102")
    await charge.tell("Updated", "LimitSet", {"transactionLimit": {"maxEnergy": 5000}})
    more = await bench.run(LimitTransaction(charge.station.station_id, "E102", TransactionLimit(max_energy_wh=8000)))
    assert "itself" in more.text
    assert await charge.tell("Updated", "MeterValuePeriodic") == {}
    less = await bench.run(LimitTransaction(charge.station.station_id, "E102", TransactionLimit(max_energy_wh=3000)))
    assert less.ok
    assert await charge.tell("Updated", "MeterValuePeriodic") == {"transactionLimit": {"maxEnergy": 3000}}


@pytest.mark.conforms("TC_E_113_CSMS")
async def test_a_transaction_is_resumed(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "E113", version="2.1"), "E113")
    await charge.started("E113")
    await charge.station.connection.close(1001)
    again = await connect("2.1", station_id=charge.station.station_id)
    assert (await again.boot(reason="PowerUp"))["status"] == "Accepted"
    charge.station = again
    assert await charge.tell("Updated", "TxResumed", {"chargingState": "Charging"}) == {}
    transaction = await charge.seen(bench, running=True)
    assert transaction.flags == ()
    assert len(bench.site.running(again.station_id)) == 1


async def test_older_versions_know_no_limits(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "E-201"), "E-201")
    await charge.started("E-201")
    outcome = await bench.run(LimitTransaction(charge.station.station_id, "E-201", TransactionLimit(max_time_s=60)))
    assert outcome.result is Result.NOT_POSSIBLE
    start = StartTransaction(charge.station.station_id, 1, "E-201", limit=TransactionLimit(max_time_s=60))
    assert (await bench.run(start)).result is Result.NOT_POSSIBLE
    assert charge.station.asked == []
    assert await charge.tell("Updated", "MeterValuePeriodic") == {}


@pytest.mark.conforms("TC_N_104_CSMS", "TC_N_105_CSMS", "TC_N_107_CSMS", "DX-T30")
async def test_streams_of_samples(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.1")
    station.answers["GetMonitoringReport"] = {"status": "Accepted"}
    report = {"requestId": 4, "componentVariable": [{"component": {"name": "EVSE"}, "variable": {"name": "Power"}}]}
    assert (await bench.run(CallStation(station.station_id, "GetMonitoringReport", report))).ok
    assert await station.heard("GetMonitoringReport") == report
    watched = {
        "id": 3, "transaction": False, "value": 5, "type": "TargetDelta", "severity": 5,
        "eventNotificationType": "CustomMonitor",
    }  # fmt: skip
    entry = {**report["componentVariable"][0], "variableMonitoring": [watched]}  # type: ignore[index]
    part = {"requestId": 4, "seqNo": 0, "generatedAt": "2026-11-20T10:00:00Z", "monitor": [entry]}
    assert await station.call("NotifyMonitoringReport", **part) == {}
    stream = {"id": 9, "variableMonitoringId": 3, "params": {"interval": 10}}
    assert (await station.call("OpenPeriodicEventStream", constantStreamData=stream))["status"] == "Accepted"
    sent = {
        "id": 9, "pending": 0, "basetime": "2026-11-20T10:00:00Z",
        "data": [{"t": 0, "v": "11000"}],
    }  # fmt: skip
    await station.say([6, "stream-1", "NotifyPeriodicEventStream", sent])
    assert (await station.call("Heartbeat"))["currentTime"]
    assert not [frame for frame in station.frames if frame[1] == "stream-1"]
    await bench.service._store.writer.flush()
    records = await bench.backend.records(RecordQuery(station_id=station.station_id))
    assert any("11000" in repr(each.details) for each in records if each.kind is RecordKind.EVENT_STREAM)
    station.answers["GetPeriodicEventStream"] = {"constantStreamData": [stream]}
    outcome = await bench.run(CallStation(station.station_id, "GetPeriodicEventStream", {}))
    assert outcome.answer == {"constantStreamData": [stream]}
    assert await station.heard("GetPeriodicEventStream") == {}


@pytest.mark.conforms("TC_N_100_CSMS")
async def test_the_data_collectors_log_is_asked_for(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.1")
    station.answers["GetLog"] = {"status": "Accepted", "filename": "log.gz"}
    payload = {"logType": "DataCollectorLog", "requestId": 12, "log": {"remoteLocation": "https://logs.example/"}}
    assert (await bench.run(CallStation(station.station_id, "GetLog", payload))).ok
    assert await station.heard("GetLog") == payload
    for status in ("Uploading", "Uploaded"):
        assert await station.call("LogStatusNotification", status=status, requestId=12) == {}


@pytest.mark.conforms("TC_N_102_CSMS", "TC_N_102_2_CSMS")
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_log_goes_to_where_a_password_is_asked(bench: Bench, connect: Connect, scheme: str) -> None:
    station = await ready(connect, bench, version="2.1")
    station.answers["GetLog"] = {"status": "Accepted"}
    log = {"remoteLocation": f"{scheme}://logs:s3cret-upload@files.example/in/"}
    payload = {"logType": "DiagnosticsLog", "requestId": 13, "log": log}
    assert (await bench.run(CallStation(station.station_id, "GetLog", payload))).ok
    assert await station.heard("GetLog") == payload
    kept = await bench.messages(station.station_id)
    assert any("files.example" in message.text for message in kept)
    assert not any("s3cret-upload" in message.text for message in kept)
    for status in ("Uploading", "Uploaded"):
        assert await station.call("LogStatusNotification", status=status, requestId=13) == {}
