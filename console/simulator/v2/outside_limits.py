"""Limits that do not come from the central system: an energy manager's, and what the roof yields (2.x K12 to K14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.simulator import profiles
from console.simulator.base_face import timestamp
from console.simulator.v2.charge_point import Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_SOURCE = "EMS"


def as_wire(profile: profiles.ChargingProfile) -> Payload:
    """The chargingProfile of a limit from outside."""
    return {
        "id": profile.profile_id,
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": profile.purpose,
        "chargingProfileKind": profile.kind,
        "chargingSchedule": [_schedule(profile)],
    }


async def tell(face: Face, profile: profiles.ChargingProfile | None, *, generated: bool) -> None:
    """Tell the central system of such a limit, or that it is gone, and of what it does to transactions."""
    if profile is None:
        await face.tell(Request("ClearedChargingLimit", {"chargingLimitSource": _SOURCE}))
    else:
        limit: Payload = {"chargingLimitSource": _SOURCE, "isGridCritical": False}
        if generated and face.version == "2.1":
            limit["isLocalGeneration"] = True
        payload = {"chargingLimit": limit, "chargingSchedule": [_schedule(profile)]}
        await face.tell(Request("NotifyChargingLimit", payload))
    for session in list(face.transactions.running.values()):
        await face.transactions.tell(session, "Updated", "ChargingRateChanged")


def _schedule(profile: profiles.ChargingProfile) -> Payload:
    start = {"startSchedule": timestamp(profile.start)} if profile.start else {}
    periods = [{"startPeriod": one.start_s, "limit": one.limit} for one in profile.periods]
    return {"id": 0, "chargingRateUnit": profile.unit, "chargingSchedulePeriod": periods, **start}
