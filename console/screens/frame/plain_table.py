"""A table on a screen where the letters are commands."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from widgets.live_table import LiveTable


class PlainTable(LiveTable, inherit_bindings=False):
    """A table moved in by arrows only: here the letters are commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_by(-1)", "Up", show=False),
        Binding("down", "cursor_by(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("enter", "select", "Open", show=False),
    ]
