from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events, on
from textual.app import App, ComposeResult

from tests.ui.widgets.support import HOSTILE, screen_lines, until
from widgets.outline_form import OutlineForm
from widgets.outline_row import OutlineRow

ROWS = (
    OutlineRow("tag", "idTag", required=True),
    OutlineRow("kind", "kind", choices=("", "Soft", "Hard")),
    OutlineRow("evse", "evse", group=True, folded=True, note="left out"),
    OutlineRow("pin", "pin", depth=1, password=True),
)


class FormApp(App[None]):
    """Puts what is typed into the rows, as a screen does."""

    def __init__(self, rows: tuple[OutlineRow, ...] = ROWS) -> None:
        super().__init__()
        self.form = OutlineForm()
        self.first = rows
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.form

    def on_mount(self) -> None:
        self.form.set_rows(self.first)
        self.form.take_focus()

    @on(OutlineForm.Typed)
    def _typed(self, event: OutlineForm.Typed) -> None:
        self.said.append((event.key, event.value))
        self.form.set_rows([replace(row, value=event.value) if row.key == event.key else row for row in self.form.rows])

    @on(OutlineForm.Opened)
    @on(OutlineForm.MoreAsked)
    @on(OutlineForm.LessAsked)
    def _asked(self, event: OutlineForm.RowMessage) -> None:
        self.said.append((event.key, type(event).__name__))

    @property
    def values(self) -> dict[str, str]:
        return {row.key: row.value for row in self.form.rows}


async def test_text_is_typed_where_it_stands_and_choices_are_stepped_through() -> None:
    app = FormApp()
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.press(*"04A2", "enter", "right", "right", "left", "down", "down", *"12")
        await until(pilot, lambda: app.values == {"tag": "04A2", "kind": "Soft", "evse": "", "pin": "12"})
        await pilot.press("up", "up", "h")
        await until(pilot, lambda: app.values["kind"] == "Hard")
        assert screen_lines(app)[:4] == [
            "    idTag *     04A2",
            ">   kind        < Hard >",
            "  + evse        left out",
            "      pin       **",
        ]


async def test_keys_that_come_faster_than_the_screen_answers_are_all_kept() -> None:
    app = FormApp()
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.press(*"a")
        app.form.set_rows(ROWS)  # an answer that was under way when the letter was typed
        await pilot.press(*"bc")
        await until(pilot, lambda: app.values["tag"] == "abc")
        app.form.set_rows(ROWS, fresh=True)
        await pilot.press("x")
        await until(pilot, lambda: app.values["tag"] == "x")


async def test_a_group_is_opened_and_asked_for_more_and_less() -> None:
    app = FormApp()
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.press("down", "down", "enter", "right", "left", "plus", "minus")
        await until(pilot, lambda: len(app.said) == 4)
        assert [what for _, what in app.said] == ["Opened", "Opened", "MoreAsked", "LessAsked"]


async def test_several_lines_pasted_become_one_in_quotes() -> None:
    app = FormApp()
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        assert app.focused is not None
        app.focused.post_message(events.Paste("-----BEGIN\nMII\n-----END\n"))
        await until(pilot, lambda: app.values["tag"] == r'"-----BEGIN\nMII\n-----END\n"')


async def test_a_long_form_scrolls_with_the_cursor_and_the_editor_stays_on_its_row() -> None:
    app = FormApp(tuple(OutlineRow(str(number), f"field {number}") for number in range(40)))
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.press(*["down"] * 20, *"here")
        await until(pilot, lambda: app.values["20"] == "here")
        shown = next(line for line in screen_lines(app) if "field 20" in line)
        assert shown.startswith(">")
        assert "here" in shown
        await pilot.press("pagedown", "pageup", "x")
        await until(pilot, lambda: app.values["20"] == "herex")


async def test_what_is_wrong_stands_beside_the_field() -> None:
    row = OutlineRow("tag", "idTag", value="x", problem="is no whole number")
    app = FormApp((row, replace(row, key="other"), OutlineRow("g", "g", group=True, problem="must have 1 or more")))
    async with app.run_test(size=(60, 8)) as pilot:
        await until(pilot, lambda: "must have" in "\n".join(screen_lines(app)))
        assert [line.endswith("! is no whole number") for line in screen_lines(app)[:2]] == [True, True]
        await pilot.press(*"yz")
        await until(pilot, lambda: app.values["tag"] == "xyz")
        assert "xyz" in screen_lines(app)[0]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_text(text: str) -> None:
    app = FormApp((OutlineRow("a", text, value=text, problem=text), OutlineRow("b", "b", group=True, note=text)))
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        lines = screen_lines(app)
        assert len(lines) == 8
        assert all(line.isprintable() for line in lines)
