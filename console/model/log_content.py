"""What stands in a log file: unpacked as far as it is small enough, and told as text. Pure: bytes in, text out.

Nothing of it is written anywhere, and the names in an archive are only shown.
"""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from console.model.text import plain

#: So much text is shown, so many files of an archive, and so deep is an archive in an archive looked into.
MOST_SHOWN_BYTES = 4 << 20
_MOST_ENTRIES = 100
_DEEPEST = 3
_HEX_BYTES = 1024
_BROKEN = (zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, ValueError,
           NotImplementedError, RuntimeError)  # fmt: skip
_LEFT_OUT = "(the rest is left out: save the file to see all of it)"


class _Room:
    """How much may still be shown."""

    def __init__(self) -> None:
        self.left = MOST_SHOWN_BYTES


def log_text(data: bytes, name: str = "") -> str:
    """A log to read: text as it is, archives unpacked with a line before each file, other files in their first bytes.

    gzip, zip and tar are known by how they begin, whatever they are called. An archive that unpacks to more than is
    shown is cut off there, not unpacked.
    """
    return "\n".join(_lines(data, name, _Room(), 0))


def _lines(data: bytes, name: str, room: _Room, depth: int) -> Iterator[str]:
    if room.left <= 0:
        yield _LEFT_OUT
        return
    try:
        if depth < _DEEPEST and data.startswith(b"\x1f\x8b"):
            unpacked, whole = _gunzip(data, room.left)
            yield from _lines(unpacked, name, room, depth + 1)
            if not whole:
                yield _LEFT_OUT
        elif depth < _DEEPEST and data.startswith(b"PK\x03\x04"):
            yield from _zipped(data, room, depth)
        elif depth < _DEEPEST and data[257:262] == b"ustar":
            yield from _tarred(data, room, depth)
        else:
            yield from _shown(data, room)
    except _BROKEN as error:
        yield f"(this archive cannot be unpacked: {plain(str(error))[:200]})"
        yield from _hex(data, room)


def _gunzip(data: bytes, most: int) -> tuple[bytes, bool]:
    """Unpack at most so many bytes; whether that is all."""
    unpacked = bytearray()
    while data and len(unpacked) <= most:
        stream = zlib.decompressobj(wbits=31)
        unpacked += stream.decompress(data, most + 1 - len(unpacked))
        if not stream.eof:
            return bytes(unpacked[:most]), False
        data = stream.unused_data.lstrip(b"\0")
    return bytes(unpacked[:most]), len(unpacked) <= most


def _zipped(data: bytes, room: _Room, depth: int) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist()[:_MOST_ENTRIES]:
            if entry.is_dir():
                continue
            yield _heading(entry.filename, entry.file_size)
            if entry.flag_bits & 1:
                yield "(it is encrypted: save the file, and open it with its password)"
                continue
            with archive.open(entry) as file:
                yield from _entry(file.read(max(0, room.left) + 1), entry.filename, room, depth)
        if len(archive.infolist()) > _MOST_ENTRIES:
            yield _LEFT_OUT


def _tarred(data: bytes, room: _Room, depth: int) -> Iterator[str]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for number, entry in enumerate(archive):
            if number >= _MOST_ENTRIES:
                yield _LEFT_OUT
                return
            if not entry.isreg():
                continue
            yield _heading(entry.name, entry.size)
            file = archive.extractfile(entry)
            yield from _entry(file.read(max(0, room.left) + 1) if file else b"", entry.name, room, depth)


def _entry(data: bytes, name: str, room: _Room, depth: int) -> Iterator[str]:
    yield from _lines(data, name, room, depth + 1)
    yield ""


def _heading(name: str, size: int) -> str:
    return f"== {plain(name)[:120]} ({size} bytes) =="


def _shown(data: bytes, room: _Room) -> Iterator[str]:
    """A file that is no archive."""
    if not data:
        yield "(empty)"
        return
    if _is_binary(data):
        yield from _hex(data, room)
        return
    text = data[: room.left]
    left_out = len(data) > len(text)
    room.left -= len(text)
    yield from (plain(line.replace("\t", "    ")) for line in _decoded(text).splitlines())
    if left_out:
        yield _LEFT_OUT


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _is_binary(data: bytes) -> bool:
    """Whether a file is no text: NUL bytes, or many that no text has."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    head = data[:8192]
    odd = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return b"\0" in head or odd * 20 > len(head)


def _hex(data: bytes, room: _Room) -> Iterator[str]:
    """The first bytes of what is no text."""
    shown = data[:_HEX_BYTES]
    room.left -= len(shown) * 4
    yield f"(no text: {len(data)} bytes; the first {len(shown)})"
    for at in range(0, len(shown), 16):
        row = shown[at : at + 16]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{at:06x}  {row.hex(' '):47}  {letters}"
