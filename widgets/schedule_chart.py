"""A chart of a plan: an area of steps over a day or a time, or seven of them for a week."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from widgets.chart_math import nice_ticks, tick_labels
from widgets.schedule_area import (
    FULL,
    LINE,
    MARK,
    OPEN,
    POINT,
    TOLD,
    Box,
    Canvas,
    Scale,
    Value,
    draw_area,
    draw_levels,
    draw_line,
    draw_points,
    draw_spark,
    draw_times,
    pair_values,
    point_values,
    scale_for,
    step_values,
)
from widgets.schedule_edits import unit_name
from widgets.schedule_layers import Layers, differs
from widgets.schedule_limits import show_limit
from widgets.schedule_lines import DrawnLines
from widgets.schedule_plan import Plan
from widgets.schedule_times import DAY_MINUTES, DAY_NAMES, WEEK_MINUTES
from widgets.text import fit, plain

_LEAST_WIDTH = 32
_LEAST_AREA = 3
_MARGIN = 6  # a limit or a day, and the axis
_PART = "schedule-chart--"


class ScheduleChart(DrawnLines):
    """Limits as an area, and over it what comes of them as a line, what was measured as points; prices below.

    The step under the cursor has `^` below it. Nothing is told by colour alone.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        _PART + name
        for name in (
            "axis",
            "head",
            "area",
            "label",
            "picked",
            "picked-label",
            "mark",
            "effect",
            "reported",
            "measured",
            "price",
        )
    }
    DEFAULT_CSS = """
    ScheduleChart { height: 1fr; width: 1fr; background: $background; color: $foreground; }
    ScheduleChart > .schedule-chart--axis { color: $text-muted; }
    ScheduleChart > .schedule-chart--head { text-style: bold; }
    ScheduleChart > .schedule-chart--area { color: $text-secondary; }
    ScheduleChart > .schedule-chart--label { color: $text-secondary; text-style: reverse; }
    ScheduleChart > .schedule-chart--picked { color: $text-success; }
    ScheduleChart > .schedule-chart--picked-label { color: $text-success; text-style: reverse bold; }
    ScheduleChart > .schedule-chart--mark { color: $text-success; text-style: reverse bold; }
    ScheduleChart > .schedule-chart--effect { color: $text-warning; text-style: bold; }
    ScheduleChart > .schedule-chart--reported { color: $text-primary; text-style: bold; }
    ScheduleChart > .schedule-chart--measured { color: $text-error; text-style: bold; }
    ScheduleChart > .schedule-chart--price { color: $text-warning; }
    """

    class Picked(Message):
        """The mouse was pressed over a step."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, plan: Plan, *, zone: str = "", id: str | None = None, classes: str | None = None) -> None:
        """Make a chart without a cursor; `zone` names the time zone of the plan's times."""
        super().__init__(id=id, classes=classes)
        self._plan, self._layers = plan, Layers(plan.unit)
        self._zone = plain(zone)
        self._cursor: int | None = None

    def show(self, plan: Plan, layers: Layers, cursor: int | None = None) -> None:
        """Draw a plan with layers in its unit, and `^` under the step of the cursor."""
        self._plan, self._layers, self._cursor = plan, layers, cursor
        self.repaint()

    def least_height(self) -> int:
        """Return the number of lines that this plan's chart needs."""
        price = bool(self._layers.price)
        return 1 + (7 if self._plan.span == "week" else _LEAST_AREA) + 2 + price

    def build_lines(self) -> list[Strip]:
        """Return the chart's lines."""
        canvas = Canvas(*self.size)
        if canvas.width < _LEAST_WIDTH or canvas.height < self.least_height():
            canvas.put(0, 0, "no room for a chart", "axis")
        elif self._plan.span == "week":
            self._draw_week(canvas)
        else:
            self._draw_span(canvas)
        styles = {"": self.rich_style}
        for name in self.COMPONENT_CLASSES:
            styles[name.removeprefix(_PART)] = self.get_component_rich_style(name)
        return [canvas.strip(y, styles.__getitem__) for y in range(canvas.height)]

    # -- a day, or a time from a start

    def _draw_span(self, canvas: Canvas) -> None:
        height = canvas.height - 3 - bool(self._layers.price)
        ticks = nice_ticks(0, self._top_value(), max(2, min(6, height // 2)))
        per = 1 if self._plan.unit == "A" else 1000
        labels = tick_labels([tick / per for tick in ticks])
        scale = scale_for(self._plan.length_minutes, canvas.width - _MARGIN)
        box = Box(_MARGIN, 1, height, ticks[-1])
        rows = {box.row(tick): label for tick, label in zip(ticks, labels, strict=True)}
        for y in range(1, height + 1):
            canvas.put(0, y, f"{fit(rows.get(y, ''), _MARGIN - 2, 'right')} {'┤' if y in rows else '│'}", "axis")
        picked = self._picked(scale, 0)
        draw_area(canvas, box, step_values(self._plan.steps, scale), lambda column: _area_style(column in picked))
        draw_line(canvas, box, step_values(self._layers.composite, scale), "effect")
        draw_points(canvas, box, step_values(self._layers.reported, scale), "reported", TOLD)
        draw_points(canvas, box, point_values(self._layers.measured, scale), "measured")
        self._draw_labels(canvas, box, scale, 0)
        self._draw_foot(canvas, scale, 0)

    # -- a week

    def _draw_week(self, canvas: Canvas) -> None:
        height = (canvas.height - 3 - bool(self._layers.price)) // 7
        scale = scale_for(DAY_MINUTES, canvas.width - _MARGIN)
        for day, name in enumerate(DAY_NAMES):
            y = 1 + day * height
            picked = self._picked(scale, day)
            canvas.put(0, y + height - 1, f"{'>' if picked else ' '} {name}", "head" if picked else "axis")
            self._draw_day(canvas, y, height, scale, day)
        start = 0 if self._cursor is None else self._plan.steps[self._cursor].start_minute
        self._draw_foot(canvas, scale, start // DAY_MINUTES)

    def _draw_day(self, canvas: Canvas, y: int, height: int, scale: Scale, day: int) -> None:
        """Draw one day of the week; in a single line, what is in effect is marked where it differs."""
        begin = day * DAY_MINUTES
        picked = self._picked(scale, day)
        limits = step_values(self._plan.steps, scale, begin)
        effect = step_values(self._layers.composite, scale, begin)
        # Half a line stays free on top of each day.
        box = Box(_MARGIN, y, height, self._top_value() * (1 if height == 1 else 2 * height / (2 * height - 1)))
        if height == 1:
            draw_levels(canvas, box, limits, lambda column: _area_style(column in picked))
            for column, (limit, now) in enumerate(zip(limits, effect, strict=True)):
                if self._layers.composite and differs(limit, now):
                    canvas.put(box.x + column, y, LINE, "effect")
        else:
            draw_area(canvas, box, limits, lambda column: _area_style(column in picked))
            draw_line(canvas, box, effect, "effect")
            draw_points(canvas, box, step_values(self._layers.reported, scale, begin), "reported", TOLD)
            draw_points(canvas, box, point_values(self._layers.measured, scale, begin), "measured")
        self._draw_labels(canvas, box, scale, day)

    # -- parts of both

    def _top_value(self) -> float:
        values = [step.limit for step in (*self._plan.steps, *self._layers.composite, *self._layers.reported)]
        values.extend(value for _, value in self._layers.measured)
        return max((value for value in values if value is not None), default=0.0) or (
            16.0 if self._plan.unit == "A" else 11000.0
        )

    def _picked(self, scale: Scale, day: int) -> range:
        """Return the columns of the cursor's step, in a week those of one day."""
        return range(0) if self._cursor is None else self._columns(self._cursor, scale, day)

    def _columns(self, index: int, scale: Scale, day: int) -> range:
        begin = day * DAY_MINUTES
        start, end = self._plan.steps[index].start_minute - begin, self._plan.end_of(index) - begin
        return scale.cover(start, end) if start < scale.length_minutes and end > 0 else range(0)

    def _draw_labels(self, canvas: Canvas, box: Box, scale: Scale, day: int) -> None:
        """Write each limit at the foot of its step, where there is room."""
        for index, step in enumerate(self._plan.steps):
            columns = self._columns(index, scale, day)
            text = show_limit(step.limit, self._plan.unit)
            if len(text) < len(columns):
                style = "picked-label" if index == self._cursor else "label"
                # Where nothing is filled there is nothing to stand out from.
                style = style if step.limit else "head" if index == self._cursor else "axis"
                canvas.put(box.x + columns.start, box.y + box.height - 1, text, style)

    def _draw_foot(self, canvas: Canvas, scale: Scale, day: int) -> None:
        """Draw the head line too: both say what the drawing between them means."""
        y = canvas.height - 2 - bool(self._layers.price)
        if self._plan.span == "week":
            y = 1 + (y - 1) // 7 * 7
        picked = self._picked(scale, day)
        canvas.put(_MARGIN + picked.start, y, MARK * len(picked), "mark")
        draw_times(canvas, _MARGIN, y + 1, scale, "day" if self._plan.span == "week" else self._plan.span, "axis")
        prices: list[Value] = []
        if self._layers.price:
            prices = pair_values(self._layers.price, scale, day * DAY_MINUTES)
            canvas.put(0, y + 2, "price", "axis")
            draw_spark(canvas, _MARGIN, y + 2, prices, "price")
        self._draw_head(canvas, prices, DAY_NAMES[day] + " " if self._plan.span == "week" else "")

    def _draw_head(self, canvas: Canvas, prices: list[Value], day: str) -> None:
        x = 0
        for text, style in self._legend(prices, day):
            if x + cell_len(text) <= canvas.width:
                canvas.put(x, 0, text, style)
                x += cell_len(text)
        zone = self._zone if self._plan.span != "duration" else "from the start"
        if x + 2 + cell_len(zone) <= canvas.width:
            canvas.put(canvas.width - cell_len(zone), 0, zone, "axis")

    def _legend(self, prices: list[Value], day: str) -> list[tuple[str, str]]:
        parts = [(f"limit {unit_name(self._plan.unit)}  ", "head"), (FULL, "area"), (" plan  ", "axis")]
        if any(step.limit is None for step in self._plan.steps):
            parts += [(OPEN, "area"), (" no limit  ", "axis")]
        if self._layers.composite:
            parts += [(LINE, "effect"), (" in effect  ", "axis")]
        if self._layers.reported:
            parts += [(TOLD, "reported"), (" station says  ", "axis")]
        if self._layers.measured:
            parts += [(POINT, "measured"), (" measured  ", "axis")]
        known = [price for price in prices if price is not None]
        if known:
            parts.append((f"price {day}{min(known):g} to {max(known):g} {plain(self._layers.price_unit)}  ", "price"))
        return parts

    # -- the mouse

    def on_click(self, event: events.Click) -> None:
        """Say which step was clicked."""
        minute = self._minute_at(event.x, event.y)
        if minute is not None:
            self.post_message(self.Picked(self._plan.index_at(minute)))

    def _minute_at(self, x: int, y: int) -> float | None:
        week = self._plan.span == "week"
        scale = scale_for(DAY_MINUTES if week else self._plan.length_minutes, self.size.width - _MARGIN)
        day = (y - 1) // max(1, (self.size.height - 3 - bool(self._layers.price)) // 7) if week else 0
        minute = day * DAY_MINUTES + scale.middle(x - _MARGIN)
        return minute if x >= _MARGIN and y >= 1 and minute < (WEEK_MINUTES if week else scale.length_minutes) else None


def _area_style(picked: bool) -> str:
    return "picked" if picked else "area"
