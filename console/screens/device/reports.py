"""Alarms, and what stations report of themselves: the newest first, live, of one station or of all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import BindingType

from console.backends.base import RecordQuery
from console.errors import ConsoleError
from console.model.change import RecordGone, RecordKept
from console.model.record import StationRecord
from console.model.spec import Place, Spec, Target
from console.screens.device.record_rows import COLUMNS, HELP, cells, document, record_query, target_of
from console.screens.frame import keys, words
from console.screens.frame.frame import Go
from console.screens.frame.list_screen import ListScreen
from console.screens.frame.session import News, Session
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable
from widgets.row_line import Cell

#: How near the end the cursor comes before older ones are asked for, and how many are held.
_AHEAD = 30
_MOST = 5_000


class ReportsScreen(ListScreen):
    """The list. What it holds was asked of the store under the filter, and what came in since."""

    PLACE = Place.REPORTS
    FILTER_WORDS, FILTER_HELP = "filter by station, kind and words", HELP
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.REPORTS)

    def __init__(self, session: Session) -> None:
        super().__init__(session, LiveTable(COLUMNS, self._cells, empty_text="Looking…"))
        self._query = RecordQuery()
        self._held: dict[str, StationRecord] = {}
        self._complete = False
        self._loading = False
        self.commands = {**self.commands, "view.copy": lambda _given: self._copy()}

    def trail(self) -> Sequence[str]:
        """Below the site, or below the one station that is shown."""
        return (self._query.station_id, "reports") if self._query.station_id else ("reports",)

    # -- what is held

    def site_changed(self, news: News) -> None:
        """Put in what is new; after a break, ask anew."""
        if news.whole:
            self.load(partial(self._fetch, self._query), "reports")
            return
        fresh = [each for each in news.changes if isinstance(each, RecordKept | RecordGone)]
        for change in fresh:
            if isinstance(change, RecordKept) and self._query.matches(change.record):
                self._held[change.record.id] = change.record
            else:
                self._held.pop(change.key[1], None)
        if fresh:
            self._show_rows()

    async def _fetch(self, query: RecordQuery) -> None:
        try:
            found = await self.session.backend.records(query)
        finally:
            self._loading = False
        if query.before is None:
            self._held = {}
        known = len(self._held)
        self._held |= {each.id: each for each in found}
        self._complete = len(found) < query.limit or len(self._held) in (known, _MOST)
        self._show_rows()

    def _fetch_older(self) -> None:
        if self._complete or self._loading or not self._held:
            return
        self._loading = True
        oldest = min(each.at for each in self._held.values())
        self.load(partial(self._fetch, replace(self._query, before=oldest)), "reports")

    def _show_rows(self) -> None:
        newest = sorted(self._held.values(), key=lambda each: each.at, reverse=True)[:_MOST]
        self._held = {each.id: each for each in newest}
        filtered = "No report matches the filter.\nesc clears it."
        never = "No station has reported anything yet beyond its state.\nAlarms, limits and progress appear here."
        self._table.empty_text = filtered if self._filter.text else never
        self._table.set_rows(tuple(self._held))
        self._table.touch(self._table.visible_keys)
        more = "" if self._complete else " and older ones"
        self._filter.set_summary(f"{words.count(len(self._held), 'report')}{more}")

    def _cells(self, key: str) -> dict[str, Cell]:
        record = self._held.get(key)
        return cells(record, self.session.now(), self.session.zone) if record else {}

    # -- commands

    def target(self) -> Target:
        """The station of the record under the cursor."""
        return target_of(self._held.get(self._table.cursor_key or ""))

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Only what stands can be dismissed."""
        record = self._held.get(self._table.cursor_key or "")
        if spec.id == "report.dismiss" and record is not None and not record.standing:
            return "it stands no more"
        return super().refusal(spec, target)

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        try:
            self._query = record_query(event.text, self.session.site.stations)
        except ConsoleError as error:
            self._filter.set_summary(error.message)
            return
        self._held = {}
        self.load(partial(self._fetch, self._query), "reports")
        self.update_frame()

    def _open(self, key: str | None) -> None:
        if key and key in self._held:
            self.session.record = self._held[key]
            self.post_message(Go(Place.REPORTS, key))

    def _copy(self) -> None:
        record = self._held.get(self._table.cursor_key or "")
        if record is not None:
            self.app.copy_to_clipboard(document(record, self.session.now(), self.session.zone))
            self.session.say("copied to the terminal's clipboard")

    @property
    def filtered(self) -> bool:
        """The station that one came from is not a filter to take away."""
        return super().filtered and self._filter.text != self._query.station_id

    def cursor_moved(self) -> None:
        """Ask for older ones before one comes to the end."""
        rows, key = self._table.rows, self._table.cursor_key
        if len(rows) <= _AHEAD or key in rows[-_AHEAD:]:
            self._fetch_older()
