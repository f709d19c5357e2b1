"""OCPP 1.6 smart charging: profiles written and read, answers told. 1.6 cannot say which profiles are installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.charging import Effect, ProfilesCleared, ProfileSet
from console.csms.dialects.profile_fields import (
    UnreadableProfileError,
    read_frame,
    read_instant,
    read_periods,
    read_schedule,
    write_frame,
    write_schedule,
)
from console.csms.ports import Payload
from console.errors import ConsoleError
from console.model import command as commands
from console.model.schedule.composite import CompositePeriod
from console.model.schedule.installed import Criteria
from console.model.schedule.profile import ChargingProfile, Kind, Purpose, Unit
from console.model.schedule.reported import ReportedComposite

_STATION_MAX = "ChargePointMaxProfile"
_PURPOSES = {Purpose.STATION_MAX: _STATION_MAX, Purpose.TX_DEFAULT: "TxDefaultProfile", Purpose.TX: "TxProfile"}
_READ_PURPOSES = {name: purpose for purpose, name in _PURPOSES.items()}


def purpose_name(purpose: Purpose) -> str:
    """The name that 1.6 has for a purpose. Raises ConsoleError where it has none."""
    try:
        return _PURPOSES[purpose]
    except KeyError:
        raise ConsoleError(f"OCPP 1.6 has no {purpose} profile.", f"It has: {', '.join(_READ_PURPOSES)}.") from None


def write_profile(profile: ChargingProfile) -> Payload:
    """Write csChargingProfiles. Raises ConsoleError for what 1.6 cannot say."""
    if profile.kind is Kind.DYNAMIC:
        raise ConsoleError("OCPP 1.6 has no dynamic profiles.", "Choose Absolute, Recurring or Relative.")
    written = {
        "chargingProfileId": profile.profile_id,
        "chargingProfilePurpose": purpose_name(profile.purpose),
        **write_frame(profile),
        "chargingSchedule": write_schedule(profile),
    }
    if profile.transaction_id:
        if not profile.transaction_id.lstrip("-").isdecimal():
            raise ConsoleError(f"{profile.transaction_id} is no transaction id of OCPP 1.6.", "Ids are whole numbers.")
        written["transactionId"] = int(profile.transaction_id)
    return written


def read_profile(wire: Payload, evse_id: int) -> ChargingProfile:
    """Read csChargingProfiles. Raises UnreadableProfileError."""
    try:
        transaction_id = wire.get("transactionId")
        return ChargingProfile(
            profile_id=int(wire["chargingProfileId"]),
            evse_id=evse_id,
            purpose=_READ_PURPOSES[wire["chargingProfilePurpose"]],
            transaction_id="" if transaction_id is None else str(transaction_id),
            **read_frame(wire),
            **read_schedule(wire["chargingSchedule"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableProfileError(f"a charging profile cannot be read: {error}") from error


def _set(command: commands.SetChargingProfile) -> Wire:
    profile = command.profile
    return Wire("SetChargingProfile", {"connectorId": profile.evse_id, "csChargingProfiles": write_profile(profile)})


def _clear(command: commands.ClearChargingProfile) -> Wire:
    if command.profile_id is not None:
        return Wire("ClearChargingProfile", {"id": command.profile_id})
    payload: Payload = {}
    if command.evse_id is not None:
        payload["connectorId"] = command.evse_id
    if command.purpose is not None:
        payload["chargingProfilePurpose"] = purpose_name(command.purpose)
    if command.stack_level is not None:
        payload["stackLevel"] = command.stack_level
    return Wire("ClearChargingProfile", payload)


def _composite(command: commands.GetCompositeSchedule) -> Wire:
    payload: Payload = {"connectorId": command.evse_id, "duration": command.duration_s}
    if command.unit is not None:
        payload["chargingRateUnit"] = str(command.unit)
    return Wire("GetCompositeSchedule", payload)


def _not_in_16(_command: object) -> Wire:
    raise ConsoleError("OCPP 1.6 cannot ask for this.", "The record of what was set from here is all there is.")


CALLS: dict[type, Callable[[Any], Wire]] = {
    commands.SetChargingProfile: _set,
    commands.ClearChargingProfile: _clear,
    commands.GetCompositeSchedule: _composite,
    commands.GetChargingProfiles: _not_in_16,
    commands.UpdateDynamicSchedule: _not_in_16,
    commands.UsePriorityCharging: _not_in_16,
}


class Charging:
    """Implements ``ChargingWords``."""

    clearable: tuple[Purpose, ...] = ()

    def effect(self, action: str, asked: Payload, answer: Payload) -> Effect | None:
        """See ``ChargingWords.effect``."""
        status = answer.get("status")
        if action == "SetChargingProfile" and status == "Accepted":
            try:
                return ProfileSet(read_profile(asked["csChargingProfiles"], int(asked["connectorId"])))
            except (KeyError, TypeError, ValueError):
                return None
        if action == "ClearChargingProfile" and status in ("Accepted", "Unknown"):
            purpose = _READ_PURPOSES.get(asked.get("chargingProfilePurpose", ""))
            return ProfilesCleared(
                Criteria(asked.get("id"), asked.get("connectorId"), purpose, asked.get("stackLevel"))
            )
        return None

    def composite(self, asked: Payload, answer: Payload) -> ReportedComposite | None:
        """See ``ChargingWords.composite``."""
        schedule = answer.get("chargingSchedule")
        if answer.get("status") != "Accepted" or not isinstance(schedule, dict):
            return None
        try:
            periods = read_periods(schedule["chargingSchedulePeriod"])
            return ReportedComposite(
                evse_id=int(answer.get("connectorId") or asked["connectorId"]),
                start=read_instant(answer.get("scheduleStart") or schedule.get("startSchedule")),
                duration_s=int(schedule.get("duration") or asked["duration"]),
                unit=Unit(schedule["chargingRateUnit"]),
                periods=tuple(CompositePeriod(each.start_s, each.limit, each.phases) for each in periods),
            )
        except (KeyError, TypeError, ValueError):
            return None
