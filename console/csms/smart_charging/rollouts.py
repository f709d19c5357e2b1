"""One schedule to many stations: a few at a time, and to those that were offline when they are heard again."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from console.csms.chores import Chores
from console.csms.ports import Clock
from console.csms.state import State
from console.model import command as commands
from console.model.change import NoticeKind, RolloutChanged
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.schedule.rollout import OPEN, Job, JobState, Rollout

_LOG = logging.getLogger(__name__)

#: So many stations are asked at once.
_AT_ONCE = 8
#: Progress is told and stored at most this often: a rollout to a thousand stations is a long entry.
_TOLD_EVERY_S = 0.5
MOST_STATIONS = 10_000
_AGAIN = (Result.OFFLINE, Result.TIMED_OUT)


class Rollouts:
    """The room for what is on its way to many stations. ``execute`` carries out a command at one."""

    def __init__(
        self, state: State, clock: Clock, chores: Chores, execute: Callable[[Command], Awaitable[Outcome]]
    ) -> None:
        self._state = state
        self._clock = clock
        self._chores = chores
        self._execute = execute
        self._dirty: dict[str, Rollout] = {}
        self._waiting: dict[str, set[str]] = {}  # rollouts by the station that they wait for
        self._cancel_timer: Callable[[], None] | None = None
        state.on_removed.append(self._forget)
        self.commands: dict[type, Callable[[Any], Awaitable[Outcome]]] = {
            commands.StartRollout: self.start,
            commands.GiveUpRollout: self.give_up,
        }

    def load(self) -> None:
        """What was on its way when the service ended goes on when its stations are heard."""
        for rollout in self._state.rollouts.values():
            for station_id in rollout.waiting(*OPEN):
                self._wait(station_id, rollout.rollout_id)

    async def start(self, command: commands.StartRollout) -> Outcome:
        """Begin; what comes of it is seen in the rollout."""
        if not command.jobs:
            return Outcome(Result.NOT_POSSIBLE, "no station was named", "Name at least one.")
        if len(command.jobs) > MOST_STATIONS:
            return Outcome(Result.NOT_POSSIBLE, f"more than {MOST_STATIONS} stations at once", "Name fewer.")
        jobs = tuple(Job(job.station_id, job.profile) for job in command.jobs)
        rollout = Rollout(uuid.uuid4().hex[:8], command.title, self._clock.now(), jobs)
        self._state.emit([RolloutChanged(rollout)])
        self._chores.start(
            self._send(rollout.rollout_id, rollout.waiting(JobState.SENDING)),
            partial(self._postpone, rollout.rollout_id),
        )
        count = "1 station" if len(jobs) == 1 else f"{len(jobs)} stations"
        return Outcome(
            Result.ACCEPTED, f"{command.title}: on its way to {count}", answer={"rollout_id": rollout.rollout_id}
        )

    async def give_up(self, command: commands.GiveUpRollout) -> Outcome:
        """Try no more."""
        held = self._held(command.rollout_id)
        if held is None:
            return Outcome(Result.NOT_POSSIBLE, f"there is no rollout {command.rollout_id}")
        if not held.open:
            return Outcome(Result.NOT_POSSIBLE, f"{held.title}: nothing is on its way any more")
        self._put(held.given_up(self._clock.now(), command.station_id))
        self._tell()
        return Outcome(Result.ACCEPTED, f"{held.title}: given up where it was not done yet")

    def heard(self, station_id: str) -> None:
        """A station is there: send it what waits for it."""
        for rollout_id in self._waiting.pop(station_id, ()):
            self._chores.start(self._send(rollout_id, (station_id,)), partial(self._postpone, rollout_id))

    def _forget(self, station_id: str) -> None:
        """A station is no more: what waits for it is given up."""
        for rollout_id in self._waiting.pop(station_id, ()):
            held = self._held(rollout_id)
            if held is not None:
                self._put(held.given_up(self._clock.now(), station_id))

    @property
    def waits_for(self) -> dict[str, set[str]]:
        """The rollouts that wait, by station."""
        return self._waiting

    async def _send(self, rollout_id: str, station_ids: tuple[str, ...]) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(station_id: str) -> None:
            async with gate:
                await self._send_to(rollout_id, station_id)

        await asyncio.gather(*(one(station_id) for station_id in station_ids))

    async def _send_to(self, rollout_id: str, station_id: str) -> None:
        job = self._job(rollout_id, station_id)
        if job is None:
            return
        try:
            outcome = await self._execute(commands.SetChargingProfile(station_id, job.profile))
        except Exception:  # noqa: BLE001  # logged and shown; the other stations of the rollout go on
            _LOG.exception("a schedule could not be sent to %s", station_id)
            outcome = Outcome(Result.ERROR, "the service failed over it; its log says how")
        if self._job(rollout_id, station_id) is None:  # given up meanwhile
            return
        state = JobState.DONE if outcome.ok else JobState.WAITING if outcome.result in _AGAIN else JobState.REFUSED
        if state is JobState.WAITING:
            self._wait(station_id, rollout_id)
        held = self._held(rollout_id)
        assert held is not None  # noqa: S101  # its job was found above
        text = outcome.text if not outcome.hint or outcome.ok else f"{outcome.text} ({outcome.hint})"
        after = held.with_job(station_id, state, text, self._clock.now())
        self._put(after)
        if not after.open:
            self._finished(after)

    def _finished(self, rollout: Rollout) -> None:
        kind = NoticeKind.WARNING if rollout.count(JobState.REFUSED) else NoticeKind.GOOD
        self._tell()
        self._state.emit([self._state.notice(f"schedule {rollout.title}: {rollout.summary()}", kind)])

    def _postpone(self, rollout_id: str) -> None:
        """It could not be sent now: it is tried again when the stations are heard."""
        held = self._held(rollout_id)
        for station_id in held.waiting(*OPEN) if held else ():
            self._wait(station_id, rollout_id)

    def _wait(self, station_id: str, rollout_id: str) -> None:
        self._waiting.setdefault(station_id, set()).add(rollout_id)

    def _held(self, rollout_id: str) -> Rollout | None:
        return self._dirty.get(rollout_id) or self._state.rollouts.get(rollout_id)

    def _job(self, rollout_id: str, station_id: str) -> Job | None:
        """A job that is still to be done."""
        held = self._held(rollout_id)
        found = (job for job in held.jobs if job.station_id == station_id and job.state in OPEN) if held else iter(())
        return next(found, None)

    def _put(self, rollout: Rollout) -> None:
        self._dirty[rollout.rollout_id] = rollout
        if self._cancel_timer is None:
            self._cancel_timer = self._clock.call_later(_TOLD_EVERY_S, self._tell)

    def _tell(self) -> None:
        """Emit how far everything is."""
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None
        dirty, self._dirty = self._dirty, {}
        if dirty:
            self._state.emit([RolloutChanged(rollout) for rollout in dirty.values()])
