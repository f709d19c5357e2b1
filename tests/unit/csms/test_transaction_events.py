"""TransactionEvent: whatever order, number and company the events of a transaction come in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.ports import Payload
from console.csms.transactions.sequence import with_number
from console.model.command import SettleCard, StartTransaction
from console.model.token import CardVerdict
from console.model.transaction import Flag, Transaction
from tests.unit.csms.rig import Charger, Rig, stamp

TAG = {"idToken": "TAG1", "type": "ISO14443"}


def event(kind: str, seq: int, at: float = 0, *, trigger: str = "ChargingStateChanged", **more: Any) -> dict[str, Any]:
    """A TransactionEvent of the transaction T1. ``wh`` is a register reading of the ``context``."""
    info = {"transactionId": "T1", **more.pop("info", {})}
    payload = {
        "eventType": kind,
        "seqNo": seq,
        "timestamp": stamp(at),
        "triggerReason": trigger,
        "transactionInfo": info,
    }
    if "wh" in more:
        sample = {"value": more.pop("wh"), "context": more.pop("context", "Sample.Periodic")}
        payload["meterValue"] = [{"timestamp": stamp(at), "sampledValue": [sample]}]
    return payload | more


def tell(charger: Charger, *args: Any, **more: Any) -> Payload:
    """Send an event and return its answer, which keeps its schema."""
    reply = charger.ask("TransactionEvent", event(*args, **more))
    assert schemas.checker(charger.version, "TransactionEvent", answer=True).accepts(reply)
    return reply


def of(charger: Charger) -> Transaction:
    return charger.transaction("T1")


@pytest.fixture(params=["2.0.1", "2.1"])
def charger(request: pytest.FixtureRequest) -> Charger:
    return Rig(store=False).charger(version=request.param)


def test_a_whole_transaction(charger: Charger) -> None:
    evse = {"id": 1, "connectorId": 2}
    assert tell(charger, "Started", 0, 10, evse=evse, wh=1000, context="Transaction.Begin") == {}
    answer = tell(charger, "Updated", 1, 20, trigger="Authorized", idToken=TAG, info={"chargingState": "Charging"})
    assert answer["idTokenInfo"] == {"status": "Accepted", "groupIdToken": {"idToken": "FLEET", "type": "Central"}}
    tell(charger, "Updated", 2, 60, wh=1500)
    running = of(charger)
    assert (running.evse_id, running.connector_id, running.id_token, running.energy_wh) == (1, 2, "TAG1", 500)
    assert running.charging_state == "Charging"
    tell(charger, "Ended", 3, 90, wh=1800, context="Transaction.End", info={"stoppedReason": "EVDisconnected"})
    ended = of(charger)
    assert (ended.started_at, ended.ended_at) == (charger.time(10), charger.time(90))
    assert (ended.meter_start_wh, ended.meter_stop_wh, ended.energy_wh) == (1000, 1800, 800)
    assert (ended.stop_reason, ended.flags) == ("EVDisconnected", ())
    assert charger.known.connector(1, 2) is not None
    assert len(charger.values()) == 3


@pytest.mark.parametrize("ahead_s", [0, 86_400])
def test_the_first_reading_may_come_again_with_the_last_whatever_the_station_s_clock(
    charger: Charger, ahead_s: int
) -> None:
    def read(at: float, wh: int, context: str) -> dict[str, Any]:
        return {"timestamp": stamp(ahead_s + at), "sampledValue": [{"value": wh, "context": context}]}

    first, last = read(10, 1000, "Transaction.Begin"), read(90, 1800, "Transaction.End")
    tell(charger, "Started", 0, ahead_s + 10, evse={"id": 1}, meterValue=[first])
    tell(charger, "Updated", 1, ahead_s + 60, wh=1500)
    tell(charger, "Ended", 2, ahead_s + 90, meterValue=[first, last])
    assert (of(charger).energy_wh, of(charger).flags) == (800, ())


def test_no_stopped_reason_means_local(charger: Charger) -> None:
    tell(charger, "Started", 0)
    tell(charger, "Ended", 1)
    assert of(charger).stop_reason == "Local"
    assert of(charger).energy_wh is None


def test_a_running_counter_is_no_gap(charger: Charger) -> None:
    tell(charger, "Started", 57)
    tell(charger, "Updated", 58)
    assert of(charger).flags == ()


def test_a_gap_is_flagged_and_mended_by_what_comes_late(charger: Charger) -> None:
    tell(charger, "Started", 0, 0, wh=1000)
    tell(charger, "Updated", 3, 90, wh=1900, info={"chargingState": "SuspendedEV"})
    assert of(charger).flags == (Flag.GAP,)
    assert "missing" in charger.problem
    tell(charger, "Updated", 2, 60, offline=True, wh=1600, info={"chargingState": "Charging"})
    assert of(charger).flags == (Flag.GAP,)
    tell(charger, "Updated", 1, 30, offline=True, wh=1300)
    assert of(charger).flags == ()
    assert (of(charger).energy_wh, of(charger).charging_state) == (900, "SuspendedEV")


def test_the_end_may_come_first(charger: Charger) -> None:
    tell(charger, "Ended", 2, 90, wh=1800, context="Transaction.End", evse={"id": 1})
    assert of(charger).flags == (Flag.GAP,)
    assert not of(charger).running
    tell(charger, "Updated", 1, 30, offline=True, wh=1300)
    tell(charger, "Started", 0, 0, offline=True, wh=1000, context="Transaction.Begin", idToken=TAG)
    assert of(charger).flags == ()
    assert (of(charger).energy_wh, of(charger).id_token) == (800, "TAG1")
    assert of(charger).started_at == charger.time(0)
    assert not of(charger).running


def test_an_update_may_come_first(charger: Charger) -> None:
    tell(charger, "Updated", 1, 30, evse={"id": 1}, wh=1300)
    assert of(charger).running
    assert of(charger).flags == (Flag.GAP,)
    tell(charger, "Updated", 2, 60, wh=1500)
    assert of(charger).energy_wh == 200
    tell(charger, "Started", 0, 0, offline=True, wh=1000)
    assert (of(charger).energy_wh, of(charger).flags) == (500, ())
    tell(charger, "Updated", 3, 90, wh=1600)
    assert (of(charger).energy_wh, of(charger).flags) == (600, ())


def test_an_event_that_comes_again_has_no_effect_and_the_same_answer(charger: Charger) -> None:
    first = tell(charger, "Started", 0, idToken=TAG, trigger="Authorized", wh=1000)
    again = tell(charger, "Started", 0, idToken=TAG, trigger="Authorized", wh=1000)
    assert first == again
    assert "repeated" in charger.problem
    tell(charger, "Updated", 1, 30, wh=1500)
    tell(charger, "Updated", 1, 30, wh=1500)
    tell(charger, "Ended", 2, 60, wh=1800)
    tell(charger, "Ended", 2, 60, wh=1800)
    assert len(charger.values()) == 3
    assert of(charger).energy_wh == 800


def test_a_station_whose_number_is_always_0(charger: Charger) -> None:
    tell(charger, "Started", 0, 0, wh=0)
    tell(charger, "Updated", 0, 30, wh=150)
    tell(charger, "Ended", 0, 60, wh=241)
    assert (of(charger).energy_wh, of(charger).flags, of(charger).running) == (241, (), False)


def test_the_verdict_is_found_anew_with_every_token(charger: Charger) -> None:
    bad = {"idToken": "NOBODY", "type": "ISO14443"}
    assert tell(charger, "Started", 0, idToken=bad, trigger="Authorized")["idTokenInfo"]["status"] == "Invalid"
    assert of(charger).flags == (Flag.NOT_AUTHORIZED,)
    assert tell(charger, "Ended", 1, info={"stoppedReason": "DeAuthorized"}) == {}


def test_an_offline_start_with_an_unknown_token_is_not_held_for_a_person() -> None:
    charger = Rig(store=False, operators_present=lambda: True).charger(version="2.0.1")
    bad = {"idToken": "NOBODY", "type": "ISO14443"}
    answer = tell(charger, "Started", 0, idToken=bad, trigger="Authorized", offline=True)
    assert answer["idTokenInfo"]["status"] == "Invalid"


async def test_a_person_lets_an_unknown_card_charge() -> None:
    rig = Rig(operators_present=lambda: True)
    charger = rig.charger(version="2.1")
    asked = charger.send("Authorize", {"idToken": {"idToken": "NEW", "type": "ISO14443"}})
    assert charger.reply(asked) is None
    (card,) = rig.journal.site.cards.values()
    await rig.csms.execute(SettleCard(card.card_id, CardVerdict.ONCE))
    reply = charger.reply(asked)
    assert isinstance(reply, dict)
    assert reply["idTokenInfo"]["status"] == "Accepted"
    begun = tell(charger, "Started", 0, idToken={"idToken": "NEW", "type": "ISO14443"}, trigger="Authorized")
    assert begun["idTokenInfo"]["status"] == "Accepted"
    rig.clock.advance(600)
    goes_on = tell(charger, "Updated", 1, 600, idToken={"idToken": "NEW", "type": "ISO14443"})
    assert goes_on["idTokenInfo"]["status"] == "Accepted"
    assert of(charger).flags == ()


async def test_a_held_event_is_kept_before_the_person_speaks() -> None:
    rig = Rig(operators_present=lambda: True)
    charger = rig.charger(version="2.0.1")
    token = {"idToken": "NEW", "type": "ISO14443"}
    asked = charger.send("TransactionEvent", event("Started", 0, idToken=token, trigger="Authorized", evse={"id": 1}))
    assert charger.reply(asked) is None
    assert of(charger).running
    (card,) = rig.journal.site.cards.values()
    assert card.evse_id == 1
    await rig.csms.execute(SettleCard(card.card_id, CardVerdict.REFUSE))
    reply = charger.reply(asked)
    assert isinstance(reply, dict)
    assert reply["idTokenInfo"]["status"] == "Invalid"
    assert of(charger).flags == (Flag.NOT_AUTHORIZED,)


def test_no_authorization_is_accepted(charger: Charger) -> None:
    nobody = {"idToken": "", "type": "NoAuthorization"}
    assert tell(charger, "Started", 0, idToken=nobody)["idTokenInfo"] == {"status": "Accepted"}
    assert (of(charger).id_token, of(charger).token_type) == ("", "NoAuthorization")


def test_a_token_of_the_group_stops_and_another_does_not(charger: Charger) -> None:
    tell(charger, "Started", 0, idToken=TAG, trigger="Authorized")
    other = {"idToken": "TAG4", "type": "ISO14443"}
    stranger = tell(charger, "Updated", 1, trigger="StopAuthorized", idToken=other)
    assert stranger["idTokenInfo"]["status"] == "Invalid"
    mate = tell(charger, "Ended", 2, trigger="StopAuthorized", idToken={"idToken": "TAG3", "type": "ISO14443"})
    assert mate["idTokenInfo"]["status"] == "Accepted"
    assert (of(charger).id_token, of(charger).stop_token) == ("TAG1", "TAG4")
    assert of(charger).flags == (Flag.FOREIGN_TOKEN,)


def test_a_master_pass_stops_anything(charger: Charger) -> None:
    tell(charger, "Started", 0, idToken=TAG, trigger="Authorized")
    master = {"idToken": "TAG4", "type": "ISO14443"}
    info = {"stoppedReason": "MasterPass"}
    answer = tell(charger, "Ended", 1, trigger="StopAuthorized", idToken=master, info=info)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert of(charger).flags == ()


def test_a_token_that_charges_elsewhere_is_told_so(charger: Charger) -> None:
    tell(charger, "Started", 0, idToken=TAG, trigger="Authorized", evse={"id": 1})
    other = charger.rig.charger("CP2", version="2.0.1")
    assert tell(other, "Started", 0, idToken=TAG)["idTokenInfo"]["status"] == "ConcurrentTx"
    again = tell(charger, "Updated", 1, idToken=TAG)
    assert again["idTokenInfo"]["status"] == "Accepted"


def test_the_evse_and_the_token_may_come_later_and_once(charger: Charger) -> None:
    tell(charger, "Started", 0, trigger="EVDetected")
    assert of(charger).evse_id == 0
    tell(charger, "Updated", 1, evse={"id": 2}, trigger="CablePluggedIn")
    tell(charger, "Updated", 2, evse={"id": 3})
    assert (of(charger).evse_id, of(charger).flags) == (2, (Flag.CONNECTOR_CONFLICT,))


def test_one_transaction_an_evse(charger: Charger) -> None:
    tell(charger, "Started", 0, 0, evse={"id": 1}, wh=1000)
    tell(charger, "Updated", 1, 30, wh=1400)
    tell(charger, "Started", 0, 60, evse={"id": 1}, info={"transactionId": "T2"})
    assert not of(charger).running
    assert (of(charger).flags, of(charger).energy_wh) == ((Flag.ABANDONED,), 400)
    tell(charger, "Ended", 2, 50, offline=True, wh=1500)
    assert (of(charger).flags, of(charger).energy_wh, of(charger).stop_reason) == ((), 500, "Local")
    assert charger.transaction("T2").running


def test_a_transaction_of_the_queue_closes_nothing(charger: Charger) -> None:
    tell(charger, "Started", 0, 100, evse={"id": 1})
    tell(charger, "Started", 0, 10, evse={"id": 1}, offline=True, info={"transactionId": "T0"})
    assert of(charger).running


async def test_a_remote_start_is_joined_by_its_number() -> None:
    rig = Rig()
    charger = rig.charger(version="2.1")
    charger.session.says["RequestStartTransaction"] = {"status": "Accepted"}
    outcome = await rig.csms.execute(StartTransaction("CP1", 1, "TAG2"))
    assert outcome.ok
    ((action, asked),) = charger.session.calls
    assert action == "RequestStartTransaction"
    assert asked["idToken"] == {"idToken": "TAG2", "type": "ISO14443"}
    tell(charger, "Started", 0, trigger="RemoteStart", info={"remoteStartId": asked["remoteStartId"]})
    assert (of(charger).id_token, of(charger).remote_start_id) == ("TAG2", asked["remoteStartId"])
    rig.clock.advance(600)
    assert not any("nothing came" in text for text in rig.journal.texts())


async def test_a_gap_is_asked_after_unless_that_is_switched_off() -> None:
    charger = Rig(quiet=False).charger(version="2.0.1")
    charger.session.says["GetTransactionStatus"] = {"messagesInQueue": False}
    tell(charger, "Started", 0)
    tell(charger, "Updated", 2)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ("GetTransactionStatus", {"transactionId": "T1"}) in charger.session.calls
    assert any("will not come any more" in text for text in charger.rig.journal.texts())


def test_nothing_is_answered_before_it_is_durable(charger: Charger) -> None:
    charger.rig.journal.holding = True
    asked = charger.send("TransactionEvent", event("Updated", 0, wh=5))
    assert charger.reply(asked) is None
    charger.rig.journal.commit()
    assert charger.reply(asked) == {}


def test_numbers_go_on_after_a_restart() -> None:
    rig = Rig(store=False)
    charger = rig.charger(version="2.0.1")
    tell(charger, "Started", 0, 0, wh=1000)
    for seq in range(1, 5):
        tell(charger, "Updated", seq, 10 * seq, wh=1000 + seq)
    rig.restart()
    charger.connect()
    tell(charger, "Updated", 5, 60, wh=1010)
    assert of(charger).flags == ()
    tell(charger, "Updated", 7, 80, wh=1020)
    assert of(charger).flags == (Flag.GAP,)
    tell(charger, "Started", 0, 0, wh=1000)
    assert "repeated" in charger.problem


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [
        ([0, 1, 2], ((0, 2),)),
        ([0, 2, 1], ((0, 2),)),
        ([5, 0, 5, 3], ((0, 0), (3, 3), (5, 5))),
        ([2, 4, 3, 3], ((2, 4),)),
    ],
)
def test_ranges(numbers: list[int], ranges: tuple[tuple[int, int], ...]) -> None:
    held: tuple[tuple[int, int], ...] = ()
    for number in numbers:
        held = with_number(held, number)
    assert held == ranges


def test_an_occupied_connector_is_shown_as_its_transaction_has_it(charger: Charger) -> None:
    def status(connector_id: int, word: str) -> None:
        place = {"timestamp": stamp(), "evseId": 1, "connectorId": connector_id, "connectorStatus": word}
        charger.ask("StatusNotification", place)

    def states() -> list[str]:
        return [each.status.value for each in charger.known.connectors]

    status(1, "Available")
    status(2, "Occupied")
    tell(charger, "Started", 0, evse={"id": 1}, info={"chargingState": "EVConnected"})
    assert of(charger).connector_id == 2
    assert states() == ["Available", "Preparing"]
    tell(charger, "Updated", 1, info={"chargingState": "Charging"})
    assert states() == ["Available", "Charging"]
    status(2, "Occupied")
    assert states() == ["Available", "Charging"]
    tell(charger, "Updated", 2, info={"chargingState": "SuspendedEV"})
    assert states() == ["Available", "SuspendedEV"]
    status(2, "Faulted")
    tell(charger, "Updated", 3, info={"chargingState": "SuspendedEVSE"})
    assert states() == ["Available", "Faulted"]
    status(2, "Occupied")
    tell(charger, "Ended", 4)
    assert states() == ["Available", "Occupied"]


def test_a_connector_that_was_never_reported_is_known_by_its_transaction(charger: Charger) -> None:
    tell(charger, "Started", 0, evse={"id": 2, "connectorId": 2}, info={"chargingState": "Charging"})
    (connector,) = charger.known.connectors
    assert (connector.evse_id, connector.connector_id, connector.status.value) == (2, 2, "Charging")


async def test_what_goes_on_while_a_person_is_asked_is_not_let_charge() -> None:
    rig = Rig(operators_present=lambda: True)
    charger = rig.charger(version="2.0.1")
    token = {"idToken": "NEW", "type": "ISO14443"}
    first = charger.send("TransactionEvent", event("Started", 0, idToken=token, trigger="Authorized", evse={"id": 1}))
    second = charger.send("TransactionEvent", event("Updated", 1, 10, idToken=token))
    assert charger.reply(first) is charger.reply(second) is None
    (card,) = rig.journal.site.cards.values()
    await rig.csms.execute(SettleCard(card.card_id, CardVerdict.REFUSE))
    for asked in (first, second):
        reply = charger.reply(asked)
        assert isinstance(reply, dict)
        assert reply["idTokenInfo"]["status"] == "Invalid"
    assert of(charger).flags == (Flag.NOT_AUTHORIZED,)


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_the_order_the_same_transaction_comes_of_it(order: list[int], again: list[int]) -> None:
    """Each event once or more, late ones offline: what is known in the end does not depend on how they came."""
    told = [
        event("Started", 0, 0, wh=1000, context="Transaction.Begin", evse={"id": 1}),
        event("Updated", 1, 10, trigger="Authorized", idToken=TAG),
        *(event("Updated", seq, 10 * seq, wh=1000 + 100 * seq) for seq in (2, 3, 4)),
        event("Ended", 5, 60, wh=1700, context="Transaction.End", info={"stoppedReason": "EVDisconnected"}),
    ]
    charger = Rig(store=False).charger(version="2.0.1")
    newest = -1
    for number in [*order, *again]:
        newest = max(newest, number)
        late = {"offline": True} if number < newest else {}
        charger.ask("TransactionEvent", told[number] | late)
    ended = of(charger)
    assert (ended.started_at, ended.ended_at) == (charger.time(0), charger.time(60))
    assert (ended.evse_id, ended.id_token, ended.stop_reason) == (1, "TAG1", "EVDisconnected")
    assert (ended.meter_start_wh, ended.meter_stop_wh, ended.energy_wh) == (1000, 1700, 700)
    assert ended.flags == ()
    assert len(charger.values()) == 5
