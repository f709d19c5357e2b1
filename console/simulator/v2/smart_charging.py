"""Charging profiles over the wire: installed, reported, cleared, put together (2.x K01 to K10, K28)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from console.simulator import profiles
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.profiles import ChargingProfile, composite_value
from console.simulator.v2.charge_point import Handler, Payload, Request
from console.simulator.v2.outside_limits import as_wire
from console.simulator.v2.profiles import read_profile_or_none
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_PARTS = 4
_FROM_OUTSIDE = (profiles.EXTERNAL, profiles.LOCAL_GENERATION)
_SUPPORTED_PURPOSES = ("ChargingStationMaxProfile", profiles.TX_DEFAULT, profiles.TX, profiles.PRIORITY)


def rejected(reason_code: str) -> Payload:
    """Rejected, and why."""
    return {"status": "Rejected", "statusInfo": {"reasonCode": reason_code}}


class SmartCharging:
    """The profiles of one station as the central system sees them."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host
        self._wire: dict[int, Payload] = {}
        self.remote_profiles: dict[int, tuple[ChargingProfile, Payload]] = {}
        """Profiles that came with a RequestStartTransaction, by EVSE, until its transaction begins."""

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        common: dict[str, Handler] = {
            "SetChargingProfile": self._set,
            "GetChargingProfiles": self._get,
            "ClearChargingProfile": self._clear,
            "GetCompositeSchedule": self._composite,
        }
        if self._face.version != "2.1":
            return common
        return {
            **common,
            "UpdateDynamicSchedule": self._update_dynamic,
            "UsePriorityCharging": self._use_priority,
        }

    def adopt_remote_profile(self, session: Session) -> None:
        """Install the charging profile that came with the request to start this transaction."""
        remote = self.remote_profiles.pop(session.connector.evse_id, None)
        if remote is not None and session.remote_start_id is not None:
            profile, wire = remote
            self._install(session.connector.evse_id, profile, {**wire, "transactionId": session.transaction_id})

    # --- profiles -------------------------------------------------------------------------------------------

    def _set(self, request: Payload) -> Payload:
        evse_id, wire = request["evseId"], request["chargingProfile"]
        profile = read_profile_or_none(wire, self._host.clock.utc())
        if not self._face.model.flag("SmartChargingCtrlr", "Enabled"):
            return rejected("NotEnabled")
        if profile is None:
            return rejected("InvalidProfile")
        if not 0 <= evse_id <= self._host.hardware.kind.evses:
            return rejected("UnknownEvse")
        wrong = self._wrong(evse_id, profile)
        if wrong:
            return rejected(wrong)
        return {"status": "Accepted"} if self._install(evse_id, profile, wire) else rejected("TooManyProfiles")

    def _wrong(self, evse_id: int, profile: ChargingProfile) -> str:
        """The reason code of a profile that is not for that place; empty if it is."""
        if profile.purpose not in _SUPPORTED_PURPOSES:
            return "UnsupportedPurpose"
        if profile.purpose in profiles.STATION_MAX and (evse_id != 0 or profile.kind == "Relative"):
            return "InvalidProfile"
        if profile.purpose == profiles.PRIORITY and profile.duration_s is not None:
            return "InvalidSchedule"
        if profile.purpose == profiles.TX:
            session = self._face.transactions.known(str(profile.transaction_id))
            if session is None or not session.running or session.connector.evse_id != evse_id:
                return "TxNotFound"
        installed = self._face.profiles.installed
        return "DuplicateProfile" if any(_clash(evse_id, profile, *there) for there in installed) else ""

    def _install(self, evse_id: int, profile: ChargingProfile, wire: Payload) -> bool:
        self._face.settle()
        if not self._face.profiles.install(evse_id, profile):
            return False
        self._wire[profile.profile_id] = wire
        self._face.settle()
        self._host.changed()
        return True

    def _get(self, request: Payload) -> Payload:
        """Report the installed profiles that match (K09)."""
        wanted = request["chargingProfile"]
        by_place: dict[tuple[int, str], list[Payload]] = {}
        for place, profile in self._face.profiles.installed:
            if request.get("evseId") in (None, place) and _meets(profile, wanted):
                by_place.setdefault((place, _source(profile)), []).append(self._as_wire(profile))
        if not by_place:
            return {"status": "NoProfiles"}
        parts = [
            {"requestId": request["requestId"], "evseId": place, "chargingLimitSource": source, "chargingProfile": part}
            for (place, source), found in by_place.items()
            for part in (found[start : start + _PARTS] for start in range(0, len(found), _PARTS))
        ]
        self._face.afterwards(partial(self._report, parts))
        return {"status": "Accepted"}

    def _as_wire(self, profile: ChargingProfile) -> Payload:
        if profile.purpose in _FROM_OUTSIDE:
            return as_wire(profile)
        wire = self._wire[profile.profile_id]
        if profile.kind != "Dynamic":
            return wire
        schedule = wire["chargingSchedule"][0]
        period = {**schedule["chargingSchedulePeriod"][0], "limit": profile.periods[0].limit}
        return {**wire, "chargingSchedule": [{**schedule, "chargingSchedulePeriod": [period]}]}

    async def _report(self, parts: list[Payload]) -> None:
        for number, part in enumerate(parts):
            more = {"tbc": True} if number < len(parts) - 1 else {}
            if not await self._face.tell(Request("ReportChargingProfiles", {**part, **more})):
                return

    def _clear(self, request: Payload) -> Payload:
        """Remove profiles, by id or by criteria (K10)."""
        criteria = request.get("chargingProfileCriteria", {})
        self._face.settle()
        cleared = self._face.profiles.clear(
            request.get("chargingProfileId"),
            criteria.get("evseId"),
            criteria.get("chargingProfilePurpose"),
            criteria.get("stackLevel"),
        )
        self._face.settle()
        self._host.changed()
        return {"status": "Accepted" if cleared else "Unknown"}

    def _composite(self, request: Payload) -> Payload:
        """All limits put together from now on, the hardware's included (K08)."""
        hardware, evse_id, now = self._host.hardware, request["evseId"], self._host.clock.utc()
        if not 0 <= evse_id <= hardware.kind.evses:
            return rejected("UnknownEvse")
        unit = request.get("chargingRateUnit", "W" if hardware.kind.is_dc else "A")
        chosen = [one for one in range(1, hardware.kind.evses + 1) if evse_id in (0, one)]
        steps = self._face.profiles.composite(
            chosen,
            now,
            request["duration"],
            hardware=hardware.kind.most,
            phases=hardware.kind.phases,
            tx_started=[self._power_since(one) or now for one in chosen],
        )
        schedule = {
            "evseId": evse_id,
            "duration": request["duration"],
            "scheduleStart": self._face.now(),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": start_s, "limit": composite_value(limit, unit), "numberPhases": limit.phases}
                for start_s, limit in steps
            ],
        }
        return {"status": "Accepted", "schedule": schedule}

    def _power_since(self, evse_id: int) -> Any:
        session = self._face.transactions.at_evse(evse_id)
        return session.power_since if session else None

    # --- what 2.1 adds --------------------------------------------------------------------------------------

    def _update_dynamic(self, request: Payload) -> Payload:
        """Take over a new limit for a dynamic profile at once (K28)."""
        return {"status": "Accepted"} if self._change(request) else rejected("NoProfile")

    def _change(self, request: Payload) -> bool:
        self._face.settle()
        limit = request["scheduleUpdate"].get("limit")
        changed = self._face.profiles.change_limit(request["chargingProfileId"], limit, None)
        self._face.settle()
        self._host.changed()
        return changed

    async def pull_updates(self) -> None:
        """Ask for the limit of each dynamic profile at its dynUpdateInterval, for ever (K28)."""
        clock = self._host.clock
        while True:
            await self._host.wait_for(lambda: self._face.online and bool(self._pulled()))
            interval_s = min(self._pulled().values())
            await clock.sleep(interval_s)
            for profile_id in self._pulled():
                try:
                    request = Request("PullDynamicScheduleUpdate", {"chargingProfileId": profile_id})
                    answer = await self._face.request(request)
                except (Unreachable, RequestFailed):
                    continue
                if answer.get("status") == "Accepted" and isinstance(answer.get("scheduleUpdate"), dict):
                    self._change({**answer, "chargingProfileId": profile_id})

    def _pulled(self) -> dict[int, int]:
        """The interval in seconds of each installed profile that wants to be asked for."""
        found = {}
        for _, profile in self._face.profiles.installed:
            interval_s = self._wire.get(profile.profile_id, {}).get("dynUpdateInterval", 0)
            if profile.kind == "Dynamic" and interval_s > 0:
                found[profile.profile_id] = interval_s
        return found

    def _use_priority(self, request: Payload) -> Payload:
        """Let the driver of a transaction charge by the priority profile, or no longer (K22)."""
        session = self._face.transactions.known(request["transactionId"])
        if session is None or not session.running:
            return rejected("TxNotFound")
        evse_id = session.connector.evse_id
        if not any(
            place in (0, evse_id) and one.purpose == profiles.PRIORITY for place, one in self._face.profiles.installed
        ):
            return {"status": "NoProfile"}
        self._face.settle()
        if request["activate"]:
            self._face.profiles.prioritised.add(evse_id)
        else:
            self._face.profiles.prioritised.discard(evse_id)
        self._face.settle()
        self._host.changed()
        return {"status": "Accepted"}


def _meets(profile: ChargingProfile, wanted: Payload) -> bool:
    return (
        profile.profile_id in wanted.get("chargingProfileId", (profile.profile_id,))
        and wanted.get("chargingProfilePurpose") in (None, profile.purpose)
        and wanted.get("stackLevel") in (None, profile.stack_level)
        and _source(profile) in wanted.get("chargingLimitSource", ("CSO", "EMS"))
    )


def _clash(evse_id: int, profile: ChargingProfile, there: int, other: ChargingProfile) -> bool:
    """Whether two profiles would hold at the same time in the same place of the stack (K01.FR.06, K01.FR.39)."""
    same_slot = (there, other.purpose, other.stack_level) == (evse_id, profile.purpose, profile.stack_level)
    if not same_slot or other.profile_id == profile.profile_id:
        return False
    apart = (_ends_before(profile, other), _ends_before(other, profile))
    return not any(apart)


def _ends_before(one: ChargingProfile, other: ChargingProfile) -> bool:
    return one.valid_to is not None and other.valid_from is not None and one.valid_to <= other.valid_from


def _source(profile: ChargingProfile) -> str:
    return "EMS" if profile.purpose in _FROM_OUTSIDE else "CSO"
