"""A listener on a free port with a scripted CSMS above it, and stations both well-behaved and raw."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from console.csms.listener.gate import Gate
from console.csms.listener.listener import Listener, ListenSettings
from console.csms.ports import Call, Known, Reception, Refusal, Session
from console.model.change import Change, MessagesSeen, Noticed
from console.model.message import Attempt, Message

LIMIT_S = 15  # a test that waits this long has failed
LOCAL = (Gate("127.0.0.1", 0),)


class LoopClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        return asyncio.get_running_loop().call_later(delay_s, callback).cancel


class FakeCsms:
    """Peer and Door: answers ``{}`` unless told otherwise, remembers everything, knows all but "stranger"."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Session, Call], Reception]] = {}
        self.passwords: dict[str, bytes] = {}
        self.problem = ""
        self.sessions: list[Session] = []
        self.ended: list[tuple[str, int, str]] = []
        self.calls: list[Call] = []
        self.changes: list[Change] = []
        self.attempts: list[Attempt] = []
        self._stirred = asyncio.Event()

    # Peer

    def opened(self, session: Session) -> None:
        self.sessions.append(session)
        self._stirred.set()

    def received(self, session: Session, call: Call) -> Reception:
        self.calls.append(call)
        self._stirred.set()
        answer = self.answers.get(call.action)
        return answer(session, call) if answer else Reception({})

    def answered(self, session: Session, action: str, payload: Any) -> Refusal | None:
        if self.problem == "raise":
            raise RuntimeError("broken")
        return Refusal("FormatViolation", self.problem) if self.problem else None

    def closed(self, session: Session, code: int, reason: str) -> None:
        self.ended.append((session.station_id, code, reason))
        self._stirred.set()

    def emit(self, changes: Sequence[Change]) -> None:
        self.changes.extend(changes)
        self._stirred.set()

    # Door

    def knows(self, station_id: str) -> bool:
        return station_id != "stranger"

    def known(self, station_id: str) -> Known:
        return Known(has_password=station_id in self.passwords, admitted=True)

    def certificate_fits(self, station_id: str, name: str) -> bool:
        return name == station_id

    def password_ok(self, station_id: str, password: bytes | None) -> bool:
        return self.passwords.get(station_id) == password

    def refused(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self._stirred.set()

    # for tests

    @property
    def messages(self) -> list[Message]:
        return [each for change in self.changes if isinstance(change, MessagesSeen) for each in change.messages]

    @property
    def notices(self) -> list[str]:
        return [change.notice.text for change in self.changes if isinstance(change, Noticed)]

    def later(self, action: str) -> None:
        """Answer an action only when the test does it."""
        self.answers[action] = lambda session, call: Reception(None)

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait until something is true of what was remembered."""
        async with asyncio.timeout(LIMIT_S):
            while not happened():
                self._stirred.clear()
                await self._stirred.wait()


class Station:
    """A well-behaved station over the websockets client."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, *frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def read(self) -> Any:
        async with asyncio.timeout(LIMIT_S):
            return json.loads(await self.socket.recv())

    async def ask(self, *frame: Any) -> Any:
        await self.send(*frame)
        return await self.read()

    async def closed(self) -> tuple[int | None, str | None]:
        async with asyncio.timeout(LIMIT_S):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason


class Raw:
    """A TCP connection and nothing more."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def read_head(self) -> str:
        """The HTTP response, without its body."""
        async with asyncio.timeout(LIMIT_S):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def read_all(self) -> bytes:
        """Everything until the server closes; a reset ends it too."""
        received = b""
        try:
            async with asyncio.timeout(LIMIT_S):
                while chunk := await self.reader.read(1 << 16):
                    received += chunk
        except ConnectionResetError:
            pass
        return received


REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)


class Site:
    """The listener under test and how to get to it."""

    def __init__(self, stack: AsyncExitStack, csms: FakeCsms, listener: Listener, port: int) -> None:
        self._stack = stack
        self.csms, self.listener, self.port = csms, listener, port

    async def station(
        self, station_id: str = "CP-1", subprotocols: Sequence[str] = ("ocpp1.6",), **options: Any
    ) -> Station:
        """Connect a station; it is disconnected when the test ends."""
        offered = [Subprotocol(name) for name in subprotocols]
        known = len(self.csms.sessions)
        socket = await connect(
            f"ws://127.0.0.1:{self.port}/{station_id}", subprotocols=offered or None, proxy=None, **options
        )
        self._stack.push_async_callback(socket.close)
        await self.csms.until(lambda: len(self.csms.sessions) > known)
        return Station(socket)

    async def raw(self) -> Raw:
        """A bare TCP connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def close() -> None:
            writer.close()
            with suppress(OSError):  # the other side was rougher
                await writer.wait_closed()

        self._stack.push_async_callback(close)
        return Raw(reader, writer)

    async def raw_station(self, station_id: str = "CP-1") -> Raw:
        """A TCP connection after a correct handshake."""
        raw = await self.raw()
        await raw.send(REQUEST.format(path=f"/{station_id}").encode())
        assert "101 Switching Protocols" in await raw.read_head()
        return raw

    @property
    def session(self) -> Session:
        """The newest session."""
        return self.csms.sessions[-1]


Start = Callable[..., Awaitable[Site]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a listener; keyword arguments are ListenSettings, or ``listener`` for Listener's own."""
    async with AsyncExitStack() as stack:

        async def begin(listener: dict[str, Any] | None = None, **changed: Any) -> Site:
            csms = FakeCsms()
            settings = ListenSettings(**{"listen": LOCAL, "close_timeout_s": 0.5, **changed})
            started = Listener(csms, csms, LoopClock(), settings, **(listener or {}))
            ((_, port),) = await started.start()
            stack.push_async_callback(started.close)
            return Site(stack, csms, started, port)

        yield begin


@pytest.fixture
async def site(start: Start) -> Site:
    """A listener with the usual settings."""
    return await start()
