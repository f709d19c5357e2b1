"""A backend that a test stages: it shows the site it is given, takes changes, and remembers what was asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from datetime import datetime

from console.backends.base import (
    Link,
    MessageQuery,
    Position,
    RecordQuery,
    TransactionQuery,
    Update,
)
from console.backends.devices import NoHistory
from console.errors import ConsoleError
from console.model.change import Change
from console.model.command import Command, command_id
from console.model.device import Monitor, Snapshot
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.outcome import Outcome, Result
from console.model.record import StationRecord
from console.model.site import Site
from console.model.station import Setting
from console.model.station_file import StationFile
from console.model.transaction import Transaction

Answer = Callable[[Command], Outcome]


class StagedBackend(NoHistory):
    """Implements ``Backend``. Lists are plain attributes; ``push`` is what happens at the site."""

    def __init__(
        self, site: Site | None = None, *, name: str = "staged", read_only: bool = False, production: bool = False
    ) -> None:
        self.name = name
        self.read_only = read_only
        self.production = production
        self.site = site or Site()
        self.commands: list[Command] = []
        self.refusals: dict[str, str] = {}
        self.answer: Answer = lambda _command: Outcome(Result.ACCEPTED, "accepted", elapsed_s=0.4)
        self.hold: asyncio.Event | None = None
        self.held_settings: dict[str, list[Setting]] = {}
        self.held_monitors: dict[str, list[Monitor]] = {}
        self.held_snapshots: list[Snapshot] = []
        self.held_records: dict[str, StationRecord] = {}
        self.held_messages: list[Message] = []
        self.held_files: list[tuple[StationFile, bytes]] = []
        self.past: list[Transaction] = []
        self.meters: dict[str, list[MeterValue]] = {}
        self.queries: list[TransactionQuery | MessageQuery] = []
        self.urls: list[str] = []
        self._watchers: list[asyncio.Queue[Update | ConsoleError]] = []
        self._message_watchers: list[tuple[MessageQuery, asyncio.Queue[Sequence[Message]]]] = []

    # -- staging

    def push(self, *changes: Change) -> None:
        """Let this happen at the site."""
        self.site = self.site.apply(changes)
        self._tell(changes)

    def show_link(self, link: Link) -> None:
        """Let the link to the service be this."""
        self._tell(link)

    def fail(self, error: ConsoleError) -> None:
        """Let every watcher end with this error."""
        self._tell(error)

    def _tell(self, update: Update | ConsoleError) -> None:
        for watcher in self._watchers:
            watcher.put_nowait(update)

    def push_messages(self, *messages: Message) -> None:
        """Let these frames cross the wire."""
        self.held_messages.extend(messages)
        for query, watcher in self._message_watchers:
            found = [each for each in messages if _message_matches(each, query)]
            if found:
                watcher.put_nowait(found)

    # -- Backend

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def watch(self) -> AsyncGenerator[Update, None]:
        """The site, then what is pushed."""
        queue: asyncio.Queue[Update | ConsoleError] = asyncio.Queue()
        self._watchers.append(queue)
        try:
            yield self.site
            while True:
                update = await queue.get()
                if isinstance(update, ConsoleError):
                    raise update
                yield update
        finally:
            self._watchers.remove(queue)

    async def watch_messages(self, query: MessageQuery) -> AsyncGenerator[Sequence[Message], None]:
        """The frames that are pushed."""
        queue: asyncio.Queue[Sequence[Message]] = asyncio.Queue()
        entry = (query, queue)
        self._message_watchers.append(entry)
        try:
            while True:
                yield await queue.get()
        finally:
            self._message_watchers.remove(entry)

    async def run(self, command: Command) -> Outcome:
        """Remember the command, wait if told to hold, and answer as told."""
        self.commands.append(command)
        if self.hold is not None:
            await self.hold.wait()
        return self.answer(command)

    def why_not(self, command_id: str) -> str | None:
        """What ``refusals`` says; "*" is for every command."""
        return self.refusals.get(command_id) or self.refusals.get("*")

    async def files(self, station_id: str = "") -> Sequence[StationFile]:
        """Those that are held, of a station or of all."""
        return [file for file, _ in self.held_files if station_id in ("", file.station_id)]

    async def file_content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """What is held, in two pieces."""
        content = next(content for file, content in self.held_files if file.file_id == file_id)
        yield content[:10]
        yield content[10:]

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        """Those of the site and the past ones, newest first."""
        self.queries.append(query)
        everything = {each.key: each for each in (*self.past, *self.site.transactions.values())}
        found = [each for each in everything.values() if _transaction_matches(each, query)]
        found.sort(key=_started, reverse=True)
        return found[: query.limit]

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        """Those staged under the transaction's id."""
        return self.meters.get(f"{station_id}\n{transaction_id}", [])

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        """Those staged under the EVSE."""
        return [each for each in self.meters.get(f"{station_id}\n#{evse_id}", []) if each.at >= since]

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        """The frames staged, oldest first."""
        self.queries.append(query)
        found = [each for each in self.held_messages if _message_matches(each, query)]
        if query.before_seq is not None:
            found = [each for each in found if each.seq < query.before_seq]
        if query.after_seq is not None:
            return [each for each in found if each.seq > query.after_seq][: query.limit]
        return found[-query.limit :]

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """The settings staged."""
        return self.held_settings.get(station_id, [])

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        """The records staged, newest first."""
        found = sorted(self.held_records.values(), key=lambda each: each.at, reverse=True)
        return [each for each in found if query.matches(each)][: query.limit]

    async def monitors(self, station_id: str) -> Sequence[Monitor]:
        """The monitors staged."""
        return self.held_monitors.get(station_id, [])

    async def snapshots(self, station_id: str = "") -> Sequence[Snapshot]:
        """The snapshots staged."""
        return [each for each in self.held_snapshots if station_id in ("", each.station_id)]

    async def snapshot(self, snapshot_id: str) -> Snapshot | None:
        """One of them."""
        return next((each for each in self.held_snapshots if each.snapshot_id == snapshot_id), None)

    def station_urls(self) -> Sequence[str]:
        """Where stations would connect."""
        return self.urls

    def asked(self, kind: str) -> list[Command]:
        """The commands of one kind that were asked."""
        return [each for each in self.commands if command_id(each) == kind]


class StagedRecording(StagedBackend):
    """A staged recording: it can be played, and refuses every command."""

    def __init__(self, site: Site | None = None, *, total: int = 480) -> None:
        super().__init__(site, name="site.jsonl", read_only=True)
        self.refusals = {"*": "this is a recording"}
        self._position = Position(done=12, total=total)

    def position(self) -> Position:
        """Where it stands."""
        return self._position

    def play(self) -> None:
        """Go on."""
        self._put(playing=True)

    def pause(self) -> None:
        """Hold."""
        self._put(playing=False)

    def step(self) -> None:
        """One frame on."""
        self._put(playing=False, done=self._position.done + 1)

    def set_speed(self, factor: float) -> None:
        """Faster or slower."""
        self._put(speed=factor)

    def _put(self, **fields: object) -> None:
        old = {name: getattr(self._position, name) for name in self._position.__struct_fields__}
        self._position = Position(**(old | fields))


def _started(transaction: Transaction) -> float:
    return transaction.started_at.timestamp() if transaction.started_at else 0.0


def _transaction_matches(one: Transaction, query: TransactionQuery) -> bool:
    return (
        query.station.casefold() in one.station_id.casefold()
        and query.id_token.casefold() in one.id_token.casefold()
        and (query.running is None or one.running == query.running)
        and (query.since is None or (one.started_at is not None and one.started_at >= query.since))
        and (query.until is None or (one.started_at is not None and one.started_at < query.until))
        and (query.before is None or (one.started_at is not None and one.started_at < query.before))
    )


def _message_matches(one: Message, query: MessageQuery) -> bool:
    return (
        query.station.casefold() in one.station_id.casefold()
        and query.action.casefold() in one.action.casefold()
        and (bool(one.problem) or not query.problems_only)
    )


def only(items: Iterable[Command]) -> Command:
    """The one command there is."""
    (item,) = items
    return item
