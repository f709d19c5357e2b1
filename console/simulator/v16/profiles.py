"""Charging profiles in the words of OCPP 1.6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.simulator.base_face import parse_time
from console.simulator.profiles import RECURRENCE_S, ChargingProfile, Period


def read_profile(wire: Mapping[str, Any]) -> ChargingProfile:
    """Read csChargingProfiles, with the snake_case keys that the `ocpp` package hands over.

    Raises KeyError or ValueError where it makes no sense.
    """
    schedule = wire["charging_schedule"]
    kind = wire["charging_profile_kind"]
    return ChargingProfile(
        profile_id=wire["charging_profile_id"],
        stack_level=wire["stack_level"],
        purpose=wire["charging_profile_purpose"],
        kind=kind,
        unit=schedule["charging_rate_unit"],
        periods=tuple(
            Period(period["start_period"], float(period["limit"]), period.get("number_phases"))
            for period in schedule["charging_schedule_period"]
        ),
        transaction_id=wire.get("transaction_id"),
        recurrence_s=RECURRENCE_S[wire["recurrency_kind"]] if kind == "Recurring" else None,
        valid_from=_time(wire.get("valid_from")),
        valid_to=_time(wire.get("valid_to")),
        start=_time(schedule.get("start_schedule")),
        duration_s=schedule.get("duration"),
    )


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
