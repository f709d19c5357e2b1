"""What the screens with one document to read share: it is searched, and copied."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.screens.frame import words
from console.screens.frame.frame import SiteScreen
from console.screens.frame.session import Session
from widgets.filter_bar import FilterBar
from widgets.json_view import JsonView


class Document(JsonView, inherit_bindings=False):
    """A document moved in by arrows only: here the letters are commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", show=False),
        Binding("down", "scroll_down", "Down", show=False),
        Binding("left", "side(-16)", "Left", show=False),
        Binding("right", "side(16)", "Right", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home", "scroll_home", "Top", show=False),
        Binding("end", "scroll_end", "End", show=False),
        Binding("enter", "next(1)", "Next match", show=False),
    ]


class DocumentScreen(SiteScreen):
    """A document under what is searched for in it. A screen says what is to be read, and adds its commands."""

    AUTO_FOCUS = "Document"
    DEFAULT_CSS = "DocumentScreen Document { padding: 0 1; }"

    def __init__(self, session: Session, text: str) -> None:
        super().__init__(session)
        self._filter = FilterBar()
        self._document = Document(text)
        self.commands = {"view.filter": lambda _given: self._filter.open()}

    def body(self) -> ComposeResult:
        """What is searched for, and the document."""
        yield self._filter
        yield self._document

    @on(FilterBar.Changed)
    def _search(self, event: FilterBar.Changed) -> None:
        found = self._document.find(event.text)
        self._filter.set_summary(f"{words.count(found, 'line')} found, enter goes to the next" if event.text else "")

    def go_back(self) -> None:
        """End the search first."""
        if self._filter.text:
            self._filter.clear()
        else:
            super().go_back()

    def copy(self, hint: str = "") -> None:
        """Copy all of it to the terminal's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(self._document.text)
        self.session.say("copied to the terminal's clipboard", hint=hint)
