"""OCPP 2.0.1, block E: transactions by their events, with everything that stations leave out or tell late."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from console.model.command import CallStation, SettleCard, StartTransaction, StopTransaction
from console.model.token import CardVerdict, Token
from console.model.transaction import Flag
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, energy, ready, token
from tests.wire.conformance.site import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVSE = {"id": 1, "connectorId": 1}


@pytest.mark.conforms("TC_E_01_CSMS", "TC_E_02_CSMS", "TC_E_11_CSMS")
@pytest.mark.parametrize(
    ("trigger", "state"), [("ChargingStateChanged", "Charging"), ("SignedDataReceived", "EVConnected")]
)
async def test_started_with_everything(bench: Bench, connect: Connect, trigger: str, state: str) -> None:
    tag = f"E01-{trigger[:3]}"
    charge = Charge(await ready(connect, bench, tag), "E01")
    signed = {"signedMeterData": "QUFB", "signingMethod": "", "encodingMethod": "OCMF", "publicKey": ""}
    sample = {"value": 1000, "context": "Transaction.Begin", "signedMeterValue": signed}
    values = [{"timestamp": "2026-11-20T10:00:00Z", "sampledValue": [sample]}]
    answer = await charge.tell(
        "Started", trigger, {"chargingState": state}, evse=EVSE, idToken=token(tag), meterValue=values
    )
    assert answer["idTokenInfo"]["status"] == "Accepted"
    transaction = await charge.seen(bench, running=True)
    assert (transaction.evse_id, transaction.id_token, transaction.charging_state) == (1, tag, state)
    assert transaction.meter_start_wh == 1000
    kept = await bench.backend.meter_values(charge.station.station_id, "E01")
    assert "QUFB" in repr(kept)


@pytest.mark.conforms("TC_E_03_CSMS", "TC_E_09_CSMS", "TC_E_07_CSMS", "TC_E_15_CSMS", "TC_E_08_CSMS")
async def test_cable_first_then_token_then_local_stop(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "E03"), "E03")
    first = await charge.tell(
        "Started", "CablePluggedIn", {"chargingState": "EVConnected"}, evse=EVSE,
        meterValue=[energy(500, "Transaction.Begin", 0)],
    )  # fmt: skip
    assert "idTokenInfo" not in first
    assert (await charge.seen(bench)).id_token == ""
    second = await charge.tell("Updated", "Authorized", idToken=token("E03"))
    assert second["idTokenInfo"]["status"] == "Accepted"
    assert await charge.tell("Updated", "ChargingStateChanged", {"chargingState": "Charging"}) == {}
    stopped = await charge.tell(
        "Ended", "StopAuthorized", {"stoppedReason": "Local"}, idToken=token("E03"),
        meterValue=[energy(2500, "Transaction.End", 30)],
    )  # fmt: skip
    assert stopped["idTokenInfo"]["status"] == "Accepted"
    transaction = await charge.seen(bench, running=False)
    assert (transaction.energy_wh, transaction.stop_reason, transaction.id_token) == (2000, "Local", "E03")
    assert Flag.GAP not in transaction.flags


@pytest.mark.conforms("TC_E_04_CSMS", "TC_E_10_CSMS", "TC_E_12_CSMS")
@pytest.mark.parametrize("trigger", ["Authorized", "EVDetected"])
async def test_the_evse_comes_later(bench: Bench, connect: Connect, trigger: str) -> None:
    tag = f"E04-{trigger[:3]}"
    charge = Charge(await ready(connect, bench, tag), "E04")
    more: dict[str, Any] = {"idToken": token(tag)} if trigger == "Authorized" else {}
    answer = await charge.tell("Started", trigger, **more)
    assert ("idTokenInfo" in answer) is (trigger == "Authorized")
    assert (await charge.seen(bench, running=True)).evse_id == 0
    assert await charge.tell("Updated", "CablePluggedIn", evse=EVSE) == {}
    transaction = await bench.until(
        lambda site: (held := site.transactions[f"{charge.station.station_id}\nE04"]).evse_id and held
    )
    assert (transaction.evse_id, transaction.connector_id) == (1, 1)


@pytest.mark.conforms("TC_E_14_CSMS", "TC_E_19_CSMS", "TC_E_20_CSMS", "TC_E_22_CSMS", "TC_E_39_CSMS", "TC_E_17_CSMS")
@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        ("EVCommunicationLost", "EVDisconnected"),
        ("EVDeparted", "Local"),
        ("ChargingStateChanged", "StoppedByEV"),
        ("EVConnectTimeout", "Timeout"),
        ("Deauthorized", "DeAuthorized"),
        ("ResetCommand", "ImmediateReset"),
    ],
)
async def test_every_end_is_answered(bench: Bench, connect: Connect, trigger: str, reason: str) -> None:
    tag = f"E14-{trigger}"[:36]
    charge = Charge(await ready(connect, bench, tag), "E14")
    await charge.started(tag)
    assert await charge.ended(reason, trigger) == {}
    assert (await charge.seen(bench, running=False)).stop_reason == reason


@pytest.mark.conforms("TC_E_16_CSMS")
@pytest.mark.parametrize("verdict", ["Invalid", "Blocked"])
async def test_a_token_that_may_not_charge_is_told_in_the_answer(bench: Bench, connect: Connect, verdict: str) -> None:
    tag = f"E16-{verdict}"
    known = [Token(tag, blocked=True)] if verdict == "Blocked" else []
    charge = Charge(await ready(connect, bench, *known), "E16")
    starting = asyncio.create_task(charge.started(tag))
    if verdict == "Invalid":  # nobody knows it, and the operator who is asked says no
        card = await bench.until(lambda site: next(card for card in site.cards.values() if card.id_token == tag))
        assert (await bench.run(SettleCard(card.card_id, CardVerdict.REFUSE))).ok
    assert (await starting)["idTokenInfo"]["status"] == verdict
    assert await charge.ended("DeAuthorized", "Deauthorized") == {}
    transaction = await charge.seen(bench, running=False)
    assert Flag.NOT_AUTHORIZED in transaction.flags


@pytest.mark.conforms("TC_E_21_CSMS")
async def test_remote_stop(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "E21"), "E21")
    await charge.started("E21")
    charge.station.answers["RequestStopTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StopTransaction(charge.station.station_id, "E21"))).ok
    assert await charge.station.heard("RequestStopTransaction") == {"transactionId": "E21"}
    assert await charge.ended("Remote", "RemoteStop") == {}
    assert (await charge.seen(bench, running=False)).stop_reason == "Remote"


@pytest.mark.conforms("TC_E_26_CSMS", "TC_E_38_CSMS")
@pytest.mark.parametrize("state", ["SuspendedEV", "EVConnected", "SuspendedEVSE"])
async def test_what_is_suspended_goes_on(bench: Bench, connect: Connect, state: str) -> None:
    tag = f"E26-{state}"
    charge = Charge(await ready(connect, bench, tag), "E26")
    await charge.started(tag)
    assert await charge.tell("Updated", "ChargingStateChanged", {"chargingState": state}) == {}
    transaction = await bench.until(
        lambda site: (held := site.transactions[f"{charge.station.station_id}\nE26"]).charging_state == state and held
    )
    assert transaction.running


@pytest.mark.conforms("TC_E_29_CSMS", "TC_E_30_CSMS", "TC_E_33_CSMS", "TC_E_34_CSMS")
@pytest.mark.parametrize("transaction_id", ["E29", ""])
@pytest.mark.parametrize("in_queue", [True, False])
async def test_the_status_of_a_transaction_is_asked_for(
    bench: Bench, connect: Connect, transaction_id: str, in_queue: bool
) -> None:
    tag = f"E29-{transaction_id}-{in_queue}"
    charge = Charge(await ready(connect, bench, tag), "E29")
    await charge.started(tag)
    answer = {"messagesInQueue": in_queue} | ({"ongoingIndicator": True} if transaction_id else {})
    charge.station.answers["GetTransactionStatus"] = answer
    payload = {"transactionId": transaction_id} if transaction_id else {}
    outcome = await bench.run(CallStation(charge.station.station_id, "GetTransactionStatus", payload))
    assert outcome.ok
    assert outcome.answer == answer
    assert await charge.station.heard("GetTransactionStatus") == payload
    if in_queue:
        assert await charge.tell("Updated", "MeterValuePeriodic", offline=True) == {}


@pytest.mark.conforms("TC_E_31_CSMS", "DX-X21")
async def test_a_gap_is_seen_and_late_events_fill_it(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "E31"), "E31")
    await charge.started("E31")
    late = charge.event("Updated", "MeterValuePeriodic", offline=True)
    await charge.ended("Local")
    assert Flag.GAP in (await charge.seen(bench, running=False)).flags
    charge.station.answers["GetTransactionStatus"] = {"ongoingIndicator": False, "messagesInQueue": True}
    asked = await bench.run(CallStation(charge.station.station_id, "GetTransactionStatus", {"transactionId": "E31"}))
    assert asked.ok
    assert await charge.station.call("TransactionEvent", **late) == {}
    whole = await bench.until(
        lambda site: Flag.GAP not in (held := site.transactions[f"{charge.station.station_id}\nE31"]).flags and held
    )
    assert not whole.running
    assert whole.stop_reason == "Local"


@pytest.mark.conforms("TC_E_53_CSMS")
async def test_sequence_numbers_begin_anew_with_each_transaction(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "E53")
    for name in ("E53-a", "E53-b"):
        charge = Charge(station, name)
        assert (await charge.started("E53"))["idTokenInfo"]["status"] == "Accepted"
        await charge.ended("Local")
        assert (await charge.seen(bench, running=False)).flags == ()


@pytest.mark.conforms("DX-X34")
async def test_no_reason_means_local(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X34"), "X34")
    await charge.started("X34")
    assert await charge.ended("") == {}
    assert (await charge.seen(bench, running=False)).stop_reason == "Local"


@pytest.mark.conforms("DX-X22")
async def test_a_duplicate_has_the_same_answer_and_no_effect(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X22"), "X22")
    event = charge.event("Started", "Authorized", idToken=token("X22"), evse=EVSE)
    first = await charge.station.call("TransactionEvent", **event)
    assert await charge.station.call("TransactionEvent", **event) == first
    assert (await charge.seen(bench)).seq_nos == ((0, 0),)


@pytest.mark.conforms("DX-X23", "DX-X24")
@pytest.mark.parametrize(("kind", "running"), [("Updated", True), ("Ended", False)])
async def test_what_comes_first_need_not_be_the_start(bench: Bench, connect: Connect, kind: str, running: bool) -> None:
    charge = Charge(await ready(connect, bench), "X23")
    charge.seq_no = 3
    assert await charge.tell(kind, "MeterValuePeriodic", evse=EVSE, offline=True) == {}
    assert Flag.GAP in (await charge.seen(bench, running=running)).flags


@pytest.mark.conforms("DX-X25")
async def test_energy_of_an_offline_start_with_a_bad_token_is_kept(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, Token("X25", blocked=True)), "X25")
    begin = [energy(1000, "Transaction.Begin", 0)]
    answer = await charge.started("X25", offline=True, meterValue=begin)
    assert answer["idTokenInfo"]["status"] == "Blocked"
    await charge.ended("DeAuthorized", offline=True, meterValue=[energy(1500, "Transaction.End", 5)])
    assert (await charge.seen(bench, running=False)).energy_wh == 500


@pytest.mark.conforms("DX-X26", "DX-X27")
async def test_tokens_that_come_later(bench: Bench, connect: Connect) -> None:
    family = Token("X26-a", group_id="X26"), Token("X26-b", group_id="X26")
    charge = Charge(await ready(connect, bench, *family), "X26")
    await charge.started(trigger="CablePluggedIn")
    group = {"status": "Accepted", "groupIdToken": token("X26", "Central")}
    answer = await charge.tell("Updated", "Authorized", idToken=token("X26-a"))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == group["groupIdToken"]["idToken"]
    stopped = await charge.ended("Local", idToken=token("X26-b"))
    assert stopped["idTokenInfo"]["groupIdToken"]["idToken"] == "X26"
    transaction = await charge.seen(bench, running=False)
    assert (transaction.id_token, transaction.stop_token) == ("X26-a", "X26-b")


@pytest.mark.conforms("DX-X29")
async def test_the_evse_is_attached_when_it_is_named(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X29"), "X29")
    await charge.tell("Started", "Authorized", idToken=token("X29"))
    await charge.tell("Updated", "CablePluggedIn", evse={"id": 2, "connectorId": 1})
    await bench.until(lambda site: site.running(charge.station.station_id, 2))


@pytest.mark.conforms("DX-X30")
async def test_remote_starts_are_told_apart_by_their_number(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X30")
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    for evse_id in (1, 2):
        assert (await bench.run(StartTransaction(station.station_id, evse_id, "X30"))).ok
    asked = [payload for action, payload in station.asked if action == "RequestStartTransaction"]
    first, second = (payload["remoteStartId"] for payload in asked)
    assert first != second
    charge = Charge(station, "X30")
    evse = {"id": asked[1]["evseId"], "connectorId": 1}
    await charge.tell("Started", "RemoteStart", {"remoteStartId": second}, evse=evse, idToken=token("X30"))
    assert (await charge.seen(bench)).remote_start_id == second


@pytest.mark.conforms("DX-X31")
async def test_a_remote_start_that_nobody_asked_for_is_shown(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X31"), "X31")
    answer = await charge.tell("Started", "RemoteStart", {"remoteStartId": 424242}, evse=EVSE, idToken=token("X31"))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    messages = await bench.messages(charge.station.station_id)
    assert any("remote" in m.problem.lower() for m in messages if m.action == "TransactionEvent")


@pytest.mark.conforms("DX-X32")
async def test_no_authorization_is_accepted(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench), "X32")
    answer = await charge.tell("Started", "Authorized", idToken=token("", "NoAuthorization"), evse=EVSE)
    assert answer["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.conforms("DX-X33")
async def test_ids_are_each_stations_own(bench: Bench, connect: Connect) -> None:
    one = Charge(await ready(connect, bench, "X33-a"), "X33")
    other = Charge(await ready(connect, bench, "X33-b"), "X33")
    await one.started("X33-a")
    await other.started("X33-b")
    await one.ended("Local")
    assert not (await one.seen(bench, running=False)).running
    assert (await other.seen(bench, running=True)).id_token == "X33-b"


@pytest.mark.conforms("DX-X36")
async def test_a_charging_state_may_go_back(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X36"), "X36")
    await charge.started("X36")
    for state in ("Charging", "EVConnected"):
        assert await charge.tell("Updated", "ChargingStateChanged", {"chargingState": state}) == {}
    key = f"{charge.station.station_id}\nX36"
    await bench.until(lambda site: site.transactions[key].charging_state == "EVConnected")


@pytest.mark.conforms("DX-X37")
async def test_a_second_start_on_an_evse_flags_the_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X37-a", "X37-b")
    first, second = Charge(station, "X37-1"), Charge(station, "X37-2")
    await first.started("X37-a")
    assert (await second.started("X37-b"))["idTokenInfo"]["status"] == "Accepted"
    assert Flag.ABANDONED in (await first.seen(bench, running=False)).flags
    assert (await second.seen(bench)).running


@pytest.mark.conforms("DX-X40")
async def test_a_key_code_is_kept_nowhere(bench: Bench, connect: Connect) -> None:
    code = "49152-KEY-CODE"
    station = await ready(connect, bench, Token(code, token_type="KeyCode"))
    charge = Charge(station, "X40")
    answer = await charge.tell("Started", "Authorized", idToken=token(code, "KeyCode"), evse=EVSE)
    assert answer["idTokenInfo"]["status"] in ("Accepted", "Invalid", "Unknown")
    await charge.seen(bench)
    messages = await bench.messages(station.station_id)
    assert code not in repr([message.text for message in messages])
    assert code not in repr(bench.site)
    exported = await bench.backend._client.get("export/transactions", params={"format": "csv"})
    assert "X40" in exported.text
    assert code not in exported.text
    files = [path for path in bench.service.settings.data.rglob("*") if path.is_file()]
    assert not [path for path in files if code.encode() in path.read_bytes()]


@pytest.mark.conforms("DX-X28")
async def test_an_event_without_a_token_is_answered_without_its_status(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "X28"), "X28")
    await charge.started("X28")
    assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=[energy(1200, "Sample.Periodic", 1)]) == {}
    assert (await charge.seen(bench)).started_at == dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
