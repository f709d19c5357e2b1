"""A curve in braille: two dots wide and four high in each cell."""

from __future__ import annotations

from collections.abc import Sequence

DOTS_X, DOTS_Y = 2, 4
"""Dots in one cell, across and down."""

_BLANK = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def draw_curve(values: Sequence[float | None], low: float, high: float, height: int) -> list[str]:
    """Return `height` lines with one dot column a value, from `low` at the bottom to `high` on top.

    Neighbours are joined by a vertical stroke; None leaves a gap. Blank cells are spaces.
    """
    width = (len(values) + DOTS_X - 1) // DOTS_X
    cells = [[0] * width for _ in range(height)]
    before: int | None = None
    for x, value in enumerate(values):
        if value is None:
            before = None
            continue
        y = _dot_row(value, low, high, height * DOTS_Y)
        for dot in _stroke(before, y):
            cells[dot // DOTS_Y][x // DOTS_X] |= _BITS[dot % DOTS_Y][x % DOTS_X]
        before = y
    return ["".join(chr(_BLANK + dots) if dots else " " for dots in line) for line in cells]


def _dot_row(value: float, low: float, high: float, rows: int) -> int:
    share = (value - low) / (high - low) if high > low else 0.0
    return round((1 - min(1.0, max(0.0, share))) * (rows - 1))


def _stroke(before: int | None, y: int) -> range:
    """Return the dots of one column: from next to the dot before to this one."""
    if before is None or before == y:
        return range(y, y + 1)
    return range(before + 1, y + 1) if before < y else range(y, before)
