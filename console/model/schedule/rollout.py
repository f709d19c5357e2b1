"""One schedule for many stations: what has come of it at each, and what still waits. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from console.model.schedule.profile import ChargingProfile


class JobState(StrEnum):
    """How it stands at one station."""

    SENDING = "to be sent"
    WAITING = "waits for the station"  # it was offline or did not answer; sent again when it is heard
    DONE = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given up"


#: What still goes on.
OPEN = frozenset({JobState.SENDING, JobState.WAITING})


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """One station's share: its own profile, made to fit it, and what came of it last, in words."""

    station_id: str
    profile: ChargingProfile
    state: JobState = JobState.SENDING
    text: str = ""
    at: datetime | None = None


class Rollout(msgspec.Struct, frozen=True, omit_defaults=True):
    """One schedule on its way to many stations, in the order in which they were named."""

    rollout_id: str
    title: str
    started_at: datetime
    jobs: tuple[Job, ...]

    @property
    def open(self) -> bool:
        """Whether anything is still to come."""
        return any(job.state in OPEN for job in self.jobs)

    def count(self, *states: JobState) -> int:
        """How many stations stand so."""
        return sum(job.state in states for job in self.jobs)

    def waiting(self, *states: JobState) -> tuple[str, ...]:
        """The stations that stand so."""
        return tuple(job.station_id for job in self.jobs if job.state in states)

    def with_job(self, station_id: str, state: JobState, text: str, at: datetime) -> Rollout:
        """After something came of it at a station."""
        jobs = tuple(
            msgspec.structs.replace(job, state=state, text=text, at=at) if job.station_id == station_id else job
            for job in self.jobs
        )
        return msgspec.structs.replace(self, jobs=jobs)

    def given_up(self, at: datetime, station_id: str = "") -> Rollout:
        """Nothing more is tried, at one station or ("") at all of them."""
        jobs = tuple(
            msgspec.structs.replace(job, state=JobState.GIVEN_UP, at=at)
            if job.state in OPEN and station_id in ("", job.station_id)
            else job
            for job in self.jobs
        )
        return msgspec.structs.replace(self, jobs=jobs)

    def summary(self) -> str:
        """How far it is, in words."""
        parts = [f"{self.count(JobState.DONE)} of {len(self.jobs)} accepted"]
        for state in (JobState.REFUSED, JobState.WAITING, JobState.SENDING, JobState.GIVEN_UP):
            if self.count(state):
                parts.append(f"{self.count(state)} {_SHORT[state]}")
        return ", ".join(parts)


_SHORT = {
    JobState.REFUSED: "refused",
    JobState.WAITING: "waiting",
    JobState.SENDING: "to send",
    JobState.GIVEN_UP: "given up",
}
