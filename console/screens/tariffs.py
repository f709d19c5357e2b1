"""What one station charges by: the tariffs that it has, as far as they are known, and what the selected one says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from console.backends.base import RecordQuery
from console.model.change import RecordGone, RecordKept, SettingsRead
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Spec, Target
from console.screens import keys, paint
from console.screens import tariff_rows as view
from console.screens.frame import Go, Line, SiteScreen
from console.screens.session import News, Session
from widgets.live_table import LiveTable
from widgets.row_line import Cell

_MOST_ROWS = 8


class TariffsScreen(SiteScreen):
    """The list above, the selected tariff in words below."""

    PLACE = Place.TARIFFS
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.TARIFFS)
    DEFAULT_CSS = """
    TariffsScreen #can { margin: 0 0 1 0; }
    TariffsScreen #listed { height: 1fr; }
    TariffsScreen #words { margin: 1 0 0 0; }
    """

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self.table = self._table = LiveTable(view.COLUMNS, self._cells, empty_text="Looking…")
        self._can = Line(id="can")
        self._words = Line(id="words")
        self._held: dict[str, StationRecord] = {}
        self.commands = {"view.open": lambda _given: self._open(self._table.cursor_key)}

    def body(self) -> ComposeResult:
        """What the station can, its tariffs, and the selected one."""
        yield self._can
        yield Vertical(self._table, self._words, id="listed")

    def trail(self) -> Sequence[str]:
        """Below the station."""
        return (self.station_id, "tariffs")

    def site_changed(self, news: News) -> None:
        """Put in what is new; after a break, ask anew."""
        if news.whole:
            self.load(self._fetch, "tariffs")
            self.load(self._fetch_settings, "settings")
            return
        fresh = [each for each in news.changes if isinstance(each, RecordKept | RecordGone)]
        for change in fresh:
            self._held.pop(change.key[1], None)
            if isinstance(change, RecordKept) and self._is_mine(change.record):
                self._held[change.record.id] = change.record
        if fresh:
            self._show_rows()
        if any(isinstance(each, SettingsRead) and each.station_id == self.station_id for each in news.changes):
            self.load(self._fetch_settings, "settings")

    def _is_mine(self, record: StationRecord) -> bool:
        return record.station_id == self.station_id and record.kind is RecordKind.TARIFF and record.standing

    async def _fetch(self) -> None:
        query = RecordQuery(station_id=self.station_id, kind=RecordKind.TARIFF, standing=True)
        self._held = {each.id: each for each in await self.session.backend.records(query)}
        self._show_rows()

    async def _fetch_settings(self) -> None:
        found = await self.session.backend.settings(self.station_id)
        self.session.settings[self.station_id] = {each.key: each for each in found}
        self._show_can()

    # -- showing

    def on_resize(self) -> None:
        """Fit the lines."""
        self._show_can()
        self._show_words()

    def _show_can(self) -> None:
        line = view.can_line(self.session.settings.get(self.station_id, {}))
        self._can.show([paint.cut_parts(line, self.size.width)] if line else [])
        self.update_frame()

    def _show_rows(self) -> None:
        self._held = dict(sorted(self._held.items(), key=lambda item: (item[1].evse_id, item[1].key)))
        self._table.empty_text = "No tariff of this station is known.\nr asks which it has, a sets one."
        self._table.styles.height = min(len(self._held), _MOST_ROWS) + 1 if self._held else 4
        self._table.set_rows(tuple(self._held))
        self._table.touch(self._table.visible_keys)
        self._show_words()
        self.update_frame()

    def _show_words(self) -> None:
        record = self._selected
        lines = view.document(record, self.session.zone, self.session.now()) if record else []
        self._words.show([paint.cut_parts(line, self.size.width) for line in lines])

    def _cells(self, key: str) -> dict[str, Cell]:
        record = self._held.get(key)
        return view.cells(record, self.session.zone, self.session.now()) if record else {}

    # -- what the cursor is on

    @property
    def _selected(self) -> StationRecord | None:
        return self._held.get(self._table.cursor_key or "")

    def target(self) -> Target:
        """The station, and the tariff that the cursor is on."""
        record = self._selected
        return Target(station_id=self.station_id, tariff_id=record.key if record else "")

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """What the station's own settings forbid comes on top."""
        refused = super().refusal(spec, target)
        if refused is None and spec.id.startswith("tariff."):
            return view.lacks(self.session.settings.get(self.station_id, {}))
        return refused

    def _open(self, key: str | None) -> None:
        if key and key in self._held:
            self.session.record = self._held[key]
            self.post_message(Go(Place.REPORTS, key))

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        self._open(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self._show_words()
        self.update_frame()
