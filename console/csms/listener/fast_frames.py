"""A station's bytes to frames: whole text frames are taken here, everything else by websockets' own parser.

Nearly all that a station sends is one masked, unfragmented text frame of under 64 KiB. Taking those apart here costs a
third of what the general parser costs. Whatever else begins at a frame border (fragments, control frames, long frames,
errors) goes to the parser byte by byte as it arrives, so that it fails where and as it would fail alone.
"""

from __future__ import annotations

from collections.abc import Callable

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without the compiled helper
    from websockets.utils import apply_mask

# Looking up a member of an enumeration costs more than all else that is done to a frame's header.
_OPEN = State.OPEN
_TEXT_WHOLE = 0x81
_MASKED = 0x80
_LONG = 126  # as a size, it announces two bytes of length
_VERY_LONG = 127  # as a size, it announces eight bytes of length
_MASK_BYTES = 4
_OPCODES = frozenset(Opcode)
_SHORT_HEADERS = tuple(bytes((_TEXT_WHOLE, length)) for length in range(_LONG))


def text_frame(data: bytes) -> bytes:
    """Return a whole text frame of a server, for UTF-8 of any length."""
    length = len(data)
    if length < _LONG:
        return _SHORT_HEADERS[length] + data
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2) + data
    return b"\x81\x7f" + length.to_bytes(8) + data


class FrameReader:
    """Splits the stream. Both callbacks run in the order of the stream, before `receive` returns.

    ``on_text(data)`` gets each whole text frame, unmasked and not yet decoded; ``on_frame(frame)`` all other frames.
    Nothing is delivered once the connection is closing.
    """

    __slots__ = ("_fast_limit", "_fragmented", "_on_frame", "_on_text", "_parser", "_parser_needs", "_rest", "parsed")

    def __init__(
        self,
        parser: ServerProtocol,
        max_message_bytes: int,
        on_text: Callable[[bytes], None],
        on_frame: Callable[[Frame], None],
    ) -> None:
        self._parser = parser
        self._fast_limit = min(max_message_bytes, 0xFFFF)
        self._on_text = on_text
        self._on_frame = on_frame
        self._rest = b""  # the beginning of a frame that is not the parser's, or not yet known to be
        self._parser_needs = 0  # bytes of its current frame that the parser has not seen
        self._fragmented = False
        self.parsed = False  # whether the parser has been given anything, and may have something to send

    def receive(self, data: bytes) -> None:
        """Take in what was read from the socket."""
        parser = self._parser
        # One whole text frame and nothing else, the usual case: without a loop.
        if not (self._rest or self._parser_needs or self._fragmented) and data[0] == _TEXT_WHOLE:
            end = len(data)
            start, stop = self._text_span(data, 0, end) if end > 1 else (0, 0)
            if stop == end and parser.state is _OPEN:
                self._on_text(apply_mask(data[start:], data[start - _MASK_BYTES : start]))
                return
        if self._rest:
            data = self._rest + data
            self._rest = b""
        position, end = 0, len(data)
        if self._parser_needs:
            position = self._give(data, 0, self._parser_needs)
        while end - position >= 2 and parser.state is _OPEN:
            start = stop = 0
            if data[position] == _TEXT_WHOLE and not self._fragmented:
                start, stop = self._text_span(data, position, end)
            if stop > end:
                break
            if stop:
                position = stop
                self._on_text(apply_mask(data[start:stop], data[start - _MASK_BYTES : start]))
                continue
            span = self._span(data, position, end)
            if not span:
                break
            position = self._give(data, position, span)
        if position < end:
            if parser.state is _OPEN:
                self._rest = data[position:]
            else:
                self.parsed = True
                parser.receive_data(data[position:])

    def _text_span(self, data: bytes, position: int, end: int) -> tuple[int, int]:
        """Return where the text of the frame at ``position`` starts and stops; (0, 0) if the parser must have it.

        It stops beyond ``end`` if some of it is still to come.
        """
        length = data[position + 1] - _MASKED
        start = position + 2 + _MASK_BYTES
        if length == _LONG:
            if end - position < 4:
                return start, end + 1
            length = data[position + 2] << 8 | data[position + 3]
            start += 2
        if length < 0 or length > self._fast_limit or data[position + 1] == _MASKED + _VERY_LONG:
            return 0, 0
        return start, start + length

    def _span(self, data: bytes, position: int, end: int) -> int:
        """Return how many bytes the frame at ``position`` has; 0 if its header must arrive first."""
        head, size = data[position], data[position + 1]
        if not size & _MASKED or head & 0x0F not in _OPCODES:
            return end - position  # the parser fails on these two bytes
        length = size - _MASKED
        if length < _LONG:
            return 2 + _MASK_BYTES + length
        size_bytes = 2 if length == _LONG else 8
        if end - position < 2 + size_bytes:
            return 0
        length = int.from_bytes(data[position + 2 : position + 2 + size_bytes])
        return 2 + size_bytes + _MASK_BYTES + length

    def _give(self, data: bytes, position: int, span: int) -> int:
        """Give the parser up to ``span`` bytes, deliver what comes out, and return where that ended."""
        parser = self._parser
        chunk = data[position : position + span]
        self._parser_needs = span - len(chunk)
        self.parsed = True
        parser.receive_data(chunk)
        for event in parser.events_received():
            if not isinstance(event, Frame):
                continue
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._fragmented = not event.fin
            self._on_frame(event)
        return position + len(chunk)
