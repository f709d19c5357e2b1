"""Charging profiles as a station keeps them, and the limit that follows (1.6 section 3.13, 2.x K01, 2.1 K27).

The arithmetic of this module is the simulator's own on purpose: a station that shared it with the service could
not prove it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.simulator.types import NO_LIMIT, NOMINAL_VOLTAGE_V, Limit

MAX_STACK_LEVEL = 8
MAX_PERIODS = 24
MAX_INSTALLED = 10

TX_DEFAULT = "TxDefaultProfile"
TX = "TxProfile"
PRIORITY = "PriorityCharging"
LOCAL_GENERATION = "LocalGeneration"
STATION_MAX = ("ChargePointMaxProfile", "ChargingStationMaxProfile")
EXTERNAL = "ChargingStationExternalConstraints"

RECURRENCE_S = {"Daily": 86_400, "Weekly": 604_800}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` of a schedule on: amperes per phase or watts, whichever unit the schedule has."""

    start_s: int
    limit: float
    phases: int | None


@dataclass(frozen=True, slots=True)
class ChargingProfile:
    """One charging profile with its one schedule. `start` is None for one that is relative to its transaction.

    Raises ValueError where the periods make no sense.
    """

    profile_id: int
    stack_level: int
    purpose: str
    kind: str
    unit: str
    periods: tuple[Period, ...]
    transaction_id: int | str | None = None
    recurrence_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    start: datetime | None = None
    duration_s: int | None = None

    def __post_init__(self) -> None:
        starts = [period.start_s for period in self.periods]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError(f"schedule periods start at {starts}")
        if self.kind != "Relative" and self.start is None:
            raise ValueError(f"{self.kind} schedule without startSchedule")

    def period_at(self, when: datetime, tx_started: datetime) -> Period | None:
        """The period in force at `when`, if there is one."""
        if (self.valid_from and when < self.valid_from) or (self.valid_to and when >= self.valid_to):
            return None
        offset_s = (when - (self.start or tx_started)).total_seconds()
        if offset_s < 0:
            return None
        if self.recurrence_s:
            offset_s %= self.recurrence_s
        if self.duration_s is not None and offset_s >= self.duration_s:
            return None
        return next(period for period in reversed(self.periods) if period.start_s <= offset_s)

    def changes(self, start: datetime, end: datetime, tx_started: datetime) -> Iterator[datetime]:
        """Every instant between `start` and `end` at which this profile's limit may change."""
        yield from (moment for moment in (self.valid_from, self.valid_to) if moment)
        base = self.start or tx_started
        offsets = [period.start_s for period in self.periods]
        if self.duration_s is not None:
            offsets.append(self.duration_s)
        if self.recurrence_s and start > base:
            base += timedelta(seconds=(start - base).total_seconds() // self.recurrence_s * self.recurrence_s)
        while base < end:
            yield from (base + timedelta(seconds=offset) for offset in offsets)
            if not self.recurrence_s:
                return
            base += timedelta(seconds=self.recurrence_s)

    def limit(self, period: Period) -> Limit:
        """That period's limit, in its own unit."""
        if self.unit == "A":
            return Limit(current_a=period.limit, phases=period.phases)
        return Limit(power_w=period.limit, phases=period.phases)


class ProfileStore:
    """The profiles installed on one station, by place: 1.6 connector or 2.x EVSE; 0 is the station itself.

    By the rules of 1.6 a place's own TxDefaultProfile replaces the station's, whatever their stack levels (section
    3.13.1), and a profile replaces what is in its place of the stack. By those of 2.x the higher stack level counts,
    wherever it is, and two may share a place of the stack at different times.
    """

    def __init__(self, *, by_1_6: bool = True) -> None:
        self._by_1_6 = by_1_6
        self.installed: list[tuple[int, ChargingProfile]] = []
        self.prioritised: set[int] = set()
        """The places whose driver has asked for priority charging (2.1 K21)."""
        self._defaults = ((True,), (False,)) if by_1_6 else ((True, False),)

    def __len__(self) -> int:
        return len(self.installed)

    def install(self, place: int, profile: ChargingProfile) -> bool:
        """Add a profile in place of the one with the same id; in 1.6 also of one in the same place of the stack."""
        kept = [
            (there, other)
            for there, other in self.installed
            if other.profile_id != profile.profile_id
            and not (
                self._by_1_6
                and (there, other.purpose, other.stack_level) == (place, profile.purpose, profile.stack_level)
            )
        ]
        if len(kept) >= MAX_INSTALLED:
            return False
        self.installed = [*kept, (place, profile)]
        return True

    def clear(
        self,
        profile_id: int | None = None,
        place: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> bool:
        """Remove what matches every given criterion; an id alone decides. Says whether anything did.

        Limits from outside have negative ids, and go by those only.
        """

        def matches(there: int, profile: ChargingProfile) -> bool:
            if profile_id is not None or profile.profile_id < 0:
                return profile.profile_id == profile_id
            return (
                (place is None or there == place)
                and (purpose is None or profile.purpose == purpose)
                and (stack_level is None or profile.stack_level == stack_level)
            )

        before = len(self.installed)
        self.installed = [entry for entry in self.installed if not matches(*entry)]
        return len(self.installed) < before

    def change_limit(self, profile_id: int, limit: float | None, phases: int | None) -> bool:
        """Give the one period of a dynamic profile another limit (2.1 K28). Says whether there is such a profile."""
        for number, (place, profile) in enumerate(self.installed):
            if profile.profile_id == profile_id and profile.kind == "Dynamic":
                (period,) = profile.periods
                period = Period(0, period.limit if limit is None else limit, phases or period.phases)
                self.installed[number] = (place, replace(profile, periods=(period,)))
                return True
        return False

    def connector_limit(self, place: int, when: datetime, tx_started: datetime) -> Limit:
        """What TxProfile, else TxDefaultProfile, allows there; priority charging overrules both."""
        limit = self._highest((place, 0), PRIORITY, when, tx_started) if place in self.prioritised else None
        limit = limit or self._highest((place,), TX, when, tx_started)
        for scopes in self._defaults:
            places = tuple(place if own else 0 for own in scopes)
            limit = limit or self._highest(places, TX_DEFAULT, when, tx_started)
        own_constraint = self._highest((place,), EXTERNAL, when, when) or NO_LIMIT
        return (limit or NO_LIMIT).also(own_constraint)

    def station_limit(self, when: datetime) -> Limit:
        """What the whole station may take: its maximum and what is imposed from outside, plus what the roof yields."""
        limit = NO_LIMIT
        for purpose in (*STATION_MAX, EXTERNAL):
            limit = limit.also(self._highest((0,), purpose, when, when) or NO_LIMIT)
        generated = self._highest((0,), LOCAL_GENERATION, when, when)
        return limit if generated is None else limit.plus(generated)

    def changes(self, start: datetime, end: datetime, tx_started: Sequence[datetime]) -> list[datetime]:
        """Every instant after `start` and before `end` at which any limit may change, in order."""
        moments: set[datetime] = set()
        for _, profile in self.installed:
            for began in tx_started if profile.start is None else (start,):
                moments.update(moment for moment in profile.changes(start, end, began) if start < moment < end)
        return sorted(moments)

    def composite(
        self,
        places: Sequence[int],
        start: datetime,
        duration_s: int,
        *,
        hardware: Limit,
        phases: int,
        tx_started: Sequence[datetime],
    ) -> list[tuple[int, Limit]]:
        """The limits in force from `start` on, seconds after it: those of `places` added up, under the station's.

        `hardware` is what each place can deliver at all, `tx_started` when the transaction of each place began.
        """
        end = start + timedelta(seconds=duration_s)
        steps: list[tuple[int, Limit]] = []
        for moment in (start, *self.changes(start, end, tx_started)):
            own = [
                self.connector_limit(place, moment, began).also(hardware).in_all(phases)
                for place, began in zip(places, tx_started, strict=True)
            ]
            station = self.station_limit(moment)
            merged = min(station.phases or phases, max(limit.phases or phases for limit in own))
            power_w = min(sum(limit.power_w or 0.0 for limit in own), station.as_power_w(phases=merged))
            current_a = power_w / (merged * NOMINAL_VOLTAGE_V)
            limit = Limit(current_a, power_w, merged)
            if not steps or steps[-1][1] != limit:
                steps.append((int((moment - start).total_seconds()), limit))
        return steps

    def _highest(self, places: Sequence[int], purpose: str, when: datetime, tx_started: datetime) -> Limit | None:
        """The limit of the highest stack level that has a period now, restrictive or not; the first place wins ties."""
        best: tuple[tuple[int, int], Limit] | None = None
        for place, profile in self.installed:
            if profile.purpose != purpose or place not in places:
                continue
            rank = (profile.stack_level, -places.index(place))
            if best is not None and rank <= best[0]:
                continue
            period = profile.period_at(when, tx_started)
            if period is not None:
                best = (rank, profile.limit(period))
        return best[1] if best else None


def composite_value(limit: Limit, unit: str) -> float:
    """A composite's limit in the unit asked for, to the tenth that OCPP allows."""
    value = limit.power_w if unit == "W" else limit.current_a
    return round(value if value is not None else math.inf, 1)
