"""A trace file as a backend: replayed through the same CSMS as live stations, held, stepped, or at any speed."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from console.backends import trace
from console.backends.base import MessageQuery, Position, RecordQuery, TransactionQuery, Update
from console.backends.devices import NoHistory
from console.backends.recorded_store import RecordedStore
from console.csms.dialects import versions
from console.csms.redact import SECRET_ACTIONS, redact
from console.csms.replay import Replay
from console.errors import ConsoleError
from console.model.catalogue import DANGER
from console.model.change import Change, MessagesSeen, Notice, Noticed, NoticeKind
from console.model.command import Command, command_id
from console.model.device import Monitor
from console.model.message import Direction, Message, MessageType
from console.model.meter import MeterValue
from console.model.outcome import Outcome, Result
from console.model.record import StationRecord
from console.model.site import Site
from console.model.spec import Danger
from console.model.station import Setting
from console.model.transaction import Transaction
from console.service.live import PACE_S, Hub

_LOG = logging.getLogger(__name__)
_WHY_NOT = "this is a recording"
#: How many frames are replayed before others get their turn.
_AT_ONCE = 200


class RecordingBackend(NoHistory):
    """A recording, held at its beginning once it is open. Implements ``Backend`` and ``Playback``.

    What it shows is the site as it was at the position: later frames have not happened yet.
    """

    def __init__(self, path: Path | str, *, pace_s: float = PACE_S) -> None:
        self._path = Path(path)
        self._pace_s = pace_s
        self.name = self._path.stem
        self.read_only = True
        self.production = False
        self._lines: list[trace.Line] = []
        self._replay = Replay([])
        self._store = RecordedStore()
        self._hub = Hub(Site(name=self.name), pace_s)
        self._said_of: set[str] = set()
        self._done = 0
        self._speed = 1.0
        self._playing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read the file. Raises ConsoleError with the line of a mistake and its cure."""
        self._lines = await asyncio.to_thread(_read, self._path)
        self._replay = Replay(self._lines)

    async def close(self) -> None:
        """Hold, and end."""
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    # --- Playback ---

    def position(self) -> Position:
        """Where it stands now."""
        at = self._lines[self._done - 1].message.at if self._done else None
        return Position(self._done, len(self._lines), at, self._is_playing(), self._speed)

    def play(self) -> None:
        """Go on at the speed set; at the end there is nothing to go on to."""
        if not self._is_playing() and self._done < len(self._lines):
            self._playing = asyncio.create_task(self._play())

    def pause(self) -> None:
        """Hold."""
        if self._playing is not None:
            self._playing.cancel()

    def step(self) -> None:
        """Hold, and let the next frame through."""
        self.pause()
        self._apply(1)

    def set_speed(self, factor: float) -> None:
        """Replay this many times as fast as it was recorded. Raises ConsoleError for what is no speed."""
        if not (math.isfinite(factor) and factor > 0):
            raise ConsoleError(f"{factor} is no speed.", "1 is as it was, 10 ten times as fast, 0.5 half as fast.")
        playing = self._is_playing()
        self.pause()
        self._playing = None
        self._speed = factor
        if playing:
            self.play()

    async def seek_end(self) -> None:
        """Let all frames through and hold there."""
        self.pause()
        while self._done < len(self._lines):
            self._apply(_AT_ONCE)
            await asyncio.sleep(0)

    def _is_playing(self) -> bool:
        return self._playing is not None and not self._playing.done() and not self._playing.cancelling()

    async def _play(self) -> None:
        """Let frames through when their time comes, counted from where it was held."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        began = self._time_of(max(0, self._done - 1))
        while self._done < len(self._lines):
            elapsed = (loop.time() - began_s) * self._speed
            due = self._due(began, elapsed)
            self._apply(min(due, _AT_ONCE))
            if due <= _AT_ONCE and self._done < len(self._lines):
                wait_s = ((self._time_of(self._done) - began).total_seconds() - elapsed) / self._speed
                await asyncio.sleep(max(0.0, wait_s))
            else:
                await asyncio.sleep(0)

    def _due(self, began: datetime, elapsed_s: float) -> int:
        """How many frames' time has come."""
        index = self._done
        while index < len(self._lines) and (self._time_of(index) - began).total_seconds() <= elapsed_s:
            index += 1
        return index - self._done

    def _time_of(self, index: int) -> datetime:
        return self._lines[index].message.at

    def _apply(self, count: int) -> None:
        """Let the next frames happen."""
        for line in self._lines[self._done : self._done + count]:
            changes = self._changes_of(self._done)
            self._done += 1
            self._store.keep(line.message, changes)
            self._hub.publish([MessagesSeen((line.message,)), *changes])

    def _changes_of(self, index: int) -> list[Change]:
        try:
            return [*self._not_understood(self._lines[index]), *self._replay.apply(index)]
        except Exception as error:  # noqa: BLE001  # one frame must not stop the rest: in the service it does not either
            line = self._lines[index]
            _LOG.exception("line %d of %s could not be replayed", line.number, self._path)
            text = f"line {line.number} could not be replayed: {error!r}"
            return [Noticed(Notice(line.message.at, text, NoticeKind.BAD, line.message.station_id))]

    def _not_understood(self, line: trace.Line) -> list[Change]:
        """Say once of each station that its version of OCPP is shown as messages only."""
        message = line.message
        if line.ocpp_version in versions() or line.frame is None or message.station_id in self._said_of:
            return []
        self._said_of.add(message.station_id)
        text = f"{message.station_id} speaks OCPP {line.ocpp_version}, of which only the messages are shown"
        return [Noticed(Notice(message.at, text, NoticeKind.WARNING, message.station_id))]

    # --- Backend ---

    async def watch(self) -> AsyncGenerator[Update, None]:
        """Follow the site as the recording goes on."""
        watch = self._hub.watch()
        try:
            while True:
                yield await watch.take()
        finally:
            watch.close()

    async def watch_messages(self, query: MessageQuery) -> AsyncGenerator[Sequence[Message], None]:
        """Follow the frames that match as the recording goes on."""
        watch = self._hub.watch_messages(query)
        try:
            while True:
                messages, _dropped = await watch.take()
                yield messages
        finally:
            watch.close()

    async def run(self, command: Command) -> Outcome:
        """Nothing can be asked of a recording."""
        return Outcome(Result.NOT_POSSIBLE, self.why_not(command_id(command)) or _WHY_NOT)

    def why_not(self, command_id: str) -> str | None:
        """Why a kind of command is not possible: all that would change something."""
        return None if DANGER.get(command_id, Danger.DISRUPTIVE) is Danger.READ else _WHY_NOT

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        """List transactions so far, newest first."""
        return self._store.transactions(query)

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        """The meter values of a transaction so far, oldest first."""
        return self._store.meter_values(station_id, transaction_id)

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        """The meter values of an EVSE since an instant, oldest first.

        An instant after the recording's own time means the same time before that: the last hour is the last hour of
        the recording, years later too.
        """
        at = self.position().at
        if at is not None and since > at:
            since = at - max(timedelta(), datetime.now(UTC) - since)
        return self._store.recent_meter_values(station_id, evse_id, since)

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        """List messages so far, oldest first."""
        return self._store.messages(query)

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """A station's settings as last read."""
        return self._store.settings(station_id)

    async def monitors(self, station_id: str) -> Sequence[Monitor]:
        """A station's monitors as last read."""
        return self._store.monitors(station_id)

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        """List what stations told of themselves so far, newest first."""
        return self._store.records(query)


def _read(path: Path) -> list[trace.Line]:
    """Read a trace. Others' recorders redact nothing, so what is shown of it is redacted here."""
    return [_redacted(line) for line in trace.read(path)]


def _redacted(line: trace.Line) -> trace.Line:
    message = line.message
    if message.direction is Direction.EVENT or message.action not in (*SECRET_ACTIONS, ""):
        return line
    is_answer = message.kind not in (MessageType.CALL, MessageType.SEND)
    text = redact(line.ocpp_version, message.action, message.text, is_answer)
    return msgspec.structs.replace(line, message=msgspec.structs.replace(message, text=text))
