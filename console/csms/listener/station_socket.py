"""One TCP connection of a station: handshake, frames in and out, pings, back pressure, closing.

An asyncio.Protocol over websockets' public Sans-I/O layer. Messages are handled inside the read callback, and all that
they make us send leaves with one write when the read is done.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from console.csms.limits import TokenBucket
from console.csms.link.link import Link
from console.csms.link.repeats import Memory
from console.csms.listener.fast_frames import FrameReader, text_frame
from console.csms.listener.gate import Gate, common_name
from console.csms.listener.handshake import Refused
from console.csms.listener.host import Host
from console.csms.listener.pulse import Pulse
from console.csms.listener.request_head import RequestHead

# asyncio reads 256 KiB at a time, and malloc maps and unmaps that again for every message.
_READ_BYTES = 1 << 16
_LONGEST_REASON = 123
_SWEEP_EVERY_S = 20.0
_OPEN = State.OPEN  # looked up once: members of enumerations are slow to come by

# Why a socket is not being read (a set of bits).
HOLD_TAKES_NOTHING = 1  # the station does not read what we send
HOLD_FLOOD = 2  # the station sends too much
HOLD_STORE = 4  # the store is behind


class StationSocket(asyncio.Protocol):
    """``address`` is the station's, without its port; ``link`` is set from the end of the handshake on."""

    __slots__ = (
        "_bucket",
        "_cancel_deadline",
        "_cancel_flood",
        "_cancel_tick",
        "_counted_at",
        "_ending",
        "_frames",
        "_head",
        "_holds",
        "_host",
        "_message",
        "_out",
        "_parser",
        "_pulse",
        "_reader",
        "_reading",
        "_transport",
        "address",
        "certificate_name",
        "gate",
        "link",
        "local_address",
    )

    def __init__(self, host: Host, parser: ServerProtocol, gate: Gate) -> None:
        self.gate = gate
        self.address = ""
        self.local_address = ""
        self.certificate_name = ""
        self.link: Link | None = None
        self._host = host
        self._parser = parser
        self._transport: asyncio.Transport | None = None
        self._head: RequestHead | None = RequestHead()
        self._reader: FrameReader | None = None
        self._pulse: Pulse | None = None
        self._bucket: TokenBucket | None = None
        self._message: bytearray | None = None  # the fragments of one message so far
        self._out: list[bytes] = []
        self._reading = False
        self._frames = 0  # frames since the bucket was asked
        self._counted_at = sys.maxsize  # after so many it is asked again
        self._holds = 0
        self._ending: tuple[int, str] | None = None
        self._cancel_tick: Callable[[], None] | None = None
        self._cancel_deadline: Callable[[], None] | None = None
        self._cancel_flood: Callable[[], None] | None = None

    # ---- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A TCP connection: it has so many seconds to become a WebSocket."""
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        if hasattr(transport, "max_size"):  # uvloop has one read buffer for all
            transport.max_size = _READ_BYTES
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else "local"
        here = transport.get_extra_info("sockname")
        self.local_address = str(here[0]) if isinstance(here, tuple) else ""
        self.certificate_name = common_name(transport.get_extra_info("peercert"))
        self._set_deadline(self._host.settings.handshake_timeout_s, self._on_handshake_timeout)
        self._host.connected(self)

    def data_received(self, data: bytes) -> None:
        """Handle all that has come, then send all that came of it."""
        reader = self._reader
        if reader is None or self._pulse is None:
            self._receive_head(data)
            return
        self._pulse.heard = True
        self._reading = True
        try:
            reader.receive(data)
        finally:
            self._reading = False
            if reader.parsed or self._parser.state is not _OPEN:
                reader.parsed = False
                self._flush()
            elif self._out:
                self._send_out()
        if self._frames >= self._counted_at:
            self._count_frames()

    def eof_received(self) -> bool:
        """The station will send no more; the transport closes when we return False."""
        if self._head is not None and self._head.started:
            self.turn_away(
                Refused(400, "the station hung up before its HTTP request was complete", "Look at the network between.")
            )
        self._parser.receive_eof()
        return False

    def pause_writing(self) -> None:
        """The station reads too slowly: take nothing more from it until it has caught up."""
        self.hold(HOLD_TAKES_NOTHING)

    def resume_writing(self) -> None:
        """The station has caught up."""
        self.release(HOLD_TAKES_NOTHING)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody, and cut every reference so that nothing waits for the garbage collector."""
        for cancel in (self._cancel_tick, self._cancel_deadline, self._cancel_flood):
            if cancel is not None:
                cancel()
        self._cancel_tick = self._cancel_deadline = self._cancel_flood = None
        link, self.link = self.link, None
        self._host.lost(self, link)
        if link is not None:
            link.ended(*self._how_it_ended(exc))
        self._reader = self._pulse = self._transport = self._head = None
        self._parser.parser.close()  # the parser and the generator it runs hold each other

    # ---- what the link and the listener call

    @property
    def is_open(self) -> bool:
        """Whether frames can still be sent."""
        return self._parser.state is _OPEN and self._transport is not None

    def send(self, data: bytes) -> None:
        """Send one text frame: at once, or with the other answers of this read. Dropped if closing."""
        if self._parser.state is not _OPEN:
            return
        self._out.append(text_frame(data))
        if not self._reading:
            self._send_out()

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; the connection is cut if the station does not finish it in time."""
        if self._parser.state is _OPEN:
            self._ending = code, reason
            self._parser.send_close(code, _short(reason))
            if not self._reading:
                self._flush()
        elif self._transport is not None and self.link is None:
            self._transport.abort()

    def cut(self, reason: str) -> None:
        """End the connection at once, without a word to the station."""
        self._ending = CloseCode.ABNORMAL_CLOSURE, reason
        if self._transport is not None:
            self._transport.abort()

    def turn_away(self, refusal: Refused) -> None:
        """Refuse a connection that has not become a WebSocket."""
        path = self._head.path if self._head is not None else ""
        self._hang_up(self._host.refuse(self, path, refusal))

    def hold(self, why: int) -> None:
        """Stop reading, for one more reason."""
        if not self._holds and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
        self._holds |= why

    def release(self, why: int) -> None:
        """Read again once the last reason is gone."""
        had, self._holds = self._holds, self._holds & ~why
        if had and not self._holds and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    # ---- handshake

    def _receive_head(self, data: bytes) -> None:
        if self._head is None or self._transport is None:
            return  # refused already; the station may go on talking until it has read that
        found = self._head.receive(data, self._parser)
        if found is None:
            return
        if isinstance(found, Refused):
            self.turn_away(found)
            return
        request, rest = found
        verdict = self._host.admit(self, request, self._parser)
        if isinstance(verdict, Response):
            self._hang_up(verdict)
            return
        response, link, memory = verdict
        self._open(response, link, memory)
        if rest:
            self.data_received(rest)

    def _open(self, response: Response, link: Link, memory: Memory) -> None:
        settings = self._host.settings
        if self._cancel_deadline is not None:
            self._cancel_deadline()
            self._cancel_deadline = None
        self._head = None
        self.link = link
        self._reader = FrameReader(self._parser, settings.max_message_bytes, self._on_text, self._on_frame)
        self._pulse = Pulse(settings.ping_interval_s, memory)
        if settings.flood_per_s:
            self._bucket = TokenBucket(settings.flood_burst, settings.flood_per_s, time.monotonic())
            self._count_frames()
        self._parser.send_response(response)
        self._flush()
        self._cancel_tick = self._host.clock.call_later(settings.ping_interval_s or _SWEEP_EVERY_S, self._tick)
        self._host.opened(self, link)

    def _hang_up(self, response: Response) -> None:
        """Send the refusal and close; what is not read in time is not read at all."""
        self._head = None
        self._set_deadline(self._host.settings.close_timeout_s, self._on_close_timeout)
        if self._transport is not None:
            self._transport.write(response.serialize())
            self._transport.close()

    def _on_handshake_timeout(self) -> None:
        timeout_s = self._host.settings.handshake_timeout_s
        self.turn_away(
            Refused(
                408,
                f"connected, but sent no complete HTTP request within {timeout_s:g} s",
                "Look at the network between, if it is a station and no port scan.",
            )
        )

    def _set_deadline(self, delay_s: float, then: Callable[[], None]) -> None:
        """There is one deadline at a time: for the handshake, then for closing."""
        if self._cancel_deadline is not None:
            self._cancel_deadline()
        self._cancel_deadline = self._host.clock.call_later(delay_s, then)

    # ---- frames

    def _on_text(self, data: bytes | bytearray) -> None:
        self._frames += 1
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError:
            self._parser.fail(CloseCode.INVALID_DATA, "the message is no UTF-8")
            return
        if self.link is not None:
            self.link.received(text)

    def _on_frame(self, frame: Frame) -> None:
        """Handle a frame that the parser took: pings are answered by it already."""
        if frame.opcode is Opcode.BINARY:
            self._parser.fail(CloseCode.UNSUPPORTED_DATA, "OCPP messages are text frames")
        elif frame.opcode is Opcode.TEXT or frame.opcode is Opcode.CONT:
            message = self._message if self._message is not None else bytearray()
            message += frame.data
            self._message = None if frame.fin else message
            if frame.fin:
                self._on_text(message)
            else:
                self._frames += 1
        else:
            self._frames += 1
            if frame.opcode is Opcode.PONG and self._pulse is not None:
                self._pulse.pong()

    def _flush(self) -> None:
        """Write what has collected: answers first, then the parser's pongs and Close."""
        parsers_own = self._parser.data_to_send()
        self._out += parsers_own
        ends = bool(parsers_own) and not parsers_own[-1]
        transport = self._transport
        if self._out and self._send_out() and transport is not None and parsers_own and self._parser.state is not _OPEN:
            self._await_the_end(transport, ends=ends)

    def _send_out(self) -> bool:
        """Write the answers that have collected; False where nobody can be written to any more."""
        out, self._out = self._out, []
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        transport.write(out[0] if len(out) == 1 else b"".join(out))
        if self._holds & HOLD_TAKES_NOTHING:
            unread = transport.get_write_buffer_size()
            if unread > self._host.settings.max_unread_bytes:
                self.cut(f"the station left {unread} bytes unread")
        return True

    def _await_the_end(self, transport: asyncio.Transport, *, ends: bool) -> None:
        """The closing handshake has begun; ``ends``: we shall say nothing more."""
        if ends and transport.can_write_eof():
            transport.write_eof()
        if self._cancel_deadline is None:
            self._set_deadline(self._host.settings.close_timeout_s, self._on_close_timeout)

    def _on_close_timeout(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _count_frames(self) -> None:
        """Does the station send too much? Asked again when it has sent half of what it may send at once."""
        bucket, count = self._bucket, self._frames
        if bucket is None:
            return
        wait_s = bucket.take(count, time.monotonic())
        self._frames, self._counted_at = 0, max(1, int(bucket.left) // 2)
        if wait_s and not self._holds & HOLD_FLOOD:
            self.hold(HOLD_FLOOD)
            self._cancel_flood = self._host.clock.call_later(wait_s, self._on_flood_over)

    def _on_flood_over(self) -> None:
        self._cancel_flood = None
        self.release(HOLD_FLOOD)

    def _tick(self) -> None:
        """Every so often: is the station alive, and is every request of its answered?"""
        settings = self._host.settings
        self._cancel_tick = self._host.clock.call_later(settings.ping_interval_s or _SWEEP_EVERY_S, self._tick)
        if self.link is None or self._pulse is None:
            return
        self.link.answer_overdue(settings.answer_timeout_s)
        if not settings.ping_interval_s or not self.is_open:
            return
        if self._holds & ~HOLD_TAKES_NOTHING:
            self._pulse.heard = True  # we are the ones who do not listen
        if not self._pulse.tick():
            what = "it reads nothing" if self._holds else "pings included" if self._pulse.pings else "it is not pinged"
            self.cut(f"no sign of life for {self._pulse.silent_s:g} s, {what}")
            return
        if self._pulse.fell_silent:
            self._host.recorder.event(self.link.station_id, "silent", {"seconds": self._pulse.silent_s})
        if self._pulse.pings:
            self._parser.send_ping(b"")
            self._flush()

    def _how_it_ended(self, exc: Exception | None) -> tuple[int, str]:
        parser = self._parser
        if self._ending is not None:
            return self._ending
        close = parser.close_rcvd or parser.close_sent
        if close is not None:
            return int(close.code), close.reason
        return int(CloseCode.ABNORMAL_CLOSURE), f"connection lost: {exc}" if exc else "connection lost"


def _short(reason: str) -> str:
    """Cut a reason to the 123 bytes that a Close frame has room for."""
    return reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
