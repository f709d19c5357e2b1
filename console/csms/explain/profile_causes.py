"""Why a charging profile was refused, by what the station says of its own smart charging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from console.csms.explain.causes import evse_of, switched_off
from console.csms.explain.facts import Facts
from console.csms.explain.words import Words

Payload = dict[str, Any]

#: How 1.6 and 2.x name the units in the settings.
_UNITS = {"A": ("current", "a"), "W": ("power", "w")}


def profile(request: Payload, _status: str, facts: Facts) -> Words | None:
    """SetChargingProfile: the first rule of the station's that the profile breaks."""
    found = request.get("csChargingProfiles", request.get("chargingProfile"))
    held = found if isinstance(found, dict) else {}
    return (
        switched_off("smart charging", facts)
        or _unit(held, facts)
        or _periods(held, facts)
        or _stack_level(held, facts)
        or _purpose(request, held, facts)
    )


def consequence(request: Payload, facts: Facts) -> str:
    """What comes of a profile that was taken, where that may surprise: "" where nothing does."""
    found = request.get("csChargingProfiles", request.get("chargingProfile"))
    schedules = list(_schedules(found)) if isinstance(found, dict) else []
    limits = [period.get("limit") for each in schedules if each.get("chargingRateUnit") == "A" for period in _all(each)]
    if facts.behaviour.pauses_below_6_a or not any(isinstance(limit, int | float) and limit < 6 for limit in limits):
        return ""
    return "Below 6 A this make ends the transaction instead of pausing it: it must be started again."


def _all(schedule: Payload) -> list[Payload]:
    """The periods of a schedule."""
    found = schedule.get("chargingSchedulePeriod")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def composite(request: Payload, _status: str, facts: Facts) -> Words | None:
    """GetCompositeSchedule."""
    return switched_off("smart charging", facts) or _wrong_unit(request.get("chargingRateUnit"), facts)


def _schedules(profile: Payload) -> Iterator[Payload]:
    """1.6 has one schedule, 2.x up to three."""
    found = profile.get("chargingSchedule")
    schedules = found if isinstance(found, list) else [found]
    return (each for each in schedules if isinstance(each, dict))


def _unit(profile: Payload, facts: Facts) -> Words | None:
    return next(
        (cause for each in _schedules(profile) if (cause := _wrong_unit(each.get("chargingRateUnit"), facts))), None
    )


def _wrong_unit(unit: Any, facts: Facts) -> Words | None:
    held = facts.setting("ChargingScheduleAllowedChargingRateUnit", "SmartChargingCtrlr/RateUnit")
    if held is None or not held.value or unit not in _UNITS:
        return None
    allowed = {word.strip().casefold() for word in held.value.split(",")}
    if allowed & set(_UNITS[unit]):
        return None
    other = "W" if unit == "A" else "A"
    return Words(f"{held.key} holds {held.value[:30]}, not {unit}", f"Make the schedule in {other}.")


def _periods(profile: Payload, facts: Facts) -> Words | None:
    keys = ("ChargingScheduleMaxPeriods", "SmartChargingCtrlr/PeriodsPerSchedule")
    held, most = facts.setting(*keys), facts.number(*keys)
    count = max((len(each.get("chargingSchedulePeriod") or ()) for each in _schedules(profile)), default=0)
    if held is None or most is None or count <= most:
        return None
    return Words(f"{count} periods, {held.key} is {most}", "Merge periods that differ little.")


def _stack_level(profile: Payload, facts: Facts) -> Words | None:
    keys = ("ChargeProfileMaxStackLevel", "SmartChargingCtrlr/ProfileStackLevel")
    held, most, level = facts.setting(*keys), facts.number(*keys), profile.get("stackLevel")
    if held is None or most is None or not isinstance(level, int) or level <= most:
        return None
    return Words(f"stack level {level}, {held.key} is {most}", f"Use a stack level from 0 to {most}.")


def _purpose(request: Payload, profile: Payload, facts: Facts) -> Words | None:
    purpose, evse_id = profile.get("chargingProfilePurpose"), evse_of(request)
    if purpose == "TxProfile":
        if not any(not evse_id or held.evse_id == evse_id for held in facts.running):
            return Words("a TxProfile needs a running transaction", "Use TxDefaultProfile, or start charging first.")
        asked = str(profile.get("transactionId", ""))
        if asked and not any(held.transaction_id == asked for held in facts.running):
            return Words("its transaction does not run there", "Take the id of the one that runs.")
    if evse_id and purpose in ("ChargePointMaxProfile", "ChargingStationMaxProfile"):
        return Words(f"a {purpose} is for the whole station", "Send it for connector 0.")
    return None
