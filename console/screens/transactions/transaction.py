"""One transaction: what it was, what is odd about it, and its meter values as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from console.backends.base import RecordQuery
from console.model import export
from console.model.change import Measured, RecordKept
from console.model.meter import MeterValue
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Target
from console.model.transaction import Transaction
from console.screens.frame import keys, paint, saving
from console.screens.frame.frame import Line, SiteScreen
from console.screens.frame.session import News, Session
from console.screens.transactions import meter_series
from console.screens.transactions.cost_rows import cost_lines
from console.screens.transactions.transaction_rows import details
from widgets.chart_math import Point
from widgets.line_chart import LineChart
from widgets.row_line import Part


class TransactionScreen(SiteScreen):
    """Details above, chart below."""

    PLACE = Place.TRANSACTION
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.TRANSACTION)
    DEFAULT_CSS = """
    TransactionScreen #details { margin: 1 0; }
    TransactionScreen LineChart { margin: 0 1; }
    """

    def __init__(self, session: Session, key: str) -> None:
        super().__init__(session)
        self._key = key
        self._details = Line(id="details")
        self._chart = LineChart(tz=session.zone, empty_text="The station sent no meter values for this transaction.")
        self._values: Sequence[MeterValue] = ()
        self._costs: dict[str, StationRecord] = {}
        self._curves: dict[str, list[Point]] = {}
        self.commands = {
            "view.quantity": lambda _given: self._chart.show_next(),
            "view.copy": lambda _given: self._copy(),
            "view.save": lambda _given: saving.start(self.app, self._save),
        }

    def body(self) -> ComposeResult:
        """Details and chart."""
        yield self._details
        yield self._chart

    @property
    def transaction(self) -> Transaction:
        """The transaction, as far as it is known."""
        station_id, _, transaction_id = self._key.partition("\n")
        return self.session.transaction(self._key) or Transaction(station_id, transaction_id, 0)

    def trail(self) -> Sequence[str]:
        """Station and transaction."""
        one = self.transaction
        return (one.station_id, f"transaction {one.transaction_id}")

    def target(self) -> Target:
        """This transaction."""
        one = self.transaction
        return Target(one.station_id, one.evse_id or None, self._key)

    def on_resize(self) -> None:
        """Fit the details."""
        self._show_details()

    def site_changed(self, news: News) -> None:
        """Show what is new, and draw on."""
        one = self.transaction
        if news.whole:
            self.load(self._fetch, "meter values")
            self.load(self._fetch_costs, "costs")
        for change in news.changes:
            if isinstance(change, RecordKept) and _is_of_cost(change.record, one):
                self._costs[change.record.id] = change.record
            if isinstance(change, Measured) and one.running and _is_at(change, one):
                self._extend(change)
        self._show_details()

    def second_passed(self) -> None:
        """Let the duration run on."""
        self._show_details()

    def _lines(self) -> list[list[Part]]:
        session, one = self.session, self.transaction
        lines = details(session.site, one, session.now(), session.zone)
        return lines + cost_lines(session.site, one, self._costs.values(), session.now())

    def _show_details(self) -> None:
        lines = self._lines()
        self._chart.ended = not self.transaction.running
        self._details.show([paint.cut_parts(line, self.size.width) for line in lines])

    async def _fetch(self) -> None:
        one = self.transaction
        self._values = await self.session.backend.meter_values(one.station_id, one.transaction_id)
        self._curves = meter_series.series(self._values)
        self._chart.clear()
        self._draw()

    async def _fetch_costs(self) -> None:
        one, records = self.transaction, self.session.backend.records
        for kind in (RecordKind.COST, RecordKind.TARIFF):
            found = await records(RecordQuery(station_id=one.station_id, kind=kind))
            self._costs |= {each.id: each for each in found if _is_of_cost(each, one)}
        self._show_details()

    def _extend(self, change: Measured) -> None:
        for name, point in meter_series.live_points(change.reading).items():
            points = self._curves.setdefault(name, [])
            if not points or point[0] > points[-1][0]:
                points.append(point)
        self._draw()

    def _draw(self) -> None:
        names = [name for name in meter_series.UNITS if name in self._curves]
        for name in names:
            self._chart.set_series(name, meter_series.UNITS[name], self._curves[name])
        if names:
            self._chart.prefer(names[0])

    def _copy(self) -> None:
        session, lines = self.session, self._lines()
        head = f"Transaction {self.transaction.transaction_id}"
        self.app.copy_to_clipboard("\n".join([head, *("".join(text for text, _ in line) for line in lines)]))
        session.say("copied to the terminal's clipboard", hint="If that stays empty, press w to save to a file.")

    async def _save(self) -> None:
        one = self.transaction
        values = await self.session.backend.meter_values(one.station_id, one.transaction_id)
        name = "".join(each if each.isalnum() or each in "-_" else "_" for each in one.station_id)
        proposed = f"meter-values-{name}-{one.evse_id}.csv"
        path = await saving.ask_path(
            self.app, "Save this transaction's meter values", proposed, "Ends in .csv or .json"
        )
        if path is not None:
            form: export.Format = "json" if path.suffix in (".json", ".jsonl") else "csv"
            rows = list(export.meter_value_rows(values))
            lines = export.lines(export.METER_VALUE_COLUMNS, rows, form)
            await saving.write(self.session, path, saving.given(len(rows), lines), "sample")


def _is_of_cost(record: StationRecord, one: Transaction) -> bool:
    """Whether a record tells what a transaction costs, or by which tariffs it could."""
    its_own = record.kind is RecordKind.COST and record.key == one.transaction_id
    return record.station_id == one.station_id and (its_own or record.kind is RecordKind.TARIFF)


def _is_at(change: Measured, one: Transaction) -> bool:
    return (change.reading.station_id, change.reading.evse_id) == (one.station_id, one.evse_id)
