"""What the transport of OCPP 2.0.1 and 2.1 has that 1.6 has not: compression, SEND, CALLRESULTERROR."""

from __future__ import annotations

import asyncio
import json
import zlib
from contextlib import suppress

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from console.csms.ports import Call, CallResult
from tests.unit.csms_transport.frames import CLOSE, CONT, frame, read_frames
from tests.wire.transport.conftest import LIMIT_S, REQUEST, Raw, Site, Start

#: A text that is worth compressing, and arrives in one frame.
LONG = {"data": "x" * 5000}


async def station_of(site: Site, version: str) -> Raw:
    """A TCP connection after a handshake that offers compression."""
    raw = await site.raw()
    request = REQUEST.format(path="/CP-1").replace("ocpp1.6", f"ocpp{version}")
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    await raw.send((request.removesuffix("\r\n") + offer).encode())
    head = await raw.read_head()
    assert "101 Switching Protocols" in head
    assert ("permessage-deflate" in head) is (version != "1.6")
    return raw


def deflated(text: bytes) -> bytes:
    """A message as permessage-deflate packs it (RFC 7692 §7.2.1)."""
    packer = zlib.compressobj(wbits=-12)
    return (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_compression_is_offered_and_understood(site: Site, version: str) -> None:
    station = await site.station("CP-1", (f"ocpp{version}",), compression="deflate")
    for number in range(3):  # the second message refers to the first one's window
        payload = LONG | {"vendorId": str(number)}
        assert await station.ask(2, str(number), "DataTransfer", payload) == [3, str(number), {}]
    assert [call.payload for call in site.csms.calls] == [LONG | {"vendorId": str(number)} for number in range(3)]
    (connected,) = [message for message in site.csms.messages if message.action == "connected"]
    assert json.loads(connected.text)["compressed"] is True


async def test_a_station_may_forget_its_window_and_compress_what_it_likes(site: Site) -> None:
    forgetful = ClientPerMessageDeflateFactory(client_no_context_takeover=True)
    station = await site.station("CP-1", ("ocpp2.0.1",), compression=None, extensions=[forgetful])
    assert await station.ask(2, "a", "DataTransfer", LONG) == [3, "a", {}]
    assert await station.ask(2, "b", "DataTransfer", LONG) == [3, "b", {}]


async def test_compressed_fragments_and_plain_frames_mix(site: Site) -> None:
    raw = await station_of(site, "2.0.1")
    packed = deflated(json.dumps([2, "a", "DataTransfer", LONG]).encode())
    half = len(packed) // 2
    await raw.send(frame(packed[:half], fin=False, reserved=4) + frame(packed[half:], CONT))
    await raw.send(frame(b'[2,"h","Heartbeat",{}]'))
    await site.csms.until(lambda: len(site.csms.calls) == 2)
    assert site.csms.calls == [Call("a", "DataTransfer", LONG), Call("h", "Heartbeat", {})]


async def test_1_6_knows_no_compression(site: Site) -> None:
    await station_of(site, "1.6")


@pytest.mark.conforms("DX-S19")
async def test_a_bomb_closes_the_connection_and_is_shown(start: Start) -> None:
    site = await start(max_message_bytes=1 << 16)
    other = await site.station("CP-2", ("ocpp2.0.1",))
    raw = await station_of(site, "2.0.1")
    bomb = deflated(b'[2,"a","DataTransfer",{"data":"' + b"0" * 50_000_000)
    with suppress(OSError):  # the server may hang up while we are still sending
        await raw.send(frame(bomb, reserved=4))
    opcode, data = read_frames(await raw.read_all())[-1]
    assert (opcode, int.from_bytes(data[:2])) == (CLOSE, 1009)
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended[0][:2] == ("CP-1", 1009)
    assert await other.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]


async def test_a_send_of_something_else_is_recorded_and_neither_taken_nor_answered(site: Site) -> None:
    station = await site.station("CP-1", ("ocpp2.1",))
    await station.send(6, "s", "BootNotification", {})
    assert await station.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]
    assert [call.action for call in site.csms.calls] == ["Heartbeat"]
    (sent,) = [message for message in site.csms.messages if message.kind == "SEND"]
    assert "not taken" in sent.problem


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_a_bad_answer_is_complained_of_where_there_are_words_for_it(site: Site, version: str) -> None:
    site.csms.problem = "status is missing"
    station = await site.station("CP-1", (f"ocpp{version}",))
    asked = asyncio.create_task(site.session.call("Reset", {"type": "Immediate"}, LIMIT_S))
    _, message_id, _, _ = await station.read()
    await station.send(3, message_id, {})
    if version == "2.1":
        assert await station.read() == [5, message_id, "FormatViolation", "status is missing", {}]
        await site.csms.until(lambda: any(each.kind == "CALLRESULTERROR" for each in site.csms.messages))
    assert await station.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]
    assert isinstance(await asked, CallResult)


async def test_a_complaint_about_our_answer_is_shown(site: Site) -> None:
    station = await site.station("CP-1", ("ocpp2.1",))
    await station.ask(2, "a", "Heartbeat", {})
    await station.send(5, "a", "FormatViolation", "no time in it", {})
    assert await station.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]
    (complaint,) = [message for message in site.csms.messages if message.kind == "CALLRESULTERROR"]
    assert "no time in it" in complaint.problem
