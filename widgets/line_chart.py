"""A chart of values over time, drawn in braille."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from widgets.braille import DOTS_X, DOTS_Y, draw_curve
from widgets.chart_math import (
    Point,
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
from widgets.row_line import changed_width
from widgets.text import fit, plain

_LEAST_HEIGHT = 4  # a line of figures, two of curve, one of times


@dataclass(frozen=True, slots=True)
class _Series:
    unit: str
    points: tuple[Point, ...]


class LineChart(Widget):
    """Several series by name, one of them drawn at a time: figures, curve, axes with units and times.

    Columns are round spans of time that fill from the left, so that a new value repaints little. A
    span without values longer than usual stays empty. Charts of a few lines can be stacked.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-chart--axis", "line-chart--curve", "line-chart--figures"}
    DEFAULT_CSS = """
    LineChart { height: 1fr; min-height: 4; background: $background; color: $foreground; }
    LineChart > .line-chart--axis { color: $text-muted; }
    LineChart > .line-chart--curve { color: $text-success; }
    LineChart > .line-chart--figures { text-style: bold; }
    """

    shown: reactive[str | None] = reactive[str | None](None, repaint=False)
    """Name of the series that is drawn."""

    def __init__(
        self,
        *,
        step: bool = False,
        tz: tzinfo | None = None,
        empty_text: str = "no values yet",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make an empty chart; `step` holds a value until the next, `tz` None is this computer's zone."""
        super().__init__(id=id, classes=classes)
        self._step = step
        self._tz = tz
        self._empty_text = empty_text
        #: Whether the last value is over, not what is measured now.
        self.ended = False
        #: The series that somebody asked for, None while it is the chart's own choice.
        self.chosen: str | None = None
        self._series: dict[str, _Series] = {}
        self._lines: list[Strip] | None = None

    @property
    def names(self) -> Sequence[str]:
        """The series there are, in the order they came."""
        return tuple(self._series)

    def set_series(self, name: str, unit: str, points: Sequence[Point]) -> None:
        """Set or replace a series; the first one is shown until `show` says otherwise."""
        series = _Series(plain(unit), tuple(clean_points(points)))
        if self._series.get(name) == series:
            return
        self._series[name] = series
        if self.shown is None:
            self.shown = name
        self._repaint_changed()

    def clear(self) -> None:
        """Forget every series."""
        self._series.clear()
        self.shown = None
        self._repaint_changed()

    def show(self, name: str) -> None:
        """Draw the series of this name, because somebody asked for it."""
        self.chosen = self.shown = name

    def prefer(self, name: str) -> None:
        """Draw the series of this name unless somebody asked for another that is there."""
        self.shown = self.chosen if self.chosen in self._series else name

    def show_next(self) -> None:
        """Draw the next series, after the last the first."""
        names = self.names
        if names:
            place = names.index(self.shown) + 1 if self.shown in self._series else 0
            self.show(names[place % len(names)])

    def watch_shown(self) -> None:
        """Draw the other series."""
        self._repaint_changed()

    def render_line(self, y: int) -> Strip:
        """Return one line of the chart."""
        if self._lines is None:
            self._lines = self._build()
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self._lines = None
        self.refresh()

    def _repaint_changed(self) -> None:
        """Draw anew, and repaint the lines that came out different."""
        if self._lines is None or len(self._lines) != self.size.height:
            return  # a paint, or a resize and then a paint, is still to come
        old, self._lines = self._lines, self._build()
        for y, (before, after) in enumerate(zip(old, self._lines, strict=True)):
            if before != after:
                self.refresh(Region(0, y, changed_width(before, after), 1))

    # -- drawing

    def _build(self) -> list[Strip]:
        width, height = self.size
        series = self._series.get(self.shown or "")
        if series is None or not series.points or height < _LEAST_HEIGHT:
            text = self._empty_text if series is None or not series.points else self._figures(series)
            lines = [self._strip([(text, "figures" if series and series.points else "axis")])]
        else:
            lines = self._draw(series, width, height - 2)
        return [*lines, *[self._strip([])] * height][:height]

    def _draw(self, series: _Series, width: int, height: int) -> list[Strip]:
        """Return the line of figures, `height` lines of curve, and the line of times."""
        low, high = axis_range([value for _, value in series.points])
        ticks = nice_ticks(low, high, max(2, min(6, height // 2)))
        labels = dict(zip(ticks, tick_labels(ticks), strict=True))
        margin = max(len(label) for label in labels.values())
        cells = max(1, width - margin - 2)
        window = time_window(series.points[0][0], series.points[-1][0], cells * DOTS_X)
        values = resample(series.points, window, usual_gap_s(series.points), step=self._step)
        curve = draw_curve(values, ticks[0], ticks[-1], height)
        rows = self._label_rows(labels, height)
        lines = [self._strip([(self._figures(series), "figures")])]
        for row, text in enumerate(curve):
            axis = f"{rows.get(row, ''):>{margin}} " + ("┤" if row in rows else "│")
            lines.append(self._strip([(axis, "axis"), (text, "curve")]))
        lines.append(self._strip([(" " * (margin + 2) + self._times(window, cells), "axis")]))
        return lines

    def _label_rows(self, labels: Mapping[float, str], height: int) -> dict[int, str]:
        """Return the row that each tick's label stands in."""
        low, high = min(labels), max(labels)
        dots = height * DOTS_Y - 1
        return {round((high - tick) / (high - low) * dots) // DOTS_Y: label for tick, label in labels.items()}

    def _times(self, window: Window, cells: int) -> str:
        line = " " * cells
        for column, label in time_ticks(Window(window.start_s, window.bucket_s * DOTS_X, cells), self._tz):
            line = line[:column] + label + line[column + len(label) :]
        return line

    def _figures(self, series: _Series) -> str:
        """Return name, last (or current), least and greatest value, and which of the series this is."""
        values = [value for _, value in series.points]
        last, low, high = values[-1], min(values), max(values)
        name = f"{plain(self.shown or '')}{', last' if self.ended else ''}"
        place = f"   {self.names.index(self.shown or '') + 1} of {len(self._series)}"
        shown, least, most = _figures_of(last, low, high)
        return f"{name} {shown} {series.unit}   min {least}   max {most}" + (place if len(self._series) > 1 else "")

    def _strip(self, parts: Sequence[tuple[str, str]]) -> Strip:
        """Return parts of (text, component) as a line of the chart's width."""
        width, segments = self.size.width, []
        for text, name in parts:
            style: Style = self.get_component_rich_style(f"line-chart--{name}")
            segments.append(Segment(fit(text, width) if len(parts) == 1 else text, style))
        return Strip(segments).adjust_cell_length(width, self.rich_style)


#: More decimals than these no meter has.
_MOST_DECIMALS = 3


def _figures_of(last: float, low: float, high: float) -> tuple[str, str, str]:
    """Return them with the decimals a meter reading deserves (0.31, 11.0, 230), or that tell the last two apart."""
    size = max(abs(low), abs(high))
    decimals = 2 if 0 < size < 1 else 1 if size < 100 else 0
    while low != high and f"{low:.{decimals}f}" == f"{high:.{decimals}f}" and decimals < _MOST_DECIMALS:
        decimals += 1
    return f"{last:.{decimals}f}", f"{low:.{decimals}f}", f"{high:.{decimals}f}"
