"""One line of a table, from cells to a strip of styled text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.columns import GAP, PlacedColumn
from widgets.text import Align, cut, fit

CellStyle = Literal["", "ok", "warn", "bad", "busy", "muted", "strong"]
"""What a piece of text means; the theme says how that looks. Never the only carrier of a meaning."""

Part = tuple[str, CellStyle]
Cell = str | Part | Sequence[Part]
"""Text of one cell: plain, in one style, or in pieces with a style each."""

Palette = Mapping[str, Style]
"""Styles by name: those of `CellStyle`, `header` and `cursor`."""

SCROLL_MARK = "▐"


class RowLine:
    """Puts pieces of text side by side; neighbours of one style become one segment.

    Fewer segments are fewer escape sequences: on a slow link they outweigh the text.
    """

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._runs: list[tuple[str, Style]] = []

    def add(self, text: str, style: str = "") -> None:
        """Append `text`, which is plain already."""
        if not text:
            return
        rich_style = self._palette[style]
        if self._runs and self._runs[-1][1] == rich_style:
            self._runs[-1] = (self._runs[-1][0] + text, rich_style)
        else:
            self._runs.append((text, rich_style))

    def add_cell(self, cell: Cell, width: int, align: Align, over: str | None = None) -> None:
        """Append a cell of exactly `width` cells; `over` is a style that replaces the cell's own."""
        parts, used = _cut_parts(cell, width)
        if align == "right":
            self.add(" " * (width - used), over or "")
        for text, style in parts:
            self.add(text, style if over is None else over)
        if align == "left":
            self.add(" " * (width - used), over or "")

    def strip(self, width: int) -> Strip:
        """Return the line, cut or filled up to `width` cells."""
        strip = Strip(Segment(text, style) for text, style in self._runs)
        return strip.adjust_cell_length(width, self._palette[""])


def _cut_parts(cell: Cell, width: int) -> tuple[list[tuple[str, str]], int]:
    """Return the pieces of a cell that fit into `width`, and the cells they take."""
    parts: list[tuple[str, str]] = []
    used = 0
    for text, style in _parts(cell):
        if used >= width:
            break
        piece = cut(text, width - used)
        used += cell_len(piece)
        parts.append((piece, style))
    return parts, used


def _parts(cell: Cell) -> Sequence[Part]:
    if isinstance(cell, str):
        return ((cell, ""),)
    if isinstance(cell, tuple) and len(cell) == 2 and isinstance(cell[0], str):
        return (cell,)
    return cell


def row_line(
    cells: Mapping[str, Cell],
    placed: Sequence[PlacedColumn],
    palette: Palette,
    width: int,
    *,
    marked: bool,
    focused: bool,
    thumb: bool,
) -> Strip:
    """Return one row: cursor mark, cells, and the scroll thumb at the right edge.

    The `marked` row has a `>`, and while the table is `focused` one style over all of it.
    """
    line = RowLine(palette)
    over = "cursor" if marked and focused else None
    line.add("> " if marked else "  ", over or "")
    for number, place in enumerate(placed):
        line.add(" " * GAP if number else "", over or "")
        line.add_cell(cells.get(place.column.key, ""), place.width, place.column.align, over)
    body = line.strip(width - 1)
    mark = Segment(SCROLL_MARK if thumb else " ", palette[""])
    return Strip([*body, mark], width)


def header_line(
    placed: Sequence[PlacedColumn], palette: Palette, width: int, sort_key: str | None, descending: bool
) -> Strip:
    """Return the line of titles; that of the sorted column carries `^` or `v`."""
    line = RowLine(palette)
    line.add("  ", "header")
    for number, place in enumerate(placed):
        title = place.column.title
        if place.column.key == sort_key:
            mark = "v" if descending else "^"
            title = cut(title, place.width - 2) + " " + mark
        line.add(" " * GAP if number else "", "header")
        line.add(fit(title, place.width, place.column.align), "header")
    return line.strip(width)


def note_line(text: str, palette: Palette, width: int) -> Strip:
    """Return a line with one note instead of cells."""
    line = RowLine(palette)
    line.add(fit("  " + text, width), "muted")
    return line.strip(width)


def thumb_lines(top: int, height: int, count: int) -> range:
    """Return the lines of the scroll thumb where `height` of `count` rows are shown from `top` on."""
    if count <= height:
        return range(0)
    length = max(1, height * height // count)
    start = round(top * (height - length) / (count - height))
    return range(start, start + length)


def changed_width(old: Strip, new: Strip) -> int:
    """Return how many cells from the left hold every difference between two lines of one width."""
    width = new.cell_length
    for before, after in zip(reversed(old), reversed(new), strict=False):
        if before.style != after.style:
            break
        same = _common_end(before.text, after.text)
        width -= cell_len(after.text[len(after.text) - same :])
        if before.text != after.text:
            break
    return width


def _common_end(one: str, other: str) -> int:
    """Return the number of characters at the end that two texts share."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
