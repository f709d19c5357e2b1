"""Colours by what the terminal can show. Pure."""

from __future__ import annotations

from collections.abc import Mapping

#: Terminals that say nothing of more than sixteen colours: their own palette is used, so that contrast stays theirs.
_SIXTEEN = ("linux", "xterm", "screen", "vt100", "vt220", "ansi", "dumb")


def choose(env: Mapping[str, str], color_system: str | None) -> str:
    """The name of the Textual theme for a terminal; ``color_system`` is Rich's word for its colours."""
    few = color_system in ("standard", "windows") or env.get("TERM", "") in (*_SIXTEEN, "")
    if env.get("NO_COLOR") or (few and not env.get("COLORTERM")):
        return "ansi-dark"
    return "textual-dark"
