"""Transactions in OCPP 1.6, and everything that goes wrong with them (conformance cases DX-X01 to DX-X20)."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from console.model.change import TransactionChanged, TransactionProgressed
from console.model.station import ConnectorStatus
from console.model.token import Token
from console.model.transaction import Flag, Transaction
from tests.unit.csms.rig import START, Charger, Rig, start, stop


def test_a_transaction_from_start_to_stop(charger: Charger) -> None:
    reply = charger.start(connector=2, tag="TAG2", meter=1000, at=30)
    assert reply["idTagInfo"] == {"status": "Accepted"}
    transaction_id = reply["transactionId"]
    assert 0 < transaction_id < 2**31
    begun = charger.transaction(transaction_id)
    assert (begun.evse_id, begun.connector_id, begun.id_token) == (2, 1, "TAG2")
    assert (begun.started_at - START).total_seconds() == 30  # type: ignore[operator]
    assert begun.running
    assert begun.energy_wh == 0

    assert charger.stop(transaction_id, meter=3500, at=630, reason="Remote") == {}
    ended = charger.transaction(transaction_id)
    assert (ended.meter_stop_wh, ended.energy_wh, ended.stop_reason) == (3500, 2500, "Remote")
    assert (ended.ended_at - START).total_seconds() == 630  # type: ignore[operator]
    assert ended.flags == ()
    assert charger.running() == []


def test_a_connector_that_was_never_reported_is_known_by_its_transaction(charger: Charger) -> None:
    charger.start(connector=7)
    assert charger.connector(7).status is ConnectorStatus.UNKNOWN
    charger.status(7, "Charging")
    assert charger.connector(7).status is ConnectorStatus.CHARGING
    charger.start(connector=7, meter=2000, at=60)
    assert [one.evse_id for one in charger.known.connectors].count(7) == 1
    assert charger.connector(7).status is ConnectorStatus.CHARGING


def test_tc_003_a_stop_without_a_reason_is_local(charger: Charger) -> None:
    transaction_id = charger.start()["transactionId"]
    assert charger.stop(transaction_id, idTag="TAG1")["idTagInfo"]["status"] == "Accepted"
    assert charger.transaction(transaction_id).stop_reason == "Local"


@pytest.mark.parametrize("action", ["StartTransaction", "StopTransaction", "MeterValues"])
def test_the_answer_leaves_only_when_it_is_durable(rig: Rig, charger: Charger, action: str) -> None:
    transaction_id = charger.start()["transactionId"]
    payload: dict[str, Any] = {
        "StartTransaction": start(connector=2, tag="TAG2"),
        "StopTransaction": stop(transaction_id),
        "MeterValues": {
            "connectorId": 1,
            "meterValue": [{"timestamp": "2026-11-21T12:01:00Z", "sampledValue": [{"value": "1"}]}],
        },
    }[action]
    rig.journal.holding = True
    message_id = charger.send(action, payload)
    assert charger.reply(message_id) is None
    rig.journal.commit()
    assert isinstance(charger.reply(message_id), dict)


def test_dx_x01_retried_start_gets_the_same_id(charger: Charger) -> None:
    first, again = charger.start(), charger.start()
    assert first == again
    assert len(charger.running()) == 1
    assert "repeated" in charger.problem


def test_dx_x01_retried_start_gets_the_same_id_after_a_restart(rig: Rig, charger: Charger) -> None:
    first = charger.start()
    rig.restart()
    charger.connect()
    assert charger.start() == first
    assert len(charger.running()) == 1


def test_dx_x01_a_start_retried_after_its_end_begins_nothing(charger: Charger) -> None:
    first = charger.start()
    charger.stop(first["transactionId"])
    assert charger.start() == first
    assert charger.running() == []


@pytest.mark.parametrize(
    "other",
    [start(connector=2), start(tag="TAG2"), start(meter=1001), start(at=1)],
    ids=["connector", "tag", "meter", "time"],
)
def test_dx_x01_another_start_is_another_transaction(charger: Charger, other: dict[str, Any]) -> None:
    first = charger.start()
    assert charger.ask("StartTransaction", other)["transactionId"] != first["transactionId"]


def test_dx_x01_the_first_commit_failed_and_the_retry_is_durable(rig: Rig, charger: Charger) -> None:
    rig.journal.holding = True
    lost = charger.send("StartTransaction", start())
    before = len(rig.journal.of(TransactionChanged))
    again = charger.send("StartTransaction", start())
    assert len(rig.journal.of(TransactionChanged)) > before
    rig.journal.commit()
    assert isinstance(charger.reply(lost), dict)
    assert charger.reply(again) == charger.reply(lost)


def test_dx_x02_two_starts_at_once_get_two_ids(rig: Rig, charger: Charger) -> None:
    rig.journal.holding = True
    ids = [charger.send("StartTransaction", start(connector=number, tag=f"TAG{number}")) for number in (1, 2)]
    rig.journal.commit()
    replies = [charger.reply(message_id) for message_id in ids]
    assert len({reply["transactionId"] for reply in replies if isinstance(reply, dict)}) == 2


def test_dx_x03_ids_go_on_after_a_restart(rig: Rig, charger: Charger) -> None:
    before = {charger.start(at=at)["transactionId"] for at in range(20)}
    rig.restart()
    charger.connect()
    after = {charger.start(at=at)["transactionId"] for at in range(100, 120)}
    assert len(before | after) == 40


def test_dx_x04_id_0_has_no_special_meaning(charger: Charger) -> None:
    charger.start()
    charger.start(connector=2, tag="TAG2")
    assert charger.stop(0, meter=5000, reason="Local") == {}
    assert len(charger.running()) == 2
    orphan = next(each for each in charger.rig.journal.site.transactions.values() if not each.running)
    assert Flag.ORPHAN in orphan.flags
    assert orphan.energy_wh is None


def test_dx_x05_minus_one_is_matched_by_tag_and_flagged(charger: Charger) -> None:
    one, two = charger.start()["transactionId"], charger.start(connector=2, tag="TAG2")["transactionId"]
    assert charger.stop(-1, meter=4000, idTag="TAG2")["idTagInfo"]["status"] == "Accepted"
    assert charger.transaction(one).running
    ended = charger.transaction(two)
    assert ended.energy_wh == 3000
    assert Flag.MATCHED_BY_GUESS in ended.flags


@pytest.mark.parametrize(
    "doubt", [{"meter": 500}, {"at": -100}, {"idTag": "TAG3"}], ids=["below its start", "before its start", "other tag"]
)
def test_dx_x05_minus_one_that_fits_nothing_is_an_orphan(charger: Charger, doubt: dict[str, Any]) -> None:
    running = charger.start()["transactionId"]
    charger.stop(-1, **doubt)
    assert charger.transaction(running).running
    assert [each.flags[0] for each in charger.rig.journal.site.transactions.values() if not each.running] == [
        Flag.ORPHAN
    ]


def test_dx_x05_minus_one_with_two_that_fit_is_an_orphan(charger: Charger) -> None:
    charger.start()
    charger.start(connector=2, tag="TAG2")
    charger.stop(-1)
    assert len(charger.running()) == 2


def test_dx_x05_the_real_stop_overrides_the_guess(charger: Charger) -> None:
    transaction_id = charger.start()["transactionId"]
    charger.stop(-1, meter=1500)
    charger.stop(transaction_id, meter=9000, reason="EVDisconnected")
    ended = charger.transaction(transaction_id)
    assert (ended.energy_wh, ended.stop_reason) == (8000, "EVDisconnected")
    charger.stop(transaction_id, meter=9999)
    assert charger.transaction(transaction_id).energy_wh == 8000


async def test_dx_x06_an_unknown_id_is_answered_and_kept_as_an_orphan(rig: Rig, charger: Charger) -> None:
    message_id = charger.send("StopTransaction", stop(999999, idTag="STRANGE"))
    await asyncio.sleep(0)
    assert charger.reply(message_id) == {"idTagInfo": {"status": "Invalid"}}
    orphan = charger.transaction(999999)
    assert orphan.flags == (Flag.ORPHAN,)
    assert (orphan.meter_stop_wh, orphan.energy_wh, orphan.running) == (3000, None, False)
    assert rig.lookups == 1


def test_a_station_that_only_sends_meter_values_has_the_connector_they_are_of(rig: Rig) -> None:
    silent = rig.charger("CP3")
    silent.meter({"value": "100"}, connector=2)
    silent.meter({"value": "200"}, connector=2)
    assert [(each.evse_id, each.connector_id) for each in silent.known.connectors] == [(2, 1)]


async def test_dx_x06_a_foreign_id_is_named_in_the_frame_and_in_the_notice(rig: Rig, charger: Charger) -> None:
    theirs = rig.charger("CP2").start(tag="TAG2")["transactionId"]
    charger.send("StopTransaction", stop(theirs, reason="Local"))
    assert charger.problem == f"transaction {theirs} does not run at this station, but runs at CP2"
    await asyncio.sleep(0)
    assert f"CP1: charging ended, energy unknown, Local, orphan {theirs}, which runs at CP2" in rig.journal.texts()
    charger.send("StopTransaction", stop(424242))
    assert charger.problem == "transaction 424242 does not run at this station"
    await asyncio.sleep(0)


async def test_dx_x06_an_id_that_only_the_store_knows_is_no_orphan(rig: Rig, charger: Charger) -> None:
    old = Transaction(
        "CP1", "77", 1, id_token="TAG1", meter_start_wh=0, ended_at=START, energy_wh=5, stop_reason="Local"
    )
    rig.stored["CP1", "77"] = old
    message_id = charger.send("StopTransaction", stop(77, idTag="TAG1"))
    await asyncio.sleep(0)
    assert charger.reply(message_id) == {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    assert not [change for change in rig.journal.of(TransactionChanged) if change.transaction.transaction_id == "77"]


async def test_a_store_that_fails_does_not_keep_a_stop_from_being_answered(rig: Rig, charger: Charger) -> None:
    class _Stored(dict[tuple[str, str], Transaction]):
        def get(self, *_: object) -> Any:
            raise OSError("disk")

    rig.stored = _Stored()
    message_id = charger.send("StopTransaction", stop(123))
    for _ in range(3):
        await asyncio.sleep(0)
    assert charger.reply(message_id) == {}
    assert charger.transaction(123).flags == (Flag.ORPHAN,)


async def test_dx_x07_a_stop_never_touches_another_stations_transaction(rig: Rig, charger: Charger) -> None:
    other = rig.charger("CP2")
    transaction_id = other.start()["transactionId"]
    message_id = charger.send("StopTransaction", stop(transaction_id))
    await asyncio.sleep(0)
    assert charger.reply(message_id) == {}
    assert other.transaction(transaction_id).running
    assert charger.transaction(transaction_id).flags == (Flag.ORPHAN,)
    assert any("orphan" in text for text in rig.journal.texts())


def test_dx_x08_a_repeated_stop_keeps_the_first_values(charger: Charger) -> None:
    transaction_id = charger.start()["transactionId"]
    charger.stop(transaction_id, meter=3000, reason="Local")
    assert charger.stop(transaction_id, meter=7000, at=999, reason="Remote") == {}
    ended = charger.transaction(transaction_id)
    assert (ended.meter_stop_wh, ended.stop_reason) == (3000, "Local")
    assert "ended already" in charger.problem


def test_dx_x09_a_stop_below_its_start_has_no_energy(charger: Charger) -> None:
    transaction_id = charger.start(meter=500)["transactionId"]
    assert charger.stop(transaction_id, meter=100) == {}
    ended = charger.transaction(transaction_id)
    assert (ended.energy_wh, ended.meter_start_wh, ended.meter_stop_wh) == (None, 500, 100)
    assert ended.flags == (Flag.METER_INVALID,)


def test_dx_x10_transaction_data_is_kept_with_its_contexts(charger: Charger) -> None:
    transaction_id = charger.start()["transactionId"]
    signed = '{"format":"OCMF","data":"\\n{}"}'
    data = [
        {
            "timestamp": "2026-11-21T12:10:00Z",
            "sampledValue": [
                {"value": "1000", "context": "Transaction.Begin"},
                {"value": "3000", "context": "Transaction.End"},
                {"value": signed, "context": "Transaction.End", "format": "SignedData"},
            ],
        }
    ]
    charger.stop(transaction_id, transactionData=data)
    (value,) = charger.values()
    assert value.transaction_id == str(transaction_id)
    assert [sample.context for sample in value.samples] == ["Transaction.Begin", "Transaction.End", "Transaction.End"]
    assert [sample.value for sample in value.samples] == [1000.0, 3000.0, None]
    assert value.samples[2].raw == signed


def test_dx_x11_a_tag_of_the_same_group_may_stop(charger: Charger) -> None:
    transaction_id = charger.start(tag="TAG1")["transactionId"]
    reply = charger.stop(transaction_id, idTag="TAG3")
    assert reply["idTagInfo"] == {"status": "Accepted", "parentIdTag": "FLEET"}
    assert charger.transaction(transaction_id).flags == ()
    assert charger.transaction(transaction_id).stop_token == "TAG3"


@pytest.mark.parametrize("tag", ["TAG2", "TAG4", "NOBODY", "FLEET"])
def test_dx_x12_a_foreign_tag_is_invalid_and_the_transaction_ends_all_the_same(charger: Charger, tag: str) -> None:
    transaction_id = charger.start(tag="TAG1")["transactionId"]
    assert charger.stop(transaction_id, idTag=tag)["idTagInfo"]["status"] == "Invalid"
    ended = charger.transaction(transaction_id)
    assert not ended.running
    assert ended.flags == (Flag.FOREIGN_TOKEN,)


def test_dx_x13_a_tag_that_charges_elsewhere_is_told_so_with_an_id(rig: Rig, charger: Charger) -> None:
    other = rig.charger("CP2")
    charger.start(tag="TAG2")
    reply = other.start(tag="tag2")
    assert reply["idTagInfo"]["status"] == "ConcurrentTx"
    assert other.transaction(reply["transactionId"]).flags == (Flag.NOT_AUTHORIZED,)


def test_dx_x13_authorize_never_says_concurrent(charger: Charger) -> None:
    charger.start(tag="TAG2")
    assert charger.ask("Authorize", {"idTag": "TAG2"})["idTagInfo"]["status"] == "Accepted"


def test_dx_x13_a_transaction_whose_end_got_lost_does_not_lock_its_tag(rig: Rig, charger: Charger) -> None:
    charger.start(tag="TAG2")
    charger.status(1, "Available")
    assert rig.charger("CP2").start(tag="TAG2")["idTagInfo"]["status"] == "Accepted"


def test_dx_x14_a_start_on_a_busy_connector_abandons_the_older(rig: Rig, charger: Charger) -> None:
    older = charger.start(tag="TAG2", at=0)["transactionId"]
    charger.meter({"value": "1800"}, at=100, tx=older)
    newer = charger.start(tag="TAG2", at=500)
    assert newer["idTagInfo"]["status"] == "Accepted"
    abandoned = charger.transaction(older)
    assert abandoned.flags == (Flag.ABANDONED,)
    assert abandoned.energy_wh == 800
    assert [each.transaction_id for each in charger.running()] == [str(newer["transactionId"])]
    assert any("abandoned" in text for text in rig.journal.texts())


def test_dx_x14_the_late_stop_of_an_abandoned_one_still_counts(charger: Charger) -> None:
    older = charger.start(at=0)["transactionId"]
    charger.start(at=500)
    charger.stop(older, meter=2200, at=450, reason="PowerLoss")
    ended = charger.transaction(older)
    assert (ended.energy_wh, ended.stop_reason) == (1200, "PowerLoss")
    assert len(charger.running()) == 1


def test_dx_x14_a_start_from_the_queue_abandons_nothing(charger: Charger) -> None:
    newer = charger.start(at=500)["transactionId"]
    older = charger.start(at=0, tag="TAG2")["transactionId"]
    assert {each.transaction_id for each in charger.running()} == {str(newer), str(older)}


def test_dx_x15_meter_values_after_the_stop_reopen_nothing(charger: Charger) -> None:
    transaction_id = charger.start()["transactionId"]
    charger.stop(transaction_id, meter=3000)
    charger.meter(
        {"value": "2500"}, {"value": "11000", "measurand": "Power.Active.Import", "unit": "W"}, tx=transaction_id
    )
    assert charger.values()[-1].transaction_id == str(transaction_id)
    assert not charger.transaction(transaction_id).running
    assert charger.transaction(transaction_id).energy_wh == 2000
    assert charger.rig.journal.site.reading("CP1", 1) is None


def test_dx_x16_meter_values_from_another_connector_are_flagged(charger: Charger) -> None:
    transaction_id = charger.start(connector=1)["transactionId"]
    charger.meter({"value": "9000"}, connector=2, tx=transaction_id)
    assert charger.transaction(transaction_id).flags == (Flag.CONNECTOR_CONFLICT,)
    assert charger.transaction(transaction_id).energy_wh == 0
    assert charger.values()[-1].evse_id == 2
    assert f"transaction {transaction_id} is on connector 1" in charger.problem


def test_dx_x19_tags_have_no_case(charger: Charger) -> None:
    assert charger.ask("Authorize", {"idTag": "tag1"})["idTagInfo"]["status"] == "Accepted"
    transaction_id = charger.start(tag="Tag1")["transactionId"]
    assert charger.stop(transaction_id, idTag="TAG1")["idTagInfo"]["status"] == "Accepted"
    assert charger.transaction(transaction_id).flags == ()


def test_tc_037_1_an_offline_start_keeps_the_stations_time(charger: Charger) -> None:
    transaction_id = charger.start(at=-7200)["transactionId"]
    assert (charger.transaction(transaction_id).started_at - START).total_seconds() == -7200  # type: ignore[operator]


def test_tc_037_3_an_invalid_tag_gets_an_id_all_the_same(charger: Charger) -> None:
    reply = charger.start(tag="NOBODY")
    assert reply["idTagInfo"]["status"] == "Invalid"
    assert reply["transactionId"] > 0
    assert (
        charger.stop(reply["transactionId"], reason="DeAuthorized", idTag="NOBODY")["idTagInfo"]["status"] == "Invalid"
    )
    assert charger.transaction(reply["transactionId"]).flags == (Flag.NOT_AUTHORIZED,)


def test_tc_039_a_whole_transaction_from_the_queue(charger: Charger) -> None:
    transaction_id = charger.start(at=-900)["transactionId"]
    charger.meter({"value": "1500"}, at=-600, tx=-1)
    charger.stop(transaction_id, meter=2000, at=-300)
    ended = charger.transaction(transaction_id)
    assert ended.energy_wh == 1000
    assert Flag.MATCHED_BY_GUESS in ended.flags
    assert charger.values()[0].transaction_id == str(transaction_id)


@pytest.mark.parametrize(
    "time", ["1970-01-01T00:00:10Z", "2099-01-01T00:00:00Z", "banana", "0001-01-01T00:00:00+14:00"]
)
def test_dx_t45_a_clock_that_cannot_be_right_is_flagged(rig: Rig, charger: Charger, time: str) -> None:
    reply = charger.ask("StartTransaction", {**start(), "timestamp": time})
    begun = charger.transaction(reply["transactionId"])
    assert begun.started_at == rig.clock.now()
    assert begun.flags == (Flag.CLOCK_SUSPECT,)
    assert charger.ask("StartTransaction", {**start(), "timestamp": time}) == reply
    charger.ask("StopTransaction", {**stop(reply["transactionId"]), "timestamp": time})
    ended = charger.transaction(reply["transactionId"])
    assert (ended.ended_at, ended.energy_wh) == (rig.clock.now(), 2000)


@pytest.mark.parametrize("connector", [0, -1, 256, 10**30])
def test_a_start_on_an_impossible_connector_is_answered(charger: Charger, connector: int) -> None:
    reply = charger.start(connector=connector)
    assert charger.transaction(reply["transactionId"]).evse_id == 0
    assert charger.problem.startswith("transaction on connector")


def test_numbers_beyond_any_meter_are_answered_and_not_stored(charger: Charger) -> None:
    reply = charger.start(meter=10**25)
    begun = charger.transaction(reply["transactionId"])
    assert (begun.meter_start_wh, begun.energy_wh) == (None, None)
    charger.stop(reply["transactionId"], meter=10**25)
    assert Flag.METER_INVALID in charger.transaction(reply["transactionId"]).flags


async def test_an_id_beyond_any_number_is_an_orphan(charger: Charger) -> None:
    assert charger.stop(10**40) == {}
    assert charger.running() == []


def test_running_transactions_of_one_station_are_bounded(charger: Charger) -> None:
    for number in range(150):
        charger.start(connector=1, at=-number, tag=f"X{number}")
    assert len(charger.running()) == 100


def test_meter_values_without_an_id_belong_to_what_runs_there(charger: Charger) -> None:
    transaction_id = charger.start(meter=0)["transactionId"]
    charger.meter({"value": "10"})
    assert charger.values()[-1].transaction_id == str(transaction_id)
    assert charger.transaction(transaction_id).energy_wh == 10
    progressed = charger.rig.journal.of(TransactionProgressed)
    assert [change.energy_wh for change in progressed] == [10]


def test_meter_values_with_an_unknown_id_are_kept_under_it(charger: Charger) -> None:
    charger.meter({"value": "10"}, tx=4711)
    assert charger.values()[-1].transaction_id == "4711"


def test_a_register_that_starts_anew_is_flagged_and_never_makes_energy_negative(charger: Charger) -> None:
    transaction_id = charger.start(meter=150_000)["transactionId"]
    for at, register in enumerate((150_400, 20, 320, 620)):
        charger.meter({"value": str(register)}, at=60 + at, tx=transaction_id)
    running = charger.transaction(transaction_id)
    assert running.energy_wh == 400 + 600
    assert running.flags == (Flag.METER_INVALID,)
    charger.stop(transaction_id, meter=151_000)
    assert charger.transaction(transaction_id).energy_wh == 1000


def test_progress_goes_on_after_a_restart(rig: Rig, charger: Charger) -> None:
    transaction_id = charger.start(meter=1000)["transactionId"]
    charger.meter({"value": "1500"}, at=60, tx=transaction_id)
    rig.restart()
    charger.connect()
    charger.meter({"value": "1700"}, at=120, tx=transaction_id)
    assert charger.transaction(transaction_id).energy_wh == 700
    assert charger.transaction(transaction_id).flags == ()


def test_what_a_transaction_delivered_today_is_told(rig: Rig, charger: Charger) -> None:
    transaction_id = charger.start(meter=0)["transactionId"]
    charger.meter({"value": "400"}, tx=transaction_id)
    charger.stop(transaction_id, meter=900)
    assert rig.journal.site.seen["CP1"].energy_today_wh == 900
    rig.clock.advance(26 * 3600)
    charger.ask("Heartbeat", {})
    assert rig.journal.site.seen["CP1"].energy_today_wh == 0


def test_reading_comes_to_rest_when_the_transaction_ends(charger: Charger) -> None:
    transaction_id = charger.start(meter=0)["transactionId"]
    charger.meter(
        {"value": "500"},
        {"value": "11", "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "16", "measurand": "Current.Import", "unit": "A"},
        {"value": "55", "measurand": "SoC", "unit": "Percent"},
    )
    reading = charger.rig.journal.site.reading("CP1", 1)
    assert reading is not None
    assert (reading.energy_wh, reading.power_w, reading.current_a, reading.soc_percent) == (500, 11_000.0, 16.0, 55.0)
    charger.stop(transaction_id, meter=700)
    reading = charger.rig.journal.site.reading("CP1", 1)
    assert reading is not None
    assert (reading.energy_wh, reading.power_w, reading.current_a, reading.soc_percent) == (700, 0.0, 0.0, None)


def test_values_from_the_queue_do_not_replace_newer_readings(charger: Charger) -> None:
    charger.meter({"value": "5000"}, at=600)
    charger.meter({"value": "4000"}, at=300)
    reading = charger.rig.journal.site.reading("CP1", 1)
    assert reading is not None
    assert reading.energy_wh == 5000
    assert len(charger.values()) == 2


def test_tc_004_2_authorize_without_start_leaves_nothing_behind(charger: Charger) -> None:
    charger.ask("Authorize", {"idTag": "TAG1"})
    charger.status(1, "Preparing")
    charger.status(1, "Available")
    assert charger.running() == []
    assert charger.connector(1).status is ConnectorStatus.AVAILABLE


def test_blocked_and_expired_tags_are_told_so(rig: Rig, charger: Charger) -> None:
    site = rig.journal.site
    tokens = [Token("B", blocked=True), Token("E", expires_at=START)]
    site = msgspec.structs.replace(site, tokens={token.key: token for token in tokens})
    rig.csms.load(site)
    assert charger.ask("Authorize", {"idTag": "B"})["idTagInfo"]["status"] == "Blocked"
    reply = charger.ask("Authorize", {"idTag": "E"})["idTagInfo"]
    assert reply == {"status": "Expired", "expiryDate": "2026-11-21T12:00:00.000Z"}
    assert charger.start(tag="B")["idTagInfo"]["status"] == "Blocked"
