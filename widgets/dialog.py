"""Dialogs: a question to confirm, and fields to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from rich.console import RenderableType
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from widgets.form import Field, Form
from widgets.text import plain

AnswerType = TypeVar("AnswerType")

#: Characters that come faster than this are no typing but the rest of a terminal's reply, or a paste.
_BURST_S = 0.1

_BOX_CSS = """
    {name} {{ align: center middle; }}
    {name} > .dialog--box {{
        width: 76;
        max-width: 100%;
        height: auto;
        max-height: 100%;
        padding: 0 1;
        border: solid $primary;
        background: $background;
        color: $foreground;
    }}
    {name} .dialog--title {{ text-style: bold; height: auto; margin: 0 0 1 0; }}
    {name} .dialog--body {{ height: auto; }}
    {name} .dialog--hint {{ height: 1; color: $text-muted; margin: 1 0 0 0; }}
"""


def _text(text: str, kind: str) -> Static:
    return Static(Content(text), classes=f"dialog--{kind}")


class Answer(Static, can_focus=True):
    """One answer, `[ Cancel ]`: enter, space or a click gives it. Readable without any colour."""

    DEFAULT_CSS = """
    Answer { width: auto; height: 1; margin: 0 0 0 2; }
    Answer:focus { text-style: bold reverse; }
    Answer.-locked { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "give", "Answer", show=False)]

    class Given(Message):
        """The operator gave this answer."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

        @property
        def control(self) -> Widget:
            """The answer, for `@on(…, selector)`."""
            return self.answer

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(Content(f"[ {plain(label)} ]"), id=id)

    def action_give(self) -> None:
        """Give this answer."""
        self.post_message(self.Given(self))

    def on_click(self) -> None:
        """Give this answer."""
        self.action_give()


class Question(ModalScreen[AnswerType]):
    """A dialog that is answered only by somebody who has seen it.

    A key typed before it was painted does nothing, and neither does a character in a burst: a terminal's reply that
    arrives in pieces (`ESC [ ? 2026 ; 2 $ y`) ends in letters that mean something here.
    """

    def __init__(self) -> None:
        super().__init__()
        self._painted_s = float("inf")
        self._stray_s = float("-inf")

    def render(self) -> RenderableType:
        """Take note of the first paint, before it leaves for the terminal: who sees it may answer at once."""
        self._painted_s = min(self._painted_s, Message().time)  # by the clock that the keys' times are of
        return super().render()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before the first paint nothing answers: not even a key that was on its way through the screen below."""
        return self._painted_s < float("inf")

    def on_key(self, event: events.Key) -> None:
        """Let through what was typed for this dialog; bindings are looked up after this."""
        in_burst = event.is_printable and event.time - self._stray_s < _BURST_S
        if event.is_printable:
            self._stray_s = event.time
        if event.time < self._painted_s or in_burst:
            event.stop()
            event.prevent_default()


class ConfirmDialog(Question[bool]):
    """A question whose answer is no, unless the operator deliberately says yes.

    Cancel has the focus; escape and `n` cancel, `y` confirms. With `type_to_confirm` that text has to
    be typed first: its input has the focus, and neither enter nor `y` does anything before.
    """

    DEFAULT_CSS = (
        _BOX_CSS.format(name="ConfirmDialog")
        + """
    ConfirmDialog VerticalScroll { height: auto; max-height: 13; }
    ConfirmDialog Input, ConfirmDialog Input:focus { background: $surface; }
    ConfirmDialog .dialog--typed { height: auto; margin: 1 0 0 0; }
    ConfirmDialog .dialog--answers { height: 1; margin: 1 0 0 0; }
    ConfirmDialog .dialog--keys { width: 1fr; height: 1; color: $text-muted; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "Cancel", id="confirm.cancel"),
        Binding("y", "answer(True)", "Confirm", id="confirm.confirm"),
        Binding("left,up", "app.focus_previous", "Previous", show=False),
        Binding("right,down", "app.focus_next", "Next", show=False),
        Binding("pageup", "scroll_body(-1)", "Scroll up", show=False),
        Binding("pagedown", "scroll_body(1)", "Scroll down", show=False),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        *,
        confirm: str = "Confirm",
        type_to_confirm: str | None = None,
    ) -> None:
        super().__init__()
        self._title = plain(title)
        self._lines = [plain(line) for line in lines]
        self._wanted = type_to_confirm
        self._typed = Input(compact=True, select_on_focus=False, id="typed")
        self._typed.cursor_blink = False
        self._confirm = Answer(confirm, id="confirm")
        self._confirm.set_class(self._locked, "-locked")

    def compose(self) -> ComposeResult:
        """Title, body, what to type, answers."""
        with Vertical(classes="dialog--box"):
            yield _text(self._title, "title")
            with VerticalScroll(can_focus=False):
                yield _text("\n".join(self._lines), "body")
            if self._wanted is not None:
                with Vertical(classes="dialog--typed"):
                    yield _text(f"Type {plain(self._wanted)} to confirm:", "prompt")
                    yield self._typed
            with Horizontal(classes="dialog--answers"):
                yield _text(self._keys, "keys")
                yield Answer("Cancel", id="cancel")
                yield self._confirm

    @property
    def _keys(self) -> str:
        return "y yes   n no   esc cancel" if self._wanted is None else "enter yes   esc cancel"

    def on_mount(self) -> None:
        """Focus what does no harm."""
        self.set_focus(self._typed if self._wanted is not None else self.query_one("#cancel"))

    def action_answer(self, yes: bool) -> None:
        """Close with the answer; yes counts only once it is unlocked."""
        if not (yes and self._locked):
            self.dismiss(yes)

    def action_scroll_body(self, direction: int) -> None:
        """Scroll a body that is longer than its place."""
        body = self.query_one(VerticalScroll)
        body.scroll_relative(y=direction * max(1, body.size.height - 1), animate=False)

    @property
    def _locked(self) -> bool:
        return self._wanted is not None and self._typed.value.strip() != self._wanted.strip()

    @on(Input.Changed)
    def _unlock(self) -> None:
        self._confirm.set_class(self._locked, "-locked")

    @on(Input.Submitted)
    def _typed_enter(self) -> None:
        self.action_answer(True)

    @on(Answer.Given)
    def _given(self, event: Answer.Given) -> None:
        self.action_answer(event.answer is self._confirm)


class PromptDialog(ModalScreen[dict[str, str] | None]):
    """A form in a dialog; closes with the values by field name, or None."""

    DEFAULT_CSS = _BOX_CSS.format(name="PromptDialog")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="prompt.cancel"),
    ]

    def __init__(self, title: str, fields: Sequence[Field], *, lines: Sequence[str] = ()) -> None:
        super().__init__()
        self._title = plain(title)
        self._lines = [plain(line) for line in lines]
        self._form = Form(fields)

    def compose(self) -> ComposeResult:
        """Title, body, form, and the keys."""
        with Vertical(classes="dialog--box"):
            yield _text(self._title, "title")
            if self._lines:
                yield _text("\n".join(self._lines) + "\n", "body")
            yield self._form
            yield _text("enter next, then save   ctrl+s save   esc cancel", "hint")

    def on_mount(self) -> None:
        """Start in the first field."""
        self._form.focus_first()

    def action_cancel(self) -> None:
        """Close without values."""
        self.dismiss(None)

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.dismiss(dict(event.values))
