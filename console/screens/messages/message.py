"""One frame and the one it belongs to, as a document: indented, searchable, to copy and to save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.model.spec import Place, Spec, Target
from console.screens.frame import keys, saving, words
from console.screens.frame.frame import SiteScreen
from console.screens.frame.session import Session
from console.screens.messages.message_rows import document
from console.screens.messages.messages import save_trace
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


class MessageScreen(SiteScreen):
    """The detail of the messages screen, with its keys."""

    PLACE = Place.MESSAGES
    AUTO_FOCUS = "Document"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.MESSAGES)
    DEFAULT_CSS = "MessageScreen Document { padding: 0 1; }"

    def __init__(self, session: Session, _key: str) -> None:
        super().__init__(session)
        self._exchange = list(session.exchange)
        self._filter = FilterBar()
        self._document = Document(document(self._exchange, session.zone))
        self.commands = {
            "view.filter": lambda _given: self._filter.open(),
            "view.copy": lambda _given: self._copy(),
            "view.save": lambda _given: saving.start(self.app, self._save),
        }

    def body(self) -> ComposeResult:
        """What is searched for, and the document."""
        yield self._filter
        yield self._document

    def trail(self) -> Sequence[str]:
        """The station and the action."""
        first = self._exchange[0] if self._exchange else None
        return ("messages", words.join(first.station_id, first.action, by=" ") if first else "")

    def target(self) -> Target:
        """The station of the frame."""
        return Target(station_id=self._exchange[0].station_id) if self._exchange else Target()

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Here there is nothing to open or to pause."""
        if spec.id in ("view.open", "view.pause"):
            return "this is the whole message"
        return super().refusal(spec, target)

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

    def _copy(self) -> None:
        self.app.copy_to_clipboard(self._document.text)
        self.session.say("copied to the terminal's clipboard", hint="If that stays empty, press w to save to a file.")

    async def _save(self) -> None:
        name = self._exchange[0].action if self._exchange else "message"
        safe = "".join(each if each.isalnum() else "_" for each in name)
        await save_trace(self, self._exchange, f"{safe}.jsonl")
