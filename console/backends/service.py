"""Our own service as a backend: the client of its operator link, over a Unix socket."""

from __future__ import annotations

import getpass
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from console.backends import wire
from console.backends.base import MessageQuery, RecordQuery, TransactionQuery
from console.backends.follow import Feed, MessageUpdates, SiteUpdates, no_service
from console.backends.service_devices import ServiceDevices
from console.backends.service_files import ServiceFiles
from console.errors import ConsoleError
from console.model.catalogue import DANGER
from console.model.change import Notice
from console.model.command import Command, command_id
from console.model.export import Row
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.outcome import Outcome, Result
from console.model.record import StationRecord
from console.model.spec import Danger
from console.model.station import Setting
from console.model.transaction import Transaction

#: A query is answered from the service's own store.
_QUERY_TIMEOUT_S = 30.0
#: A command ends when the station's time is over, and others may be waiting before it. The service says so itself.
_COMMAND_TIMEOUT_S = 180.0
_READ_ONLY = "this console is read-only"

Answer = TypeVar("Answer")


class ServiceBackend(ServiceDevices, ServiceFiles):
    """A service of ours. ``socket`` is its operator link's; ``operator`` stands in the audit."""

    def __init__(self, socket: Path | str, *, operator: str = "", read_only: bool = False) -> None:
        self.name = ""
        self.production = False
        self.read_only = read_only
        self._asked_read_only = read_only
        self.socket = str(socket)
        self._operator = operator or _user()
        self._info: wire.Info | None = None
        self._client: httpx.AsyncClient | None = None
        self.feeds: set[Feed] = set()

    async def open(self) -> None:
        """Connect. Raises ConsoleError if no service answers, or one of another version."""
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=self.socket),
            base_url="http://service/v1/",
            headers={wire.OPERATOR_HEADER: quote(self._operator, safe=" @")},
            timeout=_QUERY_TIMEOUT_S,
            trust_env=False,
        )
        try:
            await self.learn()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the service. Whoever still watches gets no more, and is done."""
        client, self._client = self._client, None
        for feed in list(self.feeds):
            await feed.close()
        if client is not None:
            await client.aclose()

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self._client is not None

    def watch(self) -> SiteUpdates:
        """Follow the site; through restarts of the service too, with a Link before and a fresh Site after each."""
        parameters = {"read_only": "true"} if self.read_only else {}
        return SiteUpdates(self._follow("live", parameters))

    def watch_messages(self, query: MessageQuery) -> MessageUpdates:
        """Follow the frames that match. Where there were too many, one line among them says how many are missing."""
        return MessageUpdates(self._follow("messages/live", wire.to_parameters(query)))

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

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        """List what stations told of themselves, newest first."""
        return await self._get("records", query, wire.decode_records)

    async def alarms(self, limit: int = 200) -> Sequence[Notice]:
        """The newest notices that are warnings or bad, oldest first."""
        return await self._get("notices", wire.NoticeQuery(alarms=True, limit=limit), wire.decode_notices)

    async def meter_value_rows(
        self, station: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> AsyncGenerator[Row, None]:
        """All samples of the stations that match, taken in a period, as they come."""
        query = wire.to_parameters(wire.MeterExportQuery(station, since, until)) | {"format": "json"}
        if self._client is None:
            raise ConsoleError("The console is not connected.", "Open it again.")
        try:
            async with self._client.stream("GET", "export/meter-values", params=query) as response:
                if not response.is_success:
                    await response.aread()
                    _content(response)
                async for line in response.aiter_lines():
                    yield wire.decode_row(line)
        except httpx.TransportError as error:
            raise no_service(self.socket) from error

    def station_urls(self) -> Sequence[str]:
        """Where stations connect, without their identity at the end."""
        return self._info.listening if self._info else ()

    async def learn(self) -> None:
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
            raise no_service(self.socket) from error

    def _follow(self, path: str, parameters: dict[str, str]) -> Feed:
        return Feed(self, f"ws://service/v1/{path}?{urlencode(parameters)}")


class _Protocol(msgspec.Struct, frozen=True):
    """What of Info every version can read."""

    protocol: int


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


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
