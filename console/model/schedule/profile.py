"""Charging profiles in the terms of OCPP 2.x, all versions and kinds in one shape."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Purpose(StrEnum):
    """What a profile is for; the 1.6 name ChargePointMaxProfile is read as STATION_MAX."""

    STATION_MAX = "ChargingStationMaxProfile"
    EXTERNAL_CONSTRAINTS = "ChargingStationExternalConstraints"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"
    PRIORITY_CHARGING = "PriorityCharging"
    LOCAL_GENERATION = "LocalGeneration"


class Kind(StrEnum):
    """From when the periods count: a fixed instant, the same every day or week, the transaction's start, or at once."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"
    DYNAMIC = "Dynamic"  # 2.1: one period from the moment it is installed, its limit updated in place


class Recurrency(StrEnum):
    """How often a recurring profile begins anew: every 24 hours or 7 days, in UTC (no daylight saving)."""

    DAILY = "Daily"
    WEEKLY = "Weekly"

    @property
    def length_s(self) -> int:
        """The length of one round."""
        return 86_400 if self is Recurrency.DAILY else 604_800


class Unit(StrEnum):
    """The unit of a limit: amperes per phase, or watts in all."""

    A = "A"
    W = "W"


class Period(msgspec.Struct, frozen=True, omit_defaults=True):
    """From ``start_s`` seconds on, at most ``limit``; ``phases`` None where the profile does not say (OCPP means 3).

    ``phase_to_use`` names the one phase, 1 to 3, where ``phases`` is 1 and the station can choose (2.x).
    """

    start_s: int
    limit: float
    phases: int | None = None
    phase_to_use: int | None = None


class ChargingProfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One profile with its one schedule. ``evse_id`` 0 is the whole station.

    ``valid_from`` is inclusive, ``valid_to`` exclusive (2.0.1 K01.FR.36/37). ``duration_s`` None lets the last period
    run on. ``starts_before_first`` lets a recurring profile apply before its own startSchedule, as some stations do.
    ``update_interval_s`` is how often a station asks for the limit of a dynamic one (2.1). ``partial``: the station has
    more of it than stands here (set-points, prices, more schedules), so that it cannot be sent again from this.
    """

    profile_id: int
    evse_id: int
    stack_level: int
    purpose: Purpose
    kind: Kind
    unit: Unit
    periods: tuple[Period, ...]
    recurrency: Recurrency | None = None
    start: datetime | None = None
    duration_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str = ""
    min_charging_rate: float | None = None
    starts_before_first: bool = False
    update_interval_s: int | None = None
    partial: bool = False
