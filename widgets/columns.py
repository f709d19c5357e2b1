"""Which columns of a table are shown in a given width, and how wide each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widgets.text import Align

GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `width` is in cells; for the one `flex` column it is the least it gets, and the rest of the line
    is added to it. In a table narrower than `min_total_width` cells the column is left out.
    """

    key: str
    title: str
    width: int
    align: Align = "left"
    min_total_width: int = 0
    flex: bool = False


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column that is shown, and its width in cells."""

    column: Column
    width: int


def place_columns(columns: Sequence[Column], total_width: int) -> tuple[PlacedColumn, ...]:
    """Return the columns shown in a table of `total_width` cells, in order.

    Their widths and the gaps between them sum to `total_width` where one is flexible and there is
    room; where there is not, the last ones reach beyond the edge.
    """
    shown = [column for column in columns if column.min_total_width <= total_width]
    taken = sum(column.width for column in shown) + GAP * max(0, len(shown) - 1)
    rest = max(0, total_width - taken)
    return tuple(PlacedColumn(column, column.width + (rest if column.flex else 0)) for column in shown)
