from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.schedule_edits import EDITS
from widgets.schedule_limits import MOST, Supply
from widgets.schedule_plan import Plan, Step, Undo
from widgets.schedule_times import DAY_MINUTES, EntryError
from widgets.schedule_typed import ask, typed

AC = Supply()
LIMIT = st.none() | st.integers(0, 320).map(lambda tenths: tenths / 10) | st.integers(0, 22000).map(float)
PHASES = st.none() | st.integers(1, 3)


@st.composite
def plans(draw: st.DrawFn, spans: tuple[str, ...] = ("day", "week", "duration")) -> Plan:
    span = draw(st.sampled_from(spans))
    duration = draw(st.integers(1, 3000))
    length = {"day": 1440, "week": 10080}.get(span, duration)
    # Often on the grid, as people do it.
    later = st.integers(1, length) | st.integers(1, max(1, length // 15)).map(lambda each: each * 15)
    starts = sorted({0, *(start for start in draw(st.lists(later, max_size=12)) if start < length)})
    steps = tuple(Step(start, draw(LIMIT), draw(PHASES)) for start in starts)
    return Plan(steps, draw(st.sampled_from(["A", "W"])), span, duration)  # type: ignore[arg-type]


@st.composite
def plan_and_index(draw: st.DrawFn) -> tuple[Plan, int]:
    plan = draw(plans())
    return plan, draw(st.integers(0, len(plan.steps) - 1))


Work = Callable[[Plan, int], Plan]
OPERATIONS: st.SearchStrategy[Work] = st.one_of(
    st.tuples(st.integers(-3000, 3000), st.sampled_from([1, 5, 15, 60])).map(
        lambda pair: lambda plan, index: plan.move_edge(index, *pair)
    ),
    st.integers(-10, 10100).map(lambda minute: lambda plan, index: plan.set_edge(index, minute)),
    st.integers(-10, 10100).map(lambda minute: lambda plan, index: plan.split(minute)),
    st.just(lambda plan, index: plan.merge(index)),
    st.just(lambda plan, index: plan.normalise()),
    st.sampled_from([-500, -1, 1, 100]).map(lambda by: lambda plan, index: plan.raise_limit(index, by)),
    LIMIT.map(lambda limit: lambda plan, index: plan.set_limit(index, limit)),
    PHASES.map(lambda phases: lambda plan, index: plan.set_phases(index, phases)),
    st.sampled_from(["A", "W"]).map(lambda unit: lambda plan, index: plan.in_unit(unit, AC)),
    st.tuples(st.integers(0, 6), st.sets(st.integers(0, 6))).map(lambda days: lambda plan, index: plan.copy_day(*days)),
    st.sampled_from(["day", "week", "duration"]).map(lambda span: lambda plan, index: plan.with_span(span)),
    st.sampled_from(sorted(EDITS)).map(lambda name: lambda plan, index: EDITS[name](plan, index, AC).plan),
)


def check(plan: Plan) -> None:
    starts = [step.start_minute for step in plan.steps]
    assert starts[0] == 0
    assert all(earlier < later for earlier, later in pairwise(starts))
    assert starts[-1] < plan.length_minutes
    assert all(step.limit is None or 0 <= step.limit <= MOST for step in plan.steps)


@given(plan_and_index(), st.lists(OPERATIONS, min_size=1, max_size=8))
def test_every_operation_keeps_a_plan_valid_and_can_be_undone(start: tuple[Plan, int], work: list[Work]) -> None:
    plan, index = start
    history, seen = Undo(plan), [plan]
    for operation in work:
        present = history.present
        try:
            new = operation(present, index % len(present.steps))
        except EntryError:
            continue
        check(new)
        after = history.do(new)
        if new == present:
            assert after is history
            continue
        assert after.undo().present == present
        assert after.undo().redo() == after
        history = after
        seen.append(new)
    for before in reversed(seen[:-1]):
        history = history.undo()
        assert history.present == before
    assert history.undo() is history


@given(plan_and_index(), st.integers(0, 10080))
def test_to_merge_what_was_split_is_the_identity(start: tuple[Plan, int], minute: int) -> None:
    plan, _ = start
    minute %= plan.length_minutes
    split = plan.split(minute)
    index = split.index_at(minute)
    assert split.steps[index].start_minute == minute
    if split != plan:
        assert split.merge(index) == plan
        assert split.at(minute).same_as(plan.at(minute))


@given(plan_and_index(), st.integers(-3000, 3000))
def test_an_edge_moves_along_the_grid_and_passes_no_neighbour(start: tuple[Plan, int], minutes: int) -> None:
    plan, index = start
    before = plan.steps[index].start_minute
    moved = plan.move_edge(index, minutes).steps[index].start_minute
    assert moved == before or moved % 15 == 0
    assert (moved - before) * minutes >= 0
    assert abs(moved - before) <= abs(minutes)
    if index == 0:
        assert moved == 0


def test_an_edge_off_the_grid_comes_to_it_and_stops_before_its_neighbours() -> None:
    plan = Plan((Step(0, 1.0), Step(367, 2.0), Step(400, 3.0)))
    assert plan.move_edge(1, 15).steps[1].start_minute == 375
    assert plan.move_edge(1, -15).steps[1].start_minute == 360
    assert plan.move_edge(1, 15).move_edge(1, 15).steps[1].start_minute == 390
    assert plan.move_edge(1, 600).steps[1].start_minute == 390
    assert plan.move_edge(1, -600).steps[1].start_minute == 15
    assert plan.move_edge(2, 6000).steps[2].start_minute == 1425
    assert plan.move_edge(0, 15) is plan


def test_a_typed_edge_is_exact_or_an_error_that_says_the_room() -> None:
    plan = Plan((Step(0, 1.0), Step(360, 2.0), Step(1320, 3.0)))
    assert plan.set_edge(1, 367).steps[1].start_minute == 367
    assert plan.set_edge(0, 0) is plan
    with pytest.raises(EntryError, match="write 00:01 to 21:59"):
        plan.set_edge(1, 1320)
    with pytest.raises(EntryError, match="first step"):
        plan.set_edge(0, 15)
    with pytest.raises(EntryError, match="ends at 24:00"):
        plan.split(1440)


@given(plans(("week",)), st.integers(0, 6), st.sets(st.integers(0, 6)))
def test_a_copied_day_is_like_the_other_and_the_rest_as_before(plan: Plan, day: int, targets: set[int]) -> None:
    copied = plan.copy_day(day, targets)
    minutes = {minute for each in (plan, copied) for step in each.steps for minute in (step.start_minute, 10079)}
    for minute in {(minute % DAY_MINUTES) + each * DAY_MINUTES for minute in minutes for each in range(7)}:
        source = (
            minute % DAY_MINUTES + (day if minute // DAY_MINUTES in targets else minute // DAY_MINUTES) * DAY_MINUTES
        )
        assert copied.at(minute).same_as(plan.at(source))
    kept = {step.start_minute for step in plan.steps if step.start_minute // DAY_MINUTES not in targets}
    lost = kept - {step.start_minute for step in copied.steps}
    assert all(minute % DAY_MINUTES == 0 for minute in lost)


def test_a_copied_day_leaves_no_needless_midnights() -> None:
    plan = Plan((Step(0, 11000.0), Step(360, 4140.0), Step(1320, 11000.0)), "W", "week")
    copied = plan.copy_day(0, range(1, 5))
    assert [step.start_minute for step in copied.steps] == [
        0,
        *(day * DAY_MINUTES + minute for day in range(5) for minute in (360, 1320)),
    ]
    assert plan.copy_day(0, {0}) is plan
    weekend = Plan((Step(0, 16.0), Step(5 * DAY_MINUTES, 6.0), Step(6 * DAY_MINUTES, 16.0)), "A", "week")
    assert weekend.copy_day(0, {5}).steps == (Step(0, 16.0),)
    kept = weekend.split(2 * DAY_MINUTES)  # a midnight that somebody made
    assert len(kept.copy_day(0, {5}).steps) == 2


@given(plans(("day",)))
def test_a_day_is_every_day_of_its_week(plan: Plan) -> None:
    week = plan.with_span("week")
    assert all(week.at(step.start_minute + day * DAY_MINUTES).same_as(step) for step in plan.steps for day in range(7))
    assert week.with_span("day").normalise() == plan.normalise()


@given(plans())
def test_merging_equal_neighbours_changes_no_limit(plan: Plan) -> None:
    merged = plan.normalise()
    assert all(merged.at(step.start_minute).same_as(step) for step in plan.steps)
    assert not any(one.same_as(other) for one, other in pairwise(merged.steps))
    assert merged.normalise() == merged


@given(plans())
def test_amperes_to_watts_and_back_is_the_same_plan(plan: Plan) -> None:
    tenths = replace(
        plan,
        unit="A",
        steps=tuple(
            step if step.limit is None else replace(step, limit=round(step.limit % 1000, 1)) for step in plan.steps
        ),
    )
    assert tenths.in_unit("W", AC).in_unit("A", AC) == tenths


def test_a_limit_goes_to_round_numbers_and_not_below_zero() -> None:
    plan = Plan((Step(0, 15.9),))
    assert plan.raise_limit(0, 1).steps[0].limit == 16
    assert plan.raise_limit(0, -1).steps[0].limit == 15
    assert plan.set_limit(0, 0.5).raise_limit(0, -1).steps[0].limit == 0
    assert plan.set_limit(0, 0).raise_limit(0, -1) == plan.set_limit(0, 0)
    assert plan.set_limit(0, None).raise_limit(0, 1).steps[0].limit is None
    watts = Plan((Step(0, 10971.0),), "W")
    assert watts.raise_limit(0, 500).steps[0].limit == 11000
    assert watts.set_limit(0, 7.6).steps[0].limit == 8


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step(15, 1.0),),
        (Step(0, 1.0), Step(0, 2.0)),
        (Step(0, 1.0), Step(90, 2.0), Step(60, 3.0)),
        (Step(0, 1.0), Step(1440, 2.0)),
        (Step(0, -1.0),),
        (Step(0, float("nan")),),
        (Step(0, float("inf")),),
        (Step(0, 1.0, 4),),
    ],
)
def test_no_other_plans_can_be_made(steps: tuple[Step, ...]) -> None:
    with pytest.raises(EntryError):
        Plan(steps)


def test_a_split_is_offered_in_the_middle_on_the_grid() -> None:
    assert Plan((Step(0, 1.0),)).middle_of(0) == 720
    assert Plan((Step(0, 1.0), Step(370, 1.0))).middle_of(0) == 180
    assert Plan((Step(0, 1.0), Step(10, 1.0))).middle_of(0) == 5
    assert Plan((Step(0, 1.0), Step(1, 1.0))).middle_of(0) == 0


@given(plan_and_index())
def test_what_is_offered_can_be_taken_and_changes_nothing(start: tuple[Plan, int]) -> None:
    plan, index = start
    for what in ("start", "limit", "phases", "add", "copy"):
        try:
            typing = ask(plan, index, what)  # type: ignore[arg-type]
        except EntryError:
            continue
        edit = typed(plan, index, typing, AC)
        check(edit.plan)
        assert 0 <= edit.cursor < len(edit.plan.steps)
        if what in ("start", "phases"):
            assert edit.plan == plan


@given(plan_and_index(), st.sampled_from(["start", "limit", "phases", "add", "copy"]), st.text(max_size=20))
def test_whatever_is_typed_gives_a_plan_or_says_why_not(start: tuple[Plan, int], what: str, text: str) -> None:
    plan, index = start
    try:
        typing = ask(plan, index, what).add(text)  # type: ignore[arg-type]
        edit = typed(plan, index, typing, AC)
    except EntryError:
        return
    check(edit.plan)
    assert 0 <= edit.cursor < len(edit.plan.steps)


def test_very_old_plans_are_forgotten() -> None:
    history = Undo(Plan((Step(0, 0.0),)))
    for limit in range(1, 300):
        history = history.do(Plan((Step(0, float(limit)),)))
    assert len(history.past) == 200
