"""Text from a device is data: what may reach a terminal or a file of ours, and what may not."""

from __future__ import annotations

import unicodedata

#: What Unicode calls control, format, surrogate, private use, unassigned (nobody knows how wide), and line or paragraph
#: separator.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str) -> str:
    """Return the text on one line without control characters (escape sequences, direction marks, NUL).

    White space of any kind becomes a blank; everything else that a terminal might obey becomes U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_safe(character) for character in text)


def _safe(character: str) -> str:
    if character in "\t\n\r\v\f\u2028\u2029":
        return " "
    return "�" if unicodedata.category(character) in _UNSAFE else character
