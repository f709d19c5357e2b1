from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.widgets.support import HOSTILE, SIZES, screen_lines, until, widget_lines
from widgets.ascii import AsciiFilter
from widgets.schedule_chart import ScheduleChart
from widgets.schedule_editor import ScheduleEditor
from widgets.schedule_limits import Supply
from widgets.schedule_plan import Plan, Step, Undo
from widgets.schedule_table import ScheduleTable
from widgets.schedule_times import DAY_MINUTES
from widgets.schedule_words import Mode, keys, keys_content

DAY = Plan((Step(0, 16.0), Step(360, 6.0, 1), Step(1320, 16.0)))
WEEK = Plan((Step(0, 16.0),), "A", "week")


class EditorApp(App[None]):
    def __init__(self, plan: Plan, *, ascii_only: bool = False, supply: Supply | None = None) -> None:
        super().__init__()
        self.editor = ScheduleEditor(plan, zone="CET", supply=supply)
        self.ascii_only = ascii_only
        self.changes: list[Plan] = []
        self.bubbled: list[str] = []

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        return [*filters, AsciiFilter()] if self.ascii_only else filters

    def compose(self) -> ComposeResult:
        yield self.editor
        yield Input(id="other", compact=True)

    @on(ScheduleEditor.Changed)
    def _changed(self, event: ScheduleEditor.Changed) -> None:
        self.changes.append(event.plan)

    def on_key(self, event: events.Key) -> None:
        self.bubbled.append(event.key)


def said(app: EditorApp) -> str:
    """Return the line of what is typed or has happened."""
    return screen_lines(app)[-4]


def shown_keys(app: EditorApp) -> str:
    return " ".join(" ".join(screen_lines(app)[-3:-1]).split())


async def type_in(pilot: Pilot[None], text: str) -> None:
    for character in text:
        await pilot.press(_character_to_key(character))


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("size", SIZES)
async def test_eleven_kw_at_night_six_a_by_day_monday_to_friday(size: tuple[int, int], ascii_only: bool) -> None:
    """What a person does who reads the keys on the screen, and nothing else."""
    app = EditorApp(WEEK, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        for key in ("a add step", "enter type", "up/down limit", "c copy day"):
            assert key in shown_keys(app)
        await pilot.press("enter")
        assert said(app).startswith("limit: 16 A   write 16 A, 11 kW")
        assert shown_keys(app) == "enter take it tab take it, next cell esc leave it as it was"
        await type_in(pilot, "11 kW")
        await pilot.press("enter")
        assert said(app) == "11 kW / (230 V x 3) = 15.9 A"
        await pilot.press("a")
        assert said(app).startswith("new step at: thu 12:00   write mon 06:00, 22:00")
        await type_in(pilot, "6:00")
        await pilot.press("enter")
        assert "now its limit" in said(app)
        await type_in(pilot, "6")
        await pilot.press("enter", "a")
        await type_in(pilot, "10pm")
        await pilot.press("enter", "1")
        await type_in(pilot, "1kW")
        await pilot.press("enter", "c")
        assert said(app).startswith("copy mon to: tue-fri   write tue-fri")
        await pilot.press("enter")
        assert said(app) == "mon copied to tue-fri"
        night, day = Step(0, 15.9), Step(360, 6.0)
        plan = app.editor.plan
        assert plan.span == "week"
        for each, minute in itertools.product(range(5), range(0, DAY_MINUTES, 15)):
            wanted = day if 360 <= minute < 1320 else night
            assert plan.at(each * DAY_MINUTES + minute).same_as(wanted)
        assert len(plan.steps) == 11
        assert app.changes[-1] == plan
        lines = screen_lines(app)
        assert any("> mon 15.9 A" in line for line in lines)
        assert any("mon 22:00 [   15.9 A]" in line for line in lines)
        assert not ascii_only or all(line.isascii() for line in lines)


async def test_keys_that_come_all_at_once_go_where_they_belong() -> None:
    """Over a slow link several keys come in one packet; each means what it means after the one before."""
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        packet = [
            "right",
            "right",
            "a",
            *"23:15",
            "enter",
            *"7.4kW",
            "enter",
            "left",
            "d",
            "a",
            *"9",
            "tab",
            "0",
            "enter",
        ]
        for character in packet:
            key = _character_to_key(character) if len(character) == 1 else character
            app.post_message(events.Key(key, character if len(character) == 1 else None))
        wanted = Plan((Step(0, 16.0), Step(360, 6.0, 1), Step(540, 6.0, 1), Step(1395, 10.7)))
        await until(pilot, lambda: app.editor.plan == wanted or len(app.changes) > 9)
        assert app.editor.plan == wanted


async def test_edges_limits_phases_and_units_by_key() -> None:
    app = EditorApp(DAY)
    editor = app.editor
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "left_square_bracket")
        assert editor.plan.steps[1].start_minute == 345
        await pilot.press("right_square_bracket", "shift+right")
        assert editor.plan.steps[1].start_minute == 375
        await pilot.press("shift+left", "up", "plus", "minus")
        assert editor.plan.steps[1] == Step(360, 7.0, 1)
        await pilot.press("down", "p")
        assert editor.plan.steps[1] == Step(360, 6.0, 2)
        await pilot.press("p", "p")
        assert editor.plan.steps[1] == Step(360, 6.0, None)
        await pilot.press("w")
        assert said(app) == "limits are in kW now: 6 A x 230 V x 3 = 4.14 kW"
        assert [step.limit for step in editor.plan.steps] == [11040, 4140, 11040]
        await pilot.press("up")
        assert editor.plan.steps[1].limit == 4500
        await pilot.press("minus")
        assert editor.plan.steps[1].limit == 4400
        await pilot.press("w")
        assert said(app) == "limits are in A now: 4.4 kW / (230 V x 3) = 6.3 A"
        assert len(app.changes) == 15
        assert app.bubbled == []


async def test_removing_merging_undoing_and_redoing() -> None:
    app = EditorApp(DAY)
    editor = app.editor
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("u")
        assert said(app) == "! nothing to undo"
        await pilot.press("right", "d")
        assert [step.start_minute for step in editor.plan.steps] == [0, 1320]
        assert editor.cursor == 0
        assert "m merge" in shown_keys(app)
        await pilot.press("right", "m")
        assert editor.plan.steps == (Step(0, 16.0),)
        assert said(app) == "2 steps became 1"
        assert editor.cursor == 0
        await pilot.press("u", "u")
        assert editor.plan == DAY
        assert "u undo" not in shown_keys(app)
        await pilot.press("U", "ctrl+r")
        assert editor.plan.steps == (Step(0, 16.0),)
        await pilot.press("U")
        assert said(app) == "! nothing to redo"
        await pilot.press("u", "up", "U")
        assert said(app) == "! nothing to redo"


@pytest.mark.parametrize(
    ("press", "words"),
    [
        (["d"], "the first step stays"),
        (["left_square_bracket"], "first step starts where the plan does"),
        (["shift+tab", "enter"], "first step starts where the plan does"),
        (["c"], "no days of the week"),
        (["m"], "no neighbours say the same"),
        (["enter", *"none", "enter", "up"], "there is no limit here: enter types one"),
        (["enter", "0", "enter", "down"], "a limit cannot go further"),
        (["right", *["left_square_bracket"] * 30], "the step beside it is in the way"),
    ],
)
async def test_what_cannot_be_done_is_said(press: list[str], words: str) -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*press)
        assert said(app).startswith("! ")
        assert words in said(app)


async def test_a_slip_is_told_and_can_be_mended() -> None:
    app = EditorApp(DAY)
    editor = app.editor
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "shift+tab", "enter")
        assert said(app).startswith("starts at: 06:00   write 22:00, 6am or +2h")
        await type_in(pilot, "25:00")
        await pilot.press("enter")
        assert said(app) == "starts at: 25:00_   ! that is no time here: write 22:00, 6am or +2h"
        await pilot.press("up", "left", "ctrl+r")
        assert editor.plan == DAY
        await pilot.press(*["backspace"] * 4)
        assert said(app).startswith("starts at: 2_   write")
        await pilot.press("ctrl+u")
        await type_in(pilot, "23:00")
        await pilot.press("tab")
        assert "not between its neighbours: write 00:01 to 21:59" in said(app)
        await pilot.press("ctrl+u", "plus")
        await type_in(pilot, "1h")
        await pilot.press("tab")
        assert editor.plan.steps[1].start_minute == 420
        await type_in(pilot, "8")
        await pilot.press("tab")
        await type_in(pilot, "3")
        await pilot.press("shift+tab")
        assert editor.plan.steps[1] == Step(420, 8.0, 3)
        await pilot.press("enter")
        await type_in(pilot, "99")
        await pilot.press("escape")
        assert said(app) == ""
        assert editor.plan.steps[1] == Step(420, 8.0, 3)
        assert app.bubbled == []
        await pilot.press("escape")
        assert app.bubbled == ["escape"]


async def test_what_is_pasted_is_typed_plain() -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        app.editor.post_message(events.Paste("\x1b[31m[red]9\n A"))
        await pilot.pause()
        assert "[31m[red]9  A_" in said(app)
        await pilot.press("ctrl+u")
        app.editor.post_message(events.Paste("9\tA"))
        await pilot.press("enter")
        assert app.editor.plan.steps[0].limit == 9


async def test_tab_goes_through_the_cells_and_on() -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.focused is app.editor
        assert any("[   16.0 A]" in line for line in screen_lines(app))
        await pilot.press("tab")
        assert any("[     -]" in line for line in screen_lines(app))
        await pilot.press("tab")
        await pilot.pause()
        assert app.focused is app.query_one("#other")
        assert not any("[" in line for line in screen_lines(app)[10:])
        assert shown_keys(app) == ""
        await pilot.press("shift+tab")
        assert app.focused is app.editor
        assert any("[00:00    ]" in line for line in screen_lines(app))


async def test_what_is_typed_is_left_when_the_focus_goes() -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "9")
        app.query_one("#other").focus()
        await pilot.pause()
        assert said(app) == ""
        app.editor.focus()
        await pilot.press("up")
        assert app.editor.plan.steps[0].limit == 17


async def test_a_locked_plan_is_looked_at_and_says_why() -> None:
    app = EditorApp(DAY)
    editor = app.editor
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "9")
        editor.locked = "read-only: another operator edits"
        await pilot.pause()
        assert said(app) == "! read-only: another operator edits"
        await pilot.press(*"adpcwmuU9", "enter", "up", "plus", "left_square_bracket", "ctrl+r")
        assert editor.plan == DAY
        assert app.bubbled == []
        await pilot.press("right")
        assert editor.cursor == 1
        assert said(app) == "! read-only: another operator edits"
        assert shown_keys(app) == "left/right step"
        editor.locked = None
        await pilot.press("up")
        assert editor.plan.steps[1].limit == 7


async def test_a_plan_set_from_outside_is_a_change_and_a_loaded_one_a_beginning() -> None:
    app = EditorApp(DAY)
    editor = app.editor
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "right")
        short = Plan((Step(0, 10.0),))
        editor.plan = short
        await pilot.pause()
        assert editor.cursor == 0
        assert app.changes == [short]
        await pilot.press("u")
        assert editor.plan == DAY
        editor.load(WEEK)
        await pilot.press("u")
        assert editor.plan == WEEK
        assert "c copy day" in shown_keys(app)


async def test_layers_follow_the_unit_and_stand_in_the_table() -> None:
    app = EditorApp(DAY)
    editor = app.editor
    async with app.run_test(size=(120, 40)) as pilot:
        editor.set_composite([Step(0, 6900.0), Step(720, 4140.0), Step(1320, None)], "W")
        editor.set_measured([(30, 9.5), (60, 9.7)])
        editor.set_price([(0, 0.1), (720, 0.3)], "EUR/kWh")
        await pilot.pause()
        head = screen_lines(app)[0]
        assert "in effect" in head
        assert "price 0.1 to 0.3 EUR/kWh" in head
        rows = [line.split()[-1] for line in widget_lines(app.query_one(ScheduleTable))[1:4]]
        assert rows == ["10.0", "6.0-10.0", "none"]
        await pilot.press("w")
        rows = [line.split()[-1] for line in widget_lines(app.query_one(ScheduleTable))[1:4]]
        assert rows == ["6.9", "4.1-6.9", "none"]
        editor.set_price([], "")
        await pilot.pause()
        assert "price" not in "\n".join(screen_lines(app))


async def test_direct_current_has_no_phases() -> None:
    app = EditorApp(Plan((Step(0, 50.0),)), supply=Supply(400, None))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "p phases" not in shown_keys(app)
        await pilot.press("p")
        assert "direct current has no phases" in said(app)
        await pilot.press("w")
        assert said(app) == "limits are in kW now: 50 A x 400 V = 20 kW"


@pytest.mark.parametrize(("size", "chart"), [((80, 24), True), ((120, 40), True), ((44, 24), False), ((80, 13), False)])
async def test_where_there_is_no_room_for_both_the_table_stays(size: tuple[int, int], chart: bool) -> None:
    app = EditorApp(WEEK.split(360).split(1320).copy_day(0, range(1, 7)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("end", *["right"] * 9)
        assert app.query_one(ScheduleChart).display is chart
        assert any(f"step {app.editor.cursor + 1} of" in line for line in screen_lines(app))
        assert any(line.lstrip().startswith(">") or "> " in line for line in screen_lines(app))
        beside = app.query_one(ScheduleTable).region.x > 0
        assert beside is (size[0] == 120)


@pytest.mark.parametrize("size", [(20, 6), (5, 5), (1, 1)])
@pytest.mark.parametrize("plan", [DAY, WEEK])
async def test_it_lives_in_any_box(size: tuple[int, int], plan: Plan) -> None:
    app = EditorApp(plan)
    async with app.run_test(size=size) as pilot:
        app.editor.set_price([(0, 1.0)], "".join(HOSTILE))
        await pilot.press("a", "enter", "up", "c", "escape")
        await pilot.resize_terminal(120, 40)
        assert any("LIMIT" in line for line in screen_lines(app))


async def test_a_table_too_long_scrolls_with_the_cursor() -> None:
    steps = tuple(Step(hour * 60, float(hour)) for hour in range(24))
    app = EditorApp(Plan(steps))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.query_one(ScheduleTable)
        await pilot.press(*["right"] * 23)
        assert widget_lines(table)[-1].startswith(">  23:00")
        await pilot.press(*["left"] * 23)
        assert widget_lines(table)[1].startswith(">  00:00")
        assert widget_lines(table)[1].endswith("▐")


async def test_the_mouse_picks_a_step() -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(ScheduleTable, offset=(5, 2))
        assert app.editor.cursor == 1
        await pilot.click(ScheduleChart, offset=(6 + 70, 3))
        assert app.editor.cursor == 2
        await pilot.click(ScheduleChart, offset=(1, 3))
        assert app.editor.cursor == 2


async def test_keys_can_be_remapped() -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_keymap({"schedule.raise": "x"})
        await pilot.press("x")
        assert app.editor.plan.steps[0].limit == 17


async def test_a_key_paints_little_and_lays_out_nothing() -> None:
    app = EditorApp(DAY)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right")
        layouts: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.screen, layouts.append)
        await pilot.pause()
        layouts.clear()
        await pilot.press("up", "left", "p", "a", "9", "enter")
        await pilot.pause()
        assert layouts == []


def test_the_keys_fit_two_lines_in_every_state() -> None:
    equal = Plan((Step(0, 11000.0), Step(60, 11000.0)), "W", "week")
    full = Undo(equal).do(WEEK).do(equal).do(DAY).undo()
    for history in (full, Undo(DAY), Undo(WEEK)):
        for locked, typing, cursor in itertools.product((False, True), (False, True), (0, 1)):
            shown = keys(history, Mode(locked, typing, cursor, Supply()))
            lines = keys_content(shown, 80).plain.split("\n")
            assert 1 <= len(lines) <= 2
            assert all(len(line.rstrip()) <= 80 for line in lines)
    assert len(keys(full, Mode(False, False, 1, Supply()))) == 14
