"""Reports that an operator waits for: asked with one request, told by the station in parts, each kept as it comes."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from typing import Protocol, TypeVar

import msgspec

from console.csms.incoming import Connection, Incoming
from console.csms.ports import Clock
from console.csms.said.reports import MonitorsReport, Noted, SettingsReport
from console.csms.state import State
from console.model.change import Change, MonitorsRead, SettingsRead
from console.model.command import Command, ReadSettings
from console.model.device import Monitor, merged
from console.model.device_command import ReadMonitors
from console.model.outcome import Outcome, Result
from console.model.station import Setting

Told = TypeVar("Told")
Key = TypeVar("Key", bound=Hashable)


class Ask(Protocol):
    """Sends one command to a station, and says how it ended."""

    def __call__(self, connection: Connection, command: Command, timeout_s: float | None = None) -> Awaitable[Outcome]:
        """See ``Operations``."""
        ...


#: A report whose next part does not come for so long has ended.
PART_TIMEOUT_S = 30.0
#: One that goes on for longer than this, however its parts come, is cut off: somebody waits for its end.
REPORT_TIMEOUT_S = 1800.0
#: A station with more settings, or monitors, than these is making them up.
MOST_TOLD = 10_000
_NOTHING = "EmptyResultSet"
_NOTED = Noted()


class _Wait:
    """One report under way."""

    def __init__(self, station_id: str, known: Mapping[str, Setting], complete: bool) -> None:
        self.station_id = station_id
        self.known = known
        self.complete = complete  # whether what is not in it is gone
        self.numbers: set[int] = set()
        self.last: int | None = None
        self.settings: dict[str, Setting] = {}
        self.monitors: dict[int, Monitor] = {}
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.cancel_deadline: Callable[[], None] = lambda: None

    @property
    def whole(self) -> bool:
        """Whether every part has come."""
        return self.last is not None and len(self.numbers) == self.last + 1

    @property
    def unbroken(self) -> bool:
        """Whether the last part has come, and none is missing from the first on, whatever number that had."""
        return self.last is not None and self.last - min(self.numbers) + 1 == len(self.numbers)

    def end(self) -> None:
        """Wait no longer."""
        self.cancel_deadline()
        if not self.done.done():
            self.done.set_result(None)


class ReportWaits:
    """The room for NotifyReport and NotifyMonitoringReport."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._waits: dict[tuple[str, int], _Wait] = {}
        # What stations have told that nobody asked for, until all of it is read: not until they connect again, or one
        # could fill the disk by coming again and again.
        self._unasked_settings: defaultdict[str, set[str]] = defaultdict(set)
        self._unasked_monitors: defaultdict[str, set[int]] = defaultdict(set)
        state.on_removed.append(self._forget)
        # Not 1, 2, 3 again after a restart: a report asked for before may still be on its way.
        self._ids = itertools.count(int(clock.now().timestamp()) % 1_000_000_000)

    def next_id(self) -> int:
        """A number for a request that is answered by a report."""
        return next(self._ids)

    async def ask(
        self,
        connection: Connection,
        command: ReadSettings | ReadMonitors,
        known: Mapping[str, Setting],
        complete: bool,
        ask: Ask,
    ) -> Outcome:
        """Ask for a report and wait until it is there. ``complete``: it will tell of all there is."""
        wait = _Wait(connection.station_id, known, complete)
        key = (connection.station_id, command.request_id)
        self._waits[key] = wait
        cut_off = self._clock.call_later(REPORT_TIMEOUT_S, wait.end)
        try:
            outcome = await ask(connection, command)
            if outcome.answer is not None and outcome.answer.get("status") == _NOTHING:
                return self._nothing(wait, command, outcome)
            if not outcome.ok:
                return outcome
            began = self._clock.now()
            self._extend(wait)
            await wait.done
            elapsed_s = outcome.elapsed_s + (self._clock.now() - began).total_seconds()
            ended = self._ended(wait, outcome)
            await self._state.save([])  # whoever asks for them next finds them on record
            return msgspec.structs.replace(ended, elapsed_s=elapsed_s)
        finally:
            cut_off()
            wait.end()
            del self._waits[key]

    def _nothing(self, wait: _Wait, command: ReadSettings | ReadMonitors, outcome: Outcome) -> Outcome:
        """There is nothing of what was asked for, which is an answer too."""
        of_monitors = isinstance(command, ReadMonitors)
        if of_monitors and wait.complete:
            self._state.emit([MonitorsRead(wait.station_id, (), complete=True)])
            self._unasked_monitors.pop(wait.station_id, None)
        text = "there are no such monitors" if of_monitors else "there are no such settings"
        return msgspec.structs.replace(outcome, result=Result.ACCEPTED, text=text, hint="")

    def _extend(self, wait: _Wait) -> None:
        wait.cancel_deadline()
        if not wait.done.done():
            wait.cancel_deadline = self._clock.call_later(PART_TIMEOUT_S, wait.end)

    def _ended(self, wait: _Wait, outcome: Outcome) -> Outcome:
        told = _count(len(wait.monitors), "monitor") if wait.monitors else _count(len(wait.settings), "setting")
        if not wait.numbers:
            text = f"the station accepted, but sent no report within {PART_TIMEOUT_S:.0f} s"
            return Outcome(Result.TIMED_OUT, text, "Try again, or ask for less: a configuration inventory.")
        if not wait.unbroken:
            parts = (
                f"{len(wait.numbers)} parts came, and not the last one" if wait.last is None else "a part is missing"
            )
            return Outcome(Result.TIMED_OUT, f"{told} read, but the report broke off: {parts}", "Read them again.")
        if wait.complete:
            self._state.emit(self._all(wait))
            unasked = self._unasked_settings if wait.settings else self._unasked_monitors
            unasked.pop(wait.station_id, None)
        return msgspec.structs.replace(outcome, result=Result.ACCEPTED, text=f"{told} read", hint="")

    @staticmethod
    def _all(wait: _Wait) -> list[Change]:
        """What is not in a complete report is gone."""
        if wait.settings:
            if wait.known.keys() <= wait.settings.keys():
                return []
            return [SettingsRead(wait.station_id, tuple(wait.settings.values()), complete=True)]
        return [MonitorsRead(wait.station_id, tuple(wait.monitors.values()), complete=True)]

    # --- parts ---

    def on_settings(self, incoming: Incoming, report: SettingsReport) -> Noted:
        """NotifyReport: kept part by part, so that a tree fills as they come."""
        wait = self._waits.get((incoming.station_id, report.request_id))
        known = wait.known if wait else self._state.awaiting_boot.get(incoming.station_id, {})
        news = [
            msgspec.structs.replace(each, station_id=incoming.station_id, read_at=incoming.now)
            for each in report.settings
        ]
        told = merged(known, news)
        held = wait.settings if wait is not None else self._unasked_settings[incoming.station_id]
        settings = _within(told, lambda each: each.key.casefold(), held)
        if len(settings) < len(told):
            incoming.problems.append(f"more than {MOST_TOLD} settings: the rest is left out")
        if wait is not None:
            wait.settings |= {each.key.casefold(): each for each in settings}
        else:
            incoming.problems.append(f"nobody waits for report {report.request_id}; it is kept all the same")
            self._unasked_settings[incoming.station_id].update(each.key.casefold() for each in settings)
        self._state.emit([SettingsRead(incoming.station_id, settings)] if settings else [])
        self._part(wait, report.seq_no, report.more)
        return _NOTED

    def on_monitors(self, incoming: Incoming, report: MonitorsReport) -> Noted:
        """NotifyMonitoringReport."""
        wait = self._waits.get((incoming.station_id, report.request_id))
        told = [msgspec.structs.replace(each, station_id=incoming.station_id) for each in report.monitors]
        held = wait.monitors if wait is not None else self._unasked_monitors[incoming.station_id]
        monitors = _within(told, lambda each: each.monitor_id, held)
        if len(monitors) < len(told):
            incoming.problems.append(f"more than {MOST_TOLD} monitors: the rest is left out")
        if wait is not None:
            wait.monitors |= {each.monitor_id: each for each in monitors}
        else:
            self._unasked_monitors[incoming.station_id].update(each.monitor_id for each in monitors)
        self._state.emit([MonitorsRead(incoming.station_id, monitors)] if monitors else [])
        self._part(wait, report.seq_no, report.more)
        return _NOTED

    def _part(self, wait: _Wait | None, seq_no: int, more: bool) -> None:
        if wait is None:
            return
        fresh = seq_no not in wait.numbers and len(wait.numbers) < MOST_TOLD
        if fresh:
            wait.numbers.add(seq_no)
        if not more:
            wait.last = seq_no
        if wait.whole:
            wait.end()
        elif fresh:  # a part that comes again is no sign that more will come
            self._extend(wait)

    def closed(self, station_id: str) -> None:
        """A station's connection ended: what it began to tell will not go on."""
        for (asked_of, _), wait in self._waits.items():
            if asked_of == station_id:
                wait.end()

    def _forget(self, station_id: str) -> None:
        """A station is no more."""
        self.closed(station_id)
        self._unasked_settings.pop(station_id, None)
        self._unasked_monitors.pop(station_id, None)


def _within(told: Iterable[Told], key_of: Callable[[Told], Key], held: Collection[Key]) -> tuple[Told, ...]:
    """What may be kept beside what is ``held``: a station tells no more than so many different ones."""
    kept, fresh = [], set[Key]()
    for each in told:
        key = key_of(each)
        if key not in held:
            if key not in fresh and len(held) + len(fresh) >= MOST_TOLD:
                continue
            fresh.add(key)
        kept.append(each)
    return tuple(kept)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
