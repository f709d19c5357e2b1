"""Fields to fill in from the keyboard, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from widgets.text import plain

Validate = Callable[[str], str | None]
"""Answers with what is wrong with a value, or None."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in; with `choices` it is one of those."""

    name: str
    label: str
    value: str = ""
    help: str = ""
    choices: Sequence[str] = ()
    required: bool = False
    password: bool = False
    validate: Validate | None = None

    def error(self, value: str) -> str | None:
        """Return what is wrong with `value` in this field, or None."""
        if self.required and not value.strip():
            return "must be filled in"
        if self.choices and value not in self.choices:
            return "is none of the choices"
        return self.validate(value) if self.validate is not None and value else None


class Choice(Widget, can_focus=True):
    """One of a few values, `< value >`: left and right step through them, a letter jumps."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    Choice:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Previous", show=False),
        Binding("right,space", "step(1)", "Next", show=False),
        Binding("enter", "submit", "Done", show=False),
    ]

    value: reactive[str] = reactive("")

    class Submitted(Message):
        """Enter on the choice."""

    def __init__(self, choices: Sequence[str], value: str) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self.set_reactive(Choice.value, value if value in self._choices else self._choices[0])

    def render(self) -> Content:
        """Return the value between its arrows."""
        return Content(f"< {plain(self.value)} >")

    def action_step(self, step: int) -> None:
        """Take the next or the previous value."""
        place = self._choices.index(self.value) + step
        self.value = self._choices[place % len(self._choices)]

    def action_submit(self) -> None:
        """Say that this field is done."""
        self.post_message(self.Submitted())

    def on_key(self, event: events.Key) -> None:
        """Jump to the next value that starts with the letter typed."""
        letter = event.character
        if letter is None or not letter.isalnum():
            return
        event.stop()
        start = self._choices.index(self.value) + 1
        for value in (*self._choices[start:], *self._choices[:start]):
            if value.lower().startswith(letter.lower()):
                self.value = value
                return


class _Rows(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The rows of a form; scrolls with the focus, and leaves the arrow keys to the form."""


class Form(Vertical):
    """Fields under one another, and a line of help or of what is wrong below them.

    Tab, shift+tab, up and down go from field to field; enter on the last one, or ctrl+s anywhere,
    submits. A wrong value is named and its field gets the focus.
    """

    DEFAULT_CSS = """
    Form { height: auto; width: 1fr; }
    Form > _Rows { height: auto; max-height: 12; }
    Form .form--row { height: 1; }
    Form .form--label { width: 22; padding: 0 1 0 0; text-wrap: nowrap; text-overflow: ellipsis; }
    Form .form--row:focus-within .form--label { text-style: bold; }
    Form Input, Form Input:focus { width: 1fr; background: $surface; }
    Form .form--note { height: auto; min-height: 1; margin: 1 0 0 0; color: $text-muted; }
    Form .form--note.-wrong { color: $text-error; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", "Previous field", show=False, id="form.up"),
        Binding("down", "go(1)", "Next field", show=False, id="form.down"),
        Binding("ctrl+s", "submit", "Save", show=False, id="form.submit"),
    ]

    class Submitted(Message):
        """The form was submitted and every value is right."""

        def __init__(self, form: Form, values: Mapping[str, str]) -> None:
            super().__init__()
            self.form = form
            self.values = values

        @property
        def control(self) -> Widget:
            """The form, for `@on(…, selector)`."""
            return self.form

    def __init__(self, fields: Sequence[Field], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fields = tuple(fields)
        self._controls = [_control(field) for field in self._fields]
        self._note = Static("", classes="form--note", markup=False)
        self._error: str | None = None

    def compose(self) -> ComposeResult:
        """One row a field, then the note."""
        with _Rows():
            for field, control in zip(self._fields, self._controls, strict=True):
                label = plain(field.label) + (" *" if field.required else "")
                with Horizontal(classes="form--row"):
                    yield Static(Content(label), classes="form--label")
                    yield control
        yield self._note

    @property
    def values(self) -> dict[str, str]:
        """What is filled in, by field name."""
        return {field.name: control.value for field, control in zip(self._fields, self._controls, strict=True)}

    def focus_first(self) -> None:
        """Give the keys to the first field."""
        self._controls[0].focus()

    def action_go(self, step: int) -> None:
        """Move `step` fields, and stay at the ends."""
        place = self._place() + step
        if 0 <= place < len(self._controls):
            self._controls[place].focus()

    def action_submit(self) -> None:
        """Check every field; submit, or go to the first that is wrong."""
        for field, control in zip(self._fields, self._controls, strict=True):
            error = field.error(control.value)
            if error is not None:
                self._error = f"! {field.label}: {error}"
                control.focus()
                self._show_note()
                return
        self.post_message(self.Submitted(self, self.values))

    @on(Input.Submitted)
    @on(Choice.Submitted)
    def _done_with_field(self, event: Message) -> None:
        event.stop()
        if self._place() == len(self._controls) - 1:
            self.action_submit()
        else:
            self.action_go(1)

    @on(Input.Changed)
    def _forget_the_error(self, event: Message) -> None:
        event.stop()
        self._error = None
        self._show_note()

    def on_descendant_focus(self) -> None:
        """Show the help of the field that gets the keys."""
        self._show_note()

    def _place(self) -> int:
        focused = self.screen.focused
        return next((place for place, control in enumerate(self._controls) if control is focused), 0)

    def _show_note(self) -> None:
        """Show what is wrong, until something is typed; else the help of the field."""
        text = self._fields[self._place()].help if self._error is None else self._error
        self._note.set_class(self._error is not None, "-wrong")
        self._note.update(Content(plain(text)))


def _control(field: Field) -> Input | Choice:
    if field.choices:
        return Choice(field.choices, field.value)
    control = Input(field.value, password=field.password, compact=True, select_on_focus=False)
    # A blinking cursor would write to the terminal for ever.
    control.cursor_blink = False
    return control
