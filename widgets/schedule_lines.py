"""The base of widgets that are drawn as a whole and repaint the cells that came out different."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.row_line import changed_width


class DrawnLines(Widget):
    """A widget whose lines come from `build_lines`; `repaint` paints the part of them that is new."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Strip] | None = None

    def build_lines(self) -> list[Strip]:
        """Return every line of the widget, each as wide as it is."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw anew, and paint the cells that came out different."""
        if self._lines is None or len(self._lines) != self.size.height:
            return  # a paint, or a resize and then a paint, is still to come
        old, self._lines = self._lines, self.build_lines()
        for y, (before, after) in enumerate(zip(old, self._lines, strict=True)):
            if before != after:
                end, start = changed_width(before, after), _same_width(before, after)
                self.refresh(Region(start, y, max(1, end - start), 1))

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        if self._lines is None:
            self._lines = self.build_lines()
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self._lines = None
        self.refresh()


def _same_width(old: Strip, new: Strip) -> int:
    """Return how many cells from the left two lines share; where characters are wide, perhaps fewer."""
    width = 0
    for before, after in zip(old, new, strict=False):
        if before == after:
            width += after.cell_length
        elif before.style != after.style:
            break
        else:
            return width + _common_start(before.text, after.text)
    return width


def _common_start(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
