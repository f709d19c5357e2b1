"""From what a person writes to a profile, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.model.schedule.clock_times import DAY_MIN, WEEK_MIN, read_minutes, show_minute
from console.model.schedule.composite import Request, composite
from console.model.schedule.draft import Draft, Every, Step, moves_with_daylight_saving, to_draft, to_profile
from console.model.schedule.profile import Kind, Recurrency, Unit

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday


def day(*steps: tuple[int, float | None], **more: object) -> Draft:
    return Draft(tuple(Step(minute, limit) for minute, limit in steps), **more)  # type: ignore[arg-type]


def at_local(draft: Draft, local: datetime) -> float | None:
    """What the profile of a draft allows at a local time."""
    request = Request(1, local.astimezone(UTC), 60, draft.unit)
    return composite([to_profile(draft, 1, NOW, ZONE)], request)[0].limit


def test_eleven_kilowatts_at_night_and_six_amperes_by_day_on_working_days() -> None:
    night, by_day = 11_000.0, 4_140.0
    steps = [(0, night)]
    for number in range(5):
        steps += [(number * DAY_MIN + 360, by_day), (number * DAY_MIN + 1320, night)]
    draft = day(*steps, every=Every.WEEK, unit=Unit.W)
    for number in range(14):
        midnight = datetime(2026, 11, 23, tzinfo=ZONE) + timedelta(days=number)
        assert at_local(draft, midnight.replace(hour=3)) == night
        assert at_local(draft, midnight.replace(hour=12)) == (by_day if number % 7 < 5 else night)
        assert at_local(draft, midnight.replace(hour=23)) == night


@pytest.mark.parametrize(
    ("steps", "start", "duration_s"),
    [
        ([(0, 6.0), (600, 16.0)], "23:00", None),
        ([(0, None), (360, 6.0), (1320, None)], "05:00", 16 * 3600),
        ([(0, 6.0), (360, None), (1320, 8.0)], "21:00", 8 * 3600),
        ([(0, 6.0), (360, None)], "23:00", 6 * 3600),
    ],
)
def test_a_gap_is_before_the_start_or_after_the_end(
    steps: list[tuple[int, float | None]], start: str, duration_s: int | None
) -> None:
    draft = day(*steps)
    made = to_profile(draft, 1, NOW, ZONE)
    assert (made.kind, made.recurrency) == (Kind.RECURRING, Recurrency.DAILY)
    assert made.start is not None
    assert (made.start.strftime("%H:%M"), made.duration_s) == (start, duration_s)
    assert made.start <= NOW
    for minute in range(0, DAY_MIN, 30):
        local = datetime(2026, 11, 27, tzinfo=ZONE) + timedelta(minutes=minute)
        wanted = next(limit for begin, limit in reversed(steps) if begin <= minute)
        assert at_local(draft, local) == wanted


def test_two_gaps_cannot_be_said() -> None:
    with pytest.raises(ConsoleError, match="no limit"):
        to_profile(day((0, 6.0), (60, None), (120, 6.0), (180, None)), 1, NOW, ZONE)
    with pytest.raises(ConsoleError, match="limits nothing"):
        to_profile(day((0, None)), 1, NOW, ZONE)


def test_a_schedule_that_counts_from_the_plug() -> None:
    made = to_profile(day((0, 6.0), (60, 16.0), every=Every.START), 1, NOW, ZONE)
    assert (made.kind, made.start, made.duration_s) == (Kind.RELATIVE, None, None)
    assert [period.start_s for period in made.periods] == [0, 3600]


def test_a_schedule_for_one_day() -> None:
    start = datetime(2026, 11, 28, tzinfo=ZONE)
    made = to_profile(day((0, 6.0), every=Every.ONCE, start=start, length_min=DAY_MIN), 1, NOW, ZONE)
    assert (made.kind, made.start, made.duration_s) == (Kind.ABSOLUTE, start.astimezone(UTC), 86_400)


limits = st.none() | st.integers(0, 32).map(float)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    every = draw(st.sampled_from([Every.DAY, Every.WEEK]))
    span = DAY_MIN if every is Every.DAY else WEEK_MIN
    minutes = [0, *sorted(draw(st.sets(st.integers(1, span - 1), max_size=6)))]
    steps: list[Step] = []
    for minute in minutes:
        step = Step(minute, draw(limits), draw(st.sampled_from([None, 1, 3])))
        step = step if step.limit is not None else Step(minute, None)
        if not steps or (steps[-1].limit, steps[-1].phases) != (step.limit, step.phases):
            steps.append(step)
    return Draft(tuple(steps), every)


@settings(max_examples=1000, deadline=None)
@given(drafts())
def test_a_draft_comes_back_as_it_was(draft: Draft) -> None:
    try:
        made = to_profile(draft, 1, NOW, ZONE)
    except ConsoleError:
        return
    assert to_draft(made, ZONE) == draft


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("22:00", (1320,)),
        ("6", (360,)),
        ("24:00", (1440,)),
        ("mon 06:00", (360,)),
        ("sun 00:00", (6 * DAY_MIN,)),
        ("mon-wed 06:00", (360, 1800, 3240)),
        ("sat,sun 01:30", (5 * DAY_MIN + 90, 6 * DAY_MIN + 90)),
        ("+2h", (120,)),
        ("+2h30m", (150,)),
        ("+45m", (45,)),
    ],
)
def test_times_are_read_as_people_write_them(text: str, minutes: tuple[int, ...]) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "+", "noonish", "25:00", "12:70", "blursday 06:00"])
def test_what_is_no_time_says_so(text: str) -> None:
    with pytest.raises(ConsoleError):
        read_minutes(text)


@given(st.integers(0, WEEK_MIN - 1))
def test_a_time_is_read_as_it_is_shown(minute: int) -> None:
    assert read_minutes(show_minute(minute, weekly=True)) == (minute,)
    assert read_minutes(show_minute(minute, relative=True)) == (minute,)
    assert read_minutes(show_minute(minute % DAY_MIN)) == (minute % DAY_MIN,)


def test_clocks_that_change_are_said() -> None:
    recurring = day((0, 6.0), (360, 16.0))
    assert moves_with_daylight_saving(recurring, NOW, ZONE)
    assert not moves_with_daylight_saving(recurring, NOW, UTC)
    assert not moves_with_daylight_saving(day((0, 6.0)), NOW, ZONE)
