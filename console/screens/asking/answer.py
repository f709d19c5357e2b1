"""What a station answered: the outcome in words, and the answer in full."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from console.model.command import CallStation
from console.model.outcome import Outcome
from console.screens.frame import keys, paint, words
from console.screens.frame.document import Document
from console.screens.frame.session import RESULT_KINDS, Session
from widgets.row_line import Part


class AnswerScreen(ModalScreen[None]):
    """A page over the request; arrows scroll it, any of esc, q and enter closes it."""

    DEFAULT_CSS = """
    AnswerScreen { align: center middle; }
    AnswerScreen > Vertical { width: 100%; height: 100%; background: $background; }
    AnswerScreen Static { height: auto; padding: 0 1; }
    AnswerScreen .bar { background: $panel; }
    AnswerScreen Document { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "Close", show=False),
        Binding("c", "copy", "Copy", show=False),
    ]

    def __init__(self, session: Session, command: CallStation, outcome: Outcome) -> None:
        super().__init__()
        self._session = session
        self._command = command
        self._outcome = outcome
        self._document = Document()
        self._document.show_json(outcome.answer)

    def compose(self) -> ComposeResult:
        """Who answered what, what that means, the answer itself, and the keys."""
        outcome, command = self._outcome, self._command
        after = words.elapsed(outcome.elapsed_s)
        said: list[list[Part]] = [
            [(f"{outcome.result}", RESULT_KINDS.get(outcome.result, "bad")), (f" after {after}: {outcome.text}", "")]
        ]
        if outcome.hint:
            said.append([(outcome.hint, "muted")])
        with Vertical():
            yield Static(
                paint.content([(f"{command.station_id} > answer to {command.action}", "strong")]), classes="bar"
            )
            yield Static(paint.lines_content(said))
            yield self._document
            footer = keys.page_footer(("esc", "close"), ("c", "copy"), ("up down", "scroll"))
            yield Static(paint.content(footer), classes="bar")

    def action_copy(self) -> None:
        """Copy the answer to the terminal's clipboard."""
        self.app.copy_to_clipboard(self._document.text)
        self._session.say("copied to the terminal's clipboard")
