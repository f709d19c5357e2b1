"""The first screen: all stations, live, and on top of them what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from console.backends.base import Listening, Playback
from console.model.change import Change, Measured, StationChanged, StationRemoved, StationSeen
from console.model.spec import Place, Spec, Target
from console.screens.frame import keys, paint, words
from console.screens.frame.frame import Go
from console.screens.frame.list_screen import OrderedListScreen
from console.screens.frame.session import News, Session
from console.screens.stations.station_rows import (
    COLUMNS,
    LARGEST_FIRST,
    RESTLESS,
    SORTABLE,
    cells,
    matches,
    sort_value,
    summary,
)
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable
from widgets.row_line import Cell

#: From this width on, the selected station stands beside the table.
_WIDE = 116
#: How often rows that are sorted by what never rests may change places.
_REORDER_EVERY_S = 2


class StationsScreen(OrderedListScreen):
    """Every station in a row; the cost of a change does not depend on how many there are."""

    PLACE = Place.STATIONS
    SHOWS_ALL_WAITING = True
    SORTABLE, LARGEST_FIRST = SORTABLE, LARGEST_FIRST
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.STATIONS)
    DEFAULT_CSS = """
    StationsScreen #beside { width: 34; height: 1fr; padding: 0 1; border-left: solid $panel; display: none; }
    StationsScreen.-wide #beside { display: block; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session, LiveTable(COLUMNS, self._cells, id="stations"))
        self._beside = Static("", markup=False, id="beside")
        self._late: set[str] = set()
        self._seconds = 0

    def body(self) -> ComposeResult:
        """Filter, table, and the selected station where there is room for it."""
        yield self._filter
        with Horizontal():
            yield self._table
            yield self._beside

    def on_resize(self) -> None:
        """Show or hide the selected station beside the table."""
        self.set_class(self.size.width >= _WIDE, "-wide")
        self._show_beside()

    # -- rows

    def _cells(self, station_id: str) -> dict[str, Cell]:
        return cells(self.session.site, station_id, self.session.now())

    def _row(self, station_id: str) -> tuple[str, Any]:
        """A row and what it is sorted by; None leaves it out."""
        site = self.session.site
        station = site.stations.get(station_id)
        if station is None or not matches(station, self._wanted):
            return station_id, None
        return station_id, sort_value(site, station_id, self._column)

    @property
    def _wanted(self) -> tuple[str, ...]:
        return tuple(self._filter.text.casefold().split())

    def build(self) -> None:
        """Put all stations that match into order."""
        rows = (self._row(station_id) for station_id in self.session.site.stations)
        self._rows.reset((key, value) for key, value in rows if value is not None)
        self.show_rows()

    def show_rows(self) -> None:
        """Show them, and how many they are."""
        total = len(self.session.site.stations)
        self._table.empty_text = self._what_to_do(total)
        self._table.set_rows(self._rows.keys(self._turned))
        self._filter.set_summary(f"{len(self._rows)} of {words.count(total, 'station')}")

    def _what_to_do(self, total: int) -> str:
        if total:
            return "No station matches the filter.\nesc clears it."
        if not self.session.link.connected:
            return f"Not connected: {self.session.link.text}"
        backend = self.session.backend
        if isinstance(backend, Playback):
            return "No stations yet.\nspace plays the recording, . goes on by one frame."
        urls = list(backend.station_urls()) if isinstance(backend, Listening) else []
        if not urls:
            return "No stations yet."
        return "\n".join(
            [
                "No station has connected yet. Point a charger at",
                "",
                *(f"    {url.rstrip('/')}/ID" for url in urls),
                "",
                "where ID is the name it shall have here.",
                "It then appears at the top of this screen, and one key lets it in.",
            ]
        )

    def site_changed(self, news: News) -> None:
        """Repaint the rows that changed, and move those that have another place now."""
        if news.whole:
            self.build()
            self._table.touch(self._table.visible_keys)
        else:
            moved, touched = _split(news.changes)
            self._table.touch(touched)
            if self._column in RESTLESS:
                self._late |= touched
            if self._rows.put(self._row(station_id) for station_id in moved):
                self.show_rows()
        self._show_beside()

    def second_passed(self) -> None:
        """Let ages run on; let restless rows change places now and then."""
        self._table.touch(self._table.visible_keys)
        self._seconds += 1
        if self._late and self._seconds % _REORDER_EVERY_S == 0:
            late, self._late = self._late, set()
            if self._rows.put(self._row(station_id) for station_id in late):
                self.show_rows()
        self._show_beside()

    def _show_beside(self) -> None:
        if not self.has_class("-wide"):
            return
        site = self.session.site
        station = site.stations.get(self._table.cursor_key or "")
        lines = summary(site, station, self.session.now()) if station else []
        self._beside.update(paint.lines_content([paint.cut_parts(line, 31) for line in lines]), layout=False)

    # -- commands

    def target(self) -> Target:
        """The station under the cursor."""
        return Target(station_id=self._table.cursor_key or "")

    def command_target(self, spec: Spec) -> Target:
        """The station under the cursor; for letting in, the one that waits for that."""
        target = super().command_target(spec)
        if spec.id not in ("station.accept", "station.reject"):
            return target
        waiting = self.session.overview.pending
        if not waiting or target.station_id in waiting:
            return target
        return replace(target, station_id=next(iter(waiting)))

    def _open(self, station_id: str | None) -> None:
        if station_id:
            self.post_message(Go(Place.STATION, station_id))

    @on(FilterBar.Changed)
    def _filter_changed(self) -> None:
        self.build()

    def cursor_moved(self) -> None:
        """Show the station beside the table."""
        self._show_beside()


def _split(changes: Iterable[Change]) -> tuple[set[str], set[str]]:
    """The stations that may have another place or be gone, and all whose row may look different."""
    moved: set[str] = set()
    touched: set[str] = set()
    for change in changes:
        match change:
            case StationChanged(station):
                moved.add(station.station_id)
            case StationRemoved(station_id):
                moved.add(station_id)
            case StationSeen(station_id):
                touched.add(station_id)
            case Measured(reading):
                touched.add(reading.station_id)
            case _:
                pass
    return moved, touched | moved
