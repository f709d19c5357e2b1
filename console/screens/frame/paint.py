"""Pieces of text with a meaning, put into one line of a given width."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.row_line import CellStyle, Part
from widgets.text import cut, plain

STYLES: dict[CellStyle, str] = {
    "": "",
    "ok": "$text-success",
    "warn": "bold $text-warning",
    "bad": "bold $text-error",
    "busy": "$text-secondary",
    "muted": "$foreground-muted",
    "strong": "bold",
}


def content(parts: Sequence[Part]) -> Content:
    """The pieces as Textual's content: text stays text, whatever it looks like."""
    return Content.assemble(*(Content.styled(plain(text), STYLES[style]) for text, style in parts))


def lines_content(lines: Sequence[Sequence[Part]]) -> Content:
    """Several lines of pieces."""
    return Content("\n").join([content(line) for line in lines])


def length(parts: Sequence[Part]) -> int:
    """The cells that the pieces take."""
    return sum(cell_len(plain(text)) for text, _ in parts)


def cut_parts(parts: Sequence[Part], width: int) -> list[Part]:
    """The pieces in at most ``width`` cells."""
    kept: list[Part] = []
    for text, style in parts:
        piece = cut(text, width)
        width -= cell_len(piece)
        if piece:
            kept.append((piece, style))
    return kept


def two_ends(left: Sequence[Part], right: Sequence[Part], width: int) -> list[Part]:
    """One line with ``right`` at its right end; ``left`` is what is cut where there is no room for both."""
    if not right:
        return cut_parts(left, width)
    room = max(0, width - length(right) - 2)
    kept = cut_parts(left, room)
    return [*kept, (" " * max(0, width - length(kept) - length(right)), ""), *right]
