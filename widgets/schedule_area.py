"""How a plan and what goes with it become characters: steps as an area of half blocks, lines, points, labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.schedule_plan import Step
from widgets.schedule_times import DAY_MINUTES, HOUR_MINUTES, Span, show_minute
from widgets.text import plain

Value = float | None
"""What one column shows; None is nothing, or no limit."""

FULL, HALF, OPEN, LINE, STROKE, POINT, MARK = "█", "▄", "░", "━", "┃", "•", "^"
TOLD = "○"
# Without the half block, which is the upper edge of an area; each has its own look in ASCII.
_LEVELS = "▁▂▃▅▆▇█"

_COLUMN_MINUTES = (10, 15, 20, 30, *(hours * HOUR_MINUTES for hours in (1, 2, 3, 4, 6, 8, 12, 24)))
_TICK_HOURS = (1, 2, 3, 4, 6, 12, 24, 48, 96, 168)


@dataclass(frozen=True, slots=True)
class Scale:
    """Columns of `column_minutes` each that hold a span of `length_minutes`."""

    column_minutes: int
    length_minutes: int

    @property
    def columns(self) -> int:
        """The number of columns."""
        return -(-self.length_minutes // self.column_minutes)

    def middle(self, column: int) -> float:
        """Return the minute in the middle of a column, within the span."""
        return min((column + 0.5) * self.column_minutes, self.length_minutes - 0.5)

    def cover(self, start_minute: float, end_minute: float) -> range:
        """Return the columns whose middle lies in a span of time, at least the one where it starts."""
        first = math.ceil(start_minute / self.column_minutes - 0.5)
        # The last column may be cut short by the end of the span; it is never left over.
        at_end = end_minute >= self.length_minutes
        last = self.columns if at_end else math.ceil(end_minute / self.column_minutes - 0.5)
        first = max(0, min(first, self.columns - 1))
        return range(first, max(first + 1, min(last, self.columns)))


def scale_for(length_minutes: int, width: int) -> Scale:
    """Return the finest round scale that fits a span into `width` cells."""
    fine = next((size for size in _COLUMN_MINUTES if -(-length_minutes // size) <= width), None)
    days = math.ceil(length_minutes / max(1, width) / DAY_MINUTES)
    return Scale(fine or days * DAY_MINUTES, length_minutes)


def step_values(steps: Sequence[Step], scale: Scale, from_minute: int = 0) -> list[Value]:
    """Return what holds in the middle of each column; None before the first step and where nothing limits."""
    return pair_values([(step.start_minute, step.limit) for step in steps], scale, from_minute)


def pair_values(pairs: Sequence[tuple[int, Value]], scale: Scale, from_minute: int = 0) -> list[Value]:
    """Return what (start minute, value) pairs say in the middle of each column."""
    values: list[Value] = []
    place, held = 0, None
    middles = (from_minute + scale.middle(column) for column in range(scale.columns))
    for minute in middles:
        while place < len(pairs) and pairs[place][0] <= minute:
            held = pairs[place][1]
            place += 1
        values.append(held)
    return values


def point_values(points: Iterable[tuple[float, float]], scale: Scale, from_minute: int = 0) -> list[Value]:
    """Return the greatest of the points in each column."""
    values: list[Value] = [None] * scale.columns
    for minute, value in points:
        column = math.floor((minute - from_minute) / scale.column_minutes)
        if 0 <= column < scale.columns:
            before = values[column]
            values[column] = value if before is None else max(before, value)
    return values


class Canvas:
    """Cells with a character and the name of a style each; what lies outside is not drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._chars = [[" "] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: str = "", *, right: int | None = None) -> None:
        """Write text from a cell on, as far as `right` or the edge."""
        if not 0 <= y < self.height:
            return
        end = self.width if right is None else min(right, self.width)
        for char in plain(text):
            cells = cell_len(char)
            if x < 0 or x + cells > end:
                return
            if cells == 0:
                continue  # a combining mark; the letter without it is told apart well enough
            self._chars[y][x : x + cells] = [char, *[""] * (cells - 1)]
            self._styles[y][x : x + cells] = [style] * cells
            x += cells

    def mark(self, x: int, y: int, glyph: str, style: str) -> None:
        """Draw one glyph, which takes one cell; quicker than `put`, for what is drawn by the thousand."""
        if 0 <= y < self.height and 0 <= x < self.width:
            self._chars[y][x], self._styles[y][x] = glyph, style

    def strip(self, y: int, style_of: Callable[[str], Style]) -> Strip:
        """Return a line, with one segment for neighbours of one style."""
        runs: list[tuple[str, list[str]]] = []
        for char, style in zip(self._chars[y], self._styles[y], strict=True):
            if not runs or runs[-1][0] != style:
                runs.append((style, []))
            runs[-1][1].append(char)
        return Strip([Segment("".join(chars), style_of(style)) for style, chars in runs], self.width)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a canvas, with what its full height stands for."""

    x: int
    y: int
    height: int
    top_value: float

    def level(self, value: float, most: int) -> int:
        """Return how high a value reaches, of `most`; only 0 is 0."""
        if value <= 0 or self.top_value <= 0:
            return 0
        return max(1, min(most, round(value / self.top_value * most)))

    def row(self, value: float) -> int:
        """Return the line in which a value's upper edge lies."""
        return self.y + self.height - 1 - max(0, self.level(value, self.height * 2) - 1) // 2


def draw_area(canvas: Canvas, box: Box, values: Sequence[Value], style_of: Callable[[int], str]) -> None:
    """Fill up to each column's value, in half lines; all of it, lightly, where there is no limit."""
    for column, value in enumerate(values):
        style = style_of(column)
        level = 0 if value is None else box.level(value, box.height * 2)
        bottom = box.y + box.height - 1
        for line in range(box.height if value is None else level // 2):
            canvas.mark(box.x + column, bottom - line, OPEN if value is None else FULL, style)
        if level % 2:
            canvas.mark(box.x + column, bottom - level // 2, HALF, style)


def draw_levels(canvas: Canvas, box: Box, values: Sequence[Value], style_of: Callable[[int], str]) -> None:
    """Draw an area of one line, in sixths of it."""
    for column, value in enumerate(values):
        level = 0 if value is None else box.level(value, len(_LEVELS) - 1)
        char = OPEN if value is None else _LEVELS[level - 1] if level else " "
        canvas.mark(box.x + column, box.y, char, style_of(column))


def draw_line(canvas: Canvas, box: Box, values: Sequence[Value], style: str) -> None:
    """Draw steps as a line; no line where there is no limit."""
    before: int | None = None
    for column, value in enumerate(values):
        row = None if value is None else box.row(value)
        if row is not None:
            if before is not None:
                for between in range(min(before, row) + 1, max(before, row)):
                    canvas.mark(box.x + column, between, STROKE, style)
            canvas.mark(box.x + column, row, LINE, style)
        before = row


def draw_points(canvas: Canvas, box: Box, values: Sequence[Value], style: str, glyph: str = POINT) -> None:
    """Draw a point a column."""
    for column, value in enumerate(values):
        if value is not None:
            canvas.mark(box.x + column, box.row(value), glyph, style)


def draw_spark(canvas: Canvas, x: int, y: int, values: Sequence[Value], style: str) -> None:
    """Draw values in one line, the least of them lowest; a dot where there is none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    for column, value in enumerate(values):
        share = 0.0 if value is None or high <= low else (value - low) / (high - low)
        char = "." if value is None else _LEVELS[round(share * (len(_LEVELS) - 1))]
        canvas.mark(x + column, y, char, style)


def draw_times(canvas: Canvas, x: int, y: int, scale: Scale, span: Span, style: str) -> None:
    """Write round times under their columns, three cells apart at least."""
    room = 8 * scale.column_minutes
    tick = next((hours for hours in _TICK_HOURS if hours * HOUR_MINUTES >= room), _TICK_HOURS[-1]) * HOUR_MINUTES
    for minute in range(0, scale.length_minutes, tick):
        column, label = minute // scale.column_minutes, show_minute(minute, span)
        if column + len(label) <= scale.columns:
            canvas.put(x + column, y, label, style)
