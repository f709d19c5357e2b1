"""What one station charges by: the tariffs that it has, as far as they are known, and what the selected one says."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from console.backends.base import RecordQuery
from console.model.change import SettingsRead
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Spec, Target
from console.screens.device import tariff_rows as view
from console.screens.device.station_records import StationRecordsScreen
from console.screens.frame import keys, paint
from console.screens.frame.frame import Line
from console.screens.frame.session import News, Session
from widgets.row_line import Cell

_MOST_ROWS = 8


class TariffsScreen(StationRecordsScreen):
    """The list above, the selected tariff in words below."""

    PLACE = Place.TARIFFS
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.TARIFFS)
    DEFAULT_CSS = """
    TariffsScreen #can { margin: 0 0 1 0; }
    TariffsScreen #listed { height: 1fr; }
    TariffsScreen #words { margin: 1 0 0 0; }
    """

    KINDS = (RecordKind.TARIFF,)
    WHAT = "tariffs"
    EMPTY = "No tariff of this station is known.\nr asks which it has, a sets one."

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session, station_id, view.COLUMNS)
        self._can = Line(id="can")
        self._words = Line(id="words")

    def body(self) -> ComposeResult:
        """What the station can, its tariffs, and the selected one."""
        yield self._can
        yield Vertical(self._table, self._words, id="listed")

    def record_query(self, kind: RecordKind) -> RecordQuery:
        """Those that it has now."""
        return RecordQuery(station_id=self.station_id, kind=kind, standing=True)

    def order(self, record: StationRecord) -> tuple[Any, ...]:
        """By what they are for."""
        return (record.evse_id, record.key)

    def cells(self, record: StationRecord) -> dict[str, Cell]:
        """See ``tariff_rows``."""
        return view.cells(record, self.session.zone, self.session.now())

    def site_changed(self, news: News) -> None:
        """What the station can may be news too."""
        super().site_changed(news)
        if news.whole or any(
            isinstance(each, SettingsRead) and each.station_id == self.station_id for each in news.changes
        ):
            self.load(self._fetch_settings, "settings")

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

    def show_rows(self) -> None:
        """As high as there are tariffs: the selected one's words stand below."""
        self._table.styles.height = min(len(self._held), _MOST_ROWS) + 1 if self._held else 4
        super().show_rows()
        self._show_words()

    def _show_words(self) -> None:
        record = self.under_cursor
        lines = view.document(record, self.session.zone, self.session.now()) if record else []
        self._words.show([paint.cut_parts(line, self.size.width) for line in lines])

    # -- what the cursor is on

    def target(self) -> Target:
        """The station, and the tariff that the cursor is on."""
        record = self.under_cursor
        return Target(station_id=self.station_id, tariff_id=record.key if record else "")

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """What the station's own settings forbid comes on top."""
        refused = super().refusal(spec, target)
        if refused is None and spec.id.startswith("tariff."):
            return view.lacks(self.session.settings.get(self.station_id, {}))
        return refused

    def cursor_moved(self) -> None:
        """Say the other one in words."""
        self._show_words()
        super().cursor_moved()
