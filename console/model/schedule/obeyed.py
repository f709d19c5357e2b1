"""Whether a station keeps the limits it has accepted: measured power against the composite schedule. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.model.schedule.composite import CompositePeriod
from console.model.schedule.reported import limit_at

#: A car may take so long to follow a lower limit (IEC 61851 allows 5 s, meters report late).
SETTLE_S = 60
#: A meter's error, and what the station's own electronics take.
_TOLERANCE = 0.05
_TOLERANCE_W = 150.0


class Disobeyed(msgspec.Struct, frozen=True):
    """At ``at_s`` of the window more was measured than was allowed then."""

    at_s: float
    power_w: float
    limit_w: float


def disobeyed(points: Sequence[tuple[float, float]], periods: Sequence[CompositePeriod]) -> Disobeyed | None:
    """The last of the measured points (second, watts) that is above the limit in watts, if the newest one is.

    A limit counts ``SETTLE_S`` after it began. None where the station obeys, or nothing was measured.
    """
    if not points:
        return None
    at_s, power_w = points[-1]
    held = [limit_at(tuple(periods), max(0.0, at_s - back)) for back in (0, SETTLE_S)]
    if any(limit is None for limit in held):
        return None
    limit_w = max(limit for limit in held if limit is not None)
    if power_w <= limit_w * (1 + _TOLERANCE) + _TOLERANCE_W:
        return None
    return Disobeyed(at_s, power_w, limit_w)
