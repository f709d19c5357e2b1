"""Colours by what the terminal can show. Pure."""

from __future__ import annotations

from collections.abc import Mapping

#: Terminals that say nothing of more than sixteen colours: their own palette is used, so that contrast stays theirs.
_SIXTEEN = ("linux", "xterm", "screen", "vt100", "vt220", "ansi", "dumb")


CHOSEN_FOR_FEW = "ansi-dark"


def choose(env: Mapping[str, str], color_system: str | None) -> str:
    """The name of the Textual theme for a terminal; ``color_system`` is Rich's word for its colours."""
    few = color_system in ("standard", "windows") or env.get("TERM", "") in (*_SIXTEEN, "")
    if env.get("NO_COLOR") or (few and not env.get("COLORTERM")):
        return CHOSEN_FOR_FEW
    return "textual-dark"


#: What a profile's colour is behind the first line: dark enough for white text.
_BEHIND = {
    "blue": "#1e3a8a",
    "cyan": "#155e75",
    "green": "#14532d",
    "magenta": "#701a75",
    "red": "#7f1d1d",
    "white": "#525252",
    "yellow": "#713f12",
}


def behind(colour: str, theme_name: str) -> tuple[str, str]:
    """Background and text colour of the first line for a profile's colour, as Textual writes colours."""
    if theme_name == CHOSEN_FOR_FEW:
        return f"ansi_{colour}", "ansi_black" if colour in ("white", "yellow", "cyan", "green") else "ansi_bright_white"
    return _BEHIND[colour], "#ffffff"
