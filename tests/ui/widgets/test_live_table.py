from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.widgets import Input

from tests.ui.widgets.support import HOSTILE, SIZES, screen_lines, until, widget_lines
from widgets.columns import Column
from widgets.live_table import LiveTable
from widgets.row_line import Cell

COLUMNS = (
    Column("name", "STATION", 12),
    Column("state", "STATE", 12, flex=True),
    Column("power", "POWER", 9, align="right"),
    Column("model", "MODEL", 14, min_total_width=100),
)


class CountingTable(LiveTable):
    """Remembers which regions it asked to repaint; None is all of it."""

    repaints: list[Region | None]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False):
        if hasattr(self, "repaints"):
            self.repaints.extend(regions or [None])
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class TableApp(App[None]):
    def __init__(self, rows: int = 5) -> None:
        super().__init__()
        self.keys = [f"CP-{n:05d}" for n in range(rows)]
        self.cells: dict[str, dict[str, Cell]] = {}
        self.asked: list[str] = []
        self.selected: list[str] = []
        self.highlighted: list[str | None] = []
        self.table = CountingTable(COLUMNS, self.render_row, empty_text="no stations yet\npoint one here")

    def render_row(self, key: str) -> Mapping[str, Cell]:
        self.asked.append(key)
        return self.cells.get(key, {"name": key, "state": ("available", "ok"), "power": "."})

    def compose(self) -> ComposeResult:
        yield self.table
        yield Input()

    def on_mount(self) -> None:
        self.table.focus()
        self.table.set_rows(self.keys)

    @on(LiveTable.RowSelected)
    def _selected(self, event: LiveTable.RowSelected) -> None:
        self.selected.append(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _highlighted(self, event: LiveTable.RowHighlighted) -> None:
        self.highlighted.append(event.row_key)

    def watch_repaints(self) -> list[Region | None]:
        """Start a new list of repaints and return it."""
        self.table.repaints = []
        return self.table.repaints


@pytest.mark.parametrize("size", SIZES)
async def test_shows_header_rows_and_cursor(size: tuple[int, int]) -> None:
    app = TableApp()
    app.cells["CP-00001"] = {"name": "CP-00001", "power": "11.0 kW", "state": [("C", "ok"), (" P", "warn")]}
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        lines = screen_lines(app)
        assert lines[0].split() == ["STATION", "STATE", "POWER"] + ["MODEL"] * (size[0] > 100)
        assert lines[1].startswith("> CP-00000      available")
        assert lines[2].startswith("  CP-00001      C P")
        power_ends = lines[0].index("POWER") + len("POWER")
        assert lines[2].index("11.0 kW") + len("11.0 kW") == power_ends
        assert all(strip.cell_length == size[0] for strip in map(app.table.render_line, range(size[1] - 3)))


async def test_every_key_moves_the_cursor() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        page = app.table.size.height - 2
        for key, index in (
            ("down", 1), ("j", 2), ("up", 1), ("k", 0), ("k", 0), ("pagedown", page), ("pagedown", 2 * page),
            ("pageup", page), ("end", 99), ("j", 99), ("home", 0), ("G", 99), ("g", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert app.table.cursor_key == app.keys[index], key
            assert any(line.startswith(f"> {app.keys[index]}") for line in screen_lines(app)), key
        await pilot.press("j", "enter")
        assert app.selected == ["CP-00001"]
        assert app.highlighted[-1] == "CP-00001"


async def test_header_stays_while_scrolling_and_thumb_moves() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert widget_lines(app.table)[1].endswith("▐")
        await pilot.press("end")
        lines = widget_lines(app.table)
        assert "STATION" in lines[0]
        assert lines[-1].startswith("> CP-00099")
        assert lines[-1].endswith("▐")
        assert not lines[1].endswith("▐")


async def test_cursor_stays_on_its_row_when_rows_change() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.cursor_key = "CP-00050"
        app.table.action_cursor_by(-10)
        await pilot.pause()
        line = widget_lines(app.table).index(next(x for x in widget_lines(app.table) if x.startswith(">")))
        app.table.set_rows([f"NEW-{n}" for n in range(7)] + app.keys)
        await pilot.pause()
        assert app.table.cursor_key == "CP-00040"
        assert widget_lines(app.table)[line].startswith("> CP-00040")
        app.table.set_rows(list(reversed(app.keys)))
        assert app.table.cursor_key == "CP-00040"
        assert "CP-00040" in app.table.visible_keys


async def test_rows_added_out_of_sight_repaint_nothing_but_the_thumb() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.cursor_key = "CP-00050"
        app.table.action_cursor_by(-10)
        await pilot.pause()
        repaints = app.watch_repaints()
        app.table.set_rows(["NEW-0", *app.keys])
        await pilot.pause()
        assert None not in repaints
        assert len(repaints) <= 2


async def test_at_the_top_the_table_stays_at_the_top() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j")
        app.table.set_rows(["NEW", *app.keys])
        await pilot.pause()
        assert app.table.visible_keys[0] == "NEW"
        assert widget_lines(app.table)[4].startswith("> CP-00002")


async def test_scrolled_away_from_the_cursor_the_first_line_stays() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.scroll_to(y=50, animate=False)
        await pilot.pause()
        app.table.set_rows([*[f"NEW-{n}" for n in range(9)], *app.keys])
        await pilot.pause()
        assert app.table.visible_keys[0] == "CP-00050"
        assert app.table.cursor_key == "CP-00000"


async def test_when_its_row_goes_the_cursor_keeps_its_place() -> None:
    app = TableApp(5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j")
        app.table.set_rows([key for key in app.keys if key != "CP-00002"])
        assert app.table.cursor_key == "CP-00003"
        app.table.set_rows(["CP-00000"])
        assert app.table.cursor_key == "CP-00000"
        app.table.set_rows([])
        await pilot.pause()
        assert app.table.cursor_key is None
        assert app.highlighted[-1] is None
        await pilot.press("enter", "j", "end", "pageup")
        assert app.selected == []


async def test_empty_text_and_cursor_wanted_before_rows() -> None:
    app = TableApp(0)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen_lines(app)[2:4] == ["  no stations yet", "  point one here"]
        app.table.cursor_key = "B"
        app.table.set_rows(["A", "B", "C"])
        await pilot.pause()
        assert app.table.cursor_key == "B"
        assert [line[:3] for line in screen_lines(app)[1:4]] == ["  A", "> B", "  C"]
        app.table.cursor_key = "nobody"
        assert app.table.cursor_key == "B"


async def test_rows_and_cursor_given_before_the_table_is_on_screen() -> None:
    app = TableApp(100)
    app.table.set_rows(app.keys)
    app.table.touch(app.keys)
    app.table.cursor_key = "CP-00060"
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert any(line.startswith("> CP-00060") for line in screen_lines(app))


async def test_sort_mark_is_text() -> None:
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.sort_key = "power"
        await pilot.pause()
        assert "POWER ^" in screen_lines(app)[0]
        app.table.descending = True
        await pilot.pause()
        assert "POWER v" in screen_lines(app)[0]


async def test_cursor_is_reversed_only_with_focus_but_always_marked() -> None:
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert all(part.style and part.style.reverse for part in list(app.table.render_line(1))[:-1])
        await pilot.press("tab")
        await until(pilot, lambda: not any(p.style and p.style.reverse for p in app.table.render_line(1)))
        assert screen_lines(app)[1].startswith("> CP-00000")


async def test_touched_rows_on_screen_are_repainted_together() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        repaints = app.watch_repaints()
        for number in range(500):
            for key in app.keys:
                app.cells[key] = {"name": key, "state": f"charging {number}", "power": "."}
            app.table.touch(app.keys)
        await until(pilot, lambda: "charging 499" in screen_lines(app)[1])
        assert len(repaints) == app.table.size.height - 1
        assert {region.y for region in repaints if region} == set(range(1, app.table.size.height))


async def test_touches_wait_for_one_flush_and_no_flush_comes_early(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.cells["CP-00001"] = {"name": "first"}
        app.table.touch(["CP-00001"])
        await until(pilot, lambda: "first" in screen_lines(app)[2])
        monkeypatch.setattr(CountingTable, "FLUSH_S", 3600.0)
        timers = []
        monkeypatch.setattr(app.table, "set_timer", lambda delay_s, _: timers.append(delay_s))
        app.cells["CP-00001"] = {"name": "second"}
        app.table.touch(["CP-00001"])
        assert len(timers) == 1
        assert timers[0] > 3000
        await pilot.pause()
        assert "first" in screen_lines(app)[2]


async def test_many_touches_set_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        timers = []
        set_timer = app.table.set_timer
        monkeypatch.setattr(app.table, "set_timer", lambda *args: timers.append(args) or set_timer(*args))
        for key in app.keys:
            app.table.touch([key])
        assert len(timers) == 1


async def test_touching_unchanged_rows_repaints_nothing() -> None:
    app = TableApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        repaints = app.watch_repaints()
        app.asked.clear()
        app.table.touch(app.keys)
        await until(pilot, lambda: len(app.asked) >= app.table.size.height - 1)
        await pilot.pause()
        assert repaints == []
        app.table.set_rows(list(app.keys))
        assert repaints == []


async def test_only_the_cells_up_to_the_last_change_are_repainted() -> None:
    app = TableApp(3)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        repaints = app.watch_repaints()
        app.cells["CP-00001"] = {"name": "CP-0000X", "state": ("available", "ok"), "power": "."}
        app.table.touch(["CP-00001"])
        await until(pilot, lambda: "CP-0000X" in screen_lines(app)[2])
        assert repaints == [Region(0, 2, len("  CP-0000X"), 1)]


async def test_cost_does_not_depend_on_the_number_of_rows() -> None:
    asked = []
    for count in (100, 50_000):
        app = TableApp(count)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.asked.clear()
            app.table.refresh()
            await pilot.press("pagedown", "end", "k", "home")
            app.cells[app.keys[0]] = {"name": "changed"}
            app.table.touch(app.keys)
            await until(pilot, lambda app=app: "changed" in screen_lines(app)[1])
            asked.append(len(app.asked))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("text", HOSTILE)
async def test_text_of_a_device_is_data(text: str) -> None:
    app = TableApp(3)
    app.cells["CP-00001"] = {"name": text, "state": (text, "bad"), "power": [(text, "warn"), (text, "ok")]}
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        strip = app.table.render_line(2)
        assert strip.cell_length == 80
        assert strip.text.isprintable()
        assert all(not (segment.style and segment.style.meta) for segment in strip)
        assert text.startswith("[") <= (text[:11] in strip.text)
        await pilot.click(app.table, offset=(4, 2))
        assert app.is_running


async def test_mouse_moves_the_cursor_and_opens() -> None:
    app = TableApp(5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(app.table, offset=(4, 3))
        assert app.table.cursor_key == "CP-00002"
        await pilot.double_click(app.table, offset=(4, 4))
        assert app.selected == ["CP-00003"]
        await pilot.click(app.table, offset=(4, 12))
        assert app.table.cursor_key == "CP-00003"


async def test_a_new_theme_and_a_new_size_show_at_once() -> None:
    app = TableApp(50)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = app.table.render_line(2)
        app.theme = "ansi-dark"
        await until(pilot, lambda: app.table.render_line(2) != before)
        await pilot.press("end")
        await pilot.resize_terminal(120, 10)
        await until(pilot, lambda: app.table.size.width == 120)
        assert "MODEL" in screen_lines(app)[0]
        assert any(line.startswith("> CP-00049") for line in screen_lines(app))


def test_two_flexible_columns_are_refused() -> None:
    columns: Sequence[Column] = [Column("a", "A", 5, flex=True), Column("b", "B", 5, flex=True)]
    with pytest.raises(ValueError, match="flexible"):
        LiveTable(columns, lambda _: {})
