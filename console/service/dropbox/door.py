"""The drop box's HTTP: a file is put, or fetched, at an address that we made; whatever else is asked is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from console.errors import ConsoleError
from console.model.station_file import StationFile
from console.model.text import plain
from console.service.dropbox.folder import MOST_UPLOAD_BYTES, Folder
from console.service.dropbox.slots import Slot, Slots
from console.service.dropbox.upload import FailedError, receive, too_large

#: A station that sends nothing for so long has gone; one that takes longer than this in all never ends.
SILENCE_S, LONGEST_S = 60.0, 3600.0
#: So many files are taken at once.
_MOST_AT_ONCE = 50
_LONGEST_NAME = 200
_GONE = "Ask the station again: each address is for one file, for a while."


class Host(Protocol):
    """Who keeps the box."""

    slots: Slots
    folder: Folder

    def now(self) -> datetime:
        """The instant, UTC."""
        ...

    def received(self, file: StationFile) -> None:
        """A file is here."""
        ...

    async def used(self) -> None:
        """An address has got its file."""
        ...

    def refused(self, address: str, request: str, station_id: str, failure: FailedError) -> None:
        """A request was turned away."""
        ...


class Door:
    """The application that a web server serves."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._uploading: set[str] = set()
        self._at_once = 0

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        """Answer one request, and close the connection."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive_)
        slot: Slot | None = None
        try:
            slot = self._slot(request)
            async with asyncio.timeout(LONGEST_S):
                response = await self._with_room(slot, request)
                response.headers["connection"] = "close"
                await response(scope, receive_, send)
            return
        except FailedError as error:
            failure = error
        except TimeoutError:
            failure = FailedError(408, "the file took too long", "Look at the station's network.")
        except ClientDisconnect:
            failure = FailedError(0, "the upload was broken off", "Look at the station's network; it may try again.")
        self._tell(request, slot, failure)
        if failure.status:
            refusal = PlainTextResponse(f"{failure.cause}\n", failure.status, {"connection": "close"})
            await refusal(scope, receive_, send)

    def _slot(self, request: Request) -> Slot:
        """The address that is meant, if the method fits and it still counts. Raises FailedError."""
        slot = self._host.slots.find(request.url.path)
        if slot is None:
            raise FailedError(404, "nobody was given this address", "Files are only taken where they were asked for.")
        allowed = ("GET", "HEAD") if slot.offered else ("PUT", "POST")
        if request.method not in allowed:
            cause = f"{plain(request.method)[:20]} at an address for {' and '.join(allowed)}"
            raise FailedError(405, cause, "The station's firmware may know another protocol only.")
        if slot.expires_at <= self._host.now():
            raise FailedError(410, "the address has expired", _GONE)
        if slot.used:
            raise FailedError(410, "a file was put at this address already", _GONE)
        return slot

    async def _with_room(self, slot: Slot, request: Request) -> Response:
        if self._at_once >= _MOST_AT_ONCE:
            raise FailedError(503, "too many files are being taken at once", "The station may try again.")
        self._at_once += 1
        try:
            return self._offer(slot) if slot.offered else await self._take(slot, request)
        finally:
            self._at_once -= 1

    def _offer(self, slot: Slot) -> Response:
        path = self._host.folder.offered_path(slot.offered)
        if not path.is_file():
            raise FailedError(410, "the file is not here any more", "Begin the update again.")
        return FileResponse(path, media_type="application/octet-stream")

    async def _take(self, slot: Slot, request: Request) -> Response:
        announced = request.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > MOST_UPLOAD_BYTES:
            raise too_large()
        if slot.token in self._uploading:
            raise FailedError(409, "another upload to this address is under way", _GONE)
        self._uploading.add(slot.token)
        try:
            file = await self._write(slot, request)
        finally:
            self._uploading.discard(slot.token)
        self._host.received(file)
        return Response(status_code=201 if request.method == "PUT" else 200)

    async def _write(self, slot: Slot, request: Request) -> StationFile:
        now = self._host.now()
        try:
            await asyncio.to_thread(self._host.folder.check_room)
            draft = await asyncio.to_thread(self._host.folder.draft, now)
        except (ConsoleError, OSError) as error:
            raise FailedError(507, "the disk is full", "Make room in the data folder.") from error
        try:
            name = await receive(_in_time(request.stream()), request.headers, draft)
            about = StationFile(
                "", slot.station_id, slot.kind, slot.request_id, name or _named(request), 0, now, _peer(request)
            )
            file = await asyncio.to_thread(self._host.folder.keep, draft, about)
        except OSError as error:
            draft.drop()
            raise FailedError(507, f"it cannot be written: {error.strerror}", "Mend the data folder.") from error
        except BaseException:
            draft.drop()
            raise
        self._host.slots.use(slot)
        await self._host.used()
        return file

    def _tell(self, request: Request, slot: Slot | None, failure: FailedError) -> None:
        path = _without_token(request.url.path)
        self._host.refused(
            _peer(request), f"{plain(request.method)[:20]} {path}", slot.station_id if slot else "", failure
        )


async def _in_time(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The parts of a body, as long as they come."""
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                part = await anext(parts, None)
        except TimeoutError as error:
            cause = f"nothing came for {SILENCE_S:.0f} s"
            raise FailedError(408, cause, "Look at the station's network; it may try again.") from error
        if part is None:
            return
        yield part


def _named(request: Request) -> str:
    """What the station calls its file: the end of the path. To be shown only."""
    rest = request.url.path.strip("/").partition("/")[2]
    return plain(unquote(rest).rpartition("/")[2])[:_LONGEST_NAME]


def _without_token(path: str) -> str:
    """The path as an operator may see it: whoever reads it can put no file there."""
    shown = plain(path)[:60]
    return f"{shown[:9]}…" if len(shown) > 9 else shown


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


App = Callable[[Scope, Receive, Send], Awaitable[None]]
