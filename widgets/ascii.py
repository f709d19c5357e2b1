"""A screen in ASCII, for terminals that show nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_LOOK_ALIKES = {
    **dict.fromkeys("─━┄┅┈┉╌╍═╴╶╸╺╼╾▔‐‑‒–—―−", "-"),
    **dict.fromkeys("│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▎▍▌▋▊▉▕", "|"),
    **dict.fromkeys("█▀▄▐▓■▪", "#"),
    **dict.fromkeys("░·․", "."),
    **dict.fromkeys("▒", ":"),
    **dict.fromkeys("→⇒▶▸►❯›»≥", ">"),
    **dict.fromkeys("←⇐◀◂◄❮‹«≤", "<"),
    **dict.fromkeys("↑⇑▲▴", "^"),
    **dict.fromkeys("↓⇓▼▾✓✔", "v"),
    **dict.fromkeys("•●∙★☆", "*"),
    **dict.fromkeys("○◯□▢°ø", "o"),
    **dict.fromkeys("✗✘×", "x"),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("…≈", "~"),
    # The levels of a bar are told apart; the half block is the edge of an area.
    **dict(zip("▁▂▃▅▆▇", "_,:=+*", strict=True)),
    "±": "+",
    "µ": "u",
    "μ": "u",
    "Ω": "O",
    "ß": "s",
    "æ": "a",
    "Æ": "A",
    "Ø": "O",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "Ł": "L",
    "þ": "t",
    "€": "E",
    "¦": "|",
    "⚡": "!",
    "⚠": "!",
}

_BOX_DRAWING = range(0x2500, 0x2580)
_BLOCKS = range(0x2580, 0x25A0)
_BRAILLE = range(0x2800, 0x2900)

# Terminals whose font has no braille, and often little else, whatever the locale says.
_PLAIN_TERMS = re.compile(r"^(linux|dumb|ansi|cons25|vt\d+)", re.IGNORECASE)
_UTF8 = re.compile(r"utf-?8", re.IGNORECASE)


def needs_ascii(env: Mapping[str, str]) -> bool:
    """Tell from the environment whether the terminal shows ASCII only."""
    if _PLAIN_TERMS.match(env.get("TERM", "")):
        return True
    names = (env.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((name for name in names if name), "")
    return not _UTF8.search(locale)


def to_ascii(text: str) -> str:
    """Return `text` in ASCII look-alikes that take as many cells."""
    return text if text.isascii() else "".join(map(_look_alike, text))


@lru_cache(4096)
def _look_alike(char: str) -> str:
    code = ord(char)
    if code < 0x80:
        return char
    width = cell_len(char)
    if char in _LOOK_ALIKES:
        return _LOOK_ALIKES[char] * width
    if code in _BRAILLE:
        return " ..**####"[(code - _BRAILLE.start).bit_count()]
    if code in _BOX_DRAWING:
        return "+"
    if code in _BLOCKS:
        return "#"
    letter = unicodedata.normalize("NFKD", char)[0]
    return letter if letter.isascii() and width == 1 else "?" * width


class AsciiFilter(LineFilter):
    """Draws everything in ASCII; an app adds it in `get_line_filters`."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with their text in ASCII."""
        return [segment if segment.control else Segment(to_ascii(segment.text), segment.style) for segment in segments]
