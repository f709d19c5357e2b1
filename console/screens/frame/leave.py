"""Leaving: shall the service stop, or go on without the console?"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from console.screens.frame import words
from widgets.dialog import Question
from widgets.text import plain


class LeaveDialog(Question[bool | None]):
    """Answers True to stop the service, False to leave it running, None to stay."""

    DEFAULT_CSS = """
    LeaveDialog { align: center middle; }
    LeaveDialog > Vertical {
        width: 62; max-width: 100%; height: auto; padding: 0 1; border: solid $primary; background: $background;
    }
    LeaveDialog .title { text-style: bold; margin: 0 0 1 0; }
    LeaveDialog Button { width: 1fr; text-align: left; content-align: left middle; }
    LeaveDialog .text { margin: 0 0 1 0; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer('stay')", "Stay", show=False),
        Binding("l,d", "answer('leave')", "Leave", show=False),
        Binding("s", "answer('stop')", "Stop", show=False),
        Binding("up,left", "app.focus_previous", "Previous", show=False),
        Binding("down,right", "app.focus_next", "Next", show=False),
    ]

    def __init__(self, site_name: str, online: int, running: int) -> None:
        super().__init__()
        self._site_name = site_name
        self._online = online
        self._charging = running

    def compose(self) -> ComposeResult:
        """What is going on, and the three answers."""
        where = f" at {plain(self._site_name)}" if self._site_name else ""
        state = f"{words.count(self._online, 'station')} online, {words.count(self._charging, 'transaction')} running."
        with Vertical():
            yield Static(Content("Leave the console?"), classes="title")
            yield Static(Content(f"The service{where} has {state}"), classes="text")
            yield Button(Content("l    leave: the service keeps running"), compact=True, id="leave")
            yield Button(Content("s    stop the service: stations are disconnected"), compact=True, id="stop")
            yield Button(Content("esc  stay"), compact=True, id="stay")

    def action_answer(self, answer: str) -> None:
        """Close with the answer."""
        self.dismiss({"leave": False, "stop": True}.get(answer))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id or "stay")
