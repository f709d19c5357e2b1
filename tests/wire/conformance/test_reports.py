"""What stations tell beyond charging: limits from outside, events, streams, payments, batteries, security."""

from __future__ import annotations

import pytest

from console.model.command import CallStation
from console.model.query import MessageQuery, RecordQuery
from console.model.record import RecordKind, Severity, StationRecord
from tests.support.stations import now
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, token
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")
K = RecordKind


async def newest(bench: Bench, station: Station, kind: RecordKind) -> StationRecord:
    """The newest record of a kind."""
    await bench.service._store.writer.flush()
    return (await bench.backend.records(RecordQuery(station_id=station.station_id, kind=kind)))[0]


async def booted(connect: Connect, version: str = "2.1") -> Station:
    station = await connect(version)
    await station.boot()
    return station


@pytest.mark.conforms("TC_K_48_CSMS", "TC_K_50_CSMS")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_limit_from_outside_comes_and_goes(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    said: Json = {"chargingLimit": {"chargingLimitSource": "EMS", "isGridCritical": False}, "evseId": 1}
    assert await station.call("NotifyChargingLimit", **said) == {}
    held = await newest(bench, station, K.CHARGING_LIMIT)
    assert (held.standing, held.evse_id) == (True, 1)
    assert await station.call("ClearedChargingLimit", chargingLimitSource="EMS", evseId=1) == {}
    held = await newest(bench, station, K.CHARGING_LIMIT)
    assert (held.standing, held.summary) == (False, "EMS EVSE 1: released")


@pytest.mark.conforms("TC_K_51_CSMS")
async def test_a_limit_is_released_while_a_car_charges(bench: Bench, connect: Connect) -> None:
    await bench.add_tags("K51TAG")
    station = await booted(connect, "2.0.1")
    charge = Charge(station, "k51")
    started: Json = {"idToken": token("K51TAG"), "evse": {"id": 1, "connectorId": 1}}
    assert (await charge.tell("Started", "Authorized", **started))["idTokenInfo"]["status"] == "Accepted"
    assert await station.call("ClearedChargingLimit", chargingLimitSource="EMS", evseId=1) == {}
    assert await charge.tell("Updated", "ChargingRateChanged") == {}
    assert not (await newest(bench, station, K.CHARGING_LIMIT)).standing


@pytest.mark.conforms("TC_N_105_CSMS", "TC_N_107_CSMS", "DX-T30")
async def test_a_stream_of_values(bench: Bench, connect: Connect) -> None:
    station = await booted(connect)
    stream = {"id": 3, "variableMonitoringId": 7, "params": {"interval": 1, "values": 2}}
    assert await station.call("OpenPeriodicEventStream", constantStreamData=stream) == {"status": "Accepted"}
    data = {"id": 3, "pending": 0, "basetime": now(), "data": [{"t": 0, "v": "20"}, {"t": 1, "v": "21"}]}
    await station.say([6, "send-1", "NotifyPeriodicEventStream", data])
    await station.call("Heartbeat")
    assert not [frame for frame in station.frames if frame[1] == "send-1"]
    held = await newest(bench, station, K.EVENT_STREAM)
    assert (held.summary, len(held.details["samples"])) == ("monitor 7: newest value 21", 2)
    query = MessageQuery(station=station.station_id, action="NotifyPeriodicEventStream")
    assert [one.kind for one in await bench.backend.messages(query)] == ["SEND"]
    station.answers["GetPeriodicEventStream"] = {"constantStreamData": [stream]}
    outcome = await bench.run(CallStation(station.station_id, "GetPeriodicEventStream", {}))
    assert outcome.answer == {"constantStreamData": [stream]}
    assert await station.call("ClosePeriodicEventStream", id=3) == {}
    assert not (await newest(bench, station, K.EVENT_STREAM)).standing


@pytest.mark.conforms("TC_C_108_CSMS")
async def test_a_vat_number(bench: Bench, connect: Connect) -> None:
    station = await booted(connect)
    answer = await station.call("VatNumberValidation", vatNumber="SE556000000001", evseId=2)
    assert (answer["status"], answer["vatNumber"], answer["evseId"]) == ("Rejected", "SE556000000001", 2)


@pytest.mark.conforms("TC_C_119_CSMS", "TC_C_120_CSMS")
@pytest.mark.parametrize("status", ["Failed", "Rejected"])
async def test_a_settlement_that_failed(bench: Bench, connect: Connect, status: str) -> None:
    station = await booted(connect)
    said: Json = {"pspRef": "P1", "status": status, "settlementAmount": 12.5, "settlementTime": now()}
    assert await station.call("NotifySettlement", **said) == {}
    held = await newest(bench, station, K.SETTLEMENT)
    assert (held.severity, held.summary) == (Severity.WARNING, f"{status}: 12.5")


@pytest.mark.conforms("TC_R_108_CSMS")
async def test_a_der_alarm(bench: Bench, connect: Connect) -> None:
    station = await booted(connect)
    said: Json = {"controlType": "VoltVar", "gridEventFault": "OverVoltage", "timestamp": now()}
    assert await station.call("NotifyDERAlarm", **said) == {}
    assert (await newest(bench, station, K.DER_ALARM)).standing
    assert await station.call("NotifyDERAlarm", **said, alarmEnded=True) == {}
    assert not (await newest(bench, station, K.DER_ALARM)).standing


@pytest.mark.conforms("TC_R_107_CSMS")
async def test_der_controls_are_set_and_reported(bench: Bench, connect: Connect) -> None:
    station = await booted(connect)
    station.answers |= {"SetDERControl": {"status": "Accepted"}, "GetDERControl": {"status": "Accepted"}}
    gradient = {"priority": 1, "gradient": 2.0, "softGradient": 1.0}
    control: Json = {"isDefault": True, "controlId": "g1", "controlType": "Gradients", "gradient": gradient}
    assert (await bench.run(CallStation(station.station_id, "SetDERControl", control))).ok
    assert await station.heard("SetDERControl") == control
    assert (await bench.run(CallStation(station.station_id, "GetDERControl", {"requestId": 5}))).ok
    for number, more in ((1, True), (2, False)):
        part = [{"id": f"g{number}", "gradient": gradient}]
        assert await station.call("ReportDERControl", requestId=5, tbc=more, gradient=part) == {}
    held = await newest(bench, station, K.DER_CONTROL)
    assert held.summary == "2 DER controls: gradient g1, gradient g2"
    assert [one["id"] for one in held.details["gradient"]] == ["g1", "g2"]


@pytest.mark.conforms("TC_S_103_CSMS")
async def test_batteries_are_swapped(bench: Bench, connect: Connect) -> None:
    station = await booted(connect)
    station.answers["RequestBatterySwap"] = {"status": "Accepted"}
    token = {"idToken": "04A2C19B", "type": "ISO14443"}
    asked: Json = {"requestId": 4, "idToken": token}
    assert (await bench.run(CallStation(station.station_id, "RequestBatterySwap", asked))).ok
    assert await station.heard("RequestBatterySwap") == asked
    for event in ("BatteryOut", "BatteryIn"):
        battery = {"evseId": 1, "serialNumber": f"B-{event}", "soC": 80, "soH": 99}
        said: Json = {"requestId": 4, "idToken": token, "eventType": event, "batteryData": [battery]}
        assert await station.call("BatterySwap", **said) == {}
    await bench.service._store.writer.flush()
    found = await bench.backend.records(RecordQuery(station_id=station.station_id, kind=K.BATTERY_SWAP))
    assert len(found) == 2


@pytest.mark.conforms("TC_S_102_CSMS")
async def test_there_is_no_battery(bench: Bench, connect: Connect) -> None:
    station = await booted(connect)
    station.answers["RequestBatterySwap"] = {"status": "Rejected", "statusInfo": {"reasonCode": "NoBatteryAvailable"}}
    asked: Json = {"requestId": 4, "idToken": {"idToken": "04A2C19B", "type": "ISO14443"}}
    outcome = await bench.run(CallStation(station.station_id, "RequestBatterySwap", asked))
    assert not outcome.ok
    assert outcome.text


@pytest.mark.conforms("DX-S16")
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_an_unknown_security_event(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    assert await station.call("SecurityEventNotification", type="Gremlins", timestamp=now()) == {}
    held = await newest(bench, station, K.SECURITY_EVENT)
    assert (held.summary, held.severity) == ("Gremlins", Severity.WARNING)


@pytest.mark.conforms("DX-S23")
async def test_a_flood_of_security_events_is_bounded_and_inert(bench: Bench, connect: Connect) -> None:
    station = await booted(connect, "1.6")
    for number in range(600):
        said: Json = {"type": "[red]Flood[/]", "timestamp": now(), "techInfo": f"\u001b[2J={number}"}
        assert await station.call("SecurityEventNotification", **said) == {}
    await bench.service._store.writer.flush()
    query = RecordQuery(station_id=station.station_id, kind=K.SECURITY_EVENT, limit=5000)
    found = await bench.backend.records(query)
    assert len(found) == 500
    assert all("\u001b" not in one.summary for one in found)
