"""One profile as a step function of the window that is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.model.schedule.profile import ChargingProfile, Kind
from console.model.schedule.steps import Limit, Steps

_SECOND = timedelta(seconds=1)


def seconds_between(earlier: datetime, later: datetime) -> int:
    """Whole seconds from one instant to another, rounded down: the same wherever one counts from."""
    return (later - earlier) // _SECOND


def profile_steps(profile: ChargingProfile, begin: datetime, length_s: int, relative_to: datetime) -> Steps:
    """What a profile allows from ``begin`` for ``length_s`` seconds, in its own unit.

    ``relative_to`` is where a Relative profile counts from: the start of the transaction, or the request. An offset
    counts from startSchedule even where validFrom is later. The work grows with the window, not with how long ago the
    profile began.
    """
    steps: Steps = [(0, None)]
    for at, limit in _rounds(profile, begin, length_s, relative_to):
        if at <= 0:
            steps[0] = (0, limit)
        elif at < length_s:
            steps.append((at, limit))
    return _cut_to_validity(steps, profile, begin, length_s)


def _rounds(
    profile: ChargingProfile, begin: datetime, length_s: int, relative_to: datetime
) -> list[tuple[int, Limit | None]]:
    """The steps of every round of the profile that touches the window, relative to the window's begin."""
    anchor = relative_to if profile.kind is Kind.RELATIVE or profile.start is None else profile.start
    offset = seconds_between(begin, anchor)
    if profile.kind is not Kind.RECURRING or profile.recurrency is None:
        return _round(profile, offset, profile.duration_s)
    every_s = profile.recurrency.length_s
    last_s = min(profile.duration_s or every_s, every_s)
    first = offset if offset > 0 and not profile.starts_before_first else offset % every_s - every_s
    rounds: list[tuple[int, Limit | None]] = []
    for start in range(first, length_s, every_s):
        rounds.extend(_round(profile, start, last_s))
    return rounds


def _round(profile: ChargingProfile, start: int, duration_s: int | None) -> list[tuple[int, Limit | None]]:
    """One round's steps, ending with "no limit" where it has a duration; periods beyond it never run."""
    steps: list[tuple[int, Limit | None]] = [
        (start + period.start_s, Limit(period.limit, period.phases))
        for period in sorted(profile.periods, key=lambda period: period.start_s)
        if duration_s is None or period.start_s < duration_s
    ]
    if duration_s is not None:
        steps.append((start + duration_s, None))
    return steps


def _cut_to_validity(steps: Steps, profile: ChargingProfile, begin: datetime, length_s: int) -> Steps:
    """Nothing before validFrom, nothing from validTo on."""
    valid_from = 0 if profile.valid_from is None else seconds_between(begin, profile.valid_from)
    valid_to = length_s if profile.valid_to is None else seconds_between(begin, profile.valid_to)
    if valid_from <= 0 and valid_to >= length_s:
        return _ascending(steps)
    if valid_from >= valid_to or valid_from >= length_s or valid_to <= 0:
        return [(0, None)]
    kept: Steps = [(0, None)]
    current: Limit | None = None
    for at, limit in steps:
        if at <= valid_from:
            current = limit
        elif at < valid_to:
            kept.append((at, limit))
    kept.insert(1, (max(valid_from, 0), current))
    if valid_to < length_s:
        kept.append((valid_to, None))
    return _ascending(kept)


def _ascending(steps: Steps) -> Steps:
    """Drop steps that are replaced at the instant they begin."""
    return [step for step, after in zip(steps, [*steps[1:], (None, None)], strict=True) if step[0] != after[0]]
