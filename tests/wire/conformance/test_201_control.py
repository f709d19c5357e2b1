"""OCPP 2.0.1, blocks B, F and G: booting, resetting, remote control, availability."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from console.model.command import (
    AcceptStation,
    CallStation,
    ChangeAvailability,
    RejectStation,
    ResetStation,
    StartTransaction,
    TriggerMessage,
    UnlockConnector,
)
from console.model.outcome import Result
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, Charge, ready, token
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVSE = {"id": 1, "connectorId": 1}
HEARD = {"timestamp": AT.format(1), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}


# ---- B: booting


@pytest.mark.conforms("TC_B_01_CSMS")
async def test_cold_boot(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1")
    answer = await station.boot()
    assert (answer["status"], answer["currentTime"][-1]) == ("Accepted", "Z")
    assert answer["interval"] > 0
    assert await station.call("StatusNotification", **HEARD) == {}
    event = {
        "eventId": 1,
        "timestamp": AT.format(0),
        "trigger": "Delta",
        "actualValue": "Available",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "Connector", "evse": EVSE},
        "variable": {"name": "AvailabilityState"},
    }
    assert await station.call("NotifyEvent", generatedAt=AT.format(0), seqNo=0, eventData=[event]) == {}
    known = await bench.until(lambda site: site.stations[station.station_id].connector(1, 1))
    assert known.status == "Available"


@pytest.mark.conforms("TC_B_02_CSMS")
async def test_boot_pending_then_accepted(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1", accepted=False)
    station.answers["TriggerMessage"] = {"status": "Accepted"}
    assert (await station.boot())["status"] == "Pending"
    assert (await bench.run(AcceptStation(station.station_id))).ok
    assert (await station.boot())["status"] == "Accepted"


@pytest.mark.conforms("TC_B_30_CSMS", "TC_B_31_CSMS")
async def test_a_station_that_waits_or_was_rejected_is_not_served(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1", accepted=False)
    station.answers["TriggerMessage"] = {"status": "Accepted"}
    assert (await station.boot())["status"] == "Pending"
    assert await station.refused("StatusNotification", **HEARD) == "SecurityError"
    assert (await bench.run(TriggerMessage(station.station_id, "BootNotification"))).ok
    assert await station.heard("TriggerMessage") == {"requestedMessage": "BootNotification"}
    assert (await station.boot(reason="Triggered"))["status"] == "Pending"
    assert (await bench.run(RejectStation(station.station_id))).ok
    again = await connect("2.0.1", station_id=station.station_id, accepted=False)
    assert (await again.boot())["status"] == "Rejected"
    assert await again.refused("StatusNotification", **HEARD) == "SecurityError"
    outcome = await bench.run(TriggerMessage(station.station_id, "BootNotification"))
    assert outcome.result is Result.NOT_POSSIBLE
    assert again.asked == []


@pytest.mark.conforms("TC_B_58_CSMS")
async def test_the_subprotocol_is_validated(bench: Bench) -> None:
    with pytest.raises(InvalidStatus, match="HTTP 400"):
        await open_websocket(f"{bench.url}B58", subprotocols=[Subprotocol("ocpp0.1")])
    offers = [Subprotocol("ocpp0.1"), Subprotocol("ocpp2.0.1")]
    async with open_websocket(f"{bench.url}B58", subprotocols=offers) as station:
        assert station.subprotocol == "ocpp2.0.1"


@pytest.mark.conforms("TC_B_20_CSMS", "TC_B_25_CSMS")
@pytest.mark.parametrize("evse_id", [0, 1])
async def test_reset_without_a_transaction(bench: Bench, connect: Connect, evse_id: int) -> None:
    station = await ready(connect, bench)
    station.answers["Reset"] = {"status": "Accepted"}
    assert (await bench.run(ResetStation(station.station_id, evse_id=evse_id))).ok
    assert await station.heard("Reset") == {"type": "OnIdle"} | ({"evseId": 1} if evse_id else {})
    assert (await station.boot(reason="RemoteReset"))["status"] == "Accepted"


@pytest.mark.conforms("TC_B_21_CSMS", "TC_B_26_CSMS")
@pytest.mark.parametrize("evse_id", [0, 1])
async def test_reset_when_the_transaction_has_ended(bench: Bench, connect: Connect, evse_id: int) -> None:
    tag = f"B21-{evse_id}"
    charge = Charge(await ready(connect, bench, tag), tag)
    await charge.started(tag)
    charge.station.answers["Reset"] = {"status": "Scheduled"}
    outcome = await bench.run(ResetStation(charge.station.station_id, evse_id=evse_id))
    assert await charge.station.heard("Reset") == {"type": "OnIdle"} | ({"evseId": 1} if evse_id else {})
    assert outcome.ok
    assert outcome.answer == {"status": "Scheduled"}
    assert await charge.ended("Local") == {}
    assert (await charge.station.boot(reason="ScheduledReset"))["status"] == "Accepted"


@pytest.mark.conforms("TC_B_22_CSMS", "TC_B_27_CSMS")
@pytest.mark.parametrize("evse_id", [0, 1])
async def test_reset_at_once(bench: Bench, connect: Connect, evse_id: int) -> None:
    tag = f"B22-{evse_id}"
    charge = Charge(await ready(connect, bench, tag), tag)
    await charge.started(tag)
    charge.station.answers["Reset"] = {"status": "Accepted"}
    assert (await bench.run(ResetStation(charge.station.station_id, hard=True, evse_id=evse_id))).ok
    assert await charge.station.heard("Reset") == {"type": "Immediate"} | ({"evseId": 1} if evse_id else {})
    assert await charge.ended("ImmediateReset", "ResetCommand") == {}
    assert (await charge.seen(bench, running=False)).stop_reason == "ImmediateReset"
    assert (await charge.station.boot(reason="RemoteReset"))["status"] == "Accepted"


@pytest.mark.conforms("TC_B_42_CSMS", "TC_B_44_CSMS")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", Result.ACCEPTED), ("Failed", Result.REJECTED)])
async def test_a_network_profile_is_set(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    station.answers["SetNetworkProfile"] = {"status": answer}
    connection = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://csms.example/",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    }
    payload = {"configurationSlot": 1, "connectionData": connection}
    outcome = await bench.run(CallStation(station.station_id, "SetNetworkProfile", payload))
    assert outcome.result is result
    assert outcome.text
    assert await station.heard("SetNetworkProfile") == payload


# ---- F: remote control


async def started_remotely(bench: Bench, station: Station, tag: str) -> Json:
    """Start from afar; return what the station was asked."""
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StartTransaction(station.station_id, 1, tag))).ok
    return await station.heard("RequestStartTransaction")


@pytest.mark.conforms("TC_F_01_CSMS", "TC_F_02_CSMS", "TC_F_03_CSMS")
@pytest.mark.parametrize("authorizes", [True, False])
@pytest.mark.parametrize("cable_first", [True, False])
async def test_remote_start(bench: Bench, connect: Connect, authorizes: bool, cable_first: bool) -> None:
    tag = f"F01-{authorizes}-{cable_first}"
    station = await ready(connect, bench, tag)
    charge = Charge(station, tag)
    if cable_first:
        await charge.tell("Started", "CablePluggedIn", {"chargingState": "EVConnected"}, evse=EVSE)
    asked = await started_remotely(bench, station, tag)
    assert asked == {"idToken": token(tag), "remoteStartId": asked["remoteStartId"], "evseId": 1}
    if authorizes:
        answer = await station.call("Authorize", idToken=token(tag))
        assert answer["idTokenInfo"]["status"] == "Accepted"
    more: Json = {} if cable_first else {"evse": EVSE}
    kind = "Updated" if cable_first else "Started"
    info = {"remoteStartId": asked["remoteStartId"]}
    told = await charge.tell(kind, "RemoteStart", info, idToken=token(tag), **more)
    assert told["idTokenInfo"]["status"] == "Accepted"
    key = f"{station.station_id}\n{tag}"
    transaction = await bench.until(lambda site: site.transactions[key].remote_start_id and site.transactions[key])
    assert (transaction.remote_start_id, transaction.id_token) == (asked["remoteStartId"], tag)


@pytest.mark.conforms("TC_F_04_CSMS")
async def test_remote_start_and_no_car(bench: Bench, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.csms.transactions.remote_starts._LASTS", timedelta(milliseconds=50))
    station = await ready(connect, bench, "F04")
    asked = await started_remotely(bench, station, "F04")
    expected = f"{station.station_id}: nothing came of the remote start with tag F04"
    await bench.until(lambda site: any(expected in notice.text for notice in site.notices))
    charge = Charge(station, "F04")
    info = {"remoteStartId": asked["remoteStartId"], "stoppedReason": "Timeout"}
    assert (await charge.tell("Ended", "EVConnectTimeout", info, evse=EVSE)) == {}
    assert (await charge.seen(bench, running=False)).stop_reason == "Timeout"


@pytest.mark.conforms("TC_F_06_CSMS")
async def test_unlock(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    station.answers["UnlockConnector"] = {"status": "Unlocked"}
    outcome = await bench.run(UnlockConnector(station.station_id, 1, 1))
    assert outcome.ok
    assert await station.heard("UnlockConnector") == {"evseId": 1, "connectorId": 1}


TRIGGERED: dict[str, Json] = {
    "Heartbeat": {},
    "LogStatusNotification": {"status": "Idle"},
    "FirmwareStatusNotification": {"status": "Idle"},
    "MeterValues": {"evseId": 1, "meterValue": [{"timestamp": AT.format(1), "sampledValue": [{"value": 1}]}]},
    "StatusNotification": HEARD,
}


@pytest.mark.conforms(
    "TC_F_11_CSMS", "TC_F_12_CSMS", "TC_F_13_CSMS", "TC_F_14_CSMS", "TC_F_15_CSMS", "TC_F_18_CSMS", "TC_F_20_CSMS",
    "TC_F_23_CSMS", "TC_F_24_CSMS",
)  # fmt: skip
@pytest.mark.parametrize(
    ("message", "evse_id", "connector_id", "evse"),
    [
        ("MeterValues", 1, 0, {"id": 1}),
        ("MeterValues", None, 0, None),
        ("TransactionEvent", 1, 0, {"id": 1}),
        ("TransactionEvent", None, 0, None),
        ("LogStatusNotification", None, 0, None),
        ("FirmwareStatusNotification", None, 0, None),
        ("Heartbeat", None, 0, None),
        ("StatusNotification", 1, 1, {"id": 1, "connectorId": 1}),
        ("StatusNotification Occupied", 1, 1, {"id": 1, "connectorId": 1}),
    ],
)
async def test_trigger(
    bench: Bench, connect: Connect, message: str, evse_id: int | None, connector_id: int, evse: Any
) -> None:
    message, _, becomes = message.partition(" ")
    tag = f"F11-{message[:8]}-{evse_id}-{becomes}"
    station = await ready(connect, bench, tag)
    # A second EVSE, so that none is the only one and named for that reason.
    await station.call("StatusNotification", **(HEARD | {"evseId": 2}))
    charge = Charge(station, tag)
    await charge.started(tag)
    station.answers["TriggerMessage"] = {"status": "Accepted"}
    assert (await bench.run(TriggerMessage(station.station_id, message, evse_id, connector_id))).ok
    assert await station.heard("TriggerMessage") == {"requestedMessage": message} | ({"evse": evse} if evse else {})
    if message == "TransactionEvent":
        assert await charge.tell("Updated", "Trigger") == {}
        return
    told = TRIGGERED[message] | ({"connectorStatus": becomes} if becomes else {})
    answer = await station.call(message, **told)
    assert answer.keys() == ({"currentTime"} if message == "Heartbeat" else set())
    if message == "StatusNotification":
        wanted = becomes or "Available"
        await bench.until(lambda site: site.stations[station.station_id].connector(1, 1).status == wanted)


@pytest.mark.conforms("TC_F_27_CSMS")
async def test_trigger_of_what_the_station_cannot_say(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    station.answers["TriggerMessage"] = {"status": "NotImplemented"}
    outcome = await bench.run(TriggerMessage(station.station_id, "SignCombinedCertificate"))
    assert outcome.result is Result.REJECTED
    assert outcome.answer == {"status": "NotImplemented"}
    assert await station.heard("TriggerMessage") == {"requestedMessage": "SignCombinedCertificate"}


# ---- G: availability


@pytest.mark.conforms("TC_G_03_CSMS", "TC_G_04_CSMS", "TC_G_05_CSMS", "TC_G_06_CSMS", "TC_G_07_CSMS", "TC_G_08_CSMS")
@pytest.mark.parametrize(("operative", "word"), [(False, "Inoperative"), (True, "Operative")])
@pytest.mark.parametrize(
    ("evse_id", "connector_id", "evse"), [(0, 0, None), (1, 0, {"id": 1}), (1, 1, {"id": 1, "connectorId": 1})]
)
async def test_availability(
    bench: Bench, connect: Connect, operative: bool, word: str, evse_id: int, connector_id: int, evse: Any
) -> None:
    station = await ready(connect, bench)
    station.answers["ChangeAvailability"] = {"status": "Accepted"}
    assert (await bench.run(ChangeAvailability(station.station_id, evse_id, operative, connector_id))).ok
    asked = await station.heard("ChangeAvailability")
    assert asked == {"operationalStatus": word} | ({"evse": evse} if evse else {})
    became = "Available" if operative else "Unavailable"
    await station.call("StatusNotification", **(HEARD | {"connectorStatus": became}))
    await bench.until(lambda site: site.stations[station.station_id].connector(1, 1).status == became)


@pytest.mark.conforms("TC_G_11_CSMS", "TC_G_14_CSMS", "TC_G_17_CSMS")
@pytest.mark.parametrize(
    ("evse_id", "connector_id", "evse"), [(0, 0, None), (1, 0, {"id": 1}), (1, 1, {"id": 1, "connectorId": 1})]
)
async def test_availability_after_the_transaction(
    bench: Bench, connect: Connect, evse_id: int, connector_id: int, evse: Any
) -> None:
    tag = f"G11-{evse_id}-{connector_id}"
    charge = Charge(await ready(connect, bench, tag), tag)
    await charge.started(tag)
    charge.station.answers["ChangeAvailability"] = {"status": "Scheduled"}
    outcome = await bench.run(ChangeAvailability(charge.station.station_id, evse_id, False, connector_id))
    assert outcome.ok
    assert outcome.answer == {"status": "Scheduled"}
    assert "transaction" in outcome.text
    asked = await charge.station.heard("ChangeAvailability")
    assert asked == {"operationalStatus": "Inoperative"} | ({"evse": evse} if evse else {})
    await bench.settled()
    assert bench.site.stations[charge.station.station_id].connector(1, 1).status == "Available"
    await charge.ended("Local")
    await charge.station.call("StatusNotification", **(HEARD | {"connectorStatus": "Unavailable"}))
    await bench.until(lambda site: site.stations[charge.station.station_id].connector(1, 1).status == "Unavailable")


@pytest.mark.conforms("TC_G_20_CSMS")
async def test_a_lock_failure_is_an_alarm(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    event = {
        "eventId": 7,
        "timestamp": AT.format(0),
        "trigger": "Alerting",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": EVSE},
        "variable": {"name": "Problem"},
    }
    assert await station.call("NotifyEvent", generatedAt=AT.format(0), seqNo=0, eventData=[event]) == {}
    await bench.until(
        lambda site: any(
            "ConnectorPlugRetentionLock" in each.text and each.kind in ("warning", "bad") for each in site.notices
        )
    )
