"""A filter that is typed after `/`, stays in sight while it holds, and goes with escape."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from widgets.text import plain


class FilterBar(Widget):
    """One line, `/ garage        5 of 12 stations`, shown while it is typed in or not empty.

    The screen binds `/` to `open` and, where the filter should go with escape from anywhere, escape
    to `clear`.
    """

    DEFAULT_CSS = """
    FilterBar {
        layout: horizontal;
        height: 1;
        width: 1fr;
        display: none;
        background: $background;
        color: $foreground;
    }
    FilterBar > .filter-bar--mark { width: 3; text-style: bold; }
    FilterBar > Input { width: 1fr; background: $background; }
    FilterBar > .filter-bar--summary { width: auto; padding: 0 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear the filter", show=False, id="filter.clear"),
    ]

    class Changed(Message):
        """The filter is another one now."""

        def __init__(self, bar: FilterBar, text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

        @property
        def control(self) -> Widget:
            """The bar, for `@on(…, selector)`."""
            return self.bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        # A blinking cursor would write to the terminal for ever.
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False
        self._summary = Static("", classes="filter-bar--summary", markup=False)
        self._summary_text = ""
        self._return_to: Widget | None = None

    def compose(self) -> ComposeResult:
        """Mark, input, and how much the filter leaves."""
        yield Static(" / ", classes="filter-bar--mark", markup=False)
        yield self._input
        yield self._summary

    @property
    def text(self) -> str:
        """The filter; empty when there is none."""
        return self._input.value

    @text.setter
    def text(self, text: str) -> None:
        self._input.value = text

    @property
    def is_open(self) -> bool:
        """Whether what is typed goes into the filter."""
        return self._input.has_focus

    def open(self) -> None:
        """Let the operator type, from the filter there is."""
        if self.is_open:
            return
        self._return_to = self.screen.focused
        # Both at once: what is typed fast, or pasted, after the key that opens the bar belongs into it.
        self.display = True
        self.screen.set_focus(self._input)

    def clear(self) -> None:
        """Take the filter away and give the keys back."""
        self._input.value = ""
        self._leave()

    def action_clear(self) -> None:
        """Take the filter away and give the keys back."""
        self.clear()

    def set_summary(self, text: str) -> None:
        """Say how much the filter leaves, as in `5 of 12 stations`."""
        if text != self._summary_text:
            resized = len(text) != len(self._summary_text)
            self._summary_text = text
            self._summary.update(Content(plain(text)), layout=resized)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on each new filter."""
        event.stop()
        self._show_or_hide()
        self.post_message(self.Changed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter and give the keys back."""
        event.stop()
        self._leave()

    def on_descendant_blur(self) -> None:
        """Hide an empty bar that is no longer typed in."""
        self._show_or_hide()

    def _leave(self) -> None:
        if self.is_open:
            back = self._return_to
            self.screen.set_focus(back if back is not None and back.is_attached else None)
        self._return_to = None
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.display = self.is_open or bool(self.text)
