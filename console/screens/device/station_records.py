"""A list of what one station has told of itself, of one kind: asked of the store, and followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from console.backends.base import RecordQuery
from console.model.change import RecordGone, RecordKept
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place
from console.screens.frame.frame import Go, SiteScreen
from console.screens.frame.session import News, Session
from widgets.columns import Column
from widgets.live_table import LiveTable
from widgets.row_line import Cell


class StationRecordsScreen(SiteScreen):
    """The list. A screen says which records, in which order, and what is seen of each."""

    KINDS: ClassVar[tuple[RecordKind, ...]]
    #: What is looked for, in one word, and what is said where there is none of it.
    WHAT: ClassVar[str]
    EMPTY: ClassVar[str]

    def __init__(self, session: Session, station_id: str, columns: Sequence[Column]) -> None:
        super().__init__(session)
        self.station_id = station_id
        self.table = self._table = LiveTable(columns, self._cells_of, empty_text="Looking…")
        self._held: dict[str, StationRecord] = {}
        self.commands = {"view.open": lambda _given: self._open(self._table.cursor_key)}

    def body(self) -> ComposeResult:
        """The table."""
        yield self._table

    def trail(self) -> Sequence[str]:
        """Below the station."""
        return (self.station_id, self.PLACE.value)

    # -- what a screen says of its records

    def record_query(self, kind: RecordKind) -> RecordQuery:
        """What is asked for of one kind."""
        return RecordQuery(station_id=self.station_id, kind=kind)

    def order(self, record: StationRecord) -> tuple[Any, ...]:
        """What the list is sorted by."""
        raise NotImplementedError

    def cells(self, record: StationRecord) -> dict[str, Cell]:
        """What is seen of a record."""
        raise NotImplementedError

    # -- what is held

    def site_changed(self, news: News) -> None:
        """Put in what is new; after a break, ask anew."""
        if news.whole:
            self.load(self._fetch, self.WHAT)
            return
        fresh = [each for each in news.changes if isinstance(each, RecordKept | RecordGone)]
        for change in fresh:
            if isinstance(change, RecordKept) and self._is_mine(change.record):
                self._held[change.record.id] = change.record
            else:
                self._held.pop(change.key[1], None)
        if fresh:
            self.show_rows()

    def _is_mine(self, record: StationRecord) -> bool:
        return record.kind in self.KINDS and self.record_query(record.kind).matches(record)

    async def _fetch(self) -> None:
        found: list[StationRecord] = []
        for kind in self.KINDS:
            found += await self.session.backend.records(self.record_query(kind))
        self._held = {each.id: each for each in found}
        self.show_rows()

    def show_rows(self) -> None:
        """Show what is held."""
        self._held = {each.id: each for each in sorted(self._held.values(), key=self.order)}
        self._table.empty_text = self.EMPTY
        self._table.set_rows(tuple(self._held))
        self._table.touch(self._table.visible_keys)
        self.update_frame()

    def _cells_of(self, key: str) -> dict[str, Cell]:
        record = self._held.get(key)
        return self.cells(record) if record else {}

    # -- what the cursor is on

    @property
    def under_cursor(self) -> StationRecord | None:
        """The record that the cursor is on."""
        return self._held.get(self._table.cursor_key or "")

    def cursor_moved(self) -> None:
        """The cursor is on another record."""
        self.update_frame()

    def _open(self, key: str | None) -> None:
        if key and key in self._held:
            self.session.record = self._held[key]
            self.post_message(Go(Place.REPORTS, key))

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        self._open(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self.cursor_moved()
