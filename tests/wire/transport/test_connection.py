"""Connections: wrong frames, floods, silence, replacement, and the end."""

from __future__ import annotations

import asyncio
import gc
import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.server import ServerProtocol

from console.csms.link.link import Link
from console.csms.link.our_calls import OurCalls
from console.csms.listener.fast_frames import FrameReader
from console.csms.listener.station_socket import StationSocket
from console.csms.ports import CallLost, Reception
from tests.unit.csms_transport.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, close_frame, frame, read_frames
from tests.wire.transport.conftest import LIMIT_S, REQUEST, Raw, Site, Start

HEARTBEAT = frame(b'[2,"h","Heartbeat",{}]')


async def close_code(raw: Raw) -> tuple[int, str]:
    """The Close frame that the server ends with."""
    opcode, data = read_frames(await raw.read_all())[-1]
    assert opcode == CLOSE
    return int.from_bytes(data[:2]), data[2:].decode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"x" * (1 << 20) + b"y"), 1009),
        (frame(b"x" * 1000, fin=False) + frame(b"x" * (1 << 20), CONT), 1009),
        (frame(b"\xff\xfe"), 1007),
        (frame(b"\xed\xa0\x80"), 1007),
        (frame(b"\xc3", fin=False) + frame(b"\xff", CONT), 1007),
        (frame(b"binary", BINARY), 1003),
        (frame(b"packed", reserved=4), 1002),
        (frame(b"plain", masked=False), 1002),
        (frame(b"?", 3), 1002),
        (frame(b"no beginning", CONT), 1002),
        (close_frame(1000), 1000),
        (close_frame(4321), 4321),
    ],
)
async def test_what_breaks_the_protocol_closes_that_connection_only(site: Site, data: bytes, code: int) -> None:
    other = await site.station("CP-2")
    raw = await site.raw_station("CP-1")
    await raw.send(data)
    assert (await close_code(raw))[0] == code
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended[0][:2] == ("CP-1", code)
    assert await other.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]
    assert list(site.listener.sessions) == ["CP-2"]


@pytest.mark.conforms("DX-T42")
async def test_a_frame_of_20_mb_is_refused_by_its_header_and_what_follows_is_not_kept(site: Site) -> None:
    raw = await site.raw_station()
    with suppress(OSError):  # the server may hang up while we are still sending
        await raw.send(frame(b"x" * 20_000_000))
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended[0][:2] == ("CP-1", 1009)


async def test_messages_that_share_a_read_with_a_close_are_handled_and_answered_before_it(site: Site) -> None:
    raw = await site.raw_station()
    stop = frame(b'[2,"s","StopTransaction",{"transactionId":1}]')
    await raw.send(stop + HEARTBEAT + close_frame(1000) + HEARTBEAT)
    frames = read_frames(await raw.read_all())
    assert frames == [(TEXT, b'[3,"s",{}]'), (TEXT, b'[3,"h",{}]'), (CLOSE, (1000).to_bytes(2))]
    assert [call.action for call in site.csms.calls] == ["StopTransaction", "Heartbeat"]


async def test_a_message_that_follows_the_handshake_at_once_is_handled(site: Site) -> None:
    raw = await site.raw()
    await raw.send(REQUEST.format(path="/CP-1").encode() + HEARTBEAT + close_frame(1000))
    assert "101 " in await raw.read_head()
    assert read_frames(await raw.read_all())[0] == (TEXT, b'[3,"h",{}]')


async def test_answers_of_one_read_leave_together(site: Site) -> None:
    raw = await site.raw_station()
    await raw.send(HEARTBEAT * 20)
    async with asyncio.timeout(LIMIT_S):
        received = await raw.reader.read(1 << 16)
    assert len(read_frames(received)) == 20


async def test_fragments_with_a_ping_between_are_put_together(site: Site) -> None:
    raw = await site.raw_station()
    message = '[2,"é","Heartbeat",{}]'.encode()
    await raw.send(frame(message[:5], fin=False) + frame(b"tick", PING) + frame(message[5:6], CONT, fin=False))
    await raw.send(frame(b"", CONT, fin=False) * 100 + frame(message[6:], CONT) + close_frame(1000))
    frames = read_frames(await raw.read_all())
    assert sorted(frames[:2]) == [(TEXT, '[3,"é",{}]'.encode()), (PONG, b"tick")]


async def test_large_messages_pass_both_ways(site: Site) -> None:
    payload = {"data": "x" * 200_000}
    site.csms.answers["DataTransfer"] = lambda session, call: Reception(call.payload)
    station = await site.station()
    assert await station.ask(2, "a", "DataTransfer", payload) == [3, "a", payload]
    assert await station.ask(2, "b", "DataTransfer", {"data": "x" * 300}) == [3, "b", {"data": "x" * 300}]


# ---- silence


@pytest.mark.conforms("DX-T35")
async def test_a_half_open_connection_is_found_by_pings(start: Start) -> None:
    site = await start(ping_interval_s=0.05)
    await site.raw_station("CP-1")  # never reads, never answers
    await site.csms.until(lambda: site.csms.ended)
    station_id, code, reason = site.csms.ended[0]
    assert (station_id, code) == ("CP-1", 1006)
    assert "no sign of life" in reason
    assert [message.action for message in site.csms.messages] == ["connected", "silent", "closed"]
    assert not site.listener.sessions


async def test_a_station_that_answers_pings_stays(start: Start) -> None:
    site = await start(ping_interval_s=0.05)
    station = await site.station("CP-1")
    await site.raw_station("CP-2")
    await site.csms.until(lambda: site.csms.ended)  # as long as it takes to give up CP-2
    assert site.csms.ended[0][0] == "CP-2"
    assert await station.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]


async def test_messages_are_a_sign_of_life_without_pongs(start: Start) -> None:
    site = await start(ping_interval_s=0.1)
    talks, _silent = await site.raw_station("CP-1"), await site.raw_station("CP-2")
    while not site.csms.ended:
        await talks.send(HEARTBEAT)
        await asyncio.sleep(0.02)
    assert [station_id for station_id, _, _ in site.csms.ended] == ["CP-2"]
    assert "CP-1" in site.listener.sessions


async def test_a_station_that_was_cut_off_for_ignoring_pings_is_borne_with_afterwards(start: Start) -> None:
    site = await start(ping_interval_s=0.05)
    await site.raw_station("CP-1")
    await site.csms.until(lambda: len(site.csms.ended) == 1)
    await site.raw_station("CP-1")
    await site.raw_station("CP-2")
    await site.csms.until(lambda: len(site.csms.ended) == 2)
    assert site.csms.ended[1][0] == "CP-2"
    assert "CP-1" in site.listener.sessions


async def test_pings_can_be_switched_off(start: Start) -> None:
    site = await start(ping_interval_s=0)
    raw = await site.raw_station()
    await raw.send(HEARTBEAT + close_frame(1000))
    assert [opcode for opcode, _ in read_frames(await raw.read_all())] == [TEXT, CLOSE]


# ---- too much


async def test_a_station_that_does_not_read_is_not_read_and_then_cut(start: Start) -> None:
    site = await start(ping_interval_s=0.2)
    site.csms.answers["DataTransfer"] = lambda session, call: Reception({"data": "x" * 10_000})
    other = await site.station("CP-2")
    raw = await site.raw_station("CP-1")
    request = frame(b'[2,"d","DataTransfer",{}]')

    async def flood() -> None:
        try:
            while True:
                await raw.send(request * 100)
        except OSError:
            pass  # that was the aim

    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(flood(), site.csms.until(lambda: site.csms.ended))
    assert site.csms.ended[0][:2] == ("CP-1", 1006)
    assert await other.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]


async def test_what_a_station_leaves_unread_is_bounded(start: Start) -> None:
    site = await start(max_unread_bytes=100_000, ping_interval_s=0)
    raw = await site.raw_station("CP-1")
    site.csms.later("Authorize")
    size = 50
    for number in range(size):
        await raw.send(frame(json.dumps([2, str(number), "Authorize", {}]).encode()))
    await site.csms.until(lambda: len(site.csms.calls) == size)
    for number in range(size):
        site.session.answer(str(number), {"data": "x" * 500_000})
    await site.csms.until(lambda: site.csms.ended)
    assert "unread" in site.csms.ended[0][2]


@pytest.mark.conforms("DX-S18")
async def test_a_flood_slows_down_only_who_floods(start: Start) -> None:
    site = await start(flood_burst=100, flood_per_s=0.01)
    raw, other = await site.raw_station("CP-1"), await site.station("CP-2")
    await raw.send(HEARTBEAT * 101)
    await site.csms.until(lambda: len(site.csms.calls) == 101)
    await raw.send(HEARTBEAT)
    for number in range(50):
        assert (await other.ask(2, str(number), "Authorize", {}))[1] == str(number)
    assert sum(call.action == "Heartbeat" for call in site.csms.calls) == 101


async def test_who_flooded_is_heard_again_when_it_has_paid_for_it(start: Start) -> None:
    site = await start(flood_burst=10, flood_per_s=200)
    raw = await site.raw_station("CP-1")
    for _ in range(4):
        await raw.send(HEARTBEAT * 20)
    await site.csms.until(lambda: len(site.csms.calls) == 80)


async def test_pings_count_as_a_flood_too(start: Start) -> None:
    site = await start(flood_burst=100, flood_per_s=0.001)
    raw, other = await site.raw_station("CP-1"), await site.station("CP-2")
    await raw.send(frame(b"", PING) * 200)
    async with asyncio.timeout(LIMIT_S):
        await raw.reader.readexactly(400)
    await raw.send(HEARTBEAT)
    assert await other.ask(2, "a", "Authorize", {}) == [3, "a", {}]
    assert [call.action for call in site.csms.calls] == ["Authorize"]


async def test_nothing_is_read_while_the_store_is_behind(site: Site) -> None:
    early = await site.station("CP-1")
    site.listener.pause()
    late = await site.station("CP-2")
    await early.send(2, "a", "Heartbeat", {})
    await late.send(2, "b", "Heartbeat", {})
    await site.station("CP-3")  # a handshake takes as long as a message would have
    assert site.csms.calls == []
    site.listener.resume()
    assert await early.read() == [3, "a", {}]
    assert await late.read() == [3, "b", {}]


# ---- the same identity twice


async def test_a_newcomer_takes_the_place_of_the_older_connection(site: Site) -> None:
    first = await site.station("CP-1")
    old = site.session
    call = asyncio.create_task(old.call("Reset", {}, 10))
    await first.read()
    second = await site.station("CP-1")
    assert await first.closed() == (4000, "replaced by a newer connection")
    end = await call
    assert isinstance(end, CallLost)
    assert end.offline
    assert site.listener.sessions["CP-1"] is site.session is not old
    assert await second.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]
    assert site.csms.ended == []
    await second.socket.close()
    await site.csms.until(lambda: site.csms.ended)
    assert len(site.csms.ended) == 1


async def test_a_newcomer_with_a_wrong_password_takes_nobodys_place(site: Site) -> None:
    first = await site.station("CP-1")
    site.csms.passwords["CP-1"] = b"secret"
    raw = await site.raw()
    await raw.send(REQUEST.format(path="/CP-1").encode())
    assert "401 " in await raw.read_head()
    assert await first.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]


# ---- the end


async def test_the_csms_can_close_a_connection(site: Site) -> None:
    station = await site.station()
    site.session.close(1000, "é" * 100)
    code, reason = await station.closed()
    assert (code, reason) == (1000, "é" * 61)
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended[0][:2] == ("CP-1", 1000)


async def test_a_station_that_does_not_answer_a_close_is_cut(start: Start) -> None:
    site = await start(close_timeout_s=0.05)
    await site.raw_station()
    site.session.close(1000, "bye")
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended == [("CP-1", 1000, "bye")]


async def test_the_end_of_the_stream_follows_a_close_at_once(start: Start) -> None:
    site = await start(close_timeout_s=10 * LIMIT_S)
    raw = await site.raw_station()
    await raw.send(frame(b"packed", reserved=4))
    assert (await close_code(raw))[0] == 1002


async def test_a_lost_connection_is_told(site: Site) -> None:
    raw = await site.raw_station()
    raw.writer.transport.abort()
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended[0][:2] == ("CP-1", 1006)


async def test_closing_the_listener_closes_everybody_with_1001_and_waits(start: Start) -> None:
    site = await start(close_timeout_s=0.2)
    stations = [await site.station(f"CP-{number}") for number in range(3)]
    deaf, stranger = await site.raw_station("CP-deaf"), await site.raw()
    async with asyncio.timeout(LIMIT_S):
        await site.listener.close()
    assert not site.listener.sessions
    assert {code for _, code, _ in site.csms.ended} == {1001}
    assert len(site.csms.ended) == 4
    for station in stations:
        assert await station.closed() == (1001, "the service stops")
    assert (await close_code(deaf))[0] == 1001
    assert await stranger.read_all() == b""
    with pytest.raises(OSError):  # noqa: PT011  refused, or reset
        await site.raw()


async def test_nothing_of_a_connection_is_left_when_it_ends_even_without_the_garbage_collector(site: Site) -> None:
    def left() -> list[str]:
        ours = (StationSocket, Link, FrameReader, ServerProtocol, OurCalls)
        return [type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, ours)]

    gc.collect()
    gc.disable()
    try:
        station = await site.raw_station()
        await station.send(frame(b'[2,"s","StartTransaction",{}]'))
        await site.csms.until(lambda: site.csms.calls)
        await asyncio.gather(site.session.call("Reset", {}, 0.01))
        assert len(left()) == 5
        site.csms.sessions.clear()
        await station.send(close_frame(1000))
        await station.read_all()
        await site.csms.until(lambda: site.csms.ended)
        await asyncio.sleep(0)  # the transport lets go of its protocol after it has told it
        assert left() == []
    finally:
        gc.enable()


def test_uvloop_serves_as_well() -> None:
    uvloop: Any = pytest.importorskip("uvloop")
    from contextlib import AsyncExitStack

    from console.csms.listener.listener import Listener, ListenSettings
    from tests.wire.transport.conftest import LOCAL, FakeCsms, LoopClock

    async def visit() -> None:
        csms = FakeCsms()
        listener = Listener(
            csms, csms, LoopClock(), ListenSettings(listen=LOCAL, flood_burst=10, flood_per_s=100, close_timeout_s=0.2)
        )
        ((_, port),) = await listener.start()
        async with AsyncExitStack() as stack:
            site = Site(stack, csms, listener, port)
            station = await site.station("CP-1")
            for number in range(30):
                await station.send(2, str(number), "Heartbeat", {})
            assert [(await station.read())[1] for _ in range(30)] == [str(number) for number in range(30)]
            call = asyncio.create_task(site.session.call("Reset", {}, 10))
            await station.send(3, (await station.read())[1], {})
            await call
            listener.pause()
            listener.resume()
            raw = await site.raw_station("CP-2")
            await raw.send(frame(b"packed", reserved=4))
            assert (await close_code(raw))[0] == 1002
            await listener.close()
            assert await station.closed() == (1001, "the service stops")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(visit())
