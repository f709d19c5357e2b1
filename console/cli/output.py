"""What the command line prints: aligned columns for people, one JSON object (or one a line) for scripts."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec

from console.model.text import plain

_GAP = "  "


class Table:
    """Columns that stay where they are. A title that begins with ``>`` is of a column aligned right."""

    def __init__(self, *titles: str) -> None:
        self._right = tuple(title.startswith(">") for title in titles)
        self._titles = tuple(title.removeprefix(">") for title in titles)
        self._widths = [len(title) for title in self._titles]

    def lines(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """The header and all rows, each column as wide as its widest cell."""
        for row in rows:
            self._fit(row)
        return [self._line(self._titles), *(self._line(row) for row in rows)]

    def line(self, row: Sequence[str]) -> str:
        """One more row under those that were printed before."""
        self._fit(row)
        return self._line(row)

    def _fit(self, row: Sequence[str]) -> None:
        # The last column is left as it is: it may be long, and nothing stands behind it.
        self._widths = [max(width, cells(cell)) for width, cell in zip(self._widths[:-1], row, strict=False)] + [0]

    def _line(self, row: Sequence[str]) -> str:
        padded = []
        for cell, width, right in zip(row, self._widths, self._right, strict=True):
            text = plain(cell)
            blank = " " * (width - cells(text))
            padded.append(blank + text if right else text + blank)
        return _GAP.join(padded).rstrip()


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def cut(text: str) -> str:
    """A line that fits the terminal, or the whole of it where the output is no terminal."""
    if not sys.stdout.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return text if len(text) <= width else text[: width - 1] + "…"


def say(text: str) -> None:
    """Print a line for a person or a script."""
    click.echo(text)


def warn(text: str, hint: str = "") -> None:
    """Print a line about trouble, and one about its cure, where they do not mix with the results."""
    for line in (text, hint):
        if line:
            click.echo(plain(line), err=True)


def say_json(value: Any, *, indent: bool = False) -> None:
    """Print one JSON object on one line, or indented for reading."""
    text = msgspec.json.encode(record(value))
    click.echo((msgspec.json.format(text, indent=2) if indent else text).decode())


def record(value: Any) -> Any:
    """A value for JSON with every field named, those at their defaults too: scripts ask for them."""
    if isinstance(value, msgspec.Struct):
        return {name: record(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {key: record(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [record(member) for member in value]
    return value


def moment(at: datetime | None) -> str:
    """A time as people read it, in this machine's time zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "-"


def span(distance: timedelta) -> str:
    """How long something took or is ago, in the largest unit that says enough: "42s", "14m", "3h 05m", "9d"."""
    seconds = max(0, int(distance.total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 86400:
        return f"{seconds // 3600}h {seconds % 3600 // 60:02}m"
    return f"{seconds // 86400}d"


def energy(energy_wh: int | None) -> str:
    """Energy in kWh, "-" where it is not known."""
    return "-" if energy_wh is None else f"{energy_wh / 1000:.2f} kWh"


def power(power_w: float | None) -> str:
    """Power in kW, "-" where it was never measured."""
    return "-" if power_w is None else f"{power_w / 1000:.1f} kW"
