"""The seam: where a site comes from. A snapshot, then changes; commands in, outcomes out; honest about its limits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

import msgspec

from console.backends.devices import DeviceHistory
from console.model.change import Change, Notice
from console.model.command import Command
from console.model.export import Row
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.outcome import Outcome
from console.model.query import MessageQuery as MessageQuery
from console.model.query import RecordQuery as RecordQuery
from console.model.query import TransactionQuery as TransactionQuery
from console.model.record import StationRecord
from console.model.site import Site
from console.model.station import Setting
from console.model.station_file import StationFile
from console.model.transaction import Transaction


class Link(msgspec.Struct, frozen=True):
    """How the console stands to its backend: connected, or why not; ``stale_since`` marks data that ages."""

    connected: bool
    text: str = ""
    stale_since: datetime | None = None


Update = Site | tuple[Change, ...] | Link
"""What a watcher gets: a whole site (first, and again after a break), changes to it, or news of the link itself."""


Item_co = TypeVar("Item_co", covariant=True)


class Stream(Protocol[Item_co]):
    """What somebody follows. To be closed by who leaves it before its end: ``async with aclosing(…)``."""

    def __aiter__(self) -> AsyncIterator[Item_co]:
        """Follow it."""
        ...

    async def __anext__(self) -> Item_co:
        """Wait for what is next."""
        ...

    async def aclose(self) -> None:
        """Let go of what it takes to follow."""
        ...


class Backend(DeviceHistory, Protocol):
    """A site's source. Errors are ``ConsoleError``; everything is safe to cancel."""

    name: str
    read_only: bool
    production: bool

    async def open(self) -> None:
        """Connect. Raises ConsoleError with the cure if that is not possible."""
        ...

    async def close(self) -> None:
        """Let go of everything that ``open`` took."""
        ...

    def watch(self) -> Stream[Update]:
        """Follow the site: a Site first, then changes, conflated for a slow reader. Never ends by itself."""
        ...

    def watch_messages(self, query: MessageQuery) -> Stream[Sequence[Message]]:
        """Follow the frames that match, newest included, without what came before. Never ends by itself."""
        ...

    async def run(self, command: Command) -> Outcome:
        """Carry out a command. Never raises for what a station does: that is an outcome."""
        ...

    def why_not(self, command_id: str) -> str | None:
        """Why this backend cannot carry out a kind of command at all, or None if it can."""
        ...

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        """List transactions, newest first."""
        ...

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        """The meter values of a transaction, oldest first."""
        ...

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        """The meter values of an EVSE since an instant, oldest first."""
        ...

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        """List messages, oldest first."""
        ...

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """The station's settings as last read (``ReadSettings`` reads them anew)."""
        ...

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        """List what stations told of themselves, newest first."""
        ...


class Position(msgspec.Struct, frozen=True):
    """Where a playback stands: ``done`` of ``total`` frames, the recording's own time, and how it runs."""

    done: int
    total: int
    at: datetime | None = None
    playing: bool = False
    speed: float = 1.0


@runtime_checkable
class Playback(Protocol):
    """What a backend that replays a recording can do besides; the screens then have keys for it."""

    def position(self) -> Position:
        """Where it stands now."""
        ...

    def play(self) -> None:
        """Go on at the speed set."""
        ...

    def pause(self) -> None:
        """Hold."""
        ...

    def step(self) -> None:
        """Pause, and let the next frame through."""
        ...

    def set_speed(self, factor: float) -> None:
        """Replay this many times as fast as it was recorded."""
        ...


@runtime_checkable
class Archive(Protocol):
    """What a backend with a store of its own can say besides."""

    async def alarms(self, limit: int = 200) -> Sequence[Notice]:
        """The newest notices that are warnings or bad, oldest first."""
        ...

    def meter_value_rows(
        self, station: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> AsyncGenerator[Row, None]:
        """All samples of the stations that match, taken in a period, in the order of ``METER_VALUE_COLUMNS``."""
        ...


@runtime_checkable
class Files(Protocol):
    """What a backend with a drop box can say besides."""

    async def files(self, station_id: str = "") -> Sequence[StationFile]:
        """The files that a station, or all, have put into it, newest first."""
        ...

    def file_content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """What stands in a file, piece by piece."""
        ...


@runtime_checkable
class Listening(Protocol):
    """What a backend that stations connect to can say besides."""

    def station_urls(self) -> Sequence[str]:
        """Where stations connect, without their identity at the end: ``ws://10.0.0.5:9000/``."""
        ...
