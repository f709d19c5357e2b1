"""Charging profiles of OCPP 1.6 as a station keeps them, and the limit that follows (1.6 section 3.13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator.types import NO_LIMIT, NOMINAL_VOLTAGE_V, Limit

MAX_STACK_LEVEL = 8
MAX_PERIODS = 24
MAX_INSTALLED = 10

STATION_MAX = "ChargePointMaxProfile"
TX_DEFAULT = "TxDefaultProfile"
TX = "TxProfile"

_RECURRENCE_S = {"Daily": 86_400, "Weekly": 604_800}


def parse_time(text: str) -> datetime:
    """A date and time off the wire; one without a zone is taken for UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` of a schedule on: amperes per phase or watts, whichever unit the schedule has."""

    start_s: int
    limit: float
    phases: int | None


@dataclass(frozen=True, slots=True)
class ChargingProfile:
    """One charging profile with its one schedule."""

    profile_id: int
    stack_level: int
    purpose: str
    kind: str
    unit: str
    periods: tuple[Period, ...]
    transaction_id: int | None = None
    recurrence_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    start: datetime | None = None
    duration_s: int | None = None

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> ChargingProfile:
        """Read csChargingProfiles, with the snake_case keys that the `ocpp` package hands over.

        Raises KeyError or ValueError where it makes no sense.
        """
        schedule = wire["charging_schedule"]
        periods = tuple(
            Period(period["start_period"], float(period["limit"]), period.get("number_phases"))
            for period in schedule["charging_schedule_period"]
        )
        starts = [period.start_s for period in periods]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError(f"schedule periods start at {starts}")
        kind = wire["charging_profile_kind"]
        start = _time(schedule.get("start_schedule"))
        if kind != "Relative" and start is None:
            raise ValueError(f"{kind} schedule without startSchedule")
        return cls(
            profile_id=wire["charging_profile_id"],
            stack_level=wire["stack_level"],
            purpose=wire["charging_profile_purpose"],
            kind=kind,
            unit=schedule["charging_rate_unit"],
            periods=periods,
            transaction_id=wire.get("transaction_id"),
            recurrence_s=_RECURRENCE_S[wire["recurrency_kind"]] if kind == "Recurring" else None,
            valid_from=_time(wire.get("valid_from")),
            valid_to=_time(wire.get("valid_to")),
            start=start,
            duration_s=schedule.get("duration"),
        )

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
        return Limit(current_a=period.limit) if self.unit == "A" else Limit(power_w=period.limit)


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None


class ProfileStore:
    """The profiles installed on one station, by connector; 0 is the station itself."""

    def __init__(self) -> None:
        self._installed: list[tuple[int, ChargingProfile]] = []

    def install(self, connector_id: int, profile: ChargingProfile) -> bool:
        """Add a profile in place of the one with the same id, or the same purpose and stack level there."""
        kept = [
            (there, other)
            for there, other in self._installed
            if other.profile_id != profile.profile_id
            and (there, other.purpose, other.stack_level) != (connector_id, profile.purpose, profile.stack_level)
        ]
        if len(kept) >= MAX_INSTALLED:
            return False
        self._installed = [*kept, (connector_id, profile)]
        return True

    def clear(
        self,
        profile_id: int | None = None,
        connector_id: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> bool:
        """Remove what matches every given criterion; an id alone decides. Says whether anything did."""

        def matches(there: int, profile: ChargingProfile) -> bool:
            if profile_id is not None:
                return profile.profile_id == profile_id
            return (
                (connector_id is None or there == connector_id)
                and (purpose is None or profile.purpose == purpose)
                and (stack_level is None or profile.stack_level == stack_level)
            )

        before = len(self._installed)
        self._installed = [entry for entry in self._installed if not matches(*entry)]
        return len(self._installed) < before

    def connector_limit(self, connector_id: int, when: datetime, tx_started: datetime) -> Limit:
        """What TxProfile, else TxDefaultProfile, allows on a connector; a connector's own default goes first."""
        for there, purpose in ((connector_id, TX), (connector_id, TX_DEFAULT), (0, TX_DEFAULT)):
            limit = self._highest(there, purpose, when, tx_started)
            if limit is not None:
                return limit
        return NO_LIMIT

    def station_limit(self, when: datetime) -> Limit:
        """What ChargePointMaxProfile allows the whole station."""
        return self._highest(0, STATION_MAX, when, when) or NO_LIMIT

    def composite(
        self,
        connector_id: int,
        start: datetime,
        duration_s: int,
        *,
        unit: str,
        phases: int,
        hardware_w: float,
        tx_started: datetime,
    ) -> list[dict[str, Any]]:
        """The chargingSchedulePeriods from `start` on: every limit put together, the hardware's included."""
        end = start + timedelta(seconds=duration_s)
        moments = {start}
        for _, profile in self._installed:
            moments.update(moment for moment in profile.changes(start, end, tx_started) if start < moment < end)
        periods: list[dict[str, Any]] = []
        for moment in sorted(moments):
            limit = self.station_limit(moment)
            if connector_id:
                limit = limit.also(self.connector_limit(connector_id, moment, tx_started))
            power_w = min(hardware_w, limit.as_power_w(phases=phases))
            value = round(power_w if unit == "W" else power_w / (phases * NOMINAL_VOLTAGE_V), 1)
            if not periods or periods[-1]["limit"] != value:
                offset_s = int((moment - start).total_seconds())
                periods.append({"start_period": offset_s, "limit": value, "number_phases": phases})
        return periods

    def _highest(self, there: int, purpose: str, when: datetime, tx_started: datetime) -> Limit | None:
        """The limit of the highest stack level that has a period now, restrictive or not."""
        best: tuple[int, Limit] | None = None
        for connector_id, profile in self._installed:
            if connector_id != there or profile.purpose != purpose:
                continue
            period = profile.period_at(when, tx_started)
            if period is not None and (best is None or profile.stack_level > best[0]):
                best = (profile.stack_level, profile.limit(period))
        return best[1] if best else None
