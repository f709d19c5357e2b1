"""Text that came from outside, made safe to show in a fixed number of cells."""

from __future__ import annotations

from typing import Literal

from rich.cells import cell_len, set_cell_size

Align = Literal["left", "right"]

ELLIPSIS = "…"
_SLACK = 64


def plain(text: str) -> str:
    """Return `text` as one printable line.

    White space of any kind becomes a space; control characters (C0, C1), bidi overrides and other
    invisible format characters vanish; what no terminal can show (lone surrogates, private use)
    becomes U+FFFD. The result always satisfies `str.isprintable`.
    """
    if text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    if char.isspace():
        return " "
    if ord(char) >= 0xD800 and not _is_format(char):
        return "\ufffd"
    return ""


def _is_format(char: str) -> bool:
    """Tell the invisible format characters above U+D800 (byte order mark, tags) from the unshowable."""
    code = ord(char)
    return 0xFE00 <= code <= 0xFEFF or 0xFFF9 <= code <= 0xFFFB or 0xE0000 <= code <= 0xE0FFF


def cut(text: str, width: int) -> str:
    """Return `text`, made plain, in at most `width` cells; an ellipsis stands for what is left out.

    The cost depends on `width`, not on the length of `text`.
    """
    if width <= 0:
        return ""
    limit = width * 4 + _SLACK
    line = plain(text[:limit])
    if len(text) <= limit and cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1) + ELLIPSIS


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return `text`, made plain, in exactly `width` cells."""
    line = cut(text, width)
    padding = " " * (width - cell_len(line))
    return padding + line if align == "right" else line + padding
