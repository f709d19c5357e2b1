"""The statuses of answers that are about power: charging profiles, priority, and control of distributed resources."""

from __future__ import annotations

from console.csms.explain.words import Statuses, Table, Words

_DER_STEP = "Its DERCtrlr settings name the kinds of control that it knows."


def _der(done: str) -> Statuses:
    return {
        "Accepted": Words(done),
        "Rejected": Words("the station refused this control", _DER_STEP),
        "NotSupported": Words("the station does not know this kind of control", _DER_STEP),
        "NotFound": Words("the station has no such control", "Ask for its controls (GetDERControl) without an id."),
    }


SCHEDULES: Table = {
    "SetChargingProfile": {
        "Accepted": Words("the charging profile is set"),
        "Rejected": Words(
            "the station refused the charging profile",
            "Try another unit (A or W), stack level, kind or purpose, or fewer periods: stations differ in these.",
        ),
        "NotSupported": Words(
            "the station does not support charging profiles", "It has no smart charging, or it is switched off."
        ),
    },
    "ClearChargingProfile": {
        "Accepted": Words("the charging profiles are cleared"),
        "Unknown": Words("the station has no charging profile that matches", "There was nothing to clear."),
    },
    "GetChargingProfiles": {
        "Accepted": Words("the station will send its charging profiles"),
        "NoProfiles": Words("the station has no charging profile that matches"),
    },
    "GetCompositeSchedule": {
        "Accepted": Words("the station told its composite schedule"),
        "Rejected": Words(
            "the station told no composite schedule",
            "It may have no such connector, not know the unit, or have no limit.",
        ),
    },
    "UpdateDynamicSchedule": {
        "Accepted": Words("the dynamic schedule is updated"),
        "Rejected": Words(
            "the station refused the new values", "It may have no dynamic profile of this id: set one first."
        ),
    },
    "UsePriorityCharging": {
        "Accepted": Words("priority charging is switched"),
        "Rejected": Words("the station refused priority charging", "It may know no such transaction, or not allow it."),
        "NoProfile": Words(
            "the station has no profile for priority charging", "Set one with the purpose PriorityCharging first."
        ),
    },
    "NotifyAllowedEnergyTransfer": {
        "Accepted": Words("the station took the kinds of energy transfer"),
        "Rejected": Words(
            "the station refused these kinds of energy transfer", "It may know no such transaction, or not be able to."
        ),
    },
    "AFRRSignal": {
        "Accepted": Words("the signal is taken"),
        "Rejected": Words(
            "the station refused the signal",
            "It needs a charging profile in the mode LocalFrequency or CentralFrequency.",
        ),
    },
    "SetDERControl": _der("the control is set"),
    "GetDERControl": _der("the station will send its controls"),
    "ClearDERControl": _der("the control is cleared"),
}
