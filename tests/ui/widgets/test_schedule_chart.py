from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.geometry import Region

from tests.ui.widgets.support import HOSTILE, screen_lines, widget_lines
from tests.ui.widgets.test_schedule_plan import plans
from tests.ui.widgets.test_views import OneApp
from widgets.schedule_area import Scale, pair_values, point_values, scale_for, step_values
from widgets.schedule_chart import ScheduleChart
from widgets.schedule_layers import Layers, clean_measured, clean_price, range_text
from widgets.schedule_limits import Supply
from widgets.schedule_plan import Plan, Step

DAY = Plan((Step(0, 16.0), Step(360, 6.0, 1), Step(1320, 16.0)))
WEEK = Plan((Step(0, 11000.0), Step(360, 4140.0), Step(1320, 11000.0)), "W", "week").copy_day(0, range(1, 5))
COMPOSITE = (Step(0, 10.0), Step(480, 6.0), Step(1320, 16.0))
PRICE = tuple((hour * 60, 0.1 + 0.01 * hour) for hour in range(24))


class CountingChart(ScheduleChart):
    """Remembers which regions it asked to repaint; None is all of it."""

    repaints: list[Region | None]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False):
        if hasattr(self, "repaints"):
            self.repaints.extend(regions or [None])
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


# -- columns


@given(plans(("day", "duration")), st.integers(1, 200))
def test_columns_hold_the_span_and_say_what_holds_in_their_middle(plan: Plan, width: int) -> None:
    scale = scale_for(plan.length_minutes, width)
    values = step_values(plan.steps, scale)
    assert len(values) == scale.columns <= width
    assert scale.column_minutes * scale.columns >= plan.length_minutes
    assert values == [plan.at(scale.middle(column)).limit for column in range(scale.columns)]
    for column in range(scale.columns):
        index = plan.index_at(scale.middle(column))
        assert column in scale.cover(plan.steps[index].start_minute, plan.end_of(index))
    for index, step in enumerate(plan.steps):
        columns = scale.cover(step.start_minute, plan.end_of(index))
        assert columns
        assert columns.stop <= scale.columns
        if len(columns) > 1:
            assert all(values[column] == step.limit for column in columns)


def test_what_is_not_known_yet_is_nothing() -> None:
    scale = Scale(60, 240)
    assert pair_values([(120, 1.0), (180, None)], scale) == [None, None, 1.0, None]
    assert pair_values([(120, 1.0), (180, 2.0)], scale, from_minute=120) == [1.0, 2.0, 2.0, 2.0]
    assert point_values([(10, 1.0), (50, 3.0), (70, 2.0), (500, 9.0), (-1, 9.0)], scale) == [3.0, 2.0, None, None]


@pytest.mark.parametrize(("width", "minutes"), [(150, 10), (114, 15), (74, 20), (50, 30), (30, 60)])
def test_a_day_in_round_columns(width: int, minutes: int) -> None:
    assert scale_for(1440, width) == Scale(minutes, 1440)


# -- layers


@pytest.mark.parametrize(
    ("start", "end", "unit", "text"),
    [
        (0, 480, "A", "10.0"),
        (0, 481, "A", "6.0-10.0"),
        (1000, 1440, "A", "6.0-16.0"),
        (0, 481, "W", "0.0-0.0"),
    ],
)
def test_what_is_in_effect_during_a_step(start: int, end: int, unit: str, text: str) -> None:
    assert range_text(COMPOSITE, start, end, unit) == (text if unit == "A" else "0.0")  # type: ignore[arg-type]


def test_what_is_in_effect_may_be_no_limit_or_unknown() -> None:
    steps = (Step(60, 6.0), Step(120, None))
    assert range_text(steps, 0, 60, "A") == ""
    assert range_text(steps, 60, 120, "A") == "6.0"
    assert range_text(steps, 60, 180, "A") == "6.0-none"
    assert range_text(steps, 120, 180, "A") == "none"


def test_layers_follow_the_unit_of_the_plan() -> None:
    layers = Layers("W", composite=(Step(0, 11040.0),), measured=((400, 2300.0),))
    shown = layers.in_unit_of(DAY, Supply())
    assert shown.composite == (Step(0, 16.0),)
    assert shown.measured == ((400, 10.0),)  # one phase then
    assert shown.in_unit_of(DAY, Supply()) is shown


def test_numbers_that_are_none_are_left_out() -> None:
    nan, inf = float("nan"), float("inf")
    assert clean_measured([(0, 1.0), (1, nan), (inf, 2.0)]) == ((0, 1.0),)
    assert clean_price([(60, inf), (0, 0.1), (120, None)]) == ((0, 0.1), (60, None), (120, None))


# -- the drawing


async def drawn(plan: Plan, layers: Layers, cursor: int | None, size: tuple[int, int]) -> list[str]:
    chart = ScheduleChart(plan, zone="CET")
    app: App[None] = OneApp(chart)
    async with app.run_test(size=size) as pilot:
        chart.show(plan, layers, cursor)
        await pilot.pause()
        return widget_lines(chart)


async def test_a_day_is_an_area_with_axis_labels_and_a_mark_under_the_cursor() -> None:
    lines = await drawn(DAY, Layers(), 1, (54, 9))
    assert lines == [
        "limit A  █ plan                                    CET",
        "  20 ┤",
        "     │████████████                                ████",
        "     │████████████                                ████",
        "  10 ┤████████████                                ████",
        "     │████████████████████████████████████████████████",
        "   0 ┤16 A████████6 A█████████████████████████████████",
        "                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "      00:00   04:00   08:00   12:00   16:00   20:00",
    ]


async def test_composite_measured_and_price_have_their_own_glyphs_and_numbers() -> None:
    layers = Layers("A", COMPOSITE, ((30, 15.0), (700, 5.0)), PRICE, "EUR/kWh")
    lines = await drawn(DAY, layers, 0, (110, 12))
    text = "\n".join(lines[1:-3])
    assert text.count("•") == 2
    assert "━" in text
    assert "┃" in text
    for part in ("━ in effect", "• measured", "price 0.1 to 0.33 EUR/kWh"):
        assert part in lines[0]
    assert lines[-1].startswith("price ▁")
    assert lines[-1].endswith("█")
    first = [line.ljust(7)[6] for line in lines[1:-3]]
    assert first.index("━") > first.index("▄")  # at midnight less is in effect than is planned


async def test_no_limit_is_not_zero() -> None:
    plan = Plan((Step(0, None), Step(720, 0.0)))
    lines = await drawn(plan, Layers(), None, (80, 10))
    assert "░ no limit" in lines[0]
    body = [line.ljust(80) for line in lines[1:-2]]
    assert all(line[20] == "░" for line in body)
    assert all(line[60] == " " for line in body)
    assert "no limit" in body[-1]
    assert "0 A" in body[-1]
    assert lines[-2] == ""


async def test_a_time_from_a_start() -> None:
    plan = Plan((Step(0, 16.0), Step(90, 8.0)), span="duration", duration_minutes=240)
    lines = await drawn(plan, Layers(), 1, (80, 10))
    assert lines[0].endswith("from the start")
    assert lines[-1].split() == ["+0h", "+2h"]
    assert lines[-2].strip() == "^" * 15


@pytest.mark.parametrize("size", [(80, 11), (80, 28)])
async def test_a_week_is_seven_rows_with_limits_in_words(size: tuple[int, int]) -> None:
    composite = tuple(Step(step.start_minute, min(step.limit or 0, 6900.0)) for step in WEEK.steps)
    lines = await drawn(WEEK, Layers("W", composite, (), PRICE, "EUR/kWh"), 2, size)
    days = [line for line in lines if line[2:5] in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    assert [line[:5] for line in days] == ["> mon", "> tue", "  wed", "  thu", "  fri", "  sat", "  sun"]
    assert all(line.count("11 kW") == (1 if number > 4 else 2) for number, line in enumerate(days))
    assert all("4.14 kW" in line for line in days[:5])
    assert "━" in "".join(lines[1:])
    assert "^^^^^^" in "".join(lines)
    assert "price mon 0.1 to 0.33" in lines[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (33, 9), (32, 8), (20, 5), (3, 2), (1, 1)])
@pytest.mark.parametrize("plan", [DAY, WEEK])
async def test_chart_fits_any_box_and_any_text(size: tuple[int, int], plan: Plan) -> None:
    for text in HOSTILE if size == (80, 24) else ("".join(HOSTILE),):
        chart = ScheduleChart(plan, zone=text)
        app: App[None] = OneApp(chart)
        async with app.run_test(size=size) as pilot:
            chart.show(plan, Layers(plan.unit, COMPOSITE, ((0, 1e9),), PRICE, text), 1)
            await pilot.pause()
            strips = [chart.render_line(y) for y in range(chart.size.height)]
            assert {strip.cell_length for strip in strips} == {chart.size.width}
            assert all(strip.text.isprintable() for strip in strips)


@pytest.mark.parametrize("plan", [DAY, WEEK])
async def test_nothing_but_ascii_is_left_in_ascii(plan: Plan) -> None:
    chart = ScheduleChart(plan, zone="CET")
    app = OneApp(chart, ascii_only=True)
    async with app.run_test(size=(80, 20)) as pilot:
        chart.show(plan, Layers("A", COMPOSITE, ((30, 15.0),), PRICE, "€/kWh").in_unit_of(plan, Supply()), 1)
        await pilot.pause()
        lines = screen_lines(app)
        assert all(line.isascii() for line in lines)
        price = next(line for line in lines if line.startswith("price ___"))
        assert len(set(price[6:])) == 7  # its levels are told apart


async def test_only_changed_cells_are_painted() -> None:
    chart = CountingChart(DAY, zone="CET")
    app: App[None] = OneApp(chart)
    async with app.run_test(size=(80, 12)) as pilot:
        chart.show(DAY, Layers(), 1)
        await pilot.pause()
        chart.repaints = []
        chart.show(DAY, Layers(), 1)
        assert chart.repaints == []
        chart.show(DAY.move_edge(2, 60), Layers(), 1)
        regions = [region for region in chart.repaints if region is not None]
        assert len(regions) == len(chart.repaints)
        # From 22:00, column 66 of 20 minutes each, three columns turn; the label of the last step moves with them.
        assert all(region.x >= 6 + 66 and region.right <= 80 for region in regions)
        assert sum(region.area for region in regions) < 80
