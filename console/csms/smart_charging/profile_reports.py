"""Charging profiles as stations report them (2.x): asked for under a number, sent in parts, put together."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import msgspec

from console.csms.incoming import Connection, Incoming
from console.csms.ports import Clock
from console.csms.said.reports import Noted, ProfilesReport
from console.csms.state import State
from console.model import command as commands
from console.model.change import SchedulesChanged
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.schedule.installed import Criteria, Installed, Source, StationSchedules

Ask = Callable[[Connection, Command], Awaitable[Outcome]]

#: How long a station may take for all parts of a report after it said that it will send one.
_REPORT_TIMEOUT_S = 30.0
#: A station with more profiles than these is making them up.
MOST_PROFILES = 500
_NOTED = Noted()


class _Asked:
    """A report that is being put together."""

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria
        self.parts: list[Installed] = []
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def end(self, *, whole: bool) -> None:
        """All parts have come, or the time for them is over."""
        if not self.done.done():
            self.done.set_result(whole)


class ProfileReports:
    """Asks stations for their profiles and keeps what they say."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._numbers = itertools.count(1)
        self._asked: dict[tuple[str, int], _Asked] = {}
        state.on_removed.append(self._forget)

    async def read(self, connection: Connection, command: commands.GetChargingProfiles, ask: Ask) -> Outcome:
        """Ask for the profiles, and wait until all parts of the report have come."""
        station_id = connection.station_id
        command = msgspec.structs.replace(command, request_id=next(self._numbers))
        key = (station_id, command.request_id)
        asked = self._asked[key] = _Asked(Criteria(evse_id=command.evse_id))
        try:
            outcome = await ask(connection, command)
            if (outcome.answer or {}).get("status") == "NoProfiles":
                self._keep(station_id, asked, whole=True)
                return msgspec.structs.replace(outcome, result=Result.ACCEPTED, text="the station has none", hint="")
            if not outcome.ok:
                return outcome
            return await self._all_of_it(station_id, asked, outcome)
        finally:
            del self._asked[key]

    async def _all_of_it(self, station_id: str, asked: _Asked, outcome: Outcome) -> Outcome:
        began_s = asyncio.get_running_loop().time()
        cancel = self._clock.call_later(_REPORT_TIMEOUT_S, lambda: asked.end(whole=False))
        whole = await asked.done
        cancel()
        self._keep(station_id, asked, whole=whole)
        elapsed_s = outcome.elapsed_s + asyncio.get_running_loop().time() - began_s
        count = "1 profile" if len(asked.parts) == 1 else f"{len(asked.parts)} profiles"
        if whole:
            return msgspec.structs.replace(outcome, text=f"the station reported {count}", elapsed_s=elapsed_s)
        text = f"only {count} came within {_REPORT_TIMEOUT_S:.0f} s, and not the end of the report"
        return Outcome(Result.TIMED_OUT, text, "Ask again; what came is kept.", elapsed_s)

    def on_report(self, incoming: Incoming, report: ProfilesReport) -> Noted:
        """ReportChargingProfiles: a part, asked for or not."""
        parts = [Installed(profile, Source.REPORTED, incoming.now, report.limit_source) for profile in report.profiles]
        asked = self._asked.get((incoming.station_id, report.request_id))
        if asked is None:
            incoming.problems.append(f"nobody waits for report {report.request_id}")
            self._change(self._held(incoming.station_id).with_report(parts, Criteria(), incoming.now, whole=False))
            return _NOTED
        if len(asked.parts) + len(parts) > MOST_PROFILES:
            incoming.problems.append(f"more than {MOST_PROFILES} profiles: the rest is left out")
            parts = parts[: MOST_PROFILES - len(asked.parts)]
        asked.parts += parts
        if not report.more:
            asked.end(whole=True)
        return _NOTED

    def _forget(self, station_id: str) -> None:
        """A station is no more: its reports will not go on."""
        for (asked_of, _), asked in self._asked.items():
            if asked_of == station_id:
                asked.end(whole=False)

    def _keep(self, station_id: str, asked: _Asked, *, whole: bool) -> None:
        self._change(self._held(station_id).with_report(asked.parts, asked.criteria, self._clock.now(), whole=whole))

    def _held(self, station_id: str) -> StationSchedules:
        return self._state.schedules_of(station_id)

    def _change(self, after: StationSchedules) -> None:
        if after.station_id in self._state.stations and after != self._held(after.station_id):
            self._state.emit([SchedulesChanged(after)])
