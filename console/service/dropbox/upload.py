"""The body of an upload, raw or multipart, written as it comes: bounded in size, and in how slow it may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from console.model.text import plain
from console.service.dropbox.folder import MOST_UPLOAD_BYTES, Draft
from console.service.dropbox.reception import FailedError, too_large

_LONGEST_NAME = 200
_LONGEST_HEADER = 8192
#: What is written at once, away from the event loop.
_BLOCK_BYTES = 256 << 10


async def receive(parts: AsyncIterator[bytes], headers: Mapping[str, str], draft: Draft) -> str:
    """Write a body to a draft; return the name that a multipart body gives its file, "" if none. Raises FailedError."""
    kind, options = parse_options_header(headers.get("content-type", ""))
    form = _Form(options[b"boundary"]) if kind == b"multipart/form-data" and b"boundary" in options else None
    waiting, came = bytearray(), 0
    async for part in parts:
        came += len(part)  # all of the body: what is around the file in a form costs as much
        if came > MOST_UPLOAD_BYTES:
            raise too_large()
        waiting += form.take(part) if form else part
        if len(waiting) >= _BLOCK_BYTES:
            await asyncio.to_thread(draft.write, bytes(waiting))
            waiting.clear()
    if form is not None:
        form.end()
    await asyncio.to_thread(draft.write, bytes(waiting))
    return form.name if form else ""


class _Form:
    """A multipart body: the first part that has a file name is the file; without one, the first part is."""

    def __init__(self, boundary: bytes) -> None:
        self._found = bytearray()
        self._header = [b"", b""]
        self._disposition = b""
        self._parts = 0
        self._wanted = False
        self._done = False
        self._whole = False
        self.name = ""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._collect(0),
                "on_header_value": self._collect(1),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._part_ends,
                "on_end": self._ends,
            },
        )

    def take(self, data: bytes) -> bytes:
        """The bytes of the file in a piece of the body."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _broken() from error
        found = bytes(self._found)
        self._found.clear()
        return found

    def end(self) -> None:
        """The body has ended. Raises FailedError if the form has not."""
        if not self._whole:
            raise _broken()

    def _collect(self, which: int) -> Callable[[bytes, int, int], None]:
        def add(data: bytes, start: int, end: int) -> None:
            self._header[which] += data[start:end]
            if len(self._header[which]) > _LONGEST_HEADER:
                raise _broken()

        return add

    def _part_begins(self) -> None:
        self._parts += 1
        self._disposition = b""

    def _header_ends(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"filename")
        self._wanted = not self._done and name is not None
        if name is not None and self._wanted:
            self.name = plain(name.decode("utf-8", "replace"))[:_LONGEST_NAME]

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted:
            self._found += data[start:end]

    def _part_ends(self) -> None:
        self._done = self._done or self._wanted
        self._wanted = False

    def _ends(self) -> None:
        self._whole = True
        if not self._done:
            raise FailedError(400, "the form holds no file", "The part with the file needs a filename.")


def _broken() -> FailedError:
    return FailedError(400, "the multipart form is broken off, or none", "Its station sends what it does not announce.")
