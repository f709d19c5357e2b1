"""OCPP 2.0.1: the device model (block B) and its monitors (block N)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from console.model.command import CallStation, ChangeSetting, PutToken, ReadSettings, RemoveToken
from console.model.device_command import (
    ChangeSettings,
    ClearMonitors,
    ReadMonitors,
    SendLocalList,
    SetMonitor,
    SetMonitoringBase,
    SetMonitoringLevel,
    SettingChange,
)
from console.model.outcome import Result
from console.model.query import RecordQuery
from console.model.token import Token
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, ready
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

CTRLR = "OCPPCommCtrlr"
NAMES = ("OfflineThreshold", "HeartbeatInterval", "RetryBackOffWaitMinimum", "ResetRetries", "MessageTimeout")


def variable(name: str, component: str = CTRLR, **more: Any) -> Json:
    return {"component": {"name": component}, "variable": {"name": name}, **more}


def read_back(payload: Json) -> Json:
    """Answer GetVariables with 60 for each."""
    results = [{**asked, "attributeStatus": "Accepted", "attributeValue": "60"} for asked in payload["getVariableData"]]
    return {"getVariableResult": results}


def taken(payload: Json) -> Json:
    """Answer SetVariables with Accepted for each."""
    keep = ("component", "variable", "attributeType")
    results = [
        {name: each[name] for name in keep if name in each} | {"attributeStatus": "Accepted"}
        for each in payload["setVariableData"]
    ]
    return {"setVariableResult": results}


@pytest.mark.conforms("TC_B_06_CSMS", "TC_B_07_CSMS")
@pytest.mark.parametrize("count", [1, 2])
async def test_get_variables(bench: Bench, connect: Connect, count: int) -> None:
    station = await ready(connect, bench)
    station.answers["GetVariables"] = read_back
    keys = tuple(f"{CTRLR}/{name}" for name in NAMES[:count])
    assert (await bench.run(ReadSettings(station.station_id, keys))).ok
    asked = await station.heard("GetVariables")
    assert [each["variable"]["name"] for each in asked["getVariableData"]] == list(NAMES[:count])
    assert all(each.get("attributeType", "Actual") == "Actual" for each in asked["getVariableData"])
    assert station.times("GetVariables") == 1
    assert {each.value for each in await bench.backend.settings(station.station_id)} == {"60"}


@pytest.mark.conforms("TC_B_08_CSMS", "DX-D04")
async def test_get_variables_in_portions(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    limit = {
        "component": {"name": "DeviceDataCtrlr"},
        "variable": {"name": "ItemsPerMessage", "instance": "GetVariables"},
        "attributeStatus": "Accepted",
        "attributeValue": "4",
    }
    station.answers["GetVariables"] = {"getVariableResult": [limit]}
    assert (await bench.run(ReadSettings(station.station_id, ("DeviceDataCtrlr/ItemsPerMessage.GetVariables",)))).ok
    station.answers["GetVariables"] = read_back
    keys = tuple(f"{CTRLR}/{name}" for name in NAMES)
    assert (await bench.run(ReadSettings(station.station_id, keys))).ok
    sizes = [len(payload["getVariableData"]) for action, payload in station.asked if action == "GetVariables"]
    assert sizes == [1, 4, 1]


@pytest.mark.conforms("TC_B_09_CSMS")
async def test_set_one_variable(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    station.answers["SetVariables"] = taken
    outcome = await bench.run(ChangeSetting(station.station_id, f"{CTRLR}/OfflineThreshold", "123"))
    assert outcome.ok
    (sent,) = (await station.heard("SetVariables"))["setVariableData"]
    assert sent.pop("attributeType", "Actual") == "Actual"
    assert sent == variable("OfflineThreshold", attributeValue="123")


@pytest.mark.conforms("TC_B_10_CSMS")
async def test_set_two_variables(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    station.answers["SetVariables"] = taken
    changes = tuple(SettingChange(f"{CTRLR}/{name}", "123") for name in NAMES[:2])
    assert (await bench.run(ChangeSettings(station.station_id, changes))).ok
    sent = (await station.heard("SetVariables"))["setVariableData"]
    assert [each["variable"]["name"] for each in sent] == list(NAMES[:2])
    assert station.times("SetVariables") == 1


async def reported(station: Station, request_id: int, *names: str) -> None:
    """Send the report that was asked for, a part for each variable."""
    for number, name in enumerate(names):
        attribute = {"type": "Actual", "value": "1", "mutability": "ReadWrite"}
        entry = variable(name, variableAttribute=[attribute])
        part: Json = {"requestId": request_id, "generatedAt": AT.format(0), "seqNo": number, "reportData": [entry]}
        if number < len(names) - 1:
            part["tbc"] = True
        assert await station.call("NotifyReport", **part) == {}


@pytest.mark.conforms("TC_B_12_CSMS", "TC_B_13_CSMS", "TC_B_14_CSMS")
@pytest.mark.parametrize(
    ("inventory", "wanted"),
    [("configuration", "ConfigurationInventory"), ("", "FullInventory"), ("summary", "SummaryInventory")],
)
async def test_base_report(bench: Bench, connect: Connect, inventory: str, wanted: str) -> None:
    station = await ready(connect, bench)
    station.answers["GetBaseReport"] = {"status": "Accepted"}
    asking = asyncio.create_task(bench.run(ReadSettings(station.station_id, inventory=inventory)))
    asked = await station.heard("GetBaseReport")
    assert asked == {"requestId": asked["requestId"], "reportBase": wanted}
    await reported(station, asked["requestId"], *NAMES[:3])
    assert (await asking).ok
    await bench.service._store.writer.flush()
    assert {each.key for each in await bench.backend.settings(station.station_id)} == {
        f"{CTRLR}/{name}" for name in NAMES[:3]
    }


@pytest.mark.conforms("TC_B_18_CSMS")
@pytest.mark.parametrize(
    ("answer", "said"), [("Accepted", "1 setting read"), ("EmptyResultSet", "there are no such settings")]
)
async def test_custom_report(bench: Bench, connect: Connect, answer: str, said: str) -> None:
    station = await ready(connect, bench)
    station.answers["GetReport"] = {"status": answer}
    command = ReadSettings(station.station_id, ("EVSE@1/AvailabilityState",), criteria=("Problem", "Available"))
    asking = asyncio.create_task(bench.run(command))
    asked = await station.heard("GetReport")
    named = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
    assert asked == {
        "requestId": asked["requestId"],
        "componentCriteria": ["Problem", "Available"],
        "componentVariable": [named],
    }
    if answer == "Accepted":
        await reported(station, asked["requestId"], "AvailabilityState")
    outcome = await asking
    assert (outcome.result, outcome.answer) == (Result.ACCEPTED, {"status": answer})
    assert outcome.text == said


# ---- N: monitors


@pytest.mark.conforms("TC_N_01_CSMS", "TC_N_02_CSMS", "TC_N_03_CSMS", "TC_N_47_CSMS", "TC_N_60_CSMS")
@pytest.mark.parametrize("criteria", [(), ("ThresholdMonitoring", "DeltaMonitoring")])
@pytest.mark.parametrize("keys", [(), ("EVSE@1/AvailabilityState",), ("EVSE@1/AvailabilityState", "EVSE@1/Power")])
@pytest.mark.parametrize("answer", ["Accepted", "EmptyResultSet"])
async def test_monitoring_report(
    bench: Bench, connect: Connect, criteria: tuple[str, ...], keys: tuple[str, ...], answer: str
) -> None:
    station = await ready(connect, bench)
    station.answers["GetMonitoringReport"] = {"status": answer}
    asking = asyncio.create_task(bench.run(ReadMonitors(station.station_id, keys, criteria)))
    asked = await station.heard("GetMonitoringReport")
    assert tuple(asked.get("monitoringCriteria", ())) == criteria
    named = [each["variable"]["name"] for each in asked.get("componentVariable", ())]
    assert named == [key.rpartition("/")[2] for key in keys]
    if answer == "Accepted":
        watched = {"id": 1, "transaction": False, "value": 1, "type": "Delta", "severity": 5}
        entry = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
        for number in range(2):
            part = {
                "requestId": asked["requestId"], "seqNo": number, "generatedAt": AT.format(0), "tbc": number == 0,
                "monitor": [entry | {"variableMonitoring": [watched | {"id": number + 1}]}],
            }  # fmt: skip
            assert await station.call("NotifyMonitoringReport", **part) == {}
    outcome = await asking
    said = "2 monitors read" if answer == "Accepted" else "there are no such monitors"
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, said)
    if answer == "Accepted":
        await bench.service._store.writer.flush()
        kept = await bench.backend.monitors(station.station_id)
        assert {each.monitor_id for each in kept} >= {1, 2}


@pytest.mark.conforms("TC_N_05_CSMS")
@pytest.mark.parametrize("base", ["All", "FactoryDefault", "HardWiredOnly"])
async def test_monitoring_base(bench: Bench, connect: Connect, base: str) -> None:
    station = await ready(connect, bench)
    station.answers["SetMonitoringBase"] = {"status": "Accepted"}
    assert (await bench.run(SetMonitoringBase(station.station_id, base))).ok
    assert await station.heard("SetMonitoringBase") == {"monitoringBase": base}


@pytest.mark.conforms("TC_N_16_CSMS", "TC_N_17_CSMS")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", Result.ACCEPTED), ("Rejected", Result.REJECTED)])
async def test_monitoring_level(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    station.answers["SetMonitoringLevel"] = {"status": answer}
    assert (await bench.run(SetMonitoringLevel(station.station_id, 4))).result is result
    assert await station.heard("SetMonitoringLevel") == {"severity": 4}


def monitored(payload: Json) -> Json:
    """Accept monitors, and number them."""
    results = [
        {
            "id": number + 1, "status": "Accepted", "type": each["type"], "severity": each["severity"],
            "component": each["component"], "variable": each["variable"],
        }
        for number, each in enumerate(payload["setMonitoringData"])
    ]  # fmt: skip
    return {"setMonitoringResult": results}


@pytest.mark.conforms("TC_N_08_CSMS", "TC_N_24_CSMS")
@pytest.mark.parametrize(("kind", "value"), [("Delta", 1), ("Periodic", 60)])
async def test_set_a_monitor(bench: Bench, connect: Connect, kind: str, value: float) -> None:
    station = await ready(connect, bench)
    station.answers["SetVariableMonitoring"] = monitored
    assert (await bench.run(SetMonitor(station.station_id, "EVSE@1/AvailabilityState", kind, value, 8))).ok
    (sent,) = (await station.heard("SetVariableMonitoring"))["setMonitoringData"]
    assert sent == variable("AvailabilityState", type=kind, value=value, severity=8) | {
        "component": {"name": "EVSE", "evse": {"id": 1}}
    }
    for number in range(3):
        assert await event(station, event_id=number, trigger=kind, variableMonitoringId=1) == {}


@pytest.mark.conforms("TC_N_09_CSMS")
async def test_set_two_monitors_in_one_request(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    station.answers["SetVariableMonitoring"] = monitored
    wanted = [
        {"value": 1, "type": "Delta", "severity": 8, "component": {"name": "EVSE", "evse": {"id": 1}},
         "variable": {"name": "AvailabilityState"}},
        {"value": 1, "type": "Delta", "severity": 8, "component": {"name": "ChargingStation"},
         "variable": {"name": "AvailabilityState"}},
    ]  # fmt: skip
    payload = {"setMonitoringData": wanted}
    assert (await bench.run(CallStation(station.station_id, "SetVariableMonitoring", payload))).ok
    assert await station.heard("SetVariableMonitoring") == payload


@pytest.mark.conforms("TC_N_18_CSMS", "TC_N_44_CSMS")
@pytest.mark.parametrize(("status", "result"), [("Accepted", Result.ACCEPTED), ("Rejected", Result.REJECTED)])
async def test_clear_monitors_in_portions(bench: Bench, connect: Connect, status: str, result: Result) -> None:
    station = await ready(connect, bench)
    limit = {
        "component": {"name": "MonitoringCtrlr"},
        "variable": {"name": "ItemsPerMessage", "instance": "ClearVariableMonitoring"},
        "attributeStatus": "Accepted",
        "attributeValue": "2",
    }
    station.answers["GetVariables"] = {"getVariableResult": [limit]}
    key = "MonitoringCtrlr/ItemsPerMessage.ClearVariableMonitoring"
    assert (await bench.run(ReadSettings(station.station_id, (key,)))).ok
    station.answers["ClearVariableMonitoring"] = lambda payload: {
        "clearMonitoringResult": [{"id": each, "status": status} for each in payload["id"]]
    }
    outcome = await bench.run(ClearMonitors(station.station_id, (1, 2, 3)))
    sent = [payload["id"] for action, payload in station.asked if action == "ClearVariableMonitoring"]
    assert sent == [[1, 2], [3]]
    assert outcome.result is result


async def event(station: Station, *, event_id: int, trigger: str = "Alerting", **more: Any) -> Json:
    data = event_data(event_id, trigger, **more)
    return await station.call("NotifyEvent", generatedAt=AT.format(0), seqNo=0, eventData=[data])


def event_data(event_id: int, trigger: str = "Alerting", **more: Any) -> Json:
    """One event of a monitor, at the minute of its number."""
    return {
        "eventId": event_id,
        "timestamp": AT.format(event_id % 60),
        "trigger": trigger,
        "actualValue": "1",
        "eventNotificationType": "CustomMonitor",
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Power"},
        **more,
    }


@pytest.mark.conforms("TC_N_21_CSMS", "TC_N_48_CSMS", "TC_N_50_CSMS")
@pytest.mark.parametrize(
    ("trigger", "more"),
    [
        ("Alerting", {"eventNotificationType": "HardWiredMonitor"}),
        ("Delta", {"actualValue": ""}),
        ("Periodic", {"variableMonitoringId": 3}),
    ],
)
async def test_events_are_answered(bench: Bench, connect: Connect, trigger: str, more: Json) -> None:
    station = await ready(connect, bench)
    assert await event(station, event_id=5, trigger=trigger, **more) == {}


@pytest.mark.conforms("TC_N_49_CSMS")
async def test_an_alarm_is_cleared(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    await event(station, event_id=1, variableMonitoringId=9)
    await event(station, event_id=2, variableMonitoringId=9, cleared=True)
    await bench.service._store.writer.flush()
    standing = await bench.backend.records(RecordQuery(station_id=station.station_id, standing=True, alarms=True))
    assert not standing
    assert await bench.backend.records(RecordQuery(station_id=station.station_id))


@pytest.mark.conforms("DX-D06")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_events_that_overtake_each_other(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version=version)
    watched = {"variableMonitoringId": 9, "eventNotificationType": "CustomMonitor"}
    for seq_no, event_id, more in ((1, 2, {"cleared": True}), (0, 1, {})):
        told = event_data(event_id, **watched, **more)
        payload = {"generatedAt": AT.format(0), "seqNo": seq_no, "tbc": seq_no == 0, "eventData": [told]}
        assert await station.call("NotifyEvent", **payload) == {}
    await bench.service._store.writer.flush()
    (held,) = await bench.backend.records(RecordQuery(station_id=station.station_id))
    assert (held.standing, held.at) == (False, datetime.fromisoformat(AT.format(2)))


@pytest.mark.conforms("TC_N_46_CSMS")
async def test_a_customer_that_is_cleared_leaves_the_local_list(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    version = 0

    def take(payload: Json) -> Json:
        nonlocal version
        version = payload["versionNumber"]
        return {"status": "Accepted"}

    station.answers |= {
        "GetLocalListVersion": lambda _payload: {"versionNumber": version},
        "SendLocalList": take,
        "CustomerInformation": {"status": "Accepted"},
    }
    assert (await bench.run(PutToken(Token("N46")))).ok
    assert (await bench.run(SendLocalList(station.station_id, full=True))).ok
    who = {"idToken": "N46", "type": "ISO14443"}
    payload = {"requestId": 8, "report": False, "clear": True, "idToken": who}
    assert (await bench.run(CallStation(station.station_id, "CustomerInformation", payload))).ok
    assert (await bench.run(RemoveToken("N46"))).ok
    assert (await bench.run(SendLocalList(station.station_id))).ok
    last = [sent for action, sent in station.asked if action == "SendLocalList"][-1]
    assert last["updateType"] == "Differential"
    assert [each["idToken"]["idToken"] for each in last["localAuthorizationList"]] == ["N46"]
    assert "idTokenInfo" not in last["localAuthorizationList"][0]
