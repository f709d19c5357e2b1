"""Transport: framing, identities, versions and connections, by stations that keep no rule."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from console.model.command import (
    AddStation,
    ReadSettings,
    RejectStation,
    ResetStation,
    SetTolerance,
    TriggerMessage,
)
from console.model.make import Tolerance
from console.model.outcome import Result
from console.model.transaction import Flag
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, Charge, token
from tests.wire.conformance.site import Bench, Json, Station, now

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERSIONS = ("1.6", "2.0.1", "2.1")
every_version = pytest.mark.parametrize("version", VERSIONS)
both_of_2 = pytest.mark.parametrize("version", VERSIONS[1:])


async def booted(connect: Connect, version: str, **options: Any) -> Station:
    station = await connect(version, **options)
    await station.boot()
    return station


async def answer_to(station: Station, frame: Any, message_id: str) -> list[Any]:
    """Send a frame as it is, and return what it is answered with."""
    await station.say(frame)
    return await station.until_frame(lambda answer: answer[0] in (3, 4) and answer[1] == message_id)


async def still_served(station: Station) -> None:
    assert (await station.call("Heartbeat"))["currentTime"]


def status(version: str, **more: Any) -> dict[str, Any]:
    """A StatusNotification that keeps its schema."""
    if version == "1.6":
        return {"connectorId": 1, "errorCode": "NoError", "status": "Available", **more}
    return {"evseId": 1, "connectorId": 1, "connectorStatus": "Available", "timestamp": now(), **more}


def word(version: str, old: str, new: str) -> str:
    return old if version == "1.6" else new


@pytest.mark.conforms("DX-T01")
@every_version
async def test_the_identity_is_decoded_once(bench: Bench, connect: Connect, version: str) -> None:
    name = f"CP/{version} é"
    station = await booted(connect, version, station_id=name)
    await still_served(station)
    assert await bench.until(lambda site: site.stations[name].online)


@pytest.mark.conforms("DX-T02")
@both_of_2
@pytest.mark.parametrize("name", ["DE%3AABC", "x" * 49])
async def test_identities_that_2_x_does_not_know(bench: Bench, version: str, name: str) -> None:
    with pytest.raises(InvalidStatus, match=r"HTTP 40[04]"):
        await open_websocket(bench.url + name, subprotocols=[Subprotocol(f"ocpp{version}")])
    await bench.until(lambda site: any("at most 48" in each.cause for each in site.attempts.values()))


@pytest.mark.conforms("DX-T04", "DX-T06")
@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        (("ocpp2.1", "ocpp2.0.1", "ocpp1.6"), "ocpp2.1"),
        (("ocpp1.6", "ocpp2.0.1"), "ocpp1.6"),
        (("ocpp2.0.1", "ocpp1.6"), "ocpp2.0.1"),
    ],
)
async def test_the_stations_order_decides_and_no_url(bench: Bench, offers: tuple[str, ...], chosen: str) -> None:
    address = f"{bench.url}ocpp/1.5/T04"
    async with open_websocket(address, subprotocols=[Subprotocol(each) for each in offers]) as station:
        assert station.subprotocol == chosen
        await bench.until(lambda site: site.stations["T04"].ocpp_version == chosen.removeprefix("ocpp"))


@pytest.mark.conforms("DX-T05")
async def test_who_names_no_version_is_not_served_where_nothing_is_tolerated(bench: Bench, connect: Connect) -> None:
    assert (await bench.run(AddStation("T05"))).ok
    assert (await bench.run(SetTolerance("T05", Tolerance.STRICT))).ok
    with pytest.raises(InvalidStatus, match="HTTP 400"):
        await open_websocket(f"{bench.url}T05")
    assert not (await bench.until(lambda site: site.stations["T05"])).online
    # Stations exist that cannot name one. They are served unless their operator is strict, and it is shown.
    station = await connect(subprotocols=None)
    assert station.connection.subprotocol is None
    assert (await station.boot())["status"] == "Accepted"
    assert any("names no subprotocol" in message.problem for message in await bench.messages(station.station_id))


@pytest.mark.conforms("TC_088_CSMS")
async def test_a_version_that_is_not_spoken_is_not_upgraded(bench: Bench) -> None:
    with pytest.raises(InvalidStatus, match="HTTP 400"):
        await open_websocket(f"{bench.url}T88", subprotocols=[Subprotocol("ocpp0.1")])
    offers = [Subprotocol("ocpp0.1"), Subprotocol("ocpp1.6")]
    async with open_websocket(f"{bench.url}T88", subprotocols=offers) as station:
        assert station.subprotocol == "ocpp1.6"


@pytest.mark.conforms("DX-T07", "DX-T08")
@every_version
async def test_compression_where_the_version_has_it(connect: Connect, version: str) -> None:
    station = await booted(connect, version, compression="deflate")
    extensions = station.connection.response.headers.get("Sec-WebSocket-Extensions", "")
    assert ("permessage-deflate" in extensions) is (version != "1.6")
    await still_served(station)


@pytest.mark.conforms("DX-T09", "DX-T11")
@every_version
@pytest.mark.parametrize("data", [b'[2,"1","Heartbeat",{}]', b"\xff\xfe"])
async def test_what_breaks_the_protocol_ends_that_connection_alone(connect: Connect, version: str, data: bytes) -> None:
    bystander, station = await booted(connect, version), await booted(connect, version)
    if data[:1] == b"[":
        await station.connection.send(data)
    else:  # bad UTF-8 in a text frame
        await station.connection.send(data, text=True)
    await station.connection.wait_closed()
    assert station.connection.close_code in (1003, 1007)
    await still_served(bystander)


@pytest.mark.conforms("DX-T10")
@every_version
async def test_fragments_are_put_together(connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    await station.connection.send(['[2,"frag', 'ments","Heart', 'beat",{}]'])
    answer = await station.until_frame(lambda frame: frame[1] == "fragments")
    assert answer[2]["currentTime"]


@pytest.mark.conforms("DX-T12", "DX-T13")
@every_version
@pytest.mark.parametrize("text", ["hello", "{}", '"text"', "[", "[]"])
async def test_what_is_no_frame_is_answered_and_borne(connect: Connect, version: str, text: str) -> None:
    station = await booted(connect, version)
    answer = await answer_to(station, text, "-1")
    assert (answer[0], answer[2]) == (4, word(version, "FormationViolation", "RpcFrameworkError"))
    assert answer[3]
    await still_served(station)


@pytest.mark.conforms("DX-T14")
@every_version
async def test_a_message_type_that_is_unknown(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    await station.say([9, "nine", "x", {}])
    await still_served(station)
    answers = [frame for frame in station.frames if frame[1] == "nine"]
    assert [frame[2] for frame in answers] == (["MessageTypeNotSupported"] if version == "2.0.1" else [])
    assert any("message type 9" in message.problem for message in await bench.messages(station.station_id))


@pytest.mark.conforms("DX-T15", "DX-T16")
@every_version
@pytest.mark.parametrize("message_id", ["x" * 40, 7])
async def test_odd_message_ids_are_echoed_and_shown(
    bench: Bench, connect: Connect, version: str, message_id: str | int
) -> None:
    station = await booted(connect, version)
    answer = await answer_to(station, [2, message_id, "Heartbeat", {}], str(message_id))
    assert answer[0] == 3
    assert any("message id" in message.problem for message in await bench.messages(station.station_id))


@pytest.mark.conforms("DX-T17", "DX-T18")
@every_version
@pytest.mark.parametrize(("action", "code"), [("Foo", "NotImplemented"), ("Reset", "NotSupported")])
async def test_actions_that_a_station_cannot_ask(connect: Connect, version: str, action: str, code: str) -> None:
    station = await booted(connect, version)
    assert await station.refused(action) == code


@pytest.mark.conforms("DX-T19")
async def test_a_missing_field_in_1_6(connect: Connect) -> None:
    station = await connect()
    frame = await station.ask("BootNotification", {"chargePointVendor": "Raw"})
    assert (frame[0], frame[2]) == (4, "OccurenceConstraintViolation")  # spelt as 1.6 does
    assert "chargePointModel" in frame[3]


@pytest.mark.conforms("DX-T20")
@both_of_2
async def test_a_missing_field_in_2_x(connect: Connect, version: str) -> None:
    station = await connect(version)
    frame = await station.ask("BootNotification", {"chargingStation": {"vendorName": "Raw", "model": "Two"}})
    assert (frame[0], frame[2]) == (4, "OccurrenceConstraintViolation")
    assert "reason" in frame[3]


@pytest.mark.conforms("DX-T21", "DX-T22", "DX-T23")
@every_version
async def test_faults_of_a_payload_get_their_codes(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    named = word(version, "status", "connectorStatus")
    assert await station.refused("StatusNotification", **status(version, connectorId="1")) == "TypeConstraintViolation"
    wrong = status(version) | {named: "Foo"}
    assert await station.refused("StatusNotification", **wrong) == "PropertyConstraintViolation"
    for tolerance in Tolerance:
        assert (await bench.run(SetTolerance(station.station_id, tolerance))).ok
        frame = await station.ask("StatusNotification", status(version, vendorsOwn=1))
        if tolerance is Tolerance.LENIENT:
            assert frame[0] == 3
        else:
            assert (frame[0], frame[2]) == (4, word(version, "FormationViolation", "FormatViolation"))
            assert "vendorsOwn" in frame[3]
    said = [message.problem for message in await bench.messages(station.station_id) if "vendorsOwn" in message.problem]
    assert ["tolerated" in problem for problem in said] == [False, False, True]


@pytest.mark.conforms("DX-T24")
@every_version
async def test_null_for_something_optional_is_a_fault_or_nothing(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    name = word(version, "info", "customData")
    for tolerance in Tolerance:
        assert (await bench.run(SetTolerance(station.station_id, tolerance))).ok
        frame = await station.ask("StatusNotification", status(version, **{name: None}))
        if tolerance is Tolerance.LENIENT:
            assert frame[0] == 3
        else:
            assert (frame[0], frame[2]) == (4, "TypeConstraintViolation")
            assert name in frame[3]
    assert sum(name in message.problem for message in await bench.messages(station.station_id)) == 3


@pytest.mark.conforms("DX-T25")
@every_version
async def test_calls_may_cross(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    station.answers["Reset"] = lambda _payload: None  # not yet
    asked = asyncio.create_task(bench.run(ResetStation(station.station_id)))
    ours = await station.until_frame(lambda frame: frame[0] == 2)
    await still_served(station)
    assert not asked.done()
    await station.say([3, ours[1], {"status": "Accepted"}])
    assert (await asked).ok
    await still_served(station)


@pytest.mark.conforms("DX-T26")
@every_version
async def test_one_request_is_outstanding(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    ours = [asyncio.create_task(bench.run(TriggerMessage(station.station_id, "Heartbeat"))) for _ in range(10)]
    station.answers["TriggerMessage"] = {"status": "Accepted"}
    assert all(outcome.ok for outcome in await asyncio.gather(*ours))
    frames = [(m.kind, m.message_id) for m in await bench.messages(station.station_id) if m.action == "TriggerMessage"]
    assert [kind for kind, _ in frames] == ["CALL", "CALLRESULT"] * 10
    assert all(call[1] == answer[1] for call, answer in zip(frames[::2], frames[1::2], strict=True))


@pytest.mark.conforms("DX-T28")
@every_version
async def test_an_answer_to_nothing_is_shown_and_ignored(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    await station.say([3, "zz", {}])
    await still_served(station)
    assert any(m.message_id == "zz" and m.problem for m in await bench.messages(station.station_id))


@pytest.mark.conforms("DX-T29")
@every_version
async def test_a_bad_answer_fails_the_command(bench: Bench, connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    station.answers["Reset"] = {}
    outcome = await bench.run(ResetStation(station.station_id))
    assert outcome.result is Result.ERROR
    if version == "2.1":
        assert (await station.until_frame(lambda frame: frame[0] == 5))[2]
    else:
        assert not [frame for frame in station.frames if frame[0] == 5]


@pytest.mark.conforms("DX-T31")
async def test_a_send_that_is_none_is_not_answered(bench: Bench, connect: Connect) -> None:
    station = await booted(connect, "2.1")
    await station.say([6, "send", "Foo", {}])
    await still_served(station)
    assert not [frame for frame in station.frames if frame[1] == "send"]
    assert any(m.message_id == "send" and m.problem for m in await bench.messages(station.station_id))


@pytest.mark.conforms("DX-T32")
async def test_a_complaint_of_our_answer_is_shown(bench: Bench, connect: Connect) -> None:
    station = await booted(connect, "2.1")
    await station.say([5, f"{station.station_id}-1"[-36:], "FormatViolation", "", {}])
    await still_served(station)
    assert any(m.kind == "CALLRESULTERROR" and m.problem for m in await bench.messages(station.station_id))


@pytest.mark.conforms("DX-T33")
@every_version
async def test_a_retry_after_a_reconnect_has_no_second_effect(bench: Bench, connect: Connect, version: str) -> None:
    tag = f"T33-{version}"
    await bench.add_tags(tag)
    station = await booted(connect, version)
    if version == "1.6":
        action = "StartTransaction"
        start: Json = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": AT.format(0)}
    else:
        action = "TransactionEvent"
        start = Charge(station, "T33").event("Started", "Authorized", idToken=token(tag), evse={"id": 1})
    first = await station.ask(action, start, "retried")
    assert first[0] == 3
    await station.connection.close(1001)
    again = await connect(version, station_id=station.station_id)
    assert await again.ask(action, start, "retried") == first
    await bench.settled()
    (transaction,) = bench.site.running(station.station_id)
    assert transaction.seq_nos in ((), ((0, 0),))
    assert transaction.flags == ()


@pytest.mark.conforms("DX-T36")
@every_version
async def test_a_newer_connection_takes_the_place_of_the_older(bench: Bench, connect: Connect, version: str) -> None:
    older = await booted(connect, version)
    newer = await connect(version, station_id=older.station_id)
    await still_served(newer)
    await older.connection.wait_closed()
    assert older.connection.close_code == 4000
    assert await bench.until(lambda site: site.stations[older.station_id].online)


@pytest.mark.conforms("DX-T38")
@every_version
async def test_a_reconnect_needs_no_boot(connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    await station.connection.close(1000)
    again = await connect(version, station_id=station.station_id)
    await still_served(again)


@pytest.mark.conforms("DX-T39", "DX-T40")
@every_version
async def test_before_it_is_let_in_a_station_is_told_so(connect: Connect, version: str) -> None:
    station = await connect(version, accepted=False)
    assert (await station.boot())["status"] == "Pending"
    assert await station.refused("Heartbeat") == "SecurityError"
    assert await station.refused("StatusNotification", **status(version)) == "SecurityError"


@pytest.mark.conforms("DX-T41")
@both_of_2
async def test_nothing_is_asked_of_a_rejected_station(bench: Bench, connect: Connect, version: str) -> None:
    station = await connect(version, accepted=False)
    await station.boot()
    assert (await bench.run(RejectStation(station.station_id))).ok
    await station.connection.wait_closed()
    again = await connect(version, station_id=station.station_id, accepted=False)
    assert (await again.boot())["status"] == "Rejected"
    outcome = await bench.run(ReadSettings(station.station_id))
    assert outcome.result is Result.NOT_POSSIBLE
    assert again.asked == []


@pytest.mark.conforms("DX-T43")
@every_version
async def test_deep_json_is_refused(connect: Connect, version: str) -> None:
    station = await booted(connect, version)
    deep = "[" * 10_000 + "]" * 10_000
    answer = await answer_to(station, f'[2,"deep","Heartbeat",{{"a":{deep}}}]', "deep")
    assert answer[0] == 4
    await still_served(station)


@pytest.mark.conforms("DX-T44", "DX-T45")
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-20T12:00:00+02:00", dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)),
        ("2026-11-20T10:00:00.123456Z", dt.datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=dt.UTC)),
        ("2026-11-20T10:00:00Z", dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)),
    ],
)
async def test_times_are_read_with_their_offsets(bench: Bench, connect: Connect, text: str, at: dt.datetime) -> None:
    station = await booted(connect, "1.6")
    await station.call("StatusNotification", **status("1.6", timestamp=text))
    connector = await bench.until(lambda site: site.stations[station.station_id].connector(1))
    assert connector.changed_at == at


@pytest.mark.conforms("DX-T45")
@pytest.mark.parametrize(
    ("text", "suspect"),
    [("1970-01-01T00:00:00Z", True), ("2099-01-01T00:00:00Z", True), ("2026-11-20T10:00:00", False)],
)
async def test_times_that_cannot_be_right_are_shown(bench: Bench, connect: Connect, text: str, suspect: bool) -> None:
    await bench.add_tags("T45")
    station = await booted(connect, "1.6")
    start = {"connectorId": 1, "idTag": "T45", "meterStart": 0, "timestamp": text}
    started = await station.call("StartTransaction", **start)
    transaction = await bench.until(lambda site: site.transactions[f"{station.station_id}\n{started['transactionId']}"])
    messages = [each for each in await bench.messages(station.station_id) if each.action == "StartTransaction"]
    assert (Flag.CLOCK_SUSPECT in transaction.flags) is suspect
    assert ("without an offset" in messages[0].problem) is not suspect
    await station.call("StopTransaction", transactionId=started["transactionId"], meterStop=1, timestamp=now())


@pytest.mark.conforms("DX-T46")
@every_version
async def test_our_times_are_utc_with_at_most_milliseconds(connect: Connect, version: str) -> None:
    station = await connect(version)
    for text in ((await station.boot())["currentTime"], (await station.call("Heartbeat"))["currentTime"]):
        assert text.endswith("Z")
        assert len(text.partition(".")[2]) <= 4
        assert abs(dt.datetime.fromisoformat(text) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


@pytest.mark.conforms("DX-T47")
@every_version
async def test_control_characters_and_markup_are_data(bench: Bench, connect: Connect, version: str) -> None:
    station = await connect(version)
    vendor = "\u001b[2J[red]x\U0001f50c"
    if version == "1.6":
        await station.call("BootNotification", chargePointVendor=vendor, chargePointModel="One")
    else:
        await station.boot(chargingStation={"vendorName": vendor})
    known = await bench.until(lambda site: site.stations[station.station_id].vendor and site.stations)
    shown = known[station.station_id].vendor
    assert "\u001b" not in shown
    assert shown.endswith("[2J[red]x\U0001f50c")
    assert "\u001b" not in json.dumps([message.text for message in await bench.messages(station.station_id)])
