"""OCPP 1.6 transactions as they go wrong in the field: each is answered, and none disturbs another's."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from typing import Any

import pytest

from console.model.token import Token
from console.model.transaction import Flag, Transaction
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, Station, now

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]


async def ready(connect: Connect, bench: Bench, *tags: str | Token) -> Station:
    station = await connect()
    await bench.add_tags(*tags)
    await station.boot()
    return station


def starting(tag: str, connector_id: int = 1, meter_wh: int = 1000, at: str = "2026-11-20T10:00:00Z") -> Json:
    return {"connectorId": connector_id, "idTag": tag, "meterStart": meter_wh, "timestamp": at}


def stopping(transaction_id: int, meter_wh: int = 3000, at: str = "2026-11-20T11:00:00Z", **more: Any) -> Json:
    return {"transactionId": transaction_id, "meterStop": meter_wh, "timestamp": at, **more}


async def seen(bench: Bench, station: Station, transaction_id: Any, *, ended: bool = True) -> Transaction:
    """The transaction as the operator sees it, once it is as wanted."""
    key = f"{station.station_id}\n{transaction_id}"
    found: Transaction = await bench.until(
        lambda site: site.transactions[key] if site.transactions[key].running is not ended else None
    )
    return found


@pytest.mark.conforms("DX-X01")
async def test_a_retried_start_has_no_second_effect(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X01")
    first = await station.call("StartTransaction", **starting("X01"))
    again = await station.call("StartTransaction", **starting("X01"))
    assert again == first
    assert len(await bench.until(lambda site: site.running(station.station_id))) == 1


@pytest.mark.conforms("DX-X02", "DX-X03")
async def test_ids_are_positive_unique_and_not_in_sequence(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, *[f"X02-{number}" for number in range(8)])
    started = await asyncio.gather(
        *(station.call("StartTransaction", **starting(f"X02-{number}", connector_id=number + 1)) for number in range(8))
    )
    ids = [answer["transactionId"] for answer in started]
    assert len(set(ids)) == 8
    assert all(0 < each < 2**31 for each in ids)
    assert {later - earlier for earlier, later in itertools.pairwise(ids)} != {1}


@pytest.mark.conforms("DX-X04", "DX-X06")
@pytest.mark.parametrize(("transaction_id", "kept_as"), [(0, "0 2026-11-20T11:00:00Z"), (999_999, "999999")])
async def test_a_stop_of_an_unknown_id_is_answered_and_kept_as_an_orphan(
    bench: Bench, connect: Connect, transaction_id: int, kept_as: str
) -> None:
    station = await ready(connect, bench)
    assert await station.call("StopTransaction", **stopping(transaction_id)) == {}
    orphan = await seen(bench, station, kept_as)
    assert Flag.ORPHAN in orphan.flags
    assert any(
        message.problem for message in await bench.messages(station.station_id) if message.action == "StopTransaction"
    )


@pytest.mark.conforms("DX-X05")
async def test_a_stop_of_minus_one_is_matched_by_connector_and_time(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X05")
    started = await station.call("StartTransaction", **starting("X05"))
    answer = await station.call("StopTransaction", **stopping(-1, idTag="X05"))
    assert answer["idTagInfo"]["status"] == "Accepted"
    transaction = await seen(bench, station, started["transactionId"])
    assert Flag.MATCHED_BY_GUESS in transaction.flags


@pytest.mark.conforms("DX-X07")
async def test_a_stop_of_another_stations_transaction_leaves_it_alone(bench: Bench, connect: Connect) -> None:
    victim, stranger = await ready(connect, bench, "X07"), await ready(connect, bench)
    started = await victim.call("StartTransaction", **starting("X07"))
    assert await stranger.call("StopTransaction", **stopping(started["transactionId"])) == {}
    assert Flag.ORPHAN in (await seen(bench, stranger, started["transactionId"])).flags
    await bench.settled()
    assert (await seen(bench, victim, started["transactionId"], ended=False)).running
    assert any(stranger.station_id in notice.text for notice in bench.site.notices if notice.kind in ("warning", "bad"))


@pytest.mark.conforms("DX-X08")
async def test_of_two_stops_the_first_counts(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X08")
    started = await station.call("StartTransaction", **starting("X08"))
    assert await station.call("StopTransaction", **stopping(started["transactionId"])) == {}
    assert await station.call("StopTransaction", **stopping(started["transactionId"], 9000)) == {}
    assert (await seen(bench, station, started["transactionId"])).energy_wh == 2000


@pytest.mark.conforms("DX-X09")
async def test_a_meter_that_ran_backwards_gives_no_energy(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X09")
    started = await station.call("StartTransaction", **starting("X09", meter_wh=500))
    assert await station.call("StopTransaction", **stopping(started["transactionId"], 100)) == {}
    transaction = await seen(bench, station, started["transactionId"])
    assert (transaction.energy_wh, transaction.meter_stop_wh) == (None, 100)
    assert Flag.METER_INVALID in transaction.flags


@pytest.mark.conforms("DX-X10", "DX-X18")
async def test_transaction_data_are_kept_signed_ones_as_they_are(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X10")
    started = await station.call("StartTransaction", **starting("X10"))
    signed = {"value": "AP;0;3;AL7O3", "format": "SignedData", "context": "Transaction.End"}
    data = [
        {"timestamp": "2026-11-20T10:00:00Z", "sampledValue": [{"value": "1000", "context": "Transaction.Begin"}]},
        {
            "timestamp": "2026-11-20T11:00:00Z",
            "sampledValue": [{"value": "3000", "context": "Transaction.End"}, signed],
        },
    ]
    stopped = stopping(started["transactionId"], transactionData=data)
    assert await station.call("StopTransaction", **stopped) == {}
    assert (await seen(bench, station, started["transactionId"])).energy_wh == 2000
    kept = await bench.backend.meter_values(station.station_id, str(started["transactionId"]))
    samples = [sample for value in kept for sample in value.samples]
    assert [(each.context, each.value) for each in samples[:2]] == [
        ("Transaction.Begin", 1000.0),
        ("Transaction.End", 3000.0),
    ]
    assert (samples[2].value, samples[2].raw) == (None, "AP;0;3;AL7O3")


@pytest.mark.conforms("DX-X11", "DX-X12")
async def test_who_may_stop(bench: Bench, connect: Connect) -> None:
    family = Token("X11-a", group_id="X11"), Token("X11-b", group_id="X11"), Token("X12", group_id="OTHER")
    station = await ready(connect, bench, *family)
    first = await station.call("StartTransaction", **starting("X11-a"))
    stopped = await station.call("StopTransaction", **stopping(first["transactionId"], idTag="X11-b"))
    assert stopped["idTagInfo"] == {"status": "Accepted", "parentIdTag": "X11"}
    second = await station.call("StartTransaction", **starting("X11-a", at="2026-11-20T12:00:00Z"))
    foreign = stopping(second["transactionId"], at="2026-11-20T13:00:00Z", idTag="X12")
    assert (await station.call("StopTransaction", **foreign))["idTagInfo"]["status"] == "Invalid"
    assert Flag.FOREIGN_TOKEN in (await seen(bench, station, second["transactionId"])).flags


@pytest.mark.conforms("DX-X13")
async def test_a_tag_that_charges_elsewhere(bench: Bench, connect: Connect) -> None:
    here, there = await ready(connect, bench, "X13"), await ready(connect, bench)
    first = await here.call("StartTransaction", **starting("X13", at=now()))
    second = await there.call("StartTransaction", **starting("X13", at=now()))
    assert second["idTagInfo"]["status"] == "ConcurrentTx"
    assert second["transactionId"] not in (0, first["transactionId"])
    assert (await here.call("Authorize", idTag="X13"))["idTagInfo"]["status"] == "Accepted"


@pytest.mark.conforms("DX-X14")
async def test_a_start_on_a_busy_connector_closes_the_older_one(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X14-a", "X14-b")
    older = await station.call("StartTransaction", **starting("X14-a"))
    newer = await station.call("StartTransaction", **starting("X14-b", at="2026-11-20T12:00:00Z"))
    assert newer["transactionId"] != older["transactionId"]
    assert Flag.ABANDONED in (await seen(bench, station, older["transactionId"])).flags


@pytest.mark.conforms("DX-X15")
async def test_late_meter_values_do_not_reopen(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X15")
    transaction_id = (await station.call("StartTransaction", **starting("X15")))["transactionId"]
    await station.call("StopTransaction", **stopping(transaction_id))
    late = {"timestamp": "2026-11-20T10:30:00Z", "sampledValue": [{"value": "2000"}]}
    assert await station.call("MeterValues", connectorId=1, transactionId=transaction_id, meterValue=[late]) == {}
    kept = await bench.backend.meter_values(station.station_id, str(transaction_id))
    assert [value.samples[0].value for value in kept] == [2000.0]
    transaction = await seen(bench, station, transaction_id)
    assert (transaction.running, transaction.energy_wh) == (False, 2000)


@pytest.mark.conforms("DX-X16")
async def test_meter_values_of_another_connector(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X16")
    transaction_id = (await station.call("StartTransaction", **starting("X16")))["transactionId"]
    values = {"timestamp": "2026-11-20T10:30:00Z", "sampledValue": [{"value": "2000"}]}
    assert await station.call("MeterValues", connectorId=2, transactionId=transaction_id, meterValue=[values]) == {}
    flagged = await bench.until(
        lambda site: (held := site.transactions[f"{station.station_id}\n{transaction_id}"]).flags and held
    )
    assert Flag.CONNECTOR_CONFLICT in flagged.flags


@pytest.mark.conforms("DX-X17", "DX-D01")
async def test_what_a_sample_leaves_out_and_how_it_is_spelled(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "X17")
    transaction_id = (await station.call("StartTransaction", **starting("X17")))["transactionId"]
    samples = [
        {"value": "1234"},
        {"value": "21", "measurand": "Temperature", "unit": "Celsius"},
        {"value": "21", "measurand": "Temperature", "unit": "Celcius"},
    ]
    values = {"timestamp": "2026-11-20T10:30:00Z", "sampledValue": samples}
    assert await station.call("MeterValues", connectorId=1, transactionId=transaction_id, meterValue=[values]) == {}
    ((kept,),) = [
        [value.samples for value in await bench.backend.meter_values(station.station_id, str(transaction_id))]
    ]
    first = kept[0]
    assert (first.measurand, first.unit) == ("Energy.Active.Import.Register", "Wh")
    assert (first.context, first.location) == ("Sample.Periodic", "Outlet")
    assert [each.value for each in kept[1:]] == [21.0, 21.0]


@pytest.mark.conforms("DX-X19")
async def test_tags_are_compared_without_case(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "x19abc")
    assert (await station.call("Authorize", idTag="X19ABC"))["idTagInfo"]["status"] == "Accepted"


@pytest.mark.conforms("DX-X20")
async def test_an_old_status_does_not_replace_a_newer_one(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    news = {"connectorId": 1, "errorCode": "NoError"}
    await station.call("StatusNotification", **news, status="Charging", timestamp="2026-11-20T11:00:00Z")
    await station.call("StatusNotification", **news, status="Available", timestamp="2026-11-20T10:00:00Z")
    await bench.settled()
    connector = bench.site.stations[station.station_id].connector(1)
    assert connector.status == "Charging"
    assert connector.changed_at == dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)
