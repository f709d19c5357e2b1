"""Our reader against websockets' own parser: any bytes, split anyhow, give the same messages and the same closes."""

from __future__ import annotations

import itertools
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from console.csms.listener.fast_frames import FrameReader
from tests.unit.csms_transport.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, close_frame, frame

_QUIET = logging.getLogger("tests.quiet")
_QUIET.setLevel(logging.CRITICAL)


class Receiver:
    """What a connection does with what it reads: keeps texts, refuses binary ones and wrong UTF-8."""

    def __init__(self, max_size: int) -> None:
        self.parser = ServerProtocol(state=State.OPEN, max_size=max_size, logger=_QUIET)
        self.messages: list[str] = []
        self.written = b""
        self._parts = b""

    def on_text(self, data: bytes | bytearray) -> None:
        try:
            self.messages.append(bytes(data).decode())
        except UnicodeDecodeError:
            self.parser.fail(1007)

    def on_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            self.parser.fail(1003)
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._parts += frame.data
            if frame.fin:
                data, self._parts = self._parts, b""
                self.on_text(data)

    def outcome(self) -> tuple[object, ...]:
        self.written += b"".join(self.parser.data_to_send())
        parser = self.parser
        return self.messages, self.written, parser.state, parser.close_sent, parser.close_rcvd, parser.eof_sent


def by_the_library(stream: bytes, max_size: int, *, ends: bool) -> tuple[object, ...]:
    """Read with the Sans-I/O parser alone, a byte at a time, so that each frame is handled before the next is read."""
    receiver = Receiver(max_size)
    for position in range(len(stream)):
        receiver.parser.receive_data(stream[position : position + 1])
        for event in receiver.parser.events_received():
            assert isinstance(event, Frame)
            receiver.on_frame(event)
    if ends:
        receiver.parser.receive_eof()
    return receiver.outcome()


def by_us(stream: bytes, max_size: int, cuts: list[int], *, ends: bool) -> tuple[object, ...]:
    """Read with our reader, in chunks."""
    receiver = Receiver(max_size)
    reader = FrameReader(receiver.parser, max_size, receiver.on_text, receiver.on_frame)
    borders = [0, *sorted({cut % (len(stream) + 1) for cut in cuts}), len(stream)]
    for start, stop in itertools.pairwise(borders):
        if start != stop:
            reader.receive(stream[start:stop])
    if ends:
        receiver.parser.receive_eof()
    return receiver.outcome()


_texts = st.one_of(
    st.text(max_size=20).map(str.encode),
    st.binary(max_size=6),
    st.sampled_from([124, 125, 126, 127, 300, 301]).map(lambda size: b"x" * size),
)
_good = _texts.map(frame)
_pieces = st.builds(
    frame,
    _texts,
    st.sampled_from([TEXT, TEXT, CONT, CONT, BINARY]),
    fin=st.booleans(),
    size_bytes=st.sampled_from([None, None, None, 8]),
)
_controls = st.one_of(
    st.builds(frame, st.binary(max_size=8), st.sampled_from([PING, PONG])),
    st.builds(close_frame, st.sampled_from([1000, 1001, 1005, 3999, 4000, 70]), st.text(max_size=5)),
    st.just(frame(b"", CLOSE)),
    st.just(frame(b"?", CLOSE)),
)
_wrong = st.one_of(
    st.builds(frame, _texts, st.sampled_from([3, 7, 11, 15])),
    st.builds(frame, _texts, reserved=st.integers(1, 7)),
    st.builds(frame, _texts, masked=st.just(False)),
    st.builds(frame, st.just(b"x" * 126), st.just(PING)),
    st.builds(frame, st.binary(max_size=3), st.just(PING), fin=st.just(False)),
    st.binary(min_size=1, max_size=12),
)
_streams = st.lists(st.one_of(_good, _good, _good, _good, _pieces, _controls, _wrong), max_size=8).map(b"".join)


@settings(max_examples=600, deadline=None)
@given(_streams, st.lists(st.integers(0, 4000), max_size=8), st.booleans(), st.integers(0, 9))
def test_any_stream_split_anyhow_is_read_as_the_library_reads_it(
    stream: bytes, cuts: list[int], ends: bool, lost: int
) -> None:
    stream = stream[: len(stream) - lost] if ends else stream
    assert by_us(stream, 300, cuts, ends=ends) == by_the_library(stream, 300, ends=ends)


@settings(max_examples=60, deadline=None)
@given(_streams, st.booleans())
def test_a_stream_in_single_bytes_is_read_as_the_library_reads_it(stream: bytes, ends: bool) -> None:
    assert by_us(stream, 300, list(range(len(stream))), ends=ends) == by_the_library(stream, 300, ends=ends)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 100_000])
@pytest.mark.parametrize("chunk", [1000, 1 << 20])
def test_frames_of_every_size_around_the_borders_of_the_format(size: int, chunk: int) -> None:
    text = "é" + "x" * (size - 2) if size else ""
    stream = frame(text.encode()) + frame(b"after")
    outcome = by_us(stream, 1 << 20, list(range(0, len(stream), chunk)), ends=False)
    assert outcome[0] == [text, "after"]


@pytest.mark.parametrize("fast", [True, False])
def test_a_frame_over_the_limit_is_refused_by_its_header_alone(fast: bool) -> None:
    receiver = Receiver(1000)
    reader = FrameReader(receiver.parser, 1000, receiver.on_text, receiver.on_frame)
    reader.receive(frame(b"x" * (1001 if fast else 70_000))[:10])
    assert receiver.parser.close_sent is not None
    assert receiver.parser.close_sent.code == 1009


def test_messages_that_share_a_read_with_a_close_are_delivered_before_it() -> None:
    order: list[str] = []
    parser = ServerProtocol(state=State.OPEN, logger=_QUIET)
    reader = FrameReader(
        parser, 1000, lambda data: order.append(data.decode()), lambda got: order.append(got.opcode.name)
    )
    reader.receive(frame(b"one") + frame(b"two") + close_frame(1000) + frame(b"three"))
    assert order == ["one", "two", "CLOSE"]


def test_nothing_is_delivered_after_the_handler_has_closed() -> None:
    order: list[bytes] = []
    parser = ServerProtocol(state=State.OPEN, logger=_QUIET)

    def on_text(data: bytes) -> None:
        order.append(data)
        parser.send_close(1000)

    reader = FrameReader(parser, 1000, on_text, lambda frame: None)
    reader.receive(frame(b"one") + frame(b"two"))
    reader.receive(frame(b"three"))
    assert order == [b"one"]
