"""One station: who it is, its connectors and what they charge, a live chart, its actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.backends.base import RecordQuery
from console.model.change import Measured, RecordGone, RecordKept
from console.model.meter import MeterValue, Reading
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Spec, Target
from console.model.station import Station
from console.screens.device.record_rows import now_line
from console.screens.frame import keys, paint
from console.screens.frame.frame import Go, Line, SiteScreen
from console.screens.frame.plain_table import PlainTable
from console.screens.frame.session import News, Session
from console.screens.stations import station_view as view
from console.screens.transactions import meter_series
from widgets.chart_math import Point
from widgets.line_chart import LineChart
from widgets.live_table import LiveTable
from widgets.row_line import Cell

_WIDE = 116
_CHARTED = timedelta(hours=1)
_MOST_POINTS = 2_000
_MOST_CONNECTOR_LINES = 7
_LONG_VALUE = 8


class StationScreen(SiteScreen):
    """Connectors, what runs there, and a chart."""

    PLACE = Place.STATION
    FOOTER_LINES = 2
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.STATION)
    DEFAULT_CSS = """
    StationScreen #facts { margin: 0 0 1 0; }
    StationScreen #connectors { height: auto; }
    StationScreen #chart { margin: 1 1 0 1; }
    """

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self._connectors = PlainTable(view.CONNECTOR_COLUMNS, self._connector_cells, id="connectors")
        self._chart = LineChart(tz=session.zone, empty_text="no meter values in the last hour", id="chart")
        self._facts = Line(id="facts")
        self._running_line = Line(id="running")
        self._curves: dict[str, list[Point]] = {}
        self._charted: int | None = None
        self._records: dict[str, StationRecord] = {}
        self.commands = {
            "view.settings": lambda _given: self._go_settings(),
            "view.quantity": lambda _given: self._chart.show_next(),
            "view.certificates": lambda _given: self._go_to_certificates(),
            "view.display": lambda _given: self._go_to_display(),
            "view.tariffs": lambda _given: self._go_to_tariffs(),
            "view.logs": lambda _given: self._go_to_logs(),
            "view.reports": lambda _given: self._go_to_reports(),
            "view.schedule": lambda _given: self._open_schedule(),
        }

    def body(self) -> ComposeResult:
        """Facts, then connectors and chart."""
        yield self._facts
        yield self._connectors
        yield self._running_line
        yield self._chart

    @property
    def station(self) -> Station:
        """The station, as far as it is known."""
        return self.session.site.stations.get(self.station_id) or Station(self.station_id)

    def trail(self) -> Sequence[str]:
        """The station."""
        return (self.station_id,)

    # -- showing

    def site_changed(self, news: News) -> None:
        """Show what is new of this station."""
        station = self.station
        rows = view.connector_keys(station)
        self._connectors.styles.height = min(len(rows), _MOST_CONNECTOR_LINES) + 1
        self._connectors.set_rows(rows)
        self._connectors.touch(rows)
        for change in news.changes:
            if isinstance(change, RecordKept | RecordGone):
                self._keep_record(change)
            if isinstance(change, Measured) and change.reading.station_id == self.station_id:
                self._extend_chart(change)
        if news.whole:
            self._load_chart()
            self.load(self._fetch_records, "records")
        self._show_facts()

    def second_passed(self) -> None:
        """Let times run on."""
        self._connectors.touch(self._connectors.rows)
        self._show_facts()

    def _show_facts(self) -> None:
        width = self.size.width
        lines = view.facts(self.session.site, self.station, self.session.now())
        told = now_line(self._records.values(), self.session.site.running(self.station_id))
        lines += view.reservation_lines(self.session.site, self.station_id, self.session.zone, self.session.now())
        self._facts.show([paint.cut_parts(line, width) for line in ([*lines, told] if told else lines)])

        self._show_running()

    def _show_running(self) -> None:
        width = self._connectors.size.width or self.size.width
        line = view.running_line(self.session.site, self.station_id, self._evse_id, self.session.zone, width)
        self._running_line.show([[], paint.cut_parts(line, width)] if line else [])

    def _connector_cells(self, key: str) -> dict[str, Cell]:
        return view.connector_cells(self.session.site, self.station, key, self.session.now())

    # -- what it told of itself

    def _go_to_reports(self) -> None:
        self.post_message(Go(Place.REPORTS, filter=self.station_id))

    def _go_to_logs(self) -> None:
        self.post_message(Go(Place.LOGS, self.station_id))

    def _go_to_display(self) -> None:
        self.post_message(Go(Place.DISPLAY, self.station_id))

    def _go_to_tariffs(self) -> None:
        self.post_message(Go(Place.TARIFFS, self.station_id))

    def _go_to_certificates(self) -> None:
        self.post_message(Go(Place.CERTIFICATES, self.station_id))

    async def _fetch_records(self) -> None:
        records = self.session.backend.records
        standing = await records(RecordQuery(station_id=self.station_id, standing=True))
        needs = await records(RecordQuery(station_id=self.station_id, kind=RecordKind.CHARGING_NEEDS))
        self._records = {each.id: each for each in (*standing, *needs)}
        self._show_facts()

    def _keep_record(self, change: RecordKept | RecordGone) -> None:
        if isinstance(change, RecordKept) and change.record.station_id == self.station_id:
            self._records[change.record.id] = change.record
        else:
            self._records.pop(change.key[1], None)

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
        self._curves = meter_series.series(values)
        self._chart.clear()
        reading = self.session.site.reading(self.station_id, evse_id) if evse_id is not None else None
        if reading is not None and self._curves:
            self._extend(reading)  # after the last values it may have come to rest
        self._draw()

    def _extend_chart(self, change: Measured) -> None:
        if change.reading.evse_id != self._charted:
            return
        self._extend(change.reading)
        self._draw()

    def _extend(self, reading: Reading) -> None:
        for name, point in meter_series.live_points(reading).items():
            points = self._curves.setdefault(name, [])
            if not points or point[0] > points[-1][0]:
                points.append(point)
                del points[:-_MOST_POINTS]

    def _draw(self) -> None:
        names = [name for name in meter_series.UNITS if name in self._curves]
        for name in names:
            self._chart.set_series(name, meter_series.UNITS[name], self._curves[name])
        if names:
            self._chart.prefer(names[0])

    @on(LiveTable.RowHighlighted, "#connectors")
    def _connector_highlighted(self) -> None:
        if self._evse_id != self._charted:
            self._load_chart()
        self._show_running()
        self.update_frame()

    # -- commands

    def _go_settings(self) -> None:
        self.post_message(Go(Place.SETTINGS, self.station_id))

    def target(self) -> Target:
        """The station and the selected connector."""
        connector = view.connector_of(self.station, self._connectors.cursor_key)
        return Target(
            station_id=self.station_id,
            evse_id=connector.evse_id if connector else None,
            connector_id=connector.connector_id if connector else 0,
        )

    def filter_there(self, spec: Spec) -> str | None:
        """From a station one goes to its own messages and transactions."""
        return self.station_id if spec.id in ("go.messages", "go.transactions") else None

    def _open_schedule(self) -> None:
        """Show the schedules of the selected connector, or of the whole station."""
        self.post_message(Go(Place.SCHEDULE, f"{self.station_id}\n{self._evse_id or 0}"))
