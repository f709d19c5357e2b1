"""What a composite schedule costs over a day and over a year, in one run: the ratio is what counts."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

from console.model.schedule.composite import Request, composite
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit

_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_DAYS = (1, 7, 365)


def eight_profiles() -> list[ChargingProfile]:
    """Eight profiles of two purposes on eight stack levels, in both units, one of them weekly."""
    return [
        ChargingProfile(
            profile_id=number,
            evse_id=0,
            stack_level=number,
            purpose=(Purpose.TX_DEFAULT, Purpose.STATION_MAX)[number % 2],
            kind=Kind.RECURRING,
            unit=Unit.A if number % 3 else Unit.W,
            periods=tuple(Period(at * 3600, 6.0 + (at * 7 + number) % 26, 3) for at in range(0, 24, 4)),
            recurrency=Recurrency.WEEKLY if number == 5 else Recurrency.DAILY,
            start=_BEGIN - timedelta(days=900 + number),
            duration_s=20 * 3600,
        )
        for number in range(8)
    ]


def _took_s(days: int) -> float:
    request = Request(1, _BEGIN, days * 86_400, Unit.A)
    profiles = eight_profiles()
    before = time.perf_counter()
    composite(profiles, request)
    return time.perf_counter() - before


def table(rounds: int) -> list[str]:
    """A Markdown table: how long each window takes, in turn, and how much longer than a day."""
    took: dict[int, list[float]] = {days: [] for days in _DAYS}
    for _ in range(rounds):
        for days in _DAYS:
            took[days].append(_took_s(days))
    medians = {days: statistics.median(found) for days, found in took.items()}
    lines = ["| window | composite of 8 profiles | against a day |", "|---|---|---|"]
    lines += [f"| {days} d | {median * 1000:.2f} ms | {median / medians[1]:.1f} |" for days, median in medians.items()]
    return lines
