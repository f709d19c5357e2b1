"""One row of an outline form, and the line it is drawn as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from widgets.row_line import Palette, RowLine
from widgets.text import cut, fit, plain

_LEAST_VALUE = 16


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One row: something to fill in, or with `group` a heading that folds.

    With `choices` the value is one of those; `blank` stands for the empty one. `note` says what is
    there of a group. `depth` indents. A `button` is a group that is only ever opened.
    """

    key: str
    label: str
    depth: int = 0
    value: str = ""
    choices: Sequence[str] = ()
    blank: str = "-"
    group: bool = False
    button: bool = False
    folded: bool = False
    required: bool = False
    password: bool = False
    note: str = ""
    problem: str = ""

    @property
    def head(self) -> str:
        """Indent, fold mark, label, and the star of what is required."""
        fold = ("+ " if self.folded else "- ") if self.group and not self.button else "  "
        return f"{'  ' * self.depth}{fold}{plain(self.label)}{' *' if self.required else ''}"

    @property
    def shown(self) -> str:
        """The value as it is drawn."""
        if self.group:
            return plain(self.note)
        if self.choices:
            return f"< {plain(self.value) or self.blank} >"
        return "*" * len(self.value) if self.password else plain(self.value)


def value_column(rows: Sequence[OutlineRow], width: int) -> int:
    """Return the cell in which the values begin: as far left as the labels allow, within bounds."""
    longest = max((cell_len(row.head) for row in rows), default=0) + 4
    return max(_LEAST_VALUE, min(longest, width * 55 // 100))


def value_width(row: OutlineRow, column: int, width: int) -> int:
    """Return how many cells are left for typing, beside what is wrong with the value."""
    room = width - column - 1
    problem = cell_len(plain(row.problem)) + 4 if row.problem else 0
    return max(min(_LEAST_VALUE, room), room - problem)


def outline_line(row: OutlineRow, column: int, palette: Palette, width: int, *, marked: bool, focused: bool) -> Strip:
    """Return the line of a row: mark, label, value, and what is wrong with it."""
    line = RowLine(palette)
    over = "cursor" if marked and focused and (row.group or row.choices) else None
    line.add("> " if marked else "  ", over or ("strong" if marked else ""))
    line.add(fit(row.head, column - 3), over or ("strong" if marked or row.group else ""))
    line.add(" ", over or "")
    room = value_width(row, column, width)
    shown = cut(row.shown, room)
    line.add(shown, over or ("muted" if row.group else ""))
    if row.problem:
        gap = "  " if row.group or row.choices else " " * (room - cell_len(shown) + 2)
        line.add(cut(f"{gap}! {plain(row.problem)}", width - column - cell_len(shown) - 1), over or "bad")
    return line.strip(width)
