from __future__ import annotations

import pytest
from textual.app import App
from textual.events import Key
from textual.screen import ModalScreen

from tests.ui.widgets.support import HOSTILE, SIZES, screen_lines, until
from widgets.dialog import ConfirmDialog, PromptDialog
from widgets.form import Choice, Field


class DialogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    def ask(self, dialog: ModalScreen) -> None:
        self.push_screen(dialog, self.answers.append)


def shown(app: App[None]) -> str:
    return "\n".join(screen_lines(app))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["n"], False),
        (["y"], True),
        (["tab", "enter"], True),
        (["right", "enter"], True),
        (["right", "left", "enter"], False),
    ],
)
async def test_confirm(size: tuple[int, int], keys: list[str], answer: bool) -> None:
    app = DialogApp()
    async with app.run_test(size=size) as pilot:
        app.ask(ConfirmDialog("Reset CP-07?", ["Åby depot", "2 transactions run"], confirm="Reset"))
        await pilot.pause()
        assert app.focused is app.screen.query_one("#cancel")
        for text in ("Reset CP-07?", "2 transactions run", "[ Cancel ]", "[ Reset ]"):
            assert text in shown(app)
        await pilot.press(*keys)
        await until(pilot, lambda: bool(app.answers))
        assert app.answers == [answer]


def a_second_ago(key: str) -> Key:
    pressed = Key(key, key if len(key) == 1 else None)
    pressed.time -= 1
    return pressed


@pytest.mark.parametrize("key", ["y", "n", "escape", "enter"])
async def test_a_key_typed_before_the_question_was_painted_does_not_answer_it(key: str) -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmDialog("Unlock?"))
        app.post_message(a_second_ago(key))  # before anything is painted
        await pilot.pause()
        assert "y yes" in shown(app)
        app.post_message(a_second_ago(key))  # out of a queue, when all is painted
        await pilot.pause()
        assert app.answers == []
        await pilot.press(key)
        await until(pilot, lambda: app.answers == [key == "y"])


@pytest.mark.parametrize("reply", ["[?2026;2$y", "[?2048;0$y", "[<35;10;20Mny"])
async def test_the_rest_of_a_terminals_reply_answers_nothing(reply: str) -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmDialog("Unlock?"))
        await pilot.pause()
        for key in [Key(character, character) for character in reply]:
            app.post_message(key)
        await pilot.pause()
        assert app.answers == []
        await pilot.press("escape")
        await until(pilot, lambda: app.answers == [False])


async def test_typed_confirmation_locks_every_way_to_yes() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmDialog("Reset", ["now"], type_to_confirm="y-7"))
        await pilot.pause()
        assert "Type y-7 to confirm:" in shown(app)
        await pilot.press("enter", "y", "enter", "tab", "y", "tab", "enter", "space")
        await pilot.click("#confirm")
        assert app.answers == []
        await pilot.press("tab", "minus", "7")
        await until(pilot, lambda: not app.screen.query_one("#confirm").has_class("-locked"))
        await pilot.press("enter")
        await until(pilot, lambda: app.answers == [True])


async def test_a_long_body_scrolls_and_leaves_the_buttons_in_sight() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmDialog("Many", [f"station {n}" for n in range(60)], type_to_confirm="all"))
        await pilot.pause()
        assert "Cancel" in shown(app)
        assert "station 0" in shown(app)
        for _ in range(8):
            await pilot.press("pagedown")
        assert "station 59" in shown(app)


FIELDS = (
    Field("tag", "Card", required=True, help="as printed on the card"),
    Field("kind", "Type", value="ISO14443", choices=("Central", "ISO14443", "KeyCode")),
    Field("limit", "Limit (A)", value="16", validate=lambda v: None if v.isdigit() else "not a whole number"),
    Field("secret", "Password", password=True),
)


@pytest.mark.parametrize("size", SIZES)
async def test_prompt_is_filled_in_from_the_keyboard(size: tuple[int, int]) -> None:
    app = DialogApp()
    async with app.run_test(size=size) as pilot:
        app.ask(PromptDialog("Add a tag", FIELDS, lines=["for CP-07"]))
        await until(pilot, lambda: "as printed on the card" in shown(app))
        assert "Card *" in shown(app)
        assert "for CP-07" in shown(app)
        await pilot.press("0", "4", "a", "enter", "right", "tab", "up", "down", "backspace", "0", "down")
        await pilot.press("p", "w")
        assert "pw" not in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.answers))
        assert app.answers == [{"tag": "04a", "kind": "KeyCode", "limit": "10", "secret": "pw"}]


async def test_a_wrong_value_is_named_and_gets_the_focus() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(PromptDialog("Add a tag", FIELDS))
        await pilot.pause()
        await pilot.press("down", "down", "x", "ctrl+s")
        await until(pilot, lambda: "! Card: must be filled in" in shown(app))
        await pilot.press("1", "ctrl+s")
        await until(pilot, lambda: "! Limit (A): not a whole number" in shown(app))
        await pilot.press("backspace")
        await until(pilot, lambda: "!" not in shown(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(app.answers))


async def test_escape_leaves_without_values() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(PromptDialog("Add a tag", FIELDS))
        await pilot.pause()
        await pilot.press("1", "escape")
        await until(pilot, lambda: app.answers == [None])


async def test_many_fields_fit_a_small_terminal() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(PromptDialog("Keys", [Field(f"f{n}", f"Field {n}", help=f"help {n}") for n in range(40)]))
        await pilot.pause()
        await pilot.press(*["down"] * 39)
        await until(pilot, lambda: "help 39" in shown(app) and "Field 39" in shown(app))
        assert "esc cancel" in shown(app)


async def test_choice_steps_around_and_jumps_by_letter() -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(PromptDialog("Pick", [Field("k", "Kind", choices=("Accepted", "Blocked", "Busy"))]))
        await pilot.pause()
        choice = app.screen.query_one(Choice)
        for key, value in (
            ("left", "Busy"), ("space", "Accepted"), ("b", "Blocked"), ("b", "Busy"), ("z", "Busy"), ("a", "Accepted"),
        ):  # fmt: skip
            await pilot.press(key)
            assert choice.value == value
        assert "< Accepted >" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.answers == [{"k": "Accepted"}])


@pytest.mark.parametrize("text", HOSTILE)
async def test_dialogs_show_text_of_a_device_as_it_is(text: str) -> None:
    app = DialogApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmDialog(text, [text, text], confirm=text[:10], type_to_confirm=text))
        await pilot.pause()
        assert all(line.isprintable() for line in screen_lines(app))
        await pilot.press("escape")
        app.ask(PromptDialog(text, [Field("a", text, help=text), Field("b", text, choices=(text,))], lines=[text]))
        await pilot.pause()
        assert all(line.isprintable() for line in screen_lines(app))
        assert app.is_running
