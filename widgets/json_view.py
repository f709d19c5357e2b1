"""A document to read: indented JSON or plain lines, of any length."""

from __future__ import annotations

import json
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.text import plain

_SIDE_STEP = 16


class JsonView(ScrollView, can_focus=True):
    """Shows a document line by line, builds the lines on screen only, and finds text in it.

    Everything in it is data: nothing is markup, control characters are left out.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"json-view--found"}
    DEFAULT_CSS = """
    JsonView {
        height: 1fr;
        scrollbar-size: 1 1;
        background: $background;
        color: $foreground;
    }
    JsonView > .json-view--found { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False, id="view.up"),
        Binding("down,j", "scroll_down", "Down", show=False, id="view.down"),
        Binding("left,h", f"side(-{_SIDE_STEP})", "Left", show=False, id="view.left"),
        Binding("right,l", f"side({_SIDE_STEP})", "Right", show=False, id="view.right"),
        Binding("pageup", "page_up", "Page up", show=False, id="view.page_up"),
        Binding("pagedown,space", "page_down", "Page down", show=False, id="view.page_down"),
        Binding("home,g", "scroll_home", "Top", show=False, id="view.top"),
        Binding("end,G", "scroll_end", "End", show=False, id="view.end"),
        Binding("n", "next(1)", "Next match", show=False, id="view.next"),
        Binding("N", "next(-1)", "Previous match", show=False, id="view.previous"),
    ]

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[str] = []
        self._needle = ""
        self._matches: list[int] = []
        self._match = 0
        self.show_text(text)

    @property
    def text(self) -> str:
        """What is shown, to copy or to save."""
        return "\n".join(self._lines)

    def show_json(self, value: object) -> None:
        """Show a JSON value, indented by two."""
        self.show_text(json.dumps(value, indent=2, ensure_ascii=False))

    def show_text(self, text: str) -> None:
        """Show the lines of `text` from the top."""
        self._lines = [plain(line.expandtabs(2)) for line in text.split("\n")]
        width = max(len(line) if line.isascii() else cell_len(line) for line in self._lines)
        self.virtual_size = Size(width, len(self._lines))
        self._needle, self._matches = "", []
        if self.is_attached:
            self.scroll_to(0, 0, animate=False)
        self.refresh()

    def find(self, needle: str) -> int:
        """Mark `needle` (in any case), go to its first line from the top of the screen on, and count the lines."""
        self._needle = needle.casefold()
        self._matches = [place for place, line in enumerate(self._lines) if needle and self._needle in line.casefold()]
        top = self.scroll_offset.y
        later = (number for number, place in enumerate(self._matches) if place >= top)
        self._match = next(later, 0)
        self._go_to_match()
        self.refresh()
        return len(self._matches)

    def action_next(self, direction: int) -> None:
        """Go to the next line found, or the previous one; after the last comes the first."""
        self._match += direction
        self._go_to_match()

    def action_side(self, cells: int) -> None:
        """Move the text sideways."""
        self.scroll_relative(x=cells, animate=False)

    def action_scroll_up(self) -> None:
        """Move one line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_down(self) -> None:
        """Move one line down."""
        self.scroll_relative(y=1, animate=False)

    def action_page_up(self) -> None:
        """Move one page up."""
        self.scroll_relative(y=1 - self.size.height, animate=False)

    def action_page_down(self) -> None:
        """Move one page down."""
        self.scroll_relative(y=self.size.height - 1, animate=False)

    def action_scroll_home(self) -> None:
        """Go to the first line."""
        self.scroll_to(0, 0, animate=False)

    def action_scroll_end(self) -> None:
        """Go to the last line."""
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def _go_to_match(self) -> None:
        if self._matches:
            self._match %= len(self._matches)
            self.scroll_to(y=self._matches[self._match], animate=False)

    def render_line(self, y: int) -> Strip:
        """Return the part of a line that is on screen."""
        left, top = self.scroll_offset
        width, style = self.size.width, self.rich_style
        if top + y >= len(self._lines):
            return Strip.blank(width, style)
        line = self._lines[top + y]
        if not self._needle and line.isascii():
            line, left = line[left : left + width], 0
        strip = Strip(self._segments(line, style))
        return strip.crop_extend(left, left + width, style)

    def _segments(self, line: str, style: Style) -> list[Segment]:
        """Return a line with what was found in it marked."""
        found = self.get_component_rich_style("json-view--found")
        segments, start, folded = [], 0, line.casefold()
        # Case folding may lengthen a text ("ß"); then positions differ and nothing is marked.
        place = folded.find(self._needle) if self._needle and len(folded) == len(line) else -1
        while place >= 0:
            end = place + len(self._needle)
            segments += [Segment(line[start:place], style), Segment(line[place:end], found)]
            start, place = end, folded.find(self._needle, end)
        return [*segments, Segment(line[start:], style)]
