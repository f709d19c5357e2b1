"""Connections that break: what is kept, what is sent again, and in which order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ConnectorState, Verdict
from tests.wire.simulator.central import SILENCE, Central, Refusal
from tests.wire.simulator.conftest import MakeStation


async def test_a_session_goes_on_offline_and_is_delivered_in_order(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    await station.drop_connection(away_s=100)
    for _ in range(3):
        queued = station.queued_messages
        clock.advance(10)
        await station.wait_for(lambda s, queued=queued: s.queued_messages > queued)
    await station.swipe(1, "04A2C19B")
    await station.unplug(1)
    assert station.queued_messages == 4
    before = len(central.received)
    clock.advance(100)
    await station.wait_for(lambda s: s.queued_messages == 0)

    late = central.received[before:]
    assert [one.action for one in late] == ["StatusNotification"] + ["MeterValues"] * 3 + ["StopTransaction"]
    times = [one.payload["meterValue"][0]["timestamp"] for one in late if one.action == "MeterValues"]
    assert times == ["2026-03-14T09:00:10.000Z", "2026-03-14T09:00:20.000Z", "2026-03-14T09:00:30.000Z"]
    assert late[-1].payload["timestamp"] == "2026-03-14T09:00:30.000Z"
    assert late[-1].payload["transactionId"] == 101


async def test_only_changed_states_are_reported_after_a_reconnect(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.drop_connection()
    await station.plug_in(1, Car())
    clock.advance(5)
    await station.booted()
    assert central.actions() == ["BootNotification", "StatusNotification", "StatusNotification", "StatusNotification"]
    assert central.received[-1].payload["status"] == "Preparing"
    assert central.received[-1].connection == 2


async def test_a_transaction_may_begin_and_end_offline_with_a_known_card(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await station.plug_in(1, Car())
    await station.swipe(1, "KNOWN")
    await station.swipe(1, "KNOWN")
    await station.unplug(1)
    await station.drop_connection(away_s=3600)
    await station.plug_in(1, Car())
    assert await station.swipe(1, "STRANGER") is Verdict.INVALID
    assert await station.swipe(1, "KNOWN") is Verdict.ACCEPTED
    assert station.connector(1).state is ConnectorState.CHARGING
    assert station.transaction_id(1) is None
    clock.advance(60)
    await station.swipe(1, "KNOWN")
    clock.advance(3600)
    await station.wait_for(lambda s: s.queued_messages == 0)
    starts = [one for one in central.received if one.action == "StartTransaction"]
    stops = [one for one in central.received if one.action == "StopTransaction"]
    assert starts[1].payload["timestamp"] == "2026-03-14T09:00:00.000Z"
    assert stops[1].payload["timestamp"] == "2026-03-14T09:01:00.000Z"
    assert stops[1].payload["transactionId"] == 102


async def test_unknown_cards_may_charge_offline_and_are_stopped_when_found_invalid(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await central.call("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="true")
    await station.drop_connection(away_s=60)
    await station.plug_in(1, Car())
    assert await station.swipe(1, "STRANGER") is Verdict.ACCEPTED
    central.answers["StartTransaction"] = lambda _: {"transactionId": 9, "idTagInfo": {"status": "Invalid"}}
    clock.advance(61)
    stop = await central.expect("StopTransaction")
    assert stop["reason"] == "DeAuthorized"
    assert stop["transactionId"] == 9


async def test_a_start_lost_with_its_connection_is_sent_again_the_same(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    central.answers["StartTransaction"] = lambda _: SILENCE
    await station.plug_in(1, Car())
    swiping = asyncio.create_task(station.swipe(1, "04A2C19B"))
    first = await central.expect("StartTransaction")
    await station.drop_connection()
    assert await swiping is Verdict.ACCEPTED
    central.answers["StartTransaction"] = lambda _: {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}
    clock.advance(5)
    assert await central.expect("StartTransaction") == first
    await station.wait_for(lambda s: s.transaction_id(1) == 5)


async def test_failed_transaction_messages_are_repeated_with_growing_pauses(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    central.answers["StartTransaction"] = lambda _: Refusal("InternalError", "database is on fire")
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    assert station.connector(1).state is ConnectorState.CHARGING
    first = await central.expect("StartTransaction")
    clock.advance(59)
    await central.call("GetLocalListVersion")
    assert central.actions("StartTransaction") == ["StartTransaction"]
    clock.advance(1)
    assert await central.expect("StartTransaction") == first
    await station.wait_for(lambda s: s.queued_messages > 0)
    central.answers["StartTransaction"] = lambda _: {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}
    await central.call("GetLocalListVersion")
    clock.advance(60)
    await central.call("GetLocalListVersion")
    assert len(central.actions("StartTransaction")) == 2
    clock.advance(60)
    assert await central.expect("StartTransaction") == first
    await station.wait_for(lambda s: s.transaction_id(1) == 5)


async def test_after_the_last_attempt_later_messages_carry_minus_one(
    central: Central, station: SimulatedStation
) -> None:
    await central.call("ChangeConfiguration", key="TransactionMessageAttempts", value="1")
    central.answers["StartTransaction"] = lambda _: Refusal("GenericError")
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    await station.wait_for(lambda s: s.transaction_id(1) == -1)
    await station.swipe(1, "04A2C19B")
    assert (await central.expect("StopTransaction"))["transactionId"] == -1


async def test_no_answer_in_time_counts_as_a_failure(
    central: Central, make_station: MakeStation, clock: ManualClock
) -> None:
    station = make_station(answer_timeout_s=0.05)
    await station.start()
    await station.booted()
    central.answers["StartTransaction"] = lambda _: SILENCE
    await station.plug_in(1, Car())
    await station.swipe(1, "04A2C19B")
    first = await central.expect("StartTransaction")
    central.answers["StartTransaction"] = lambda _: {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}
    clock.advance(60)
    assert await central.expect("StartTransaction") == first


@pytest.mark.parametrize(
    "answer",
    [
        {"transactionId": 5, "idTagInfo": {"status": "Sure"}},
        {"transactionId": 5, "idTagInfo": None},
        {"transactionId": "five", "idTagInfo": {"status": "Accepted"}},
    ],
)
async def test_an_answer_without_sense_does_not_break_an_unchecking_station(
    central: Central, make_station: MakeStation, answer: Any
) -> None:
    station = make_station(check_schemas=False)
    await station.start()
    await station.booted()
    central.answers["StartTransaction"] = lambda _: answer
    await station.plug_in(1, Car())
    assert await station.swipe(1, "04A2C19B") is Verdict.ACCEPTED
    await station.swipe(1, "04A2C19B")
    assert (await central.expect("StopTransaction"))["transactionId"] in (5, -1)
