"""Following the operator link: one WebSocket's frames, through restarts of the service, each acknowledged in its turn.

Plain objects rather than generators: one that is dropped without being closed leaves no half-run code behind, only a
connection, which ends with the backend's ``close``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

import httpx
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosedOK, WebSocketException

from console.backends import wire
from console.backends.base import Link, Update
from console.errors import ConsoleError
from console.model.message import Direction, Message, MessageType

_OPEN_TIMEOUT_S = 10.0
#: Pauses between attempts to reach a service that went away; the last one repeats.
_PAUSES_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class Owner(Protocol):
    """The backend that a feed belongs to."""

    socket: str
    feeds: set[Feed]

    @property
    def is_open(self) -> bool:
        """Whether the backend is open."""
        ...

    async def learn(self) -> None:
        """Learn anew who serves. Raises ConsoleError if nobody does, or somebody of another version."""
        ...


class Feed:
    """The frames of one WebSocket. Ends when its backend is closed, or when waiting for a frame was cancelled."""

    def __init__(self, owner: Owner, address: str) -> None:
        self._owner = owner
        self._address = address
        self._connection: ClientConnection | None = None
        self._holds_frame = False
        self._tries = 0
        self._ended = False
        owner.feeds.add(self)

    async def take(self) -> bytes | ConsoleError | None:
        """The next frame, or what is wrong each time that the service cannot be reached; None at the end."""
        try:
            return await self._take()
        except BaseException:
            await self.close()
            raise

    async def _take(self) -> bytes | ConsoleError | None:
        if self._ended:
            return None
        try:
            frame = await self._receive()
        except ConsoleError as error:
            trouble = error
        except (OSError, WebSocketException, httpx.TimeoutException) as error:
            trouble = self._describe(error)
        else:
            self._tries, self._holds_frame = 0, True
            return frame
        await self._disconnect()
        self._tries += 1
        return trouble if self._owner.is_open and not self._ended else None

    async def _receive(self) -> bytes:
        connection = self._connection or await self._connect()
        if self._holds_frame:
            self._holds_frame = False
            await connection.send(wire.TAKEN)
        return await connection.recv(decode=False)

    async def _connect(self) -> ClientConnection:
        if self._tries:
            await asyncio.sleep(_PAUSES_S[min(self._tries, len(_PAUSES_S)) - 1])
            await self._owner.learn()
        # No pings: on a Unix socket the kernel tells when the other end is gone, and a console whose terminal stands
        # still is not gone. No size limit: it is our own service, and a site may be large.
        self._connection = await unix_connect(
            self._owner.socket,
            self._address,
            compression=None,
            max_size=None,
            ping_interval=None,
            open_timeout=_OPEN_TIMEOUT_S,
            close_timeout=1,
        )
        if self._ended:
            await self._disconnect()
            raise no_service(self._owner.socket)
        return self._connection

    def _describe(self, error: Exception) -> ConsoleError:
        if isinstance(error, ConnectionClosedOK) or self._connection is not None:
            return ConsoleError("The service has ended.", "This console comes back when it runs again.")
        return no_service(self._owner.socket)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._holds_frame = False
        if connection is not None:
            await connection.close()

    async def close(self) -> None:
        """End it; who waits for a frame gets None."""
        self._ended = True
        self._owner.feeds.discard(self)
        await self._disconnect()


class SiteUpdates(AsyncIterator[Update]):
    """A site as it changes, with a Link before and after each time that the service could not be reached."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._taken_at = datetime.now(UTC)
        self._connected = True
        self._next: Update | None = None

    async def __anext__(self) -> Update:
        if self._next is not None:
            update, self._next = self._next, None
            return update
        frame = await self._feed.take()
        if frame is None:
            raise StopAsyncIteration
        if isinstance(frame, ConsoleError):
            self._connected = False
            return Link(connected=False, text=str(frame), stale_since=self._taken_at)
        self._taken_at = datetime.now(UTC)
        told = wire.decode_live(frame)
        update = told.site if isinstance(told, wire.WholeSite) else told.changes
        if self._connected:
            return update
        self._connected, self._next = True, update
        return Link(connected=True)

    async def aclose(self) -> None:
        """End it."""
        await self._feed.close()


class MessageUpdates(AsyncIterator[Sequence[Message]]):
    """Frames as they come. Where there were too many, one line among them says how many are missing."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def __anext__(self) -> Sequence[Message]:
        while True:
            frame = await self._feed.take()
            if frame is None:
                raise StopAsyncIteration
            if not isinstance(frame, ConsoleError):  # who watches the site is told of those
                batch = wire.decode_frames(frame)
                return (_missing(batch), *batch.messages) if batch.dropped else batch.messages

    async def aclose(self) -> None:
        """End it."""
        await self._feed.close()


def no_service(socket: str) -> ConsoleError:
    """The error where nobody answers."""
    return ConsoleError(f"No service answers at {socket}.", "Start one with ocpp-console, or: ocpp-console serve")


def _missing(batch: wire.Frames) -> Message:
    """A line that stands for messages that came faster than this console took them."""
    first = batch.messages[0]
    problem = f"{batch.dropped} messages came too fast to be shown; they are on record"
    return Message(first.seq - 1, first.at, "", Direction.EVENT, MessageType.EVENT, problem=problem)
