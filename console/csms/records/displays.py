"""What stations show on their displays: set, cleared, and read back after each, so that the record is the station's."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from console.csms.device.report_waits import PART_TIMEOUT_S, Ask
from console.csms.incoming import Connection, Incoming
from console.csms.ports import Clock
from console.csms.records.records import Records
from console.csms.said.reports import Noted
from console.csms.said.told import ReportPart, Told
from console.csms.state import State
from console.model.display import ClearMessage, ReadMessages, ShowMessage
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind
from console.model.text import plain

_REPORT, _MESSAGE = RecordKind.DISPLAY_MESSAGES, RecordKind.DISPLAY_MESSAGE


class Displays:
    """The commands about display messages, and NotifyDisplayMessages, which tells of them in parts."""

    def __init__(self, state: State, clock: Clock, records: Records, next_id: Callable[[], int], ask: Ask) -> None:
        self._state = state
        self._clock = clock
        self._records = records
        self._next_id = next_id
        self._ask = ask
        self._waits: dict[tuple[str, int], _Wait] = {}
        self._read_since_start: set[str] = set()
        self._on_their_way: dict[str, set[int]] = {}  # ids of messages that are not on record yet
        state.on_removed.append(self._forget)
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            ShowMessage: self._show,
            ReadMessages: self._read,
            ClearMessage: self._clear,
        }

    # --- commands ---

    async def _show(self, connection: Connection, command: ShowMessage) -> Outcome:
        """SetDisplayMessage, and what the station has then."""
        problem = self._time_problem(command)
        if problem:
            return Outcome(Result.NOT_POSSIBLE, f"nothing was sent: {problem}", "Write 22:00, +2h or tomorrow 8:00.")
        if command.message_id is None and command.station_id not in self._read_since_start:
            read = await self._read(connection, ReadMessages(command.station_id))
            if not read.ok:  # an id of another's would replace that message
                text = f"nothing was sent: which messages it has is not known ({read.text})"
                return msgspec.structs.replace(read, text=text)
        taken = self._on_their_way.setdefault(command.station_id, set())
        if command.message_id is None:
            command = msgspec.structs.replace(command, message_id=self._free_id(command.station_id, taken))
        number = command.message_id or 0
        taken.add(number)
        try:
            outcome = await self._ask(connection, command)
            if not outcome.ok:
                return outcome
            told = msgspec.structs.replace(outcome, text=f"{outcome.text}, number {number}")
            return await self._read_back(connection, told, number, shown=True)
        finally:
            taken.discard(number)

    def _time_problem(self, command: ShowMessage) -> str:
        if command.ends_at is not None and command.ends_at <= self._clock.now():
            return "the message would have ended already"
        if command.ends_at is not None and command.starts_at is not None and command.ends_at <= command.starts_at:
            return "the message would end before it begins"
        return ""

    def _free_id(self, station_id: str, taken: set[int]) -> int:
        held = self._state.records(station_id, _MESSAGE)
        return next(number for number in itertools.count(1) if number not in taken and _key(number) not in held)

    async def _clear(self, connection: Connection, command: ClearMessage) -> Outcome:
        """ClearDisplayMessage. One that the station does not know is none any more."""
        outcome = await self._ask(connection, command)
        if outcome.ok or (outcome.answer or {}).get("status") == "Unknown":
            return await self._read_back(connection, outcome, command.message_id, shown=False)
        return outcome

    async def _read_back(self, connection: Connection, outcome: Outcome, number: int, *, shown: bool) -> Outcome:
        """What the station has after it accepted; where it says otherwise than it should, that is told."""
        read = await self._read(connection, ReadMessages(connection.station_id))
        if not read.ok:
            hint = f"Which messages it has now is not known: {read.text}."
            return msgspec.structs.replace(outcome, hint=hint)
        if outcome.ok and (_key(number) in self._state.records(connection.station_id, _MESSAGE)) is not shown:
            hint = "It does not list it, though." if shown else "It still lists it, though."
            return msgspec.structs.replace(outcome, hint=f"{hint} Read them again (r) in a while.")
        return outcome

    async def _read(self, connection: Connection, command: ReadMessages) -> Outcome:
        """GetDisplayMessages, and wait for the report. What is not in it is gone."""
        command = msgspec.structs.replace(command, request_id=self._next_id())
        key = (connection.station_id, command.request_id)
        self._waits[key] = wait = _Wait(self._clock)
        try:
            outcome = await self._ask(connection, command)
            if (outcome.answer or {}).get("status") == "Unknown":  # O03.FR.05: there are none
                self._keep(connection, [])
                text = "the station shows no messages"
                return msgspec.structs.replace(outcome, result=Result.ACCEPTED, text=text, hint="")
            if not outcome.ok:
                return outcome
            wait.extend()
            await wait.over.wait()
            return self._reported(connection, command.request_id, outcome)
        finally:
            wait.end()
            del self._waits[key]

    def _reported(self, connection: Connection, request_id: int, outcome: Outcome) -> Outcome:
        """Keep what a report told, message by message, if all of it has come."""
        report = self._state.records(connection.station_id, _REPORT).get(f"request {request_id}")
        if report is None or report.standing:
            text = f"the station accepted, but sent no more of its messages for {PART_TIMEOUT_S:.0f} s"
            return Outcome(Result.TIMED_OUT, text, "Read them again.", outcome.elapsed_s)
        messages = report.details.get("messageInfo")
        if not isinstance(messages, list):
            return Outcome(Result.ERROR, "the station sent more messages than can be kept", "", outcome.elapsed_s)
        self._keep(connection, messages)
        self._records.drop(connection.station_id, _REPORT, [report.key])
        return msgspec.structs.replace(outcome, text=report.summary)

    def _keep(self, connection: Connection, messages: Sequence[Any]) -> None:
        told = [_told(message) for message in messages if isinstance(message, dict)]
        self._records.keep(Incoming(connection, "", self._clock.now()), told)
        kept = {one.key for one in told}
        held = self._state.records(connection.station_id, _MESSAGE)
        self._records.drop(connection.station_id, _MESSAGE, [key for key in held if key not in kept])
        self._read_since_start.add(connection.station_id)

    # --- what stations say ---

    def on_part(self, incoming: Incoming, report: ReportPart) -> Noted:
        """A part of any report: kept; somebody may wait for it."""
        noted = self._records.on_part(incoming, report)
        wait = self._waits.get((incoming.station_id, report.request_id))
        if wait is not None and report.kind is _REPORT:
            if report.more:
                wait.extend()
            else:
                wait.end()
        return noted

    def closed(self, station_id: str) -> None:
        """A station's connection ended: what it began to tell will not go on."""
        for (asked_of, _), wait in self._waits.items():
            if asked_of == station_id:
                wait.end()

    def _forget(self, station_id: str) -> None:
        """A station is no more."""
        self.closed(station_id)
        self._read_since_start.discard(station_id)
        self._on_their_way.pop(station_id, None)


class _Wait:
    """One report under way: it is over when its last part has come, or none for too long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cancel: Callable[[], None] = lambda: None
        self.over = asyncio.Event()

    def extend(self) -> None:
        """Wait for the next part."""
        self._cancel()
        if not self.over.is_set():
            self._cancel = self._clock.call_later(PART_TIMEOUT_S, self.end)

    def end(self) -> None:
        """Wait no longer."""
        self._cancel()
        self.over.set()


def _key(message_id: object) -> str:
    return f"message {message_id}"


def _told(message: dict[str, Any]) -> Told:
    """The record of a message that a station has."""
    content = message.get("message")
    text = plain(str(content.get("content", ""))) if isinstance(content, dict) else ""
    return Told(_MESSAGE, _key(message.get("id")), text or "no text", message, quiet=True)
