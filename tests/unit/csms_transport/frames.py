"""Frames as a station writes them, and as it reads ours: written by hand, so that wrong ones can be made too."""

from __future__ import annotations

TEXT, BINARY, CONT, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA
MASK = b"\x12\x34\x56\x78"


def frame(
    data: bytes,
    opcode: int = TEXT,
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    size_bytes: int | None = None,
) -> bytes:
    """One frame of a client. ``size_bytes`` (0, 2 or 8) forces a length that is written longer than it need be."""
    length = len(data)
    if size_bytes is None:
        size_bytes = 0 if length < 126 else 2 if length < 1 << 16 else 8
    head = (0x80 if fin else 0) | reserved << 4 | opcode
    size = {0: length, 2: 126, 8: 127}[size_bytes]
    header = bytes((head, size | (0x80 if masked else 0))) + (length.to_bytes(size_bytes) if size_bytes else b"")
    if not masked:
        return header + data
    key = (MASK * (length // 4 + 1))[:length]
    return header + MASK + (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(length)


def close_frame(code: int, reason: str = "") -> bytes:
    """A Close frame of a client."""
    return frame(code.to_bytes(2) + reason.encode(), CLOSE)


def read_frames(stream: bytes) -> list[tuple[int, bytes]]:
    """The frames of a server, as (opcode, data); they are whole and unmasked."""
    frames = []
    while stream:
        length, start = stream[1], 2
        if length == 126:
            length, start = int.from_bytes(stream[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(stream[2:10]), 10
        frames.append((stream[0] & 0x0F, stream[start : start + length]))
        stream = stream[start + length :]
    return frames
