from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.widget import Widget

from tests.ui.widgets.support import HOSTILE, SIZES, screen_lines, until, widget_lines
from widgets.ascii import AsciiFilter, needs_ascii, to_ascii
from widgets.json_view import JsonView
from widgets.line_chart import LineChart

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
POWER = [(NOON + 30 * n, 11.0 if n % 20 else 3.7) for n in range(100)]


class OneApp(App[None]):
    def __init__(self, widget: Widget, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.widget = widget
        self.ascii_only = ascii_only

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.ascii_only else filters

    def compose(self) -> ComposeResult:
        yield self.widget


class CountingChart(LineChart):
    """Remembers which regions it asked to repaint; None is all of it."""

    repaints: list[Region | None]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False):
        if hasattr(self, "repaints"):
            self.repaints.extend(regions or [None])
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


@pytest.mark.parametrize(
    ("values", "figures"),
    [
        ((724.161, 724.164, 724.171), "register 724.17 kWh   min 724.16   max 724.17"),
        ((230.0, 230.0), "register 230 kWh   min 230   max 230"),
        ((0.0, 0.31), "register 0.31 kWh   min 0.00   max 0.31"),
        ((724.1551, 724.1554), "register 724.155 kWh   min 724.155   max 724.155"),
    ],
)
async def test_figures_have_the_decimals_that_tell_least_and_most_apart(values: Sequence[float], figures: str) -> None:
    chart = LineChart(tz=UTC)
    async with OneApp(chart).run_test(size=(60, 6)) as pilot:
        chart.set_series("register", "kWh", [(NOON + place, value) for place, value in enumerate(values)])
        await pilot.pause()
        assert widget_lines(chart)[0].rstrip() == figures


@pytest.mark.parametrize("size", SIZES)
async def test_chart_shows_figures_curve_units_and_times(size: tuple[int, int]) -> None:
    chart = LineChart(tz=UTC)
    app = OneApp(chart)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert widget_lines(chart)[0] == "no values yet"
        chart.set_series("power", "kW", POWER)
        chart.set_series("soc", "%", [(NOON, 20.0), (NOON + 30, 21.0)])
        await pilot.pause()
        lines = widget_lines(chart)
        assert lines[0] == "power 11.0 kW   min 3.7   max 11.0   1 of 2"
        assert lines[-1].split()[0] == "12:00"
        assert lines[1].startswith("12.5 ┤")
        assert lines[-2].startswith(" 0.0 ┤")
        assert any("⠤" <= char <= "⣿" for line in lines for char in line)
        chart.show_next()
        await pilot.pause()
        assert widget_lines(chart)[0].startswith("soc 21.0 %")
        chart.show("power")
        assert widget_lines(chart)[0].startswith("power")
        chart.clear()
        assert widget_lines(chart)[0] == "no values yet"


async def test_chart_shows_a_gap_as_a_gap() -> None:
    chart = LineChart(tz=UTC)
    app = OneApp(chart)
    async with app.run_test(size=(80, 24)) as pilot:
        chart.set_series("power", "kW", [point for point in POWER if not NOON + 900 < point[0] < NOON + 1800])
        await pilot.pause()
        columns = zip(*(line.ljust(80)[5:] for line in widget_lines(chart)[1:-1]), strict=True)
        drawn = "".join(" " if set(column) == {" "} else "#" for column in columns).rstrip()
        assert len(drawn.split()) == 2


async def test_a_new_value_repaints_only_lines_that_changed() -> None:
    chart = CountingChart(tz=UTC)
    app = OneApp(chart)
    async with app.run_test(size=(80, 24)) as pilot:
        chart.set_series("power", "kW", POWER[:45])
        await pilot.pause()
        chart.repaints = []
        chart.set_series("power", "kW", POWER[:45])
        assert chart.repaints == []
        chart.set_series("power", "kW", POWER[:46])
        assert len(chart.repaints) == 1
        chart.set_series("voltage", "V", POWER)
        assert len(chart.repaints) == 2


@pytest.mark.parametrize("size", [(80, 24), (20, 5), (8, 4), (3, 2), (1, 1)])
async def test_chart_fits_any_box_and_any_name(size: tuple[int, int]) -> None:
    for text in HOSTILE:
        chart = LineChart()
        chart.styles.min_height = 1
        app = OneApp(chart)
        async with app.run_test(size=size) as pilot:
            chart.set_series(text, text, POWER)
            await pilot.pause()
            strips = [chart.render_line(y) for y in range(chart.size.height)]
            assert {strip.cell_length for strip in strips} == {chart.size.width}
            assert all(strip.text.isprintable() for strip in strips)


async def test_json_is_indented_scrolled_and_searched() -> None:
    view = JsonView()
    app = OneApp(view)
    value = {"connectorId": 1, "list": list(range(100)), "Status": "[/oops]", "long": "x" * 300}
    async with app.run_test(size=(80, 24)) as pilot:
        view.show_json(value)
        view.focus()
        await pilot.pause()
        assert widget_lines(view)[:2] == ["{", '  "connectorId": 1,']
        assert json.loads(view.text) == value
        await pilot.press("G")
        assert widget_lines(view)[-1].startswith("}") or "}" in widget_lines(view)
        await pilot.press("right", "right")
        assert any(line.startswith("xxx") for line in widget_lines(view))
        await pilot.press("g")
        assert widget_lines(view)[0] == "{"
        await pilot.press("j", "pagedown", "pageup", "k")
        assert widget_lines(view)[0] == "{"
        assert view.find("STATUS") == 1
        line = next(view.render_line(y) for y in range(23) if "Status" in view.render_line(y).text)
        assert [part.text for part in line if part.style and part.style.reverse] == ["Status"]
        assert view.find("9") == 19
        places = []
        for _ in range(3):
            await pilot.press("n")
            places.append(view.scroll_offset.y)
        await pilot.press("N")
        assert view.scroll_offset.y == places[1]
        assert view.find("nowhere") == 0
        await pilot.press("n")


@pytest.mark.parametrize("text", HOSTILE)
async def test_documents_are_data(text: str) -> None:
    view = JsonView(text)
    app = OneApp(view)
    async with app.run_test(size=(80, 24)) as pilot:
        view.find(text[:3])
        await pilot.pause()
        strips = [view.render_line(y) for y in range(view.size.height)]
        assert all(strip.text.isprintable() and strip.cell_length == view.size.width for strip in strips)
        assert not any("@click" in part.style.meta for strip in strips for part in strip if part.style)


async def test_a_huge_document_costs_its_screen() -> None:
    view = JsonView("\n".join(f'"key {n}": {n},' for n in range(100_000)))
    app = OneApp(view)
    async with app.run_test(size=(80, 24)) as pilot:
        view.focus()
        await pilot.press("end")
        await until(pilot, lambda: "99999" in widget_lines(view)[-1])


@pytest.mark.parametrize(
    ("env", "ascii_only"),
    [
        ({}, True),
        ({"LANG": "C"}, True),
        ({"LANG": "en_US.ISO-8859-1", "TERM": "xterm"}, True),
        ({"LANG": "sv_SE.UTF-8", "TERM": "xterm-256color"}, False),
        ({"LANG": "C", "LC_ALL": "C.utf8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "vt220"}, True),
    ],
)
def test_needs_ascii(env: dict[str, str], ascii_only: bool) -> None:
    assert needs_ascii(env) is ascii_only


def test_ascii_look_alikes() -> None:
    assert to_ascii("┌─┐│├┼┤└┘═║") == "+-+|+++++-|"
    assert to_ascii("↑↓←→…·") == "^v<>~."
    assert to_ascii("Åby é ü ñ ß µ °C") == "Aby e u n s u oC"
    assert to_ascii("充電a") == "????a"
    assert to_ascii("⠀⠁⠏⣿█▐") == " .*###"
    assert to_ascii("e\u0301") == "e"


def test_ascii_takes_as_many_cells() -> None:
    for code in (*range(0x80, 0x3000), *range(0x4E00, 0x4E40), *range(0x1F300, 0x1F700)):
        char = chr(code)
        assert to_ascii(char).isascii()
        if char.isprintable():
            assert len(to_ascii(char)) == cell_len(char), hex(code)


async def test_the_filter_leaves_no_glyph_on_the_screen() -> None:
    chart = LineChart(tz=UTC)
    app = OneApp(chart, ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        chart.border_title = "Åby · power"
        chart.styles.border = ("round", Color.parse("red"))
        chart.set_series("power", "kW", POWER)
        await pilot.pause()
        assert all(line.isascii() for line in screen_lines(app))
        assert "Aby . power" in screen_lines(app)[0]


async def test_a_better_series_that_comes_later_is_shown_until_somebody_asks_for_another() -> None:
    chart = LineChart(tz=UTC)
    app = OneApp(chart)
    async with app.run_test() as pilot:
        await pilot.pause()
        chart.set_series("energy", "kWh", [(NOON, 1.0)])
        chart.prefer("energy")
        chart.set_series("power", "kW", POWER)
        chart.prefer("power")
        assert chart.shown == "power"
        chart.show_next()
        assert chart.shown == "energy"
        chart.prefer("power")
        assert chart.shown == "energy"
