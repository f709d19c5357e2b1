"""One station: who it is, its connectors and what they charge, a live chart, its settings, its actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from console.model.catalogue import Place, Spec, Target
from console.model.change import Measured, SettingsRead
from console.model.meter import MeterValue, Reading
from console.model.station import Setting, Station
from console.screens import keys, meter_series, paint
from console.screens import station_view as view
from console.screens.frame import Line, SiteScreen
from console.screens.session import News, Session
from widgets.chart_math import Point
from widgets.filter_bar import FilterBar
from widgets.line_chart import LineChart
from widgets.live_table import LiveTable
from widgets.row_line import Cell

_WIDE = 116
_CHARTED = timedelta(hours=1)
_MOST_POINTS = 2_000
_MOST_CONNECTOR_LINES = 7
_LONG_VALUE = 8


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


class StationScreen(SiteScreen):
    """Connectors and chart, or settings; side by side where there is room."""

    PLACE = Place.STATION
    FOOTER_LINES = 2
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.STATION)
    DEFAULT_CSS = """
    StationScreen #facts { margin: 0 0 1 0; }
    StationScreen #connectors { height: auto; }
    StationScreen #chart { margin: 1 1 0 1; }
    StationScreen #settings-side { display: none; width: 1fr; }
    StationScreen #value { height: auto; max-height: 3; margin: 0 1; color: $foreground-muted; }
    StationScreen #settings-title { height: 1; color: $foreground-muted; }
    StationScreen.-settings #settings-side { display: block; }
    StationScreen.-settings #overview { display: none; }
    StationScreen.-wide #settings-side { display: block; width: 1fr; border-left: solid $panel; }
    StationScreen.-wide #overview { display: block; width: 58; }
    """

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self._connectors = PlainTable(view.CONNECTOR_COLUMNS, self._connector_cells, id="connectors")
        self._chart = LineChart(tz=session.zone, empty_text="no meter values in the last hour", id="chart")
        self._settings = PlainTable(view.SETTING_COLUMNS, self._setting_cells, id="settings")
        self._title = Static("", markup=False, id="settings-title")
        self._value = Static("", markup=False, id="value")
        self._filter = FilterBar()
        self._facts = Line(id="facts")
        self._running_line = Line(id="running")
        self._curves: dict[str, list[Point]] = {}
        self._charted: int | None = None
        self.commands = {
            "view.settings": lambda _given: self._toggle_settings(),
            "view.quantity": lambda _given: self._chart.show_next(),
            "view.filter": self._open_filter,
        }

    def body(self) -> ComposeResult:
        """Facts, then connectors and chart, and the settings."""
        yield self._facts
        with Horizontal():
            with Vertical(id="overview"):
                yield self._connectors
                yield self._running_line
                yield self._chart
            with Vertical(id="settings-side"):
                yield self._title
                yield self._filter
                yield self._settings
                yield self._value

    @property
    def station(self) -> Station:
        """The station, as far as it is known."""
        return self.session.site.stations.get(self.station_id) or Station(self.station_id)

    def trail(self) -> Sequence[str]:
        """The station, and its settings while those are shown."""
        return (self.station_id, "settings") if self._in_settings else (self.station_id,)

    # -- showing

    def on_mount(self) -> None:
        """Show the station, and ask for what is not in the site."""
        super().on_mount()
        self._load_settings()

    def on_resize(self) -> None:
        """Put the settings beside the rest where there is room."""
        self.set_class(self.size.width >= _WIDE, "-wide")
        super().on_resize()

    def site_changed(self, news: News) -> None:
        """Show what is new of this station."""
        station = self.station
        rows = view.connector_keys(station)
        self._connectors.styles.height = min(len(rows), _MOST_CONNECTOR_LINES) + 1
        self._connectors.set_rows(rows)
        self._connectors.touch(rows)
        for change in news.changes:
            if isinstance(change, SettingsRead) and change.station_id == self.station_id:
                self._keep_settings(change.settings)
            if isinstance(change, Measured) and change.reading.station_id == self.station_id:
                self._extend_chart(change)
        if news.whole:
            self._load_chart()
        self._show_facts()

    def second_passed(self) -> None:
        """Let times run on."""
        self._connectors.touch(self._connectors.rows)
        self._show_facts()

    def _show_facts(self) -> None:
        width = self.size.width
        lines = view.facts(self.session.site, self.station, self.session.now())
        self._facts.show([paint.cut_parts(line, width) for line in lines])

        self._show_running()

    def _show_running(self) -> None:
        line = view.running_line(self.session.site, self.station_id, self._evse_id, self.session.zone)
        width = self._connectors.size.width or self.size.width
        self._running_line.show([[], paint.cut_parts(line, width)] if line else [])

    def _connector_cells(self, key: str) -> dict[str, Cell]:
        return view.connector_cells(self.session.site, self.station, key, self.session.now())

    # -- chart

    @property
    def _evse_id(self) -> int | None:
        connector = view.connector_of(self.station, self._connectors.cursor_key)
        return connector.evse_id if connector else None

    def _load_chart(self) -> None:
        """Ask for the last hour of the selected EVSE."""
        self._charted = self._evse_id
        self.load(partial(self._fetch_chart, self._charted), "chart")

    async def _fetch_chart(self, evse_id: int | None) -> None:
        values: Sequence[MeterValue] = ()
        if evse_id is not None:
            since = self.session.now() - _CHARTED
            values = await self.session.backend.recent_meter_values(self.station_id, evse_id, since)
        shown = self._chart.shown
        self._curves = meter_series.series(values)
        self._chart.clear()
        reading = self.session.site.reading(self.station_id, evse_id) if evse_id is not None else None
        if reading is not None and self._curves:
            self._extend(reading)  # after the last values it may have come to rest
        self._draw(shown)

    def _extend_chart(self, change: Measured) -> None:
        if change.reading.evse_id != self._charted:
            return
        self._extend(change.reading)
        self._draw(self._chart.shown)

    def _extend(self, reading: Reading) -> None:
        for name, point in meter_series.live_points(reading).items():
            points = self._curves.setdefault(name, [])
            if not points or point[0] > points[-1][0]:
                points.append(point)
                del points[:-_MOST_POINTS]

    def _draw(self, shown: str | None) -> None:
        for name in meter_series.UNITS:
            if name in self._curves:
                self._chart.set_series(name, meter_series.UNITS[name], self._curves[name])
        if shown in self._curves:
            self._chart.show(shown)

    @on(LiveTable.RowHighlighted, "#connectors")
    def _connector_highlighted(self) -> None:
        if self._evse_id != self._charted:
            self._load_chart()
        self._show_running()
        self.update_frame()

    # -- settings

    @property
    def _in_settings(self) -> bool:
        return self.has_class("-settings")

    @property
    def _held(self) -> dict[str, Setting]:
        return self.session.settings.setdefault(self.station_id, {})

    def _load_settings(self) -> None:
        self.load(self._fetch_settings, "settings")

    async def _fetch_settings(self) -> None:
        self._keep_settings(await self.session.backend.settings(self.station_id))

    def _keep_settings(self, settings: Sequence[Setting]) -> None:
        self._held.update({each.key: each for each in settings})
        self._show_settings()
        self._settings.touch(each.key for each in settings)

    def _show_settings(self) -> None:
        wanted = tuple(self._filter.text.casefold().split())
        held = self._held.values()
        found = sorted(each.key for each in held if view.setting_matches(each, wanted))
        self._settings.empty_text = (
            "No setting matches the filter.\nesc clears it." if self._held else "Not read yet: press r to read them."
        )
        self._settings.set_rows(found)
        self._filter.set_summary(f"{len(found)} of {len(self._held)} settings")
        age = view.settings_age(list(held), self.session.now(), self.session.zone)
        self._title.update(paint.content([(f" Settings  {age}", "muted")]), layout=False)

    def _setting_cells(self, key: str) -> dict[str, Cell]:
        setting = self._held.get(key)
        return view.setting_cells(setting) if setting else {}

    def _toggle_settings(self) -> None:
        self.toggle_class("-settings")
        self.set_focus(self._settings if self._in_settings else self._connectors)
        self._show_settings()
        self.update_frame()

    @on(FilterBar.Changed)
    def _filter_changed(self) -> None:
        self._show_settings()

    @on(LiveTable.RowHighlighted, "#settings")
    def _setting_highlighted(self) -> None:
        """Show the whole value below the table, where its cell is too narrow for it."""
        setting = self._held.get(self._settings.cursor_key or "")
        long = setting is not None and len(setting.value or "") > _LONG_VALUE
        self._value.update(paint.content([(setting.value or "", "")]) if setting and long else "")
        self.update_frame()

    @on(LiveTable.RowSelected, "#settings")
    def _setting_selected(self) -> None:
        self.action_command("settings.change")

    # -- commands

    def target(self) -> Target:
        """The station, the selected connector, and the selected setting while settings are shown."""
        setting_key = (self._settings.cursor_key or "") if self._in_settings else ""
        return Target(station_id=self.station_id, evse_id=self._evse_id, setting_key=setting_key)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """What the station itself forbids comes on top."""
        if spec.id == "settings.change" and not target.setting_key and not self._in_settings:
            return "press k for the settings, and select one"
        setting = self._held.get(target.setting_key)
        if spec.id == "settings.change" and setting is not None and setting.read_only:
            return f"{setting.key} is read only"
        return super().refusal(spec, target)

    def filter_there(self, spec: Spec) -> str | None:
        """From a station one goes to its own messages and transactions."""
        return self.station_id if spec.id in ("go.messages", "go.transactions") else None

    def filter_with(self, text: str) -> None:
        """Show only the settings that match."""
        self._filter.text = text

    def _open_filter(self, given: Sequence[str]) -> None:
        if not self._in_settings:
            self._toggle_settings()
        if given:
            self.filter_with(" ".join(given))
        else:
            self._filter.open()

    def go_back(self) -> None:
        """From the settings to the station, from there to the stations."""
        if self._in_settings and self._filter.text:
            self._filter.clear()
        elif self._in_settings:
            self._toggle_settings()
        else:
            super().go_back()
