"""Charging profiles in the words of OCPP 2.x."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.simulator import profiles
from console.simulator.base_face import parse_time
from console.simulator.profiles import RECURRENCE_S, ChargingProfile, Period

_LOG = logging.getLogger(__name__)


def read_profile(wire: Mapping[str, Any], now: datetime) -> ChargingProfile:
    """Read a chargingProfile. Of several schedules the first counts: the others are for ISO 15118 to choose from.

    A dynamic one counts from `now`. Raises KeyError or ValueError where it makes no sense.
    """
    schedule = wire["chargingSchedule"][0]
    kind = wire["chargingProfileKind"]
    start = _time(schedule.get("startSchedule"))
    if kind == "Relative" and start is not None:
        raise ValueError("a relative schedule with startSchedule")  # K01.FR.41
    if kind == "Dynamic":
        start = start or now
    return ChargingProfile(
        profile_id=wire["id"],
        stack_level=wire["stackLevel"],
        purpose=wire["chargingProfilePurpose"],
        kind=kind,
        unit=schedule["chargingRateUnit"],
        periods=tuple(_period(period) for period in schedule["chargingSchedulePeriod"]),
        transaction_id=wire.get("transactionId"),
        recurrence_s=RECURRENCE_S[wire["recurrencyKind"]] if kind == "Recurring" else None,
        valid_from=_time(wire.get("validFrom")),
        valid_to=_time(wire.get("validTo")),
        start=start,
        duration_s=schedule.get("duration"),
    )


def read_profile_or_none(wire: Mapping[str, Any], now: datetime) -> ChargingProfile | None:
    """The profile, or None if it makes no sense or is more than this station takes."""
    try:
        profile = read_profile(wire, now)
    except (KeyError, ValueError, TypeError) as error:
        _LOG.info("charging profile refused: %r", error)
        return None
    too_much = profile.stack_level > profiles.MAX_STACK_LEVEL or len(profile.periods) > profiles.MAX_PERIODS
    return None if too_much or (profile.kind == "Dynamic" and len(profile.periods) > 1) else profile


def _period(wire: Mapping[str, Any]) -> Period:
    limits = [float(wire[name]) for name in ("limit", "limit_L2", "limit_L3") if name in wire]
    if any(limit < 0 for limit in limits) or not limits:
        raise ValueError(f"a period without a limit that can be kept: {wire}")
    return Period(wire["startPeriod"], limits[0], wire.get("numberPhases"))


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
