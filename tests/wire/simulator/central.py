"""A tiny central system of plain JSON, which shares no code with either of ours."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

PATIENCE_S = 15.0
SILENCE = object()
NOW = "2026-03-14T09:00:00.000Z"

Answer = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Refusal:
    """An answer that is a CALLERROR."""

    code: str
    description: str = ""


@dataclass(frozen=True)
class Received:
    """One CALL of the station."""

    action: str
    payload: dict[str, Any]
    message_id: str
    connection: int
    station_id: str


def _station_id(connection: ServerConnection) -> str:
    return unquote(connection.request.path.rpartition("/")[2]) if connection.request else ""


@dataclass
class Central:
    """Answers what stations ask; tests change `answers`, wait with `expect`, and send with `call`."""

    received: list[Received] = field(default_factory=list)
    frames: list[list[Any]] = field(default_factory=list)
    """Frames that are neither calls nor answers."""
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    refuse_with: tuple[int, str] | None = None
    subprotocols: tuple[str, ...] = ("ocpp1.6",)
    url: str = ""
    connections: int = 0
    connection: ServerConnection | None = None
    _taken: set[int] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _transaction_ids: Any = field(default_factory=lambda: itertools.count(101))
    _pending: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        accepted = {"status": "Accepted"}
        self.answers = {
            "BootNotification": lambda _: {"status": "Accepted", "currentTime": NOW, "interval": 300},
            "Heartbeat": lambda _: {"currentTime": NOW},
            "Authorize": lambda _: {"idTagInfo": accepted},
            "StartTransaction": lambda _: {"transactionId": next(self._transaction_ids), "idTagInfo": accepted},
            "StopTransaction": lambda _: {},
        }

    async def expect(self, action: str, *, from_station: str | None = None, **fields: Any) -> dict[str, Any]:
        """The next CALL of that action (with those fields) that no `expect` has had yet."""

        def find() -> int | None:
            for number, one in enumerate(self.received):
                matches = one.action == action and all(one.payload.get(k) == v for k, v in fields.items())
                if matches and number not in self._taken and from_station in (None, one.station_id):
                    return number
            return None

        async with self._changed:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._changed.wait_for(lambda: find() is not None)
            except TimeoutError:
                got = [(one.action, one.payload) for one in self.received]
                raise AssertionError(f"no {action} {fields} among {got}") from None
            number = find()
        assert number is not None
        self._taken.add(number)
        return self.received[number].payload

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something has come in."""
        async with self._changed, asyncio.timeout(PATIENCE_S):
            await self._changed.wait_for(happened)

    def actions(self, *among: str) -> list[str]:
        """The actions received so far, or those of them that are asked for."""
        return [one.action for one in self.received if not among or one.action in among]

    async def call(self, action: str, **payload: Any) -> Any:
        """Send a CALL to the station; its answer, or a Refusal."""
        assert self.connection is not None
        message_id = f"central-{next(self._ids)}"
        answer = self._pending[message_id] = asyncio.get_running_loop().create_future()
        await self.connection.send(json.dumps([2, message_id, action, payload]))
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    async def send_raw(self, frame: str) -> None:
        """Send any text."""
        assert self.connection is not None
        await self.connection.send(frame)

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        self.connections += 1
        number = self.connections
        self.connection = connection
        try:
            async for frame in connection:
                await self._take(json.loads(frame), connection, number)
        except ConnectionClosed:
            pass

    async def _take(self, frame: list[Any], connection: ServerConnection, number: int) -> None:
        kind, message_id = frame[0], frame[1]
        if kind not in (2, 3, 4):
            async with self._changed:
                self.frames.append(frame)
                self._changed.notify_all()
            return
        if kind != 2:
            result = frame[2] if kind == 3 else Refusal(frame[2], frame[3])
            self._pending.pop(message_id).set_result(result)
            return
        action, payload = frame[2], frame[3]
        async with self._changed:
            self.received.append(Received(action, payload, message_id, number, _station_id(connection)))
            self._changed.notify_all()
        answer = self.answers.get(action, lambda _: {})(payload)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, Refusal):
            await connection.send(json.dumps([4, message_id, answer.code, answer.description, {}]))
        elif answer is not SILENCE:
            await connection.send(json.dumps([3, message_id, answer]))

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if self.refuse_with is None:
            return None
        status, body = self.refuse_with
        return connection.respond(HTTPStatus(status), body)

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[Server]:
        """Listen on 127.0.0.1."""
        async with serve(
            self.handle,
            "127.0.0.1",
            port,
            subprotocols=[Subprotocol(name) for name in self.subprotocols] or None,
            select_subprotocol=None if self.subprotocols else (lambda *_: None),
            process_request=self._admit,
        ) as server:
            self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
            yield server
