"""OCPP 2.0.1 and 2.1 smart charging (block K): profiles written and read, reports of them, dynamic schedules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from console.csms.dialects.base import Wire
from console.csms.dialects.charging import (
    Effect,
    PriorityChanged,
    ProfilesCleared,
    ProfileSet,
    TransfersAllowed,
    ValuesUpdated,
)
from console.csms.dialects.profile_fields import (
    UnreadableProfileError,
    read_frame,
    read_instant,
    read_periods,
    read_schedule,
    tenths,
    write_frame,
    write_schedule,
)
from console.csms.ports import Payload
from console.csms.said.reports import DynamicAnswer, DynamicPull, PriorityReport, ProfilesReport
from console.errors import ConsoleError
from console.model import command as commands
from console.model.schedule.composite import CompositePeriod
from console.model.schedule.installed import Criteria
from console.model.schedule.profile import ChargingProfile, Purpose, Unit
from console.model.schedule.reported import ReportedComposite
from console.model.text import plain

#: A profile of ours has one schedule; ISO 15118 would allow three to choose from.
_SCHEDULE_ID = 1
#: What a dynamic schedule can be told (ChargingScheduleUpdateType); each also for L2 and L3.
_VALUES = ("limit", "dischargeLimit", "setpoint", "setpointReactive")


def write_profile(profile: ChargingProfile) -> Payload:
    """Write a ChargingProfileType."""
    written = {
        "id": profile.profile_id,
        "chargingProfilePurpose": str(profile.purpose),
        **write_frame(profile),
        "chargingSchedule": [{"id": _SCHEDULE_ID, **write_schedule(profile)}],
    }
    if profile.transaction_id:
        written["transactionId"] = profile.transaction_id
    if profile.update_interval_s is not None:
        written["dynUpdateInterval"] = profile.update_interval_s
    return written


def read_profile(wire: Payload, evse_id: int) -> ChargingProfile:
    """Read a ChargingProfileType; of several schedules the first. Raises UnreadableProfileError."""
    try:
        profile = ChargingProfile(
            profile_id=int(wire["id"]),
            evse_id=evse_id,
            purpose=Purpose(wire["chargingProfilePurpose"]),
            transaction_id=plain(wire.get("transactionId") or ""),
            update_interval_s=wire.get("dynUpdateInterval"),
            **read_frame(wire),
            **read_schedule(wire["chargingSchedule"][0]),
        )
        partial = _names(write_profile(profile)) != _names(wire)
        return msgspec.structs.replace(profile, partial=partial) if partial else profile
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadableProfileError(f"a charging profile cannot be read: {error}") from error


def _names(wire: Any) -> Any:
    """What is said, without how much of it."""
    if isinstance(wire, dict):
        return {name: _names(each) for name, each in wire.items() if each is not None}
    return [_names(each) for each in wire] if isinstance(wire, list) else None


# --- our requests ---


def _set(command: commands.SetChargingProfile) -> Wire:
    profile = command.profile
    return Wire("SetChargingProfile", {"evseId": profile.evse_id, "chargingProfile": write_profile(profile)})


def _clear(command: commands.ClearChargingProfile) -> Wire:
    if command.profile_id is not None:
        return Wire("ClearChargingProfile", {"chargingProfileId": command.profile_id})
    criteria: Payload = {}
    if command.evse_id is not None:
        criteria["evseId"] = command.evse_id
    if command.purpose is not None:
        criteria["chargingProfilePurpose"] = str(command.purpose)
    if command.stack_level is not None:
        criteria["stackLevel"] = command.stack_level
    if not criteria:
        raise ConsoleError("OCPP 2.x clears by an id or by criteria.", "Name an EVSE, a purpose or a stack level.")
    return Wire("ClearChargingProfile", {"chargingProfileCriteria": criteria})


def _composite(command: commands.GetCompositeSchedule) -> Wire:
    payload: Payload = {"evseId": command.evse_id, "duration": command.duration_s}
    if command.unit is not None:
        payload["chargingRateUnit"] = str(command.unit)
    return Wire("GetCompositeSchedule", payload)


def _read(command: commands.GetChargingProfiles) -> Wire:
    payload: Payload = {"requestId": command.request_id, "chargingProfile": {}}
    if command.evse_id is not None:
        payload["evseId"] = command.evse_id
    return Wire("GetChargingProfiles", payload)


def _update(command: commands.UpdateDynamicSchedule) -> Wire:
    update = {"limit": tenths(command.limit)}
    return Wire("UpdateDynamicSchedule", {"chargingProfileId": command.profile_id, "scheduleUpdate": update})


def _priority(command: commands.UsePriorityCharging) -> Wire:
    return Wire("UsePriorityCharging", {"transactionId": command.transaction_id, "activate": command.on})


CALLS: dict[type, Callable[[Any], Wire]] = {
    commands.SetChargingProfile: _set,
    commands.ClearChargingProfile: _clear,
    commands.GetCompositeSchedule: _composite,
    commands.GetChargingProfiles: _read,
    commands.UpdateDynamicSchedule: _update,
    commands.UsePriorityCharging: _priority,
}


# --- what stations ask ---


def profiles_report(wire: Payload, problems: list[str]) -> ProfilesReport:
    """ReportChargingProfiles: a part of what was asked for, or all of it."""
    found = []
    for each in wire["chargingProfile"]:
        try:
            found.append(read_profile(each, wire["evseId"]))
        except UnreadableProfileError as error:
            problems.append(str(error))
    source = plain(wire.get("chargingLimitSource") or "")
    return ProfilesReport(wire["requestId"], tuple(found), source, more=bool(wire.get("tbc")))


def dynamic_pull(wire: Payload, _problems: list[str]) -> DynamicPull:
    """PullDynamicScheduleUpdate (2.1)."""
    return DynamicPull(wire["chargingProfileId"])


def priority_report(wire: Payload, _problems: list[str]) -> PriorityReport:
    """NotifyPriorityCharging (2.1)."""
    return PriorityReport(plain(wire["transactionId"]), wire["activated"])


def write_dynamic(answer: DynamicAnswer) -> Payload:
    """Answer PullDynamicScheduleUpdate."""
    if not answer.values:
        return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}
    return {"status": "Accepted", "scheduleUpdate": answer.values}


# --- what answers mean ---


class Charging:
    """Implements ``ChargingWords``."""

    def __init__(self, version: str) -> None:
        later = (Purpose.PRIORITY_CHARGING,) if version == "2.1" else ()
        self.clearable = (Purpose.TX, Purpose.TX_DEFAULT, Purpose.STATION_MAX, *later)

    def effect(self, action: str, asked: Payload, answer: Payload) -> Effect | None:
        """See ``ChargingWords.effect``."""
        status = answer.get("status")
        try:
            if action == "ClearChargingProfile" and status in ("Accepted", "Unknown"):
                return ProfilesCleared(_criteria(asked))
            if status != "Accepted":
                return None
            if action == "SetChargingProfile":
                return _set_effect(asked)
            if action == "UpdateDynamicSchedule":
                return ValuesUpdated(int(asked["chargingProfileId"]), _values(asked["scheduleUpdate"]))
            if action == "NotifyAllowedEnergyTransfer":
                return TransfersAllowed(str(asked["transactionId"]), tuple(asked["allowedEnergyTransfer"]))
            if action == "UsePriorityCharging":
                return PriorityChanged(str(asked["transactionId"]), bool(asked["activate"]))
        except (KeyError, TypeError, ValueError):
            return None
        return None

    def composite(self, asked: Payload, answer: Payload) -> ReportedComposite | None:
        """See ``ChargingWords.composite``."""
        schedule = answer.get("schedule")
        if answer.get("status") != "Accepted" or not isinstance(schedule, dict):
            return None
        try:
            periods = read_periods(schedule["chargingSchedulePeriod"])
            return ReportedComposite(
                evse_id=int(schedule["evseId"]),
                start=read_instant(schedule.get("scheduleStart")),
                duration_s=int(schedule.get("duration") or asked["duration"]),
                unit=Unit(schedule["chargingRateUnit"]),
                periods=tuple(CompositePeriod(each.start_s, each.limit, each.phases) for each in periods),
            )
        except (KeyError, TypeError, ValueError):
            return None


def _set_effect(asked: Payload) -> Effect:
    """A profile that was set. One that has set-points only cannot be drawn, but its values are known."""
    wire = asked["chargingProfile"]
    values = _values(wire["chargingSchedule"][0]["chargingSchedulePeriod"][0])
    if wire["chargingProfileKind"] != "Dynamic":
        values = {}
    elif "limit" not in values:
        return ValuesUpdated(int(wire["id"]), values)
    return ProfileSet(read_profile(wire, int(asked["evseId"])), values)


def _values(wire: Payload) -> dict[str, float]:
    """The limits and set-points of a period or an update, by OCPP's names."""
    found = {name: value for name, value in wire.items() if name.partition("_")[0] in _VALUES}
    return {name: float(value) for name, value in found.items()}


def _criteria(asked: Payload) -> Criteria:
    """The criteria of a request; one without any would be everything, which no request of 2.x can say."""
    if asked.get("chargingProfileId") is not None:
        return Criteria(profile_id=int(asked["chargingProfileId"]))
    given = asked["chargingProfileCriteria"]
    purpose = given.get("chargingProfilePurpose")
    return Criteria(None, given.get("evseId"), Purpose(purpose) if purpose else None, given.get("stackLevel"))
