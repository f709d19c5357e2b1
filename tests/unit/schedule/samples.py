"""Charging profiles for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit

T0 = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


def profile(*limits: tuple[int, float], **more: Any) -> ChargingProfile:
    """A daily default profile on connector 1; ``more`` are fields that differ."""
    fields: dict[str, Any] = {
        "profile_id": 1,
        "evse_id": 1,
        "stack_level": 0,
        "purpose": Purpose.TX_DEFAULT,
        "kind": Kind.RECURRING,
        "recurrency": Recurrency.DAILY,
        "unit": Unit.A,
        "start": T0,
        "periods": tuple(Period(start, limit) for start, limit in limits or ((0, 16.0),)),
    }
    return ChargingProfile(**(fields | more))


def relative(*limits: tuple[int, float], **more: Any) -> ChargingProfile:
    """A profile that counts from the transaction."""
    return profile(*limits, **({"kind": Kind.RELATIVE, "recurrency": None, "start": None} | more))
