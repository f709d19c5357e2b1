"""One line that always says what just happened."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.content import Content
from textual.widgets import Static

from widgets.text import plain

StatusKind = Literal["ok", "warn", "bad", "busy"]

_WORDS: dict[StatusKind, str] = {"ok": "ok", "warn": "WARN", "bad": "FAIL", "busy": "..."}
_STYLES: dict[StatusKind, str] = {
    "ok": "$text-success",
    "warn": "$text-warning",
    "bad": "bold $text-error",
    "busy": "$text-secondary",
}


class StatusLine(Static):
    """The last thing that happened: when, how it went (a word, not only a colour), and what."""

    DEFAULT_CSS: ClassVar[str] = """
    StatusLine {
        height: 1;
        width: 1fr;
        background: $background;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self._said: tuple[str, StatusKind, str] | None = None

    @property
    def said(self) -> tuple[str, StatusKind, str] | None:
        """The text, kind and time last given to `say`."""
        return self._said

    def say(self, text: str, kind: StatusKind = "ok", at: str = "") -> None:
        """Show `text`; `at` is the time of day as the operator reads it."""
        if (said := (text, kind, at)) == self._said:
            return
        self._said = said
        time = f" {plain(at)}  " if at else " "
        word = Content.styled(f"{_WORDS[kind]:<4} ", _STYLES[kind])
        # The line keeps its size; without a layout this costs a quarter of the bytes.
        self.update(Content.assemble(time, word, Content(plain(text))), layout=False)
