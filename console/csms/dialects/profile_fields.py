"""What all OCPP versions share in writing a charging profile, and in reading one."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from console.csms.dialects.times import read_time, write_time
from console.csms.ports import Payload
from console.model.schedule.profile import ChargingProfile, Kind, Period, Recurrency, Unit


class UnreadableProfileError(ValueError):
    """A profile that cannot be read, and why."""


def write_schedule(profile: ChargingProfile) -> Payload:
    """Write the schedule of a profile. Limits have one decimal, and are never rounded up."""
    periods = [_write_period(period) for period in profile.periods]
    schedule: Payload = {"chargingRateUnit": str(profile.unit), "chargingSchedulePeriod": periods}
    if profile.start is not None:
        schedule["startSchedule"] = write_instant(profile.start)
    if profile.duration_s is not None:
        schedule["duration"] = profile.duration_s
    if profile.min_charging_rate is not None:
        schedule["minChargingRate"] = tenths(profile.min_charging_rate)
    return schedule


def _write_period(period: Period) -> Payload:
    written: Payload = {"startPeriod": period.start_s, "limit": tenths(period.limit)}
    if period.phases is not None:
        written["numberPhases"] = period.phases
    if period.phase_to_use is not None:
        written["phaseToUse"] = period.phase_to_use
    return written


def tenths(limit: float) -> float:
    """A limit with one decimal, rounded down but for the dust of binary fractions."""
    return math.floor(limit * 10 + 1e-6) / 10


def write_frame(profile: ChargingProfile) -> Payload:
    """Write what stands around the schedule under the same names in every version."""
    written: Payload = {
        "stackLevel": profile.stack_level,
        "chargingProfileKind": str(profile.kind),
    }
    if profile.recurrency is not None:
        written["recurrencyKind"] = str(profile.recurrency)
    if profile.valid_from is not None:
        written["validFrom"] = write_instant(profile.valid_from)
    if profile.valid_to is not None:
        written["validTo"] = write_instant(profile.valid_to)
    return written


def read_frame(wire: Payload) -> dict[str, Any]:
    """Read what ``write_frame`` writes, as fields of a profile. Raises UnreadableProfileError."""
    try:
        recurrency = wire.get("recurrencyKind")
        return {
            "stack_level": int(wire["stackLevel"]),
            "kind": Kind(wire["chargingProfileKind"]),
            "recurrency": Recurrency(recurrency) if recurrency else None,
            "valid_from": read_instant(wire.get("validFrom")),
            "valid_to": read_instant(wire.get("validTo")),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableProfileError(f"a charging profile cannot be read: {error}") from error


def read_schedule(wire: Payload) -> dict[str, Any]:
    """Read a schedule, as fields of a profile. Raises UnreadableProfileError."""
    try:
        return {
            "unit": Unit(wire["chargingRateUnit"]),
            "periods": read_periods(wire["chargingSchedulePeriod"]),
            "start": read_instant(wire.get("startSchedule")),
            "duration_s": wire.get("duration"),
            "min_charging_rate": wire.get("minChargingRate"),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableProfileError(f"a charging schedule cannot be read: {error}") from error


def read_periods(wire: list[Payload]) -> tuple[Period, ...]:
    """Read the periods of a schedule. Raises KeyError, TypeError or ValueError."""
    return tuple(
        Period(int(each["startPeriod"]), float(each["limit"]), each.get("numberPhases"), each.get("phaseToUse"))
        for each in wire
    )


def read_instant(text: str | None) -> datetime | None:
    """Read a time; one without a zone is UTC. Raises ValueError."""
    if not text:
        return None
    found, problem = read_time(text)
    if found is None:
        raise ValueError(problem)
    return found


def write_instant(moment: datetime) -> str:
    """Write a time, whatever its zone."""
    return write_time(moment.astimezone(UTC))
