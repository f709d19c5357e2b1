"""The drop box's HTTP: a file is put, or fetched, at an address that we made; whatever else is asked is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from console.model.text import plain
from console.service.dropbox.folder import MOST_UPLOAD_BYTES
from console.service.dropbox.reception import (
    LONGEST_S,
    SILENCE_S,
    FailedError,
    Host,
    Reception,
    too_large,
    unwritten,
    without_token,
)
from console.service.dropbox.slots import Slot
from console.service.dropbox.upload import receive


class Door:
    """The application that a web server serves."""

    def __init__(self, host: Host) -> None:
        self._reception = Reception(host)

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        """Answer one request, and close the connection."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive_)
        slot: Slot | None = None
        try:
            slot = self._slot(request)
            async with asyncio.timeout(LONGEST_S):
                response = await self._answer(slot, request)
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
        slot = self._reception.slot(request.url.path)
        allowed = ("GET", "HEAD") if slot.offered else ("PUT", "POST")
        if request.method not in allowed:
            cause = f"{plain(request.method)[:20]} at an address for {' and '.join(allowed)}"
            raise FailedError(405, cause, "The station's firmware may know another protocol only.")
        self._reception.check(slot)
        return slot

    async def _answer(self, slot: Slot, request: Request) -> Response:
        if slot.offered:
            return FileResponse(self._reception.offered(slot), media_type="application/octet-stream")
        announced = request.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > MOST_UPLOAD_BYTES:
            raise too_large()
        async with self._reception.claimed(slot):
            await self._take(slot, request)
        return Response(status_code=201 if request.method == "PUT" else 200)

    async def _take(self, slot: Slot, request: Request) -> None:
        draft = await self._reception.begin()
        try:
            name = await receive(_in_time(request.stream()), request.headers, draft)
            await self._reception.keep(slot, draft, name or _named(request), _peer(request))
        except OSError as error:
            draft.drop()
            raise unwritten(error) from error
        except BaseException:
            draft.drop()
            raise

    def _tell(self, request: Request, slot: Slot | None, failure: FailedError) -> None:
        path = without_token(request.url.path)
        self._reception.refused(_peer(request), f"{plain(request.method)[:20]} {path}", slot, failure)


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
    return unquote(rest).rpartition("/")[2]


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


App = Callable[[Scope, Receive, Send], Awaitable[None]]
