"""The neutral JSON of worked cases ("neutral composite cases v1"): read, computed, written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from console.errors import ConsoleError
from console.model.schedule.composite import (
    CompositePeriod,
    Conversion,
    Electrics,
    Reading,
    Request,
    RunningTransaction,
    composite,
)
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit

Seconds = Annotated[int, msgspec.Meta(ge=0)]


class _Period(msgspec.Struct):
    start: Seconds
    limit: float
    phases: int | None = None


class _Schedule(msgspec.Struct):
    unit: Unit
    periods: list[_Period]
    start: datetime | None = None
    duration: Seconds | None = None


class _Profile(msgspec.Struct, rename="camel"):
    id: int
    evse: Seconds
    stack_level: int
    purpose: str
    kind: Kind
    schedule: _Schedule
    recurrency: Recurrency | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | int | None = None
    min_charging_rate: float | None = None
    strict_start: bool = True

    def profile(self) -> ChargingProfile:
        """The profile in our own terms."""
        return ChargingProfile(
            profile_id=self.id,
            evse_id=self.evse,
            stack_level=self.stack_level,
            purpose=_purpose(self.purpose),
            kind=self.kind,
            unit=self.schedule.unit,
            periods=tuple(Period(period.start, period.limit, period.phases) for period in self.schedule.periods),
            recurrency=self.recurrency,
            start=self.schedule.start,
            duration_s=self.schedule.duration,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            transaction_id="" if self.transaction_id is None else str(self.transaction_id),
            min_charging_rate=self.min_charging_rate,
            starts_before_first=not self.strict_start,
        )


def _purpose(name: str) -> Purpose:
    """A purpose by the name that 1.6 or 2.x gives it."""
    try:
        return Purpose.STATION_MAX if name == "ChargePointMaxProfile" else Purpose(name)
    except ValueError:
        known = ", ".join(["ChargePointMaxProfile", *Purpose])
        raise ConsoleError(f"{name!r} is no purpose of a charging profile.", f"Known ones: {known}.") from None


class _Transaction(msgspec.Struct, rename="camel"):
    evse: int
    start: datetime
    id: str | int = ""
    priority_active: bool = False


class _Request(msgspec.Struct):
    evse: Seconds
    start: datetime
    duration: Seconds
    unit: Unit


class _Case(msgspec.Struct, rename="camel"):
    name: str
    profiles: list[_Profile]
    request: _Request
    voltage: float = 230.0
    evse_count: int = 1
    transaction: _Transaction | None = None
    conversion_policy: Conversion = Conversion.OWN


class _File(msgspec.Struct):
    cases: list[_Case]


def compute(text: bytes) -> list[tuple[str, tuple[CompositePeriod, ...]]]:
    """Compute every case of a file; returns names and periods. Raises ConsoleError for a file it cannot read."""
    try:
        cases = msgspec.json.decode(text, type=_File).cases
    except msgspec.DecodeError as error:
        raise ConsoleError(f"This is no file of composite cases: {error}.", "See the README for the format.") from error
    return [(case.name, _computed(case)) for case in cases]


def as_json(results: list[tuple[str, tuple[CompositePeriod, ...]]]) -> dict[str, Any]:
    """The results as the one object that ``schedule composite --json`` prints; ``phases`` only where known."""
    return {
        "cases": [{"name": name, "periods": [_period_json(period) for period in periods]} for name, periods in results]
    }


def _period_json(period: CompositePeriod) -> dict[str, Any]:
    entry: dict[str, Any] = {"start": period.start_s, "limit": period.limit}
    return entry if period.phases is None else {**entry, "phases": period.phases}


def _computed(case: _Case) -> tuple[CompositePeriod, ...]:
    running = case.transaction
    transactions = (
        []
        if running is None
        else [RunningTransaction(running.evse, str(running.id), running.start, running.priority_active)]
    )
    asked = case.request
    return composite(
        [profile.profile() for profile in case.profiles],
        Request(asked.evse, asked.start, asked.duration, asked.unit),
        Electrics(case.voltage, case.evse_count),
        transactions,
        Reading(case.conversion_policy),
    )
