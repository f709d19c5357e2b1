"""The arithmetic of a chart over time: windows, resampling, ticks. Times are epoch seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from statistics import median

Point = tuple[float, float]
"""Time in epoch seconds, and the value then."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_BUCKETS_S = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 4, 6, 12, 24)),
)
_TIME_STEPS_S = (
    *(1, 5, 10, 15, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 4, 6, 12)),
    *(days * _DAY for days in (1, 2, 7, 14, 28, 56, 112, 364)),
)

_LABEL_CELLS = 8  # the longest time label, 12:34:56


@dataclass(frozen=True, slots=True)
class Window:
    """The time that the columns of a chart stand for: `columns` buckets of `bucket_s` from `start_s`."""

    start_s: float
    bucket_s: float
    columns: int

    @property
    def end_s(self) -> float:
        """The time right of the last column."""
        return self.start_s + self.bucket_s * self.columns

    def column(self, time_s: float) -> int:
        """Return the column of a time; outside the window it is less than 0 or at least `columns`."""
        return math.floor((time_s - self.start_s) / self.bucket_s)


def time_window(first_s: float, last_s: float, columns: int) -> Window:
    """Return a window of `columns` round buckets that holds both times.

    Round buckets keep the columns where they are while time goes on: a new value draws on the right
    and moves nothing, until the window is full and the next longer bucket is taken.
    """
    for bucket_s in _BUCKETS_S:
        start_s = math.floor(first_s / bucket_s) * bucket_s
        if math.floor((last_s - start_s) / bucket_s) < columns:
            return Window(start_s, bucket_s, columns)
    start_s = math.floor(first_s / _DAY) * _DAY
    days = math.ceil((last_s - start_s + 1) / _DAY / columns)
    return Window(start_s, days * _DAY, columns)


def clean_points(points: Sequence[Point]) -> list[Point]:
    """Return the points that can be drawn, by time: no NaN, no infinity."""
    return sorted(point for point in points if math.isfinite(point[0]) and math.isfinite(point[1]))


def usual_gap_s(points: Sequence[Point]) -> float:
    """Return the time without values, in seconds, from which on a chart shows a gap.

    Two and a half times the usual distance of the values: one lost message is no gap, two are.
    """
    distances = [later[0] - earlier[0] for earlier, later in pairwise(points) if later[0] > earlier[0]]
    return 2.5 * median(distances) if distances else 0.0


def resample(points: Sequence[Point], window: Window, gap_s: float, *, step: bool) -> list[float | None]:
    """Return one value a column, None where there is none; `points` are sorted by time.

    A column with points has the greatest of them, so that no peak is lost. Columns between two points
    not more than `gap_s` apart hold the earlier value (`step`) or lie on the line between the two.
    """
    values: list[float | None] = [None] * window.columns
    for place, (time_s, value) in enumerate(points):
        column = window.column(time_s)
        if 0 <= column < window.columns:
            before = values[column]
            values[column] = value if before is None else max(before, value)
        if place and time_s - points[place - 1][0] <= gap_s:
            _fill(values, window, points[place - 1], (time_s, value), step=step)
    return values


def _fill(values: list[float | None], window: Window, earlier: Point, later: Point, *, step: bool) -> None:
    """Fill the columns strictly between two points."""
    first, last = window.column(earlier[0]), window.column(later[0])
    for column in range(max(0, first + 1), min(window.columns, last)):
        if step:
            values[column] = earlier[1]
        else:
            share = (column - first) / (last - first)
            values[column] = earlier[1] * (1 - share) + later[1] * share


def nice_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """Return at least two round, evenly spaced numbers from at most `low` to at least `high`.

    There are about `count` of them, never more than `count` + 2.
    """
    if high <= low:
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    rough = (high - low) / max(1, count - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(number * step for number in range(first, max(last, first + 1) + 1))


def axis_range(values: Sequence[float]) -> tuple[float, float]:
    """Return what the axis of these values should show; zero too, unless they vary little far from it."""
    low, high = min(values), max(values)
    if 0 < low < high * 0.75 or (0 < low == high):
        low = 0.0
    if high < 0 and high > low * 0.75:
        high = 0.0
    return low, high


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Return the ticks as text, with the decimals that tell them apart and no more."""
    for decimals in range(7):
        labels = [f"{tick:.{decimals}f}" for tick in ticks]
        if all(math.isclose(float(label), tick, abs_tol=1e-9) for label, tick in zip(labels, ticks, strict=True)):
            return labels
    return [f"{tick:.3g}" for tick in ticks]


def time_ticks(window: Window, tz: tzinfo | None) -> list[tuple[int, str]]:
    """Return (column, label) of round times of day in `tz` (None: this computer's).

    Midnight is labelled with the date where the window is longer than a day. Labels start at their
    column, end within the window and keep two cells between them.
    """
    room = _LABEL_CELLS + 2
    steps = (step_s for step_s in _TIME_STEPS_S if step_s >= window.bucket_s * room)
    step_s = next(steps, None)
    if step_s is None:
        return []
    offset = datetime.fromtimestamp(window.start_s, tz).astimezone(tz).utcoffset()
    offset_s = offset.total_seconds() if offset is not None else 0.0
    time_s = math.ceil((window.start_s + offset_s) / step_s) * step_s - offset_s
    ticks = []
    while time_s < window.end_s:
        label = _time_label(time_s, step_s, window, tz)
        if window.column(time_s) + len(label) <= window.columns:
            ticks.append((window.column(time_s), label))
        time_s += step_s
    return ticks


def _time_label(time_s: float, step_s: float, window: Window, tz: tzinfo | None) -> str:
    local = datetime.fromtimestamp(time_s, tz)
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    if step_s >= _DAY or (is_midnight and window.end_s - window.start_s > _DAY):
        return local.strftime("%d %b")
    return local.strftime("%H:%M" if step_s >= _MINUTE else "%H:%M:%S")
