"""Which line of a TOML text a key stands on, so that a mistake can be shown where it is."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_FENCE = re.compile(r'"""|' + "'''")


def line_of(text: str, path: tuple[str, ...]) -> int:
    """The number (from 1) of the line that sets a key, or opens the innermost table around it; 1 if there is none.

    ``path`` are the key's names from the outside in, as in ``("listen", "port")``.
    """
    best, depth = 1, 0
    table: tuple[str, ...] = ()
    inside_text = False
    for number, line in enumerate(text.splitlines(), 1):
        if not inside_text:
            if header := _HEADER.match(line):
                found = table = _names(header[1])
            elif key := _KEY.match(line):
                found = table + _names(key[1])
            else:
                found = ()
            if len(found) > depth and found == path[: len(found)]:
                best, depth = number, len(found)
        if len(_FENCE.findall(line)) % 2:
            inside_text = not inside_text
    return best


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
