"""What the screens with one long list share: a filter above it, an order, and rows that open."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from console.screens.frame.frame import SiteScreen
from console.screens.frame.ordering import OrderedRows
from console.screens.frame.session import Session
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable

# Textual runs a handler such as ``on_mount`` of every class of a screen, the base's last: none here calls its base's.


class ListScreen(SiteScreen):
    """A table under a filter. A screen says what is in it, and what opening a row means."""

    #: What the filter is by, said when it opens; and how it is typed.
    FILTER_WORDS: ClassVar[str] = ""
    FILTER_HELP: ClassVar[str] = ""

    def __init__(self, session: Session, table: LiveTable) -> None:
        super().__init__(session)
        self.table = self._table = table
        self._filter = FilterBar()
        self.commands = {
            "view.open": lambda _given: self._open(self._table.cursor_key),
            "view.filter": self._open_filter,
        }

    def body(self) -> ComposeResult:
        """Filter and table."""
        yield self._filter
        yield self._table

    def filter_with(self, text: str) -> None:
        """Show only what matches."""
        self._filter.text = text

    def _open_filter(self, given: Sequence[str]) -> None:
        if given:
            self.filter_with(" ".join(given))
            return
        self._filter.open()
        if self.FILTER_WORDS:
            self.session.say(self.FILTER_WORDS, hint=self.FILTER_HELP)

    @property
    def filtered(self) -> bool:
        """Whether going back takes the filter away first."""
        return bool(self._filter.text)

    def go_back(self) -> None:
        """Take the filter away first."""
        if self.filtered:
            self._filter.clear()
        else:
            super().go_back()

    def _open(self, key: str | None) -> None:
        """Show what a row is about; None where there are no rows."""

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        self._open(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self.cursor_moved()
        self.update_frame()

    def cursor_moved(self) -> None:
        """Show, or ask for, what depends on the row under the cursor."""


class OrderedListScreen(ListScreen):
    """A list that is sorted by one of its columns. A screen says how its rows are built and shown."""

    SORTABLE: ClassVar[Sequence[str]]
    LARGEST_FIRST: ClassVar[Container[str]]

    def __init__(self, session: Session, table: LiveTable) -> None:
        super().__init__(session, table)
        self._rows = OrderedRows()
        self._column = self.SORTABLE[0]
        self._turned = False
        self.commands = {
            **self.commands,
            "view.sort": lambda _given: self._sort_by_next(),
            "view.reverse": lambda _given: self._turn_around(),
        }

    def on_mount(self) -> None:
        """Begin with the first order."""
        self._show_order()

    def build(self) -> None:
        """Put all rows into order anew, and show them."""

    def show_rows(self) -> None:
        """Show the rows in their order."""

    def _sort_by_next(self) -> None:
        self._column = self.SORTABLE[(self.SORTABLE.index(self._column) + 1) % len(self.SORTABLE)]
        self._turned = False
        self._show_order()
        self.build()

    def _turn_around(self) -> None:
        self._turned = not self._turned
        self._show_order()
        self.show_rows()

    def _show_order(self) -> None:
        self._table.sort_key = self._column
        self._table.descending = self._turned != (self._column in self.LARGEST_FIRST)
