"""Which stations know which tags by themselves: each station's local list, and whether it is up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.model.change import LocalListChanged, StationChanged, StationRemoved, TokenChanged, TokenRemoved
from console.model.local_list import digest, entries_of, standing
from console.model.spec import Place, Target
from console.screens.frame import keys, words
from console.screens.frame.frame import SiteScreen
from console.screens.frame.plain_table import PlainTable
from console.screens.frame.session import News, Session
from widgets.columns import Column
from widgets.live_table import LiveTable
from widgets.row_line import Cell, CellStyle

_COLUMNS = (
    Column("station", "STATION", 16),
    Column("list", "LIST", 13),
    Column("version", "VERSION", 8, "right"),
    Column("tags", "TAGS", 6, "right"),
    Column("sent", "SENT", 11),
    Column("told", "IT SAYS", 18, flex=True),
)
_STYLES: dict[str, CellStyle] = {"up to date": "ok", "differs": "warn", "another list": "warn"}
_SHOWN = LocalListChanged | StationChanged | StationRemoved | TokenChanged | TokenRemoved


class LocalListsScreen(SiteScreen):
    """A row for each station."""

    PLACE = Place.LOCAL_LISTS
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.LOCAL_LISTS)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._table = PlainTable(_COLUMNS, self._cells, empty_text="No station is known.")
        self._digest = ""

    def body(self) -> ComposeResult:
        """The table."""
        yield self._table

    def trail(self) -> Sequence[str]:
        """Below the tags."""
        return ("tags", "lists")

    def site_changed(self, news: News) -> None:
        """Show what is new of lists, stations and tags."""
        if not news.whole and not any(isinstance(each, _SHOWN) for each in news.changes):
            return
        site = self.session.site
        self._digest = digest(entries_of(site.tokens.values(), self.session.now()))
        self._table.set_rows(list(site.stations))
        self._table.touch(self._table.visible_keys)

    def _cells(self, key: str) -> dict[str, Cell]:
        session = self.session
        station, held = session.site.stations.get(key), session.site.local_lists.get(key)
        text = standing(held, self._digest)
        told = "" if held is None or held.reported_version is None else f"version {held.reported_version}"
        offline = "offline" if station is None or not station.online else ""
        return {
            "station": (words.name_in(key, 16), "strong"),
            "list": (text, _STYLES.get(text, "muted")),
            "version": str(held.version) if held and held.version else words.NOTHING,
            "tags": str(held.count) if held and held.version else words.NOTHING,
            "sent": words.day_and_time(held.sent_at, session.zone, session.now()) if held else words.NOTHING,
            "told": words.join(told, offline),
        }

    def target(self) -> Target:
        """The station under the cursor."""
        return Target(station_id=self._table.cursor_key or "")

    @on(LiveTable.RowHighlighted)
    def _highlighted(self) -> None:
        self.update_frame()

    @on(LiveTable.RowSelected)
    def _selected(self) -> None:
        self.action_command("local_list.send")
