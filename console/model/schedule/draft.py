"""A schedule as a person thinks of it: limits from times of the day, the week or a start; and as a profile. Pure.

OCPP recurs in UTC and knows no daylight saving. A draft is in local time; it becomes UTC with the offset that is in
force when it is sent, and ``moves_with_daylight_saving`` says where it will be an hour off in half a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

from console.errors import ConsoleError
from console.model.schedule.clock_times import DAY_MIN, WEEK_MIN, show_minute
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit


class Every(StrEnum):
    """How a draft's minutes are meant, in a person's words."""

    DAY = "daily"  # minutes of every day
    WEEK = "weekly"  # minutes from Monday 00:00 of every week
    START = "relative"  # minutes from the transaction's start
    ONCE = "absolute"  # minutes from one midnight, or from ``start``
    NOW = "dynamic"  # one limit from the moment on, updated in place (2.1)


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """From a minute on at most ``limit``; None is no limit of this schedule's own."""

    minute: int
    limit: float | None
    phases: int | None = None


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """A schedule to be. ``start`` is for ONCE; ``length_min`` for how long START and ONCE last (None: on and on)."""

    steps: tuple[Step, ...]
    every: Every = Every.DAY
    unit: Unit = Unit.A
    purpose: Purpose = Purpose.TX_DEFAULT
    stack_level: int = 0
    start: datetime | None = None
    length_min: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str = ""
    profile_id: int = 0

    @property
    def span_min(self) -> int | None:
        """The length of a round; None where it has no end."""
        return {Every.DAY: DAY_MIN, Every.WEEK: WEEK_MIN}.get(self.every, self.length_min)


def to_profile(draft: Draft, evse_id: int, now: datetime, zone: tzinfo | None) -> ChargingProfile:
    """The profile of a draft on an EVSE. Raises ConsoleError for what OCPP cannot say."""
    steps, from_min, length_min = _whole(draft)
    kind = {Every.START: Kind.RELATIVE, Every.ONCE: Kind.ABSOLUTE, Every.NOW: Kind.DYNAMIC}.get(
        draft.every, Kind.RECURRING
    )
    return ChargingProfile(
        profile_id=draft.profile_id,
        evse_id=evse_id,
        stack_level=draft.stack_level,
        purpose=draft.purpose,
        kind=kind,
        unit=draft.unit,
        periods=tuple(Period((step.minute - from_min) * 60, step.limit or 0.0, step.phases) for step in steps),
        recurrency={Every.DAY: Recurrency.DAILY, Every.WEEK: Recurrency.WEEKLY}.get(draft.every),
        start=_start(draft, from_min, now, zone),
        duration_s=None if length_min is None else length_min * 60,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        transaction_id=draft.transaction_id,
    )


def goes_with_start(draft: Draft) -> bool:
    """Whether a draft can be the schedule of a transaction that begins: not the station's, and not updated in place."""
    return draft.purpose in (Purpose.TX_DEFAULT, Purpose.TX) and draft.every is not Every.NOW


def for_start(draft: Draft, evse_id: int, now: datetime, zone: tzinfo | None) -> ChargingProfile:
    """The TxProfile that a remote start carries. Raises ConsoleError where the draft cannot be one."""
    if not goes_with_start(draft):
        raise ConsoleError("this schedule cannot be a transaction's", "Choose one that is the default of transactions.")
    own = msgspec.structs.replace(draft, purpose=Purpose.TX, transaction_id="")
    return to_profile(own, evse_id, now, zone)


def _start(draft: Draft, from_min: int, now: datetime, zone: tzinfo | None) -> datetime | None:
    """From when a profile counts, in UTC: the last midnight, or Monday's; never in the future for what recurs."""
    if draft.every in (Every.START, Every.NOW):
        return None
    if draft.every is Every.ONCE and draft.start is not None:
        return draft.start.astimezone(UTC) + timedelta(minutes=from_min)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if draft.every is Every.WEEK:
        midnight -= timedelta(days=midnight.weekday())
    begin = midnight.astimezone(UTC) + timedelta(minutes=from_min)
    if draft.every is not Every.ONCE and begin > now:
        begin -= timedelta(minutes=draft.span_min or 0)
    return begin


def _whole(draft: Draft) -> tuple[Sequence[Step], int, int | None]:
    """The steps with a limit as one run, where it begins, and how long it lasts (None: as long as its round).

    A time without a limit is a gap, and a profile can have only one: before its start, or after its end.
    """
    steps, span = list(draft.steps), draft.span_min
    if not steps or all(step.limit is None for step in steps):
        raise ConsoleError("This schedule limits nothing.", "Give at least one limit.")
    if steps[0].minute != 0:
        raise ConsoleError("The first step does not start at the beginning.", "Let it start at 0.")
    if all(step.limit is not None for step in steps):
        return steps, 0, None if draft.every in (Every.DAY, Every.WEEK) else draft.length_min
    limited = [step.limit is not None for step in steps]
    begins = [place for place, has in enumerate(limited) if has and not limited[place - 1]]
    cyclic = draft.every in (Every.DAY, Every.WEEK)
    if not cyclic:
        begins = [place for place, has in enumerate(limited) if has and (place == 0 or not limited[place - 1])]
    if len(begins) != 1 or (draft.every is Every.START and begins[0] != 0):
        raise ConsoleError(
            "There is no word for 'no limit' between limits.",
            "Write the most that the connector can, for example 32 A.",
        )
    return _turned(steps, begins[0], span, cyclic=cyclic)


def _turned(steps: list[Step], first: int, span: int | None, *, cyclic: bool) -> tuple[Sequence[Step], int, int | None]:
    """The one run of steps with a limit, from its first step on, over midnight where it goes there."""
    after = [msgspec.structs.replace(step, minute=step.minute + (span or 0)) for step in steps[:first]]
    row = [*steps[first:], *(after if cyclic else [])]
    run: list[Step] = []
    for step in row:
        if step.limit is None:
            return run, steps[first].minute, step.minute - steps[first].minute
        run.append(step)
    return run, steps[first].minute, None if span is None else span - steps[first].minute


def to_draft(profile: ChargingProfile, zone: tzinfo | None) -> Draft:
    """A profile as a draft in local time, to be edited. Seconds are dropped; a gap becomes "no limit"."""
    every = _every(profile)
    span = {Every.DAY: DAY_MIN, Every.WEEK: WEEK_MIN}.get(every)
    steps = [Step(period.start_s // 60, period.limit, period.phases) for period in profile.periods]
    length_min = None if profile.duration_s is None else profile.duration_s // 60
    if span is not None:
        steps = _rotated(steps, _local_minute(profile, every, zone), span, length_min)
    return Draft(
        steps=tuple(steps),
        every=every,
        unit=profile.unit,
        purpose=profile.purpose,
        stack_level=profile.stack_level,
        start=profile.start if every is Every.ONCE else None,
        length_min=None if span is not None else length_min,
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
        transaction_id=profile.transaction_id,
        profile_id=profile.profile_id,
    )


def _every(profile: ChargingProfile) -> Every:
    if profile.kind is Kind.RECURRING:
        return Every.WEEK if profile.recurrency is Recurrency.WEEKLY else Every.DAY
    return {Kind.RELATIVE: Every.START, Kind.DYNAMIC: Every.NOW}.get(profile.kind, Every.ONCE)


def _local_minute(profile: ChargingProfile, every: Every, zone: tzinfo | None) -> int:
    """The minute of the local day or week at which the profile begins its round."""
    if profile.start is None:
        return 0
    local = profile.start.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return minute + local.weekday() * DAY_MIN if every is Every.WEEK else minute


def _rotated(steps: list[Step], from_min: int, span: int, length_min: int | None) -> list[Step]:
    """Steps that count from ``from_min`` of the round as steps from its minute 0."""
    length = min(length_min or span, span)
    steps = [step for step in steps if step.minute < length]
    if length < span:
        steps.append(Step(length, None))
    moved = sorted(
        (msgspec.structs.replace(step, minute=(step.minute + from_min) % span) for step in steps),
        key=lambda step: step.minute,
    )
    if moved and moved[0].minute != 0:
        moved.insert(0, msgspec.structs.replace(moved[-1], minute=0))
    kept: list[Step] = []
    for step in moved:
        if not kept or (kept[-1].limit, kept[-1].phases) != (step.limit, step.phases):
            kept.append(step)
    return kept


def moves_with_daylight_saving(draft: Draft, now: datetime, zone: tzinfo | None) -> bool:
    """Whether a draft that recurs will be off by an hour when the clocks change."""
    if draft.every not in (Every.DAY, Every.WEEK) or len(draft.steps) < 2:
        return False
    offsets = {(now + timedelta(days=30 * month)).astimezone(zone).utcoffset() for month in range(12)}
    return len(offsets) > 1


def in_words(draft: Draft) -> list[tuple[str, str]]:
    """Each step as a pair of words: from when, and how much."""
    unit = "kW" if draft.unit is Unit.W else "A"
    return [
        (
            show_minute(
                step.minute, weekly=draft.every is Every.WEEK, relative=draft.every in (Every.START, Every.NOW)
            ),
            "no limit" if step.limit is None else f"{step.limit / (1000 if draft.unit is Unit.W else 1):g} {unit}",
        )
        for step in draft.steps
    ]
