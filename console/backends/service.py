"""Our own service as a backend: the client of its operator link, over a Unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import WebSocketException

from console.backends import wire
from console.backends.base import Link, MessageQuery, TransactionQuery, Update
from console.errors import ConsoleError
from console.model.catalogue import DANGER, Danger
from console.model.command import Command, command_id
from console.model.message import Direction, Message, MessageType
from console.model.meter import MeterValue
from console.model.outcome import Outcome, Result
from console.model.station import Setting
from console.model.transaction import Transaction

#: A query is answered from the service's own store.
_QUERY_TIMEOUT_S = 30.0
#: A command ends when the station's time is over, and others may be waiting before it. The service says so itself.
_COMMAND_TIMEOUT_S = 180.0
_OPEN_TIMEOUT_S = 10.0
#: Pauses between attempts to reach a service that went away; the last one repeats.
_PAUSES_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
_READ_ONLY = "this console is read-only"

Answer = TypeVar("Answer")


class ServiceBackend:
    """A service of ours. ``socket`` is its operator link's; ``operator`` stands in the audit."""

    def __init__(self, socket: Path | str, *, operator: str = "", read_only: bool = False) -> None:
        self.name = ""
        self.production = False
        self.read_only = read_only
        self._asked_read_only = read_only
        self._socket = str(socket)
        self._operator = operator or _user()
        self._info: wire.Info | None = None
        self._client: httpx.AsyncClient | None = None
        self._connections: set[ClientConnection] = set()

    async def open(self) -> None:
        """Connect. Raises ConsoleError if no service answers, or one of another version."""
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=self._socket),
            base_url="http://service/v1/",
            headers={wire.OPERATOR_HEADER: quote(self._operator, safe=" @")},
            timeout=_QUERY_TIMEOUT_S,
            trust_env=False,
        )
        try:
            await self._learn()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the service. Whoever still watches gets no more, and is done."""
        client, self._client = self._client, None
        for connection in list(self._connections):
            await connection.close()
        if client is not None:
            await client.aclose()

    async def watch(self) -> AsyncIterator[Update]:
        """Follow the site; through restarts of the service too, with a Link before and a fresh Site after each."""
        taken_at = datetime.now(UTC)
        connected = True
        parameters = {"read_only": "true"} if self.read_only else {}
        async with contextlib.aclosing(self._follow("live", parameters)) as frames:
            async for frame in frames:
                if isinstance(frame, ConsoleError):
                    connected = False
                    yield Link(connected=False, text=str(frame), stale_since=taken_at)
                    continue
                if not connected:
                    connected = True
                    yield Link(connected=True)
                update = wire.decode_live(frame)
                taken_at = datetime.now(UTC)
                yield update.site if isinstance(update, wire.WholeSite) else update.changes

    async def watch_messages(self, query: MessageQuery) -> AsyncIterator[Sequence[Message]]:
        """Follow the frames that match. Where there were too many, one line among them says how many are missing."""
        async with contextlib.aclosing(self._follow("messages/live", wire.to_parameters(query))) as frames:
            async for frame in frames:
                if isinstance(frame, ConsoleError):
                    continue  # who watches the site is told
                batch = wire.decode_frames(frame)
                yield (_missing(batch), *batch.messages) if batch.dropped else batch.messages

    async def run(self, command: Command) -> Outcome:
        """Carry out a command. Raises ConsoleError only if the service itself cannot be reached."""
        refusal = self.why_not(command_id(command))
        if refusal is not None:
            return Outcome(Result.NOT_POSSIBLE, refusal)
        try:
            response = await self._send("POST", "command", content=wire.encode(command), timeout=_COMMAND_TIMEOUT_S)
        except httpx.TimeoutException:
            text = f"the service has not answered after {_COMMAND_TIMEOUT_S:.0f} s"
            return Outcome(Result.TIMED_OUT, text, elapsed_s=_COMMAND_TIMEOUT_S)
        if response.status_code == httpx.codes.FORBIDDEN:
            trouble = _trouble(response)
            return Outcome(Result.NOT_POSSIBLE, trouble.message, trouble.hint)
        return wire.decode_outcome(_content(response))

    def why_not(self, command_id: str) -> str | None:
        """Why this console cannot carry out a kind of command at all, or None if it can."""
        return _READ_ONLY if self.read_only and DANGER.get(command_id) is not Danger.READ else None

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        """List transactions, newest first."""
        return await self._get("transactions", query, wire.decode_transactions)

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        """The meter values of a transaction, oldest first."""
        query = wire.MeterQuery(station_id, transaction=transaction_id)
        return await self._get("meter-values", query, wire.decode_meter_values)

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        """The meter values of an EVSE since an instant, oldest first."""
        query = wire.MeterQuery(station_id, evse=evse_id, since=since)
        return await self._get("meter-values", query, wire.decode_meter_values)

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        """List messages, oldest first."""
        return await self._get("messages", query, wire.decode_messages)

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """The station's settings as last read."""
        return await self._get("settings", wire.SettingsQuery(station_id), wire.decode_settings)

    def station_urls(self) -> Sequence[str]:
        """Where stations connect, without their identity at the end."""
        return self._info.listening if self._info else ()

    async def _learn(self) -> None:
        """Learn who serves. Raises ConsoleError if it speaks another protocol than we do."""
        response = await self._send("GET", "info")
        protocol = msgspec.json.decode(_content(response), type=_Protocol).protocol
        if protocol != wire.PROTOCOL:
            age = "older" if protocol < wire.PROTOCOL else "newer"
            raise ConsoleError(
                f"The service is {age} than this console (protocol {protocol}, not {wire.PROTOCOL}).",
                "Restart it, so that it is of the same version: stations come back by themselves."
                if age == "older"
                else "Install the same version of ocpp-console here.",
            )
        self._info = wire.decode_info(response.content)
        self.name, self.production = self._info.name, self._info.production
        self.read_only = self._asked_read_only or self._info.read_only

    async def _get(self, path: str, query: msgspec.Struct, decode: Callable[[bytes], Answer]) -> Answer:
        try:
            response = await self._send("GET", path, params=wire.to_parameters(query))
        except httpx.TimeoutException as error:
            raise ConsoleError(f"The service has not answered after {_QUERY_TIMEOUT_S:.0f} s.", "Try again.") from error
        return decode(_content(response))

    async def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request. Raises ConsoleError if there is no service, httpx.TimeoutException if it is silent."""
        if self._client is None:
            raise ConsoleError("The console is not connected.", "Open it again.")
        try:
            return await self._client.request(method, path, **arguments)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise _no_service(self._socket) from error

    async def _follow(self, path: str, parameters: dict[str, str]) -> AsyncGenerator[bytes | ConsoleError]:
        """The frames of a WebSocket, each acknowledged when the next is wanted; an error for each time it broke."""
        address = f"ws://service/v1/{path}?{urlencode(parameters)}"
        tries = 0
        while not self._closed():
            trouble = ConsoleError("The service has ended.", "This console comes back when it runs again.")
            try:
                if tries:
                    await self._learn()
                async with self._connected(address) as connection:
                    async for frame in connection:
                        tries = 0
                        yield frame if isinstance(frame, bytes) else frame.encode()
                        await connection.send(wire.TAKEN)
            except ConsoleError as error:
                trouble = error
            except (OSError, WebSocketException, httpx.TimeoutException):
                trouble = _no_service(self._socket) if tries else trouble
            if self._closed():
                return
            yield trouble
            await asyncio.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
            tries += 1

    def _closed(self) -> bool:
        return self._client is None

    @contextlib.asynccontextmanager
    async def _connected(self, address: str) -> AsyncIterator[ClientConnection]:
        # No pings: on a Unix socket the kernel tells when the other end is gone, and a console whose terminal stands
        # still is not gone. No size limit: it is our own service, and a site may be large.
        async with unix_connect(
            self._socket,
            address,
            compression=None,
            max_size=None,
            ping_interval=None,
            open_timeout=_OPEN_TIMEOUT_S,
            close_timeout=1,
        ) as connection:
            self._connections.add(connection)
            try:
                yield connection
            finally:
                self._connections.discard(connection)


class _Protocol(msgspec.Struct, frozen=True):
    """What of Info every version can read."""

    protocol: int


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _no_service(socket: str) -> ConsoleError:
    return ConsoleError(f"No service answers at {socket}.", "Start one with ocpp-console, or: ocpp-console serve")


def _trouble(response: httpx.Response) -> wire.Trouble:
    try:
        return wire.decode_trouble(response.content)
    except msgspec.DecodeError:
        return wire.Trouble(f"The service answered {response.status_code}.", "See its log.")


def _content(response: httpx.Response) -> bytes:
    """The body of an answer. Raises ConsoleError with the service's own words if it is an error."""
    if response.is_success:
        return response.content
    trouble = _trouble(response)
    raise ConsoleError(trouble.message, trouble.hint)


def _missing(batch: wire.Frames) -> Message:
    """A line that stands for messages that came faster than this console took them."""
    first = batch.messages[0]
    problem = f"{batch.dropped} messages came too fast to be shown; they are on record"
    return Message(first.seq - 1, first.at, "", Direction.EVENT, MessageType.EVENT, problem=problem)
