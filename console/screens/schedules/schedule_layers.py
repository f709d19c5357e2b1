"""What a schedule's chart shows beside what is edited: what is computed, told by the station, measured, paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from console.model.change import Measured
from console.model.meter import MeterValue
from console.model.schedule.composite import Reading
from console.model.schedule.draft import Draft, Every
from console.model.schedule.obeyed import Disobeyed, disobeyed
from console.model.schedule.outlook import Window, expected
from console.model.schedule.prices import price_steps
from console.model.schedule.profile import ChargingProfile, Unit
from console.model.schedule.readings import USUAL
from console.model.schedule.reported import Difference, ReportedComposite
from console.model.site import Site
from console.screens.schedules.schedule_plan import steps_of
from console.screens.transactions import meter_series
from widgets.schedule_editor import ScheduleEditor


class Layers:
    """The layers of one chart, drawn into its editor."""

    def __init__(self, station_id: str, evse_id: int, editor: ScheduleEditor) -> None:
        self.reading: Reading = USUAL
        self.reported: tuple[ReportedComposite, Window] | None = None
        self.differences: tuple[Difference, ...] = ()
        self._station_id, self._evse_id, self._editor = station_id, evse_id, editor
        self._measured: list[tuple[float, float]] = []

    def draw(self, site: Site, window: Window, more: ChargingProfile | None) -> None:
        """Draw what follows from the installed profiles and ``more``, what was measured, and what energy costs."""
        self._editor.set_composite(
            steps_of(expected(site, self._station_id, window, more, self.reading)), self._editor.plan.unit
        )
        begin_s = window.start.timestamp()
        points = [((at_s - begin_s) / 60, power_w) for at_s, power_w in self._measured if at_s >= begin_s]
        self._editor.set_measured(points, "W")
        prices = site.prices
        steps = price_steps(prices, window.start, window.duration_s // 60) if prices else []
        self._editor.set_price(steps, prices.unit if prices else "")

    def disobeyed(self, site: Site, window: Window) -> Disobeyed | None:
        """Where more was measured in the running transaction than the installed profiles allow."""
        if not self._evse_id or not site.running(self._station_id, self._evse_id):
            return None
        in_watts = msgspec.structs.replace(window, unit=Unit.W)
        allowed = expected(site, self._station_id, in_watts, reading=self.reading)
        begin_s = window.start.timestamp()
        return disobeyed([(at_s - begin_s, power_w) for at_s, power_w in self._measured], allowed)

    def report(
        self, told: ReportedComposite, window: Window, found: tuple[Difference, ...], shown: Window, draft: Draft
    ) -> None:
        """Draw what the station said of ``window`` over what is shown."""
        self.reported, self.differences = (told, window), found
        shift_s = int((window.start - shown.start) / timedelta(seconds=1))
        round_min = shown.duration_s // 60 if draft.every in (Every.DAY, Every.WEEK) else 0
        self._editor.set_reported(
            steps_of(told.periods, shift_s, round_min=round_min, length_s=window.duration_s),
            "A" if told.unit is Unit.A else "W",
        )

    def forget_reported(self) -> None:
        """What the station said was of before."""
        self.reported, self.differences = None, ()

    def measure(self, values: Sequence[MeterValue]) -> None:
        """Take what was measured so far."""
        curve = meter_series.series(values).get("Power", [])
        self._measured = [(at_s, power_kw * 1000) for at_s, power_kw in curve]

    def measured(self, change: Measured) -> None:
        """Take one more reading, if it is of here."""
        reading = change.reading
        if (reading.station_id, reading.evse_id) == (self._station_id, self._evse_id) and reading.power_w is not None:
            self._measured.append((reading.at.timestamp(), reading.power_w))
