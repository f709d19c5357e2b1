"""The composite schedule that a station says it has, in our terms."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.model.schedule.composite import CompositePeriod
from console.model.schedule.profile import Unit


class ReportedComposite(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer to GetCompositeSchedule; ``periods`` count from ``start``."""

    evse_id: int
    start: datetime | None
    duration_s: int
    unit: Unit
    periods: tuple[CompositePeriod, ...]


class Difference(msgspec.Struct, frozen=True):
    """From ``start_s`` to ``end_s`` the station says another limit than was computed (None: no limit).

    Where nothing limits, a station may name its own maximum, for an answer has no word for "none": that is told, but
    is no disagreement.
    """

    start_s: int
    end_s: int
    computed: float | None
    reported: float | None

    @property
    def disagrees(self) -> bool:
        """Whether one of the two must be wrong."""
        return self.computed is not None


def differences(
    computed: tuple[CompositePeriod, ...], reported: tuple[CompositePeriod, ...], duration_s: int
) -> tuple[Difference, ...]:
    """Where two composites of one window differ by more than one in a hundred; neighbours alike are one."""
    starts = sorted({0, *(period.start_s for period in (*computed, *reported) if 0 <= period.start_s < duration_s)})
    found: list[Difference] = []
    for start, end in zip(starts, [*starts[1:], duration_s], strict=True):
        ours, theirs = limit_at(computed, start), limit_at(reported, start)
        if not _differ(ours, theirs):
            continue
        last = found[-1] if found else None
        if last is not None and last.end_s == start and (last.computed, last.reported) == (ours, theirs):
            found[-1] = Difference(last.start_s, end, ours, theirs)
        else:
            found.append(Difference(start, end, ours, theirs))
    return tuple(found)


def limit_at(periods: tuple[CompositePeriod, ...], at_s: float) -> float | None:
    """What holds at a second of the window."""
    current: float | None = None
    for period in periods:
        if period.start_s > at_s:
            break
        current = period.limit
    return current


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > max(0.11, max(abs(one), abs(other)) / 100)
