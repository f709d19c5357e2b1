"""The operator link's routes: what there is to ask, in typed JSON. It knows neither sockets nor the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from console.backends import wire
from console.backends.base import MessageQuery, RecordQuery, TransactionQuery
from console.errors import ConsoleError
from console.model import export
from console.model.transaction import Transaction
from console.service.desk import Desk, ForbiddenError, NamelessError
from console.service.device_routes import DeviceRoutes
from console.service.dropbox.folder import Folder
from console.service.exports import MEDIA_TYPES, table
from console.service.file_routes import FileRoutes
from console.service.live import Hub
from console.service.records import Records

#: The largest command: a request of any OCPP version fits many times.
MAX_BODY_BYTES = 1 << 20
_LONGEST_NAME = 80

Query = TypeVar("Query", bound=msgspec.Struct)


class BadRequestError(ConsoleError):
    """What was asked cannot be read."""


class TooLargeError(ConsoleError):
    """What was sent is too long."""


_STATUS: dict[type[ConsoleError], int] = {
    BadRequestError: 400,
    NamelessError: 400,
    ForbiddenError: 403,
    TooLargeError: 413,
}


class LiveParameters(msgspec.Struct, frozen=True):
    """How a site is watched: a read-only watcher does not count as somebody who can answer questions."""

    read_only: bool = False


class FormatParameter(msgspec.Struct, frozen=True):
    """How an export is written."""

    format: export.Format = "csv"


class Routes:
    """Answers requests with what the service is made of."""

    def __init__(self, info: Callable[[], wire.Info], hub: Hub, records: Records, desk: Desk, files: Folder) -> None:
        self._info = info
        self._hub = hub
        self._records = records
        self._desk = desk
        self._files = files

    def app(self) -> Starlette:
        """The application that a web server serves."""
        get = [
            Route("/v1/info", self.info),
            Route("/v1/site", self.site),
            Route("/v1/transactions", self.transactions),
            Route("/v1/meter-values", self.meter_values),
            Route("/v1/messages", self.messages),
            Route("/v1/settings", self.settings),
            *DeviceRoutes(self._records, _read).routes(),
            *FileRoutes(self._files, _read).routes(),
            Route("/v1/records", self.records),
            Route("/v1/notices", self.notices),
            Route("/v1/audit", self.audit),
            Route("/v1/export/transactions", self.export_transactions),
            Route("/v1/export/meter-values", self.export_meter_values),
            Route("/v1/export/messages", self.export_messages),
        ]
        live = [WebSocketRoute("/v1/live", self.live), WebSocketRoute("/v1/messages/live", self.messages_live)]
        command = Route("/v1/command", self.command, methods=["POST"])
        return Starlette(
            routes=[*get, *live, command],
            exception_handlers={ConsoleError: _console_error, HTTPException: _http_error},
        )

    async def info(self, _request: Request) -> Response:
        """Who serves."""
        return _json(self._info())

    async def site(self, _request: Request) -> Response:
        """The site as it is now."""
        return _json(self._hub.site)

    async def command(self, request: Request) -> Response:
        """Carry out a command; its outcome is the answer, whatever it is."""
        body = await _body(request)
        try:
            command = wire.decode_command(body)
        except msgspec.MsgspecError as error:
            raise BadRequestError(
                f"This is no command: {error}.", "See the list of commands: ocpp-console help"
            ) from error
        operator = unquote(request.headers.get(wire.OPERATOR_HEADER, "")).strip()
        return _json(await self._desk.run(command, operator[:_LONGEST_NAME]))

    async def transactions(self, request: Request) -> Response:
        """Transactions, newest first."""
        return _json(self._as_now(await self._records.transactions(_query(request, TransactionQuery))))

    async def meter_values(self, request: Request) -> Response:
        """Meter values of a transaction, or of an EVSE since an instant; oldest first."""
        query = _query(request, wire.MeterQuery)
        if query.transaction:
            return _json(await self._records.meter_values(query.station, query.transaction))
        if query.since is None:
            raise BadRequestError("Which meter values?", "Say transaction, or evse and since.")
        return _json(await self._records.recent_meter_values(query.station, query.evse, query.since))

    async def messages(self, request: Request) -> Response:
        """Messages, oldest first."""
        return _json(await self._records.messages(_query(request, MessageQuery)))

    async def settings(self, request: Request) -> Response:
        """A station's settings as last read."""
        return _json(await self._records.settings(_query(request, wire.SettingsQuery).station))

    async def records(self, request: Request) -> Response:
        """What stations told of themselves, newest first."""
        return _json(await self._records.records(_query(request, RecordQuery)))

    async def notices(self, request: Request) -> Response:
        """The newest notices, or alarms, oldest first."""
        query = _query(request, wire.NoticeQuery)
        ask = self._records.alarms if query.alarms else self._records.notices
        return _json(await ask(query.limit))

    async def audit(self, request: Request) -> Response:
        """The newest commands and how they ended, oldest first."""
        query = _query(request, wire.AuditQuery)
        return _json(await self._records.audit(query.limit, query.station))

    async def export_transactions(self, request: Request) -> Response:
        """All transactions that match."""
        form, query = _export_query(request, TransactionQuery)
        chunks = self._chunks_as_now(self._records.export_transactions(query))
        return _stream(table(export.TRANSACTION_COLUMNS, export.transaction_rows, chunks, form), form)

    async def export_meter_values(self, request: Request) -> Response:
        """All meter values of a period."""
        form, query = _export_query(request, wire.MeterExportQuery)
        chunks = self._records.export_meter_values(query.station, query.since, query.until)
        return _stream(table(export.METER_VALUE_COLUMNS, export.meter_value_rows, chunks, form), form)

    async def export_messages(self, request: Request) -> Response:
        """All messages that match, oldest first."""
        form, query = _export_query(request, MessageQuery)
        chunks = self._records.export_messages(query)
        return _stream(table(export.MESSAGE_COLUMNS, export.message_rows, chunks, form), form)

    def _as_now(self, found: Sequence[Transaction]) -> list[Transaction]:
        """Transactions on record, the running ones as they stand: how far one has got is live and not stored."""
        live = self._hub.site.transactions
        return [now if one.running and (now := live.get(one.key)) is not None and now.running else one for one in found]

    async def _chunks_as_now(self, chunks: AsyncIterator[Sequence[Transaction]]) -> AsyncIterator[list[Transaction]]:
        async for chunk in chunks:
            yield self._as_now(chunk)

    async def live(self, websocket: WebSocket) -> None:
        """Follow the site."""
        parameters = await _accept(websocket, LiveParameters)
        if parameters is None:
            return
        watch = self._hub.watch(operator=not parameters.read_only)

        async def next_frame() -> bytes:
            update = await watch.take()
            return wire.encode(wire.SomeChanges(update) if isinstance(update, tuple) else wire.WholeSite(update))

        try:
            await _feed(websocket, next_frame)
        finally:
            watch.close()

    async def messages_live(self, websocket: WebSocket) -> None:
        """Follow messages."""
        query = await _accept(websocket, MessageQuery)
        if query is None:
            return
        watch = self._hub.watch_messages(query)

        async def next_frame() -> bytes:
            messages, dropped = await watch.take()
            return wire.encode(wire.Frames(tuple(messages), dropped))

        try:
            await _feed(websocket, next_frame)
        finally:
            watch.close()


async def _feed(websocket: WebSocket, next_frame: Callable[[], Awaitable[bytes]]) -> None:
    """Send frames, each when the one before was taken, until the other end is gone."""
    taken = asyncio.Event()

    async def send() -> None:
        while True:
            await websocket.send_bytes(await next_frame())
            await taken.wait()
            taken.clear()

    async def receive() -> None:
        while await websocket.receive_text() == wire.TAKEN:
            taken.set()

    tasks = {asyncio.ensure_future(send()), asyncio.ensure_future(receive())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect):
            raise end


async def _accept(websocket: WebSocket, kind: type[Query]) -> Query | None:
    """Accept a watcher and read what it asks for; one that asks for what there is not gets a close with the reason."""
    await websocket.accept()
    try:
        return wire.from_parameters(kind, websocket.query_params)
    except ConsoleError as error:
        await websocket.close(1008, str(error)[:120])
        return None


async def _body(request: Request) -> bytes:
    """The body of a request, if it is not too long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise TooLargeError("This command is too long.", f"{MAX_BODY_BYTES} bytes are the most.")
    return bytes(body)


def _query(request: Request, kind: type[Query]) -> Query:
    return _read(kind, request.query_params)


def _export_query(request: Request, kind: type[Query]) -> tuple[export.Format, Query]:
    """The format and the query of an export."""
    parameters = dict(request.query_params)
    form = {"format": parameters.pop("format")} if "format" in parameters else {}
    return _read(FormatParameter, form).format, _read(kind, parameters)


def _read(kind: type[Query], parameters: Mapping[str, str]) -> Query:
    try:
        return wire.from_parameters(kind, parameters)
    except ConsoleError as error:
        raise BadRequestError(error.message, error.hint) from error


def _json(value: object) -> Response:
    return Response(wire.encode(value), media_type="application/json")


def _stream(pieces: AsyncIterator[str], form: export.Format) -> Response:
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form])


async def _console_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ConsoleError)  # noqa: S101  # Starlette's handlers are typed for any exception
    status = _STATUS.get(type(error), 500)
    return Response(wire.encode(wire.Trouble(error.message, error.hint)), status, media_type="application/json")


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # see above
    trouble = wire.Trouble(error.detail, "Is the service as new as whoever asks?")
    return Response(wire.encode(trouble), error.status_code, media_type="application/json")
