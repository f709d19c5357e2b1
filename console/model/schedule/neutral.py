"""A charging profile in the neutral JSON of the worked cases, which is also the form of files and of ``--json``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from console.errors import ConsoleError
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit

Seconds = Annotated[int, msgspec.Meta(ge=0)]


class NeutralPeriod(msgspec.Struct, omit_defaults=True):
    """A period: seconds from the schedule's start."""

    start: Seconds
    limit: float
    phases: int | None = None
    phase_to_use: int | None = msgspec.field(default=None, name="phaseToUse")


class NeutralSchedule(msgspec.Struct, omit_defaults=True):
    """A schedule."""

    unit: Unit
    periods: list[NeutralPeriod]
    start: datetime | None = None
    duration: Seconds | None = None


class NeutralProfile(msgspec.Struct, rename="camel", omit_defaults=True):
    """A profile as it stands in a file."""

    id: int
    evse: Seconds
    stack_level: int
    purpose: str
    kind: Kind
    schedule: NeutralSchedule
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
            periods=tuple(
                Period(period.start, period.limit, period.phases, period.phase_to_use)
                for period in self.schedule.periods
            ),
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


def as_neutral(profile: ChargingProfile) -> dict[str, Any]:
    """A profile as JSON that ``read_profile`` reads; what is not said is left out."""
    periods = [
        NeutralPeriod(period.start_s, period.limit, period.phases, period.phase_to_use) for period in profile.periods
    ]
    held = NeutralProfile(
        id=profile.profile_id,
        evse=profile.evse_id,
        stack_level=profile.stack_level,
        purpose=str(profile.purpose),
        kind=profile.kind,
        schedule=NeutralSchedule(profile.unit, periods, profile.start, profile.duration_s),
        recurrency=profile.recurrency,
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
        transaction_id=profile.transaction_id or None,
        min_charging_rate=profile.min_charging_rate,
        strict_start=not profile.starts_before_first,
    )
    found: dict[str, Any] = msgspec.to_builtins(held)
    return found


def read_profile(text: bytes) -> ChargingProfile:
    """Read one profile. Raises ConsoleError that says what is wrong with it."""
    try:
        return msgspec.json.decode(text, type=NeutralProfile).profile()
    except msgspec.DecodeError as error:
        raise ConsoleError(
            f"This is no charging profile: {error}.",
            'Write one as `schedule show --json` prints it: "id", "evse", "stackLevel", "purpose", "kind", "schedule".',
        ) from error
