"""The steps of a plan as a table: start, limit, phases, and what comes of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import events
from textual.message import Message
from textual.strip import Strip

from widgets.row_line import SCROLL_MARK, Palette, RowLine, thumb_lines
from widgets.schedule_layers import Layers, range_text
from widgets.schedule_limits import show_aligned
from widgets.schedule_lines import DrawnLines
from widgets.schedule_plan import Plan
from widgets.schedule_times import show_minute
from widgets.text import Align, cut, fit

CellName = Literal["start", "limit", "phases"]
CELLS: tuple[CellName, ...] = ("start", "limit", "phases")
"""The cells of a row that can be typed into, from the left."""

_WIDTHS: dict[CellName, int] = {"start": 9, "limit": 9, "phases": 6}
_ALIGNS: dict[CellName, Align] = {"start": "left", "limit": "right", "phases": "right"}
_EFFECT_WIDTH = 9
_PART = "schedule-table--"

TABLE_WIDTH = 2 + sum(width + 2 for width in _WIDTHS.values()) + _EFFECT_WIDTH + 1
"""Cells that the table takes at least, what is in effect included."""


class ScheduleTable(DrawnLines):
    """One row a step; the cursor's has a `>`, the cell that keys go to has brackets. Scrolls with the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {_PART + name for name in ("header", "cell", "row", "muted")}
    DEFAULT_CSS = """
    ScheduleTable { height: 1fr; width: 1fr; background: $background; color: $foreground; }
    ScheduleTable > .schedule-table--header { text-style: bold underline; }
    ScheduleTable > .schedule-table--cell { text-style: reverse; }
    ScheduleTable > .schedule-table--row { text-style: bold; }
    ScheduleTable > .schedule-table--muted { color: $text-muted; }
    """

    class Picked(Message):
        """The mouse was pressed on a step."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, plan: Plan, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._plan, self._layers = plan, Layers(plan.unit)
        self._cursor, self._top = 0, 0
        self._cell: CellName | None = None

    def show(self, plan: Plan, layers: Layers, cursor: int, cell: CellName | None) -> None:
        """Show a plan with layers in its unit, the cursor's step, and its cell while keys go there."""
        self._plan, self._layers, self._cursor, self._cell = plan, layers, cursor, cell
        self.repaint()

    def build_lines(self) -> list[Strip]:
        """Return the header and the rows around the cursor."""
        width, rows = self.size.width, max(0, self.size.height - 1)
        last_top = max(0, len(self._plan.steps) - rows)
        self._top = max(self._cursor - rows + 1, min(self._top, self._cursor, last_top), 0)
        palette = self._palette()
        header = RowLine(palette)
        titles = "  " + "".join(f" {fit(cell.upper(), _WIDTHS[cell], _ALIGNS[cell])} " for cell in CELLS)
        header.add(
            fit(titles + (" EFFECT" if self._layers.composite else ""), max(0, width - 1)),
            "header",
        )
        lines = [header.strip(width)]
        thumb = thumb_lines(self._top, rows, len(self._plan.steps))
        for line in range(rows):
            index = self._top + line
            row = self._row(index, palette) if index < len(self._plan.steps) else RowLine(palette)
            body = row.strip(width - 1)
            mark = RowLine(palette)
            mark.add(SCROLL_MARK if line in thumb else " ")
            lines.append(Strip([*body, *mark.strip(1)], width))
        return lines[: self.size.height]

    def _row(self, index: int, palette: Palette) -> RowLine:
        picked = index == self._cursor
        line = RowLine(palette)
        line.add("> " if picked else "  ", "row" if picked else "")
        for cell in CELLS:
            text = fit(self._text(index, cell), _WIDTHS[cell], _ALIGNS[cell])
            if picked and cell == self._cell:
                line.add(f"[{text}]", "cell")
            else:
                line.add(f" {text} ", "row" if picked else "")
        if self._layers.composite:
            start, end = self._plan.steps[index].start_minute, self._plan.end_of(index)
            effect = range_text(self._layers.composite, start, end, self._plan.unit)
            line.add(" " + cut(effect, max(0, self.size.width - TABLE_WIDTH + _EFFECT_WIDTH - 1)), "muted")
        return line

    def _text(self, index: int, cell: CellName) -> str:
        step = self._plan.steps[index]
        if cell == "start":
            return show_minute(step.start_minute, self._plan.span)
        if cell == "limit":
            return show_aligned(step.limit, self._plan.unit)
        return "-" if step.phases is None else str(step.phases)

    def _palette(self) -> Palette:
        names = {name.removeprefix(_PART): name for name in self.COMPONENT_CLASSES}
        return {"": self.rich_style, **{name: self.get_component_rich_style(full) for name, full in names.items()}}

    def on_click(self, event: events.Click) -> None:
        """Say which step was clicked."""
        index = self._top + event.y - 1
        if event.y >= 1 and index < len(self._plan.steps):
            self.post_message(self.Picked(index))
