from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.braille import DOTS_X, draw_curve
from widgets.chart_math import (
    Window,
    axis_range,
    clean_points,
    nice_ticks,
    resample,
    tick_labels,
    time_ticks,
    time_window,
    usual_gap_s,
)

TIME = st.floats(1.5e9, 2e9)
VALUE = st.floats(-1e6, 1e6)
POINTS = st.lists(st.tuples(TIME, VALUE), min_size=1, max_size=80)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()


@given(TIME, st.floats(0, 1e9), st.integers(1, 300))
def test_window_holds_both_times_in_round_buckets(first: float, span: float, columns: int) -> None:
    window = time_window(first, first + span, columns)
    assert 0 <= window.column(first) <= window.column(first + span) < columns
    assert window.start_s % window.bucket_s == 0 or window.bucket_s > 86400


@given(POINTS, st.integers(1, 200), st.booleans(), st.floats(0, 1e8))
def test_resampled_keeps_peaks_and_invents_nothing(
    points: list[tuple[float, float]], columns: int, step: bool, gap_s: float
) -> None:
    points = clean_points(points)
    window = time_window(points[0][0], points[-1][0], columns)
    values = resample(points, window, gap_s, step=step)
    drawn = [value for value in values if value is not None]
    assert len(values) == columns
    assert max(drawn) == max(value for _, value in points)
    low = min(value for _, value in points)
    assert all(value >= low - 1e-6 * abs(low) for value in drawn)
    for time_s, value in points:
        column = values[window.column(time_s)]
        assert column is not None
        assert column >= value


def test_gaps_stay_gaps_and_short_ones_are_filled() -> None:
    window = Window(0, 1, 12)
    points = [(0.0, 10.0), (2.0, 20.0), (4.0, 30.0), (10.0, 40.0)]
    assert usual_gap_s(points) == 5.0
    line = resample(points, window, 5.0, step=False)
    assert line == [10, 15, 20, 25, 30, None, None, None, None, None, 40, None]
    held = resample(points, window, 5.0, step=True)
    assert held[:5] == [10, 10, 20, 20, 30]
    assert resample(points, window, 6.0, step=True)[5:10] == [30] * 5


def test_a_new_value_moves_no_column() -> None:
    one = time_window(NOON, NOON + 100, 120)
    two = time_window(NOON, NOON + 115, 120)
    assert one == two


@given(VALUE, VALUE, st.integers(2, 10))
def test_ticks_are_even_cover_the_range_and_are_few(low: float, high: float, count: int) -> None:
    low, high = min(low, high), max(low, high)
    ticks = nice_ticks(low, high, count)
    assert 2 <= len(ticks) <= count + 2
    step = ticks[1] - ticks[0]
    assert step > 0
    assert all(b - a == pytest.approx(step, rel=1e-3) for a, b in pairwise(ticks))
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 11.04, ["0", "5", "10", "15"]),
        (228.1, 231.9, ["228", "230", "232"]),
        (0, 0.3, ["0.0", "0.1", "0.2", "0.3"]),
        (0, 0, ["-1", "0", "1"]),
    ],
)
def test_tick_labels(low: float, high: float, labels: list[str]) -> None:
    assert tick_labels(nice_ticks(low, high, 3 if len(labels) == 3 else 4)) == labels


def test_zero_is_on_the_axis_unless_values_vary_little() -> None:
    assert axis_range([3.7, 11.0]) == (0.0, 11.0)
    assert axis_range([228.0, 232.0]) == (228.0, 232.0)
    assert axis_range([16.0]) == (0.0, 16.0)
    assert axis_range([-5.0, 5.0]) == (-5.0, 5.0)
    assert axis_range([-11.0, -3.0]) == (-11.0, 0.0)


@given(TIME, st.floats(1, 1e8), st.integers(10, 200))
def test_time_labels_do_not_touch(start: float, span: float, columns: int) -> None:
    window = time_window(start, start + span, columns)
    ticks = time_ticks(window, UTC)
    for (column, label), (following, _) in pairwise(ticks):
        assert column + len(label) + 1 < following
    assert all(column >= 0 and column + len(label) <= columns for column, label in ticks)


def test_time_labels_are_local_and_round() -> None:
    window = Window(NOON, 60, 120)
    assert time_ticks(window, UTC)[:3] == [(0, "12:00"), (10, "12:10"), (20, "12:20")]
    assert time_ticks(window, ZoneInfo("Asia/Kolkata"))[0] == (0, "17:30")
    days = time_ticks(Window(NOON, 3600, 60), ZoneInfo("Asia/Kolkata"))
    assert [label for _, label in days] == ["03 Mar", "12:00", "04 Mar", "12:00", "05 Mar"]
    assert time_ticks(Window(NOON, 1, 60), UTC)[:2] == [(0, "12:00:00"), (10, "12:00:10")]


@given(st.lists(st.none() | VALUE, min_size=1, max_size=120), st.integers(1, 20))
def test_curve_fills_its_box_and_shows_every_value(values: list[float | None], height: int) -> None:
    lines = draw_curve(values, -1e6, 1e6, height)
    width = (len(values) + 1) // DOTS_X
    assert len(lines) == height
    assert {len(line) for line in lines} == {width}
    for cell in range(width):
        column = "".join(line[cell] for line in lines).strip()
        pair = values[cell * DOTS_X : cell * DOTS_X + DOTS_X]
        assert bool(column) == any(value is not None for value in pair)


def test_curve_by_example() -> None:
    assert draw_curve([0, 0, 1, 1], 0, 1, 1) == ["⣀⠏"]
    assert draw_curve([None, None], 0, 1, 2) == [" ", " "]
    assert draw_curve([1, None], 0, 1, 2) == ["⠁", " "]


def test_what_cannot_be_drawn_is_left_out() -> None:
    points = [(2.0, 1.0), (1.0, float("nan")), (float("inf"), 2.0), (0.0, 3.0)]
    assert clean_points(points) == [(0.0, 3.0), (2.0, 1.0)]
