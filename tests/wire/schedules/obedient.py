"""A station on the plain `ocpp` package that obeys its charging profiles, second by second, and counts its energy.

It shares no code with ours: it keeps the profiles as they came, and looks up what holds at each instant.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v21 import ChargePoint as ChargePoint21
from ocpp.v21 import call as call21
from ocpp.v21 import call_result as result21
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201

VOLTAGE_V = 230.0
HARDWARE_W = 22_080.0
_RECURS_S = {"Daily": 86_400, "Weekly": 604_800}

Wire = dict[str, Any]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class Limits:
    """What is installed: (EVSE, purpose, stack level, profile, schedule), and what a transaction began with."""

    def __init__(self) -> None:
        self.held: list[tuple[int, str, int, Wire, Wire]] = []
        self.started_at = datetime.now(UTC)

    def put(self, evse_id: int, profile: Wire) -> None:
        schedule = profile["charging_schedule"]
        schedule = schedule[0] if isinstance(schedule, list) else schedule
        purpose = profile["charging_profile_purpose"].replace("ChargePointMax", "ChargingStationMax")
        place = (evse_id, purpose, profile["stack_level"])
        self.held = [one for one in self.held if one[:3] != place]
        self.held.append((*place, profile, schedule))

    def energy_wh(self, start: datetime, length_s: int) -> float:
        """What is delivered from an instant on, to a car that takes all it gets."""
        return sum(self.power_w(start + timedelta(seconds=second)) for second in range(length_s)) / 3600

    def power_w(self, at: datetime) -> float:
        """The power at an instant, on connector 1."""
        own = self._top("TxProfile", at)
        limits = [self._top("TxDefaultProfile", at) if own is None else own, self._top("ChargingStationMaxProfile", at)]
        return min(HARDWARE_W, *(limit for limit in limits if limit is not None), HARDWARE_W)

    def _top(self, purpose: str, at: datetime) -> float | None:
        found = [
            (stack, evse_id, limit)
            for evse_id, name, stack, profile, schedule in self.held
            if name == purpose and (limit := self._limit(profile, schedule, at)) is not None
        ]
        return max(found)[2] if found else None

    def _limit(self, profile: Wire, schedule: Wire, at: datetime) -> float | None:
        if "valid_from" in profile and at < instant(profile["valid_from"]):
            return None
        if "valid_to" in profile and at >= instant(profile["valid_to"]):
            return None
        begin = instant(schedule["start_schedule"]) if "start_schedule" in schedule else self.started_at
        offset_s = (at - begin).total_seconds()
        if offset_s < 0:
            return None
        if profile["charging_profile_kind"] == "Recurring":
            offset_s %= _RECURS_S[profile["recurrency_kind"]]
        if "duration" in schedule and offset_s >= schedule["duration"]:
            return None
        period = [one for one in schedule["charging_schedule_period"] if one["start_period"] <= offset_s][-1]
        watts = float(period["limit"])
        if schedule["charging_rate_unit"] == "A":
            watts *= VOLTAGE_V * period.get("number_phases", 3)
        return watts


class Station16(ChargePoint16):  # type: ignore[misc]  # the package has no types
    """OCPP 1.6."""

    def __init__(self, station_id: str, connection: Any) -> None:
        super().__init__(station_id, connection)
        self.limits = Limits()

    @on("SetChargingProfile")
    def set_profile(self, connector_id: int, cs_charging_profiles: Wire) -> Any:
        self.limits.put(connector_id, cs_charging_profiles)
        return result16.SetChargingProfile("Accepted")

    async def begin(self) -> None:
        """Boot, and start charging on connector 1."""
        await self.call(call16.BootNotification("One", "Plain"))
        await self.call(call16.StatusNotification(1, "NoError", "Charging"))
        self.limits.started_at = at = datetime.now(UTC)
        await self.call(call16.StartTransaction(1, "04A2", 0, at.isoformat()))


class _Station2:
    """What the two versions of 2.x share."""

    limits: Limits

    async def go(self, call: Any) -> None:
        """Boot, and start charging on EVSE 1."""
        await self.call(call.BootNotification({"model": "One", "vendorName": "Plain"}, "PowerUp"))  # type: ignore[attr-defined]  # the package's
        self.limits.started_at = at = datetime.now(UTC)
        event = call.TransactionEvent(
            event_type="Started",
            timestamp=at.isoformat(),
            trigger_reason="Authorized",
            seq_no=0,
            transaction_info={"transactionId": "tx-1", "chargingState": "Charging"},
            evse={"id": 1, "connectorId": 1},
            id_token={"idToken": "04A2", "type": "ISO14443"},
        )
        await self.call(event)  # type: ignore[attr-defined]  # the package's


class Station201(_Station2, ChargePoint201):  # type: ignore[misc]  # see above
    """OCPP 2.0.1."""

    def __init__(self, station_id: str, connection: Any) -> None:
        super().__init__(station_id, connection)
        self.limits = Limits()

    @on("SetChargingProfile")
    def set_profile(self, evse_id: int, charging_profile: Wire) -> Any:
        self.limits.put(evse_id, charging_profile)
        return result201.SetChargingProfile("Accepted")

    async def begin(self) -> None:
        await self.go(call201)


class Station21(_Station2, ChargePoint21):  # type: ignore[misc]  # see above
    """OCPP 2.1."""

    def __init__(self, station_id: str, connection: Any) -> None:
        super().__init__(station_id, connection)
        self.limits = Limits()

    @on("SetChargingProfile")
    def set_profile(self, evse_id: int, charging_profile: Wire) -> Any:
        self.limits.put(evse_id, charging_profile)
        return result21.SetChargingProfile("Accepted")

    async def begin(self) -> None:
        await self.go(call21)


STATIONS: dict[str, Any] = {"1.6": Station16, "2.0.1": Station201, "2.1": Station21}
