"""A 2.x station comes up, charges, loses its connection, and says so in TransactionEvents."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ABB_TERRA_54, KEMPOWER_SATELLITE, ConnectorState, Registration, Verdict
from tests.wire.simulator.central import NOW, SILENCE, Central, Refusal
from tests.wire.simulator.conftest import MakeStation

REQUEST_START = {"idToken": {"idToken": "APP", "type": "Central"}, "remoteStartId": 7}


def events(central: Central) -> list[dict[str, Any]]:
    return [one.payload for one in central.received if one.action == "TransactionEvent"]


def told(central: Central) -> list[tuple[str, str]]:
    return [(one["eventType"], one["triggerReason"]) for one in events(central)]


def statuses(central: Central, evse_id: int = 1, connector_id: int = 1) -> list[str]:
    return [
        one.payload["connectorStatus"]
        for one in central.received
        if one.action == "StatusNotification"
        and (one.payload["evseId"], one.payload["connectorId"]) == (evse_id, connector_id)
    ]


async def put(central: Central, component: str, variable: str, value: str) -> None:
    entry = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    answer = await central.call("SetVariables", setVariableData=[entry])
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted", answer


# --- boot -------------------------------------------------------------------------------------------------------


async def test_boot_then_status_of_every_connector_of_every_evse(
    central2: Central, make_station2: MakeStation, version: str
) -> None:
    station = make_station2(profile=KEMPOWER_SATELLITE)
    await station.start()
    await station.booted()
    boot = await central2.expect("BootNotification")
    assert boot["reason"] == "PowerUp"
    assert boot["chargingStation"]["vendorName"] == "Kempower"
    places = [
        (one.payload["evseId"], one.payload["connectorId"])
        for one in central2.received
        if one.action == "StatusNotification"
    ]
    assert places == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert (await central2.expect("SecurityEventNotification"))["type"] == "StartupOfTheDevice"
    (request,) = central2.requests
    assert request.headers["Sec-WebSocket-Protocol"] == f"ocpp{version}"


async def test_a_pending_station_answers_and_sends_only_what_it_is_triggered_to(
    central2: Central, make_station2: MakeStation
) -> None:
    central2.answers["BootNotification"] = lambda _: {"status": "Pending", "currentTime": NOW, "interval": 30}
    station = make_station2()
    await station.start()
    await station.wait_for(lambda s: s.registration is Registration.PENDING)
    assert (await central2.call("RequestStartTransaction", **REQUEST_START))["status"] == "Rejected"
    assert (await central2.call("GetBaseReport", requestId=1, reportBase="SummaryInventory"))["status"] == "Accepted"
    await central2.expect("NotifyReport")
    assert set(central2.actions()) == {"BootNotification", "NotifyReport"}
    central2.answers["BootNotification"] = lambda _: {"status": "Accepted", "currentTime": NOW, "interval": 30}
    answer = await central2.call("TriggerMessage", requestedMessage="BootNotification")
    assert answer == {"status": "Accepted"}
    await station.booted()
    assert (await central2.expect("BootNotification", reason="Triggered"))["reason"] == "Triggered"


async def test_a_rejected_station_lets_nobody_in_and_tries_again(
    central2: Central, make_station2: MakeStation, clock: ManualClock
) -> None:
    central2.answers["BootNotification"] = lambda _: {"status": "Rejected", "currentTime": NOW, "interval": 5}
    station = make_station2()
    await station.start()
    await station.wait_for(lambda s: s.registration is Registration.REJECTED)
    refusal = await central2.call("ClearCache")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "SecurityError"
    central2.answers["BootNotification"] = lambda _: {"status": "Accepted", "currentTime": NOW, "interval": 5}
    clock.advance(5)
    await station.booted()


async def test_heartbeats_come_at_the_interval_of_the_boot_answer_and_of_the_device_model(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    clock.advance(300)
    await central2.expect("Heartbeat")
    await put(central2, "OCPPCommCtrlr", "HeartbeatInterval", "10")
    clock.advance(10)
    await central2.expect("Heartbeat")


@pytest.mark.parametrize(
    "nonsense",
    [
        Refusal("InternalError"),
        Refusal("NoSuchError"),
        {"status": "Perhaps", "currentTime": NOW, "interval": 1},
        {"status": "Accepted", "currentTime": "banana", "interval": 1},
        {},
        [],
    ],
)
async def test_boot_is_tried_again_after_a_nonsensical_answer(
    central2: Central, make_station2: MakeStation, clock: ManualClock, nonsense: Any
) -> None:
    usual = central2.answers["BootNotification"]
    central2.answers["BootNotification"] = lambda _: nonsense
    station = make_station2(check_schemas=False)
    await station.start()
    await central2.expect("BootNotification")
    central2.answers["BootNotification"] = usual
    booting = asyncio.create_task(station.booted())
    while not booting.done():
        clock.advance(1)
        await asyncio.sleep(0)
    await booting


@pytest.mark.parametrize(
    "answer",
    [
        {"idTokenInfo": {"status": "Sure"}},
        {"idTokenInfo": None},
        {"transactionLimit": [1]},
        {"transactionLimit": {"maxEnergy": "much"}},
        [],
    ],
)
async def test_an_answer_without_sense_does_not_break_an_unchecking_station(
    central2: Central, make_station2: MakeStation, answer: Any
) -> None:
    station = make_station2(check_schemas=False)
    await station.start()
    await station.booted()
    central2.answers["TransactionEvent"] = lambda _: answer
    await station.plug_in(1, Car())
    assert await station.swipe(1, "A") is Verdict.ACCEPTED
    central2.answers["TransactionEvent"] = lambda _: {}
    assert await central2.call("GetLocalListVersion") == {"versionNumber": 0}


@pytest.mark.parametrize("payload", [[], None, "x", {"evseId": {}}])
async def test_a_request_without_sense_does_not_break_an_unchecking_station(
    central2: Central, make_station2: MakeStation, payload: Any
) -> None:
    station = make_station2(check_schemas=False)
    await station.start()
    await station.booted()
    for action in sorted(station._face.handlers):  # type: ignore[union-attr]
        central2._pending[action] = asyncio.get_running_loop().create_future()
        answered = central2._pending[action]
        await central2.send_raw(json.dumps([2, action, action, payload]))
        await answered
        if action == "Reset":
            break  # what came of it is another matter
    assert await central2.call("GetLocalListVersion") == {"versionNumber": 0}


@pytest.mark.parametrize("frame", ["{", "[]", "null", "[9]", '[2,"x"]', '[3,"nobody asked",{}]', "[" * 100_000])
async def test_unreadable_frames_do_not_disturb(central2: Central, station2: SimulatedStation, frame: str) -> None:
    await central2.send_raw(frame)
    assert await central2.call("GetLocalListVersion") == {"versionNumber": 0}
    assert central2.connections == 1


# --- a session --------------------------------------------------------------------------------------------------


async def test_a_whole_session_in_order(central2: Central, station2: SimulatedStation, clock: ManualClock) -> None:
    await station2.plug_in(1, Car())
    assert await station2.swipe(1, "04A2C19B") is Verdict.ACCEPTED
    clock.advance(10)
    await central2.expect("TransactionEvent", triggerReason="MeterValuePeriodic")
    assert await station2.swipe(1, "04A2C19B") is Verdict.ACCEPTED
    await station2.unplug(1)

    assert told(central2) == [
        ("Started", "Authorized"),
        ("Updated", "MeterValuePeriodic"),
        ("Ended", "StopAuthorized"),
    ]
    started, updated, ended = events(central2)
    assert [one["seqNo"] for one in events(central2)] == [0, 1, 2]
    assert len({one["transactionInfo"]["transactionId"] for one in events(central2)}) == 1
    assert started["idToken"] == ended["idToken"] == {"idToken": "04A2C19B", "type": "ISO14443"}
    assert "idToken" not in updated
    assert started["evse"] == {"id": 1, "connectorId": 1}
    assert started["transactionInfo"]["chargingState"] == "Charging"
    assert ended["transactionInfo"]["chargingState"] == "EVConnected"
    assert ended["transactionInfo"]["stoppedReason"] == "Local"
    assert ended["transactionInfo"]["timeSpentCharging"] == 10
    contexts = [one["context"] for value in ended["meterValue"] for one in value["sampledValue"]]
    assert contexts == ["Transaction.Begin", "Transaction.End"]
    assert "offline" not in started
    assert statuses(central2) == ["Available", "Occupied", "Available"]


async def test_samples_have_phases_and_direct_current_the_state_of_charge(
    central2: Central, make_station2: MakeStation, clock: ManualClock
) -> None:
    ac, dc = make_station2("AC"), make_station2("DC", profile=ABB_TERRA_54)
    sampled = {}
    for station in (ac, dc):
        await station.start()
        await station.booted()
        await station.plug_in(1, Car(soc_percent=30))
        await station.swipe(1, "A")
    clock.advance(10)
    for name in ("AC", "DC"):
        event = await central2.expect("TransactionEvent", from_station=name, triggerReason="MeterValuePeriodic")
        (value,) = event["meterValue"]
        sampled[name] = {(one["measurand"], one.get("phase")): one for one in value["sampledValue"]}
    assert {phase for name, phase in sampled["AC"] if name == "Current.Import"} == {"L1", "L2", "L3"}
    assert sampled["AC"]["Power.Active.Import", None]["value"] > 5_000
    assert 30 <= sampled["DC"]["SoC", None]["value"] < 31


async def test_a_transaction_may_start_with_the_cable_and_stop_with_it(
    central2: Central, station2: SimulatedStation
) -> None:
    await put(central2, "TxCtrlr", "TxStartPoint", "EVConnected")
    await put(central2, "TxCtrlr", "TxStopPoint", "EVConnected")
    await station2.plug_in(1, Car())
    await station2.swipe(1, "A")
    await station2.swipe(1, "A")
    await station2.unplug(1)
    assert told(central2) == [
        ("Started", "CablePluggedIn"),
        ("Updated", "Authorized"),
        ("Updated", "StopAuthorized"),
        ("Ended", "EVCommunicationLost"),
    ]
    started, authorized, stopped, ended = events(central2)
    assert "idToken" not in started
    assert started["transactionInfo"]["chargingState"] == "EVConnected"
    assert authorized["transactionInfo"]["chargingState"] == "Charging"
    assert stopped["transactionInfo"]["chargingState"] == "EVConnected"
    assert ended["transactionInfo"] | {"stoppedReason": "Local", "chargingState": "Idle"} == ended["transactionInfo"]


async def test_a_card_before_the_cable_waits_for_it_and_lapses(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await put(central2, "TxCtrlr", "TxStartPoint", "Authorized")
    await station2.swipe(1, "A")
    clock.advance(60)
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "EVConnectTimeout"
    assert ended["transactionInfo"]["stoppedReason"] == "Timeout"
    assert "evse" not in events(central2)[0]
    await station2.swipe(1, "A")
    await station2.plug_in(1, Car())
    assert told(central2)[2:] == [("Started", "Authorized"), ("Updated", "CablePluggedIn")]
    assert events(central2)[-1]["evse"] == {"id": 1, "connectorId": 1}


async def test_pulling_the_cable_ends_the_transaction(central2: Central, station2: SimulatedStation) -> None:
    await station2.plug_in(1, Car())
    await station2.swipe(1, "A")
    await station2.unplug(1)
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "EVCommunicationLost"
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"


@pytest.mark.parametrize("status", ["Blocked", "NoCredit", "NotAtThisTime"])
async def test_a_refused_card_starts_nothing(central2: Central, station2: SimulatedStation, status: str) -> None:
    central2.answers["Authorize"] = lambda _: {"idTokenInfo": {"status": status}}
    await station2.plug_in(1, Car())
    assert await station2.swipe(1, "DEAD") is Verdict(status)
    assert "TransactionEvent" not in central2.actions()


async def test_a_card_for_other_evses_only_is_refused_here(central2: Central, make_station2: MakeStation) -> None:
    station = make_station2(profile=KEMPOWER_SATELLITE)
    await station.start()
    await station.booted()
    central2.answers["Authorize"] = lambda _: {"idTokenInfo": {"status": "Accepted", "evseId": [2]}}
    assert await station.swipe(1, "A") is Verdict.NOT_AT_THIS_LOCATION
    assert await station.swipe(3, "A") is Verdict.ACCEPTED


async def test_a_card_found_invalid_later_ends_the_transaction_or_the_supply(
    central2: Central, station2: SimulatedStation
) -> None:
    central2.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event and event["eventType"] == "Started" else {}
    )
    await station2.plug_in(1, Car())
    await station2.swipe(1, "A")
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "Deauthorized"
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    await put(central2, "TxCtrlr", "StopTxOnInvalidId", "false")
    await station2.swipe(1, "B")
    updated = await central2.expect("TransactionEvent", triggerReason="Deauthorized", eventType="Updated")
    assert updated["transactionInfo"]["chargingState"] == "SuspendedEVSE"


async def test_a_full_car_suspends_and_a_fault_ends(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await station2.plug_in(1, Car(battery_wh=1_000, soc_percent=99))
    await station2.swipe(1, "A")
    clock.advance(600)
    changed = await central2.expect("TransactionEvent", triggerReason="ChargingStateChanged")
    assert changed["transactionInfo"]["chargingState"] == "SuspendedEV"
    await station2.fault(1, "GroundFailure")
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["transactionInfo"]["stoppedReason"] == "GroundFault"
    (event,) = (await central2.expect("NotifyEvent"))["eventData"]
    assert event["actualValue"] == "true"
    assert event["techCode"] == "GroundFailure"
    await station2.recover(1)
    assert statuses(central2) == ["Available", "Occupied", "Faulted", "Occupied"]


async def test_an_evse_serves_one_car_at_a_time(central2: Central, make_station2: MakeStation) -> None:
    station = make_station2(profile=KEMPOWER_SATELLITE)
    await station.start()
    await station.booted()
    await station.plug_in(2, Car())
    await station.swipe(2, "A")
    assert events(central2)[0]["evse"] == {"id": 1, "connectorId": 2}
    assert statuses(central2, 1, 1)[-1] == "Unavailable"
    assert await station.swipe(1, "B") is Verdict.OUT_OF_SERVICE
    with pytest.raises(ValueError, match="another car"):
        await station.plug_in(1, Car())
    await station.plug_in(3, Car())
    await station.unplug(2)
    assert statuses(central2, 1, 1)[-1] == "Available"


async def test_clock_aligned_samples_come_at_round_times(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    clock.advance(100)
    await put(central2, "AlignedDataCtrlr", "Interval", "900")
    clock.advance(800)
    sample = await central2.expect("MeterValues")
    assert sample["evseId"] == 1
    assert sample["meterValue"][0]["timestamp"] == "2026-03-14T09:15:00.000Z"
    assert sample["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


# --- offline ----------------------------------------------------------------------------------------------------


async def test_a_session_goes_on_offline_and_is_delivered_in_order(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await station2.plug_in(1, Car())
    await station2.swipe(1, "A")
    await station2.drop_connection(away_s=100)
    for _ in range(3):
        queued = station2.queued_messages
        clock.advance(10)
        await station2.wait_for(lambda s, queued=queued: s.queued_messages > queued)
    await station2.swipe(1, "A")
    await station2.unplug(1)
    clock.advance(100)
    await station2.wait_for(lambda s: s.queued_messages == 0)
    late = events(central2)[1:]
    assert [one["eventType"] for one in late] == ["Updated"] * 3 + ["Ended"]
    assert [one["seqNo"] for one in late] == [1, 2, 3, 4]
    assert all(one["offline"] for one in late)
    assert late[-1]["timestamp"] == "2026-03-14T09:00:30.000Z"
    assert central2.actions().count("BootNotification") == 1


@pytest.mark.parametrize(("away_s", "again"), [(50, 0), (70, 1)])
async def test_states_are_told_again_after_a_long_absence_only(
    central2: Central, station2: SimulatedStation, clock: ManualClock, away_s: int, again: int
) -> None:
    await station2.drop_connection(away_s=away_s)
    clock.advance(away_s + 2)
    await station2.booted()
    assert len(statuses(central2)) == 1 + again
    assert central2.connections == 2


async def test_a_transaction_may_begin_and_end_offline_with_a_known_card(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await station2.plug_in(1, Car())
    await station2.swipe(1, "KNOWN")
    await station2.swipe(1, "KNOWN")
    await station2.drop_connection(away_s=3600)
    assert await station2.swipe(1, "STRANGER") is Verdict.INVALID
    assert await station2.swipe(1, "KNOWN") is Verdict.ACCEPTED
    assert station2.connector(1).state is ConnectorState.CHARGING
    clock.advance(60)
    await station2.swipe(1, "KNOWN")
    clock.advance(3600)
    await station2.wait_for(lambda s: s.queued_messages == 0)
    starts = [one for one in events(central2) if one["eventType"] == "Started"]
    assert [one.get("offline", False) for one in starts] == [False, True]
    assert starts[1]["timestamp"] == "2026-03-14T09:00:00.000Z"


async def test_an_event_lost_with_its_connection_is_sent_again_the_same(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    central2.answers["TransactionEvent"] = lambda _: SILENCE
    await station2.plug_in(1, Car())
    swiping = asyncio.create_task(station2.swipe(1, "A"))
    first = await central2.expect("TransactionEvent")
    await station2.drop_connection()
    assert await swiping is Verdict.ACCEPTED
    central2.answers["TransactionEvent"] = lambda _: {}
    clock.advance(5)
    assert await central2.expect("TransactionEvent") == first


async def test_a_failed_event_is_repeated_and_given_up_after_the_last_attempt(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    central2.answers["TransactionEvent"] = lambda _: Refusal("InternalError")
    await station2.plug_in(1, Car())
    await station2.swipe(1, "A")
    first = await central2.expect("TransactionEvent")
    assert (await central2.call("GetTransactionStatus"))["messagesInQueue"] is True
    clock.advance(60)
    assert await central2.expect("TransactionEvent") == first


# --- started and stopped from afar ------------------------------------------------------------------------------


async def test_a_remote_start_carries_its_id_and_a_remote_stop_its_reason(
    central2: Central, station2: SimulatedStation
) -> None:
    await station2.plug_in(1, Car())
    assert await central2.call("RequestStartTransaction", evseId=1, **REQUEST_START) == {"status": "Accepted"}
    started = await central2.expect("TransactionEvent", eventType="Started")
    assert started["triggerReason"] == "RemoteStart"
    assert started["transactionInfo"]["remoteStartId"] == 7
    assert started["idToken"] == REQUEST_START["idToken"]
    assert "Authorize" not in central2.actions()
    transaction_id = started["transactionInfo"]["transactionId"]
    status = await central2.call("GetTransactionStatus", transactionId=transaction_id)
    assert status["ongoingIndicator"] is True
    assert (await central2.call("RequestStopTransaction", transactionId="nothing"))["status"] == "Rejected"
    assert await central2.call("RequestStopTransaction", transactionId=transaction_id) == {"status": "Accepted"}
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "RemoteStop"
    assert ended["transactionInfo"]["stoppedReason"] == "Remote"
    await station2.wait_for(lambda s: s.queued_messages == 0)
    status = await central2.call("GetTransactionStatus", transactionId=transaction_id)
    assert status == {"ongoingIndicator": False, "messagesInQueue": False}


async def test_a_remote_start_joins_a_transaction_that_began_with_the_cable(
    central2: Central, station2: SimulatedStation
) -> None:
    await put(central2, "TxCtrlr", "TxStartPoint", "EVConnected")
    await station2.plug_in(1, Car())
    answer = await central2.call("RequestStartTransaction", **REQUEST_START)
    assert answer["transactionId"] == station2.transaction_id(1)
    updated = await central2.expect("TransactionEvent", triggerReason="RemoteStart")
    assert updated["eventType"] == "Updated"
    assert updated["transactionInfo"]["remoteStartId"] == 7


async def test_a_remote_start_asks_first_when_configured(central2: Central, station2: SimulatedStation) -> None:
    await put(central2, "AuthCtrlr", "AuthorizeRemoteStart", "true")
    central2.answers["Authorize"] = lambda _: {"idTokenInfo": {"status": "Blocked"}}
    await station2.plug_in(1, Car())
    assert await central2.call("RequestStartTransaction", **REQUEST_START) == {"status": "Accepted"}
    await central2.expect("Authorize")
    await central2.call("TriggerMessage", requestedMessage="Heartbeat")
    await central2.expect("Heartbeat")
    assert "TransactionEvent" not in central2.actions()
