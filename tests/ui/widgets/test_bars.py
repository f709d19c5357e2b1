from __future__ import annotations

from typing import ClassVar

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Button

from tests.ui.widgets.support import HOSTILE, SIZES, screen_lines, until
from widgets.filter_bar import FilterBar
from widgets.status_line import StatusLine


class BarsApp(App[None]):
    BINDINGS: ClassVar = [Binding("slash", "open_filter"), Binding("escape", "clear_filter")]

    def __init__(self) -> None:
        super().__init__()
        self.bar = FilterBar()
        self.status = StatusLine()
        self.filters: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.bar
        yield Button("one")
        yield Button("two", id="two")
        yield self.status

    def action_open_filter(self) -> None:
        self.bar.open()

    def action_clear_filter(self) -> None:
        self.bar.clear()

    @on(FilterBar.Changed)
    def _changed(self, event: FilterBar.Changed) -> None:
        self.filters.append(event.text)
        self.bar.set_summary(f"{5 - len(event.text)} of 12 stations")


@pytest.mark.parametrize("size", SIZES)
async def test_filter_is_typed_kept_reopened_and_cleared(size: tuple[int, int]) -> None:
    app = BarsApp()
    async with app.run_test(size=size) as pilot:
        app.query_one("#two").focus()
        assert not app.bar.display
        await pilot.press("slash")
        assert app.bar.is_open
        await pilot.press("g", "a")
        assert app.filters == ["g", "ga"]
        await pilot.press("enter")
        assert app.focused is app.query_one("#two")
        assert screen_lines(app)[0].startswith(" / ga  ")
        assert screen_lines(app)[0].endswith("3 of 12 stations")
        await pilot.press("slash", "r")
        assert app.bar.text == "gar"
        await pilot.press("escape")
        assert app.filters[-1] == ""
        assert not app.bar.display
        assert app.focused is app.query_one("#two")


async def test_a_kept_filter_is_cleared_from_anywhere_and_keeps_the_focus() -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bar.text = "garage"
        await until(pilot, lambda: app.bar.display)
        app.query_one("#two").focus()
        await pilot.press("escape")
        assert app.filters[-1] == ""
        assert app.focused is app.query_one("#two")
        await until(pilot, lambda: not app.bar.display)


async def test_an_empty_filter_hides_when_the_focus_goes() -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await until(pilot, lambda: app.bar.display)
        await pilot.press("tab")
        await until(pilot, lambda: not app.bar.display)
        await pilot.press("slash", "enter")
        await until(pilot, lambda: not app.bar.display)


@pytest.mark.parametrize("kind", ["ok", "warn", "bad", "busy"])
async def test_status_says_when_how_and_what(kind: str) -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.status.say("CP-01 connector 2: RemoteStart accepted", kind, "14:02:11")
        await pilot.pause()
        word = {"ok": "ok  ", "warn": "WARN", "bad": "FAIL", "busy": "... "}[kind]
        assert app.status.render_line(0).text.rstrip() == (f" 14:02:11  {word} CP-01 connector 2: RemoteStart accepted")


@pytest.mark.parametrize("text", HOSTILE)
async def test_status_is_one_plain_line(text: str) -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.status.say(text)
        await pilot.pause()
        strip = app.status.render_line(0)
        assert strip.text.isprintable()
        assert not any("@click" in segment.style.meta for segment in strip if segment.style)
        assert app.status.size.height == 1
        app.bar.set_summary(text)
        await pilot.pause()


async def test_status_needs_no_layout() -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        layouts: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.screen, layouts.append)
        await pilot.pause()
        layouts.clear()
        app.status.say("done", at="10:00:00")
        await until(pilot, lambda: "done" in app.status.render_line(0).text)
        await pilot.pause()
        assert layouts == []
        assert app.status.said == ("done", "ok", "10:00:00")
