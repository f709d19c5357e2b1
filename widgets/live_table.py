"""A table of any number of rows that only ever builds the lines on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from widgets.columns import Column, PlacedColumn, place_columns
from widgets.row_line import Cell, Palette, changed_width, header_line, note_line, row_line, thumb_lines

RenderRow = Callable[[str], Mapping[str, Cell]]
"""Answers with the cells of one row, by column key; a column left out is blank."""

_EDGE = 3  # the cursor mark and its space on the left, the scroll mark on the right


class LiveTable(ScrollView, can_focus=True):
    """A table over rows that live elsewhere: it asks `render_row` for the lines on screen, no others.

    Row keys are unique strings. `render_row` must answer for every key given to `set_rows` until the
    next call. All methods belong to the thread of the screen.
    """

    FLUSH_S: ClassVar[float] = 0.25
    """Least time between two repaints of touched rows."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "live-table--header",
        "live-table--cursor",
        "live-table--ok",
        "live-table--warn",
        "live-table--bad",
        "live-table--busy",
        "live-table--muted",
        "live-table--strong",
    }
    # The scrollbar has no width: a thumb is drawn at the end of the lines instead, so that rows
    # added out of sight repaint at most the two lines where the thumb moves.
    DEFAULT_CSS = """
    LiveTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 0;
        background: $background;
        color: $foreground;
    }
    LiveTable > .live-table--header { text-style: bold underline; }
    LiveTable > .live-table--cursor { text-style: reverse; }
    LiveTable > .live-table--ok { color: $text-success; }
    LiveTable > .live-table--warn { color: $text-warning; }
    LiveTable > .live-table--bad { color: $text-error; text-style: bold; }
    LiveTable > .live-table--busy { color: $text-secondary; }
    LiveTable > .live-table--muted { color: $text-muted; }
    LiveTable > .live-table--strong { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_by(-1)", "Up", show=False, id="table.up"),
        Binding("down,j", "cursor_by(1)", "Down", show=False, id="table.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("home,g", "first", "First", show=False, id="table.first"),
        Binding("end,G", "last", "Last", show=False, id="table.last"),
        Binding("enter", "select", "Open", show=False, id="table.select"),
    ]

    cursor_key: reactive[str | None] = reactive[str | None](None, repaint=False)
    """Key of the row under the cursor; may be set before the rows are there."""
    sort_key: reactive[str | None] = reactive[str | None](None, repaint=False)
    """Key of the column whose title carries the sort mark."""
    descending: reactive[bool] = reactive(False, repaint=False)
    """Direction of the sort mark: `v` when true, `^` when false."""
    empty_text: reactive[str] = reactive("", repaint=False)
    """Shown when there are no rows: what to do about it."""

    class RowMessage(Message):
        """Something about one row of a table."""

        row_key: str | None

        def __init__(self, table: LiveTable, row_key: str | None) -> None:
            super().__init__()
            self.table = table
            self.row_key = row_key

        @property
        def control(self) -> Widget:
            """The table, for `@on(…, selector)`."""
            return self.table

    class RowSelected(RowMessage):
        """Enter, or a double click, on a row."""

        row_key: str

    class RowHighlighted(RowMessage):
        """The cursor came to another row; `row_key` is None when there are no rows."""

    def __init__(
        self,
        columns: Sequence[Column],
        render_row: RenderRow,
        *,
        empty_text: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        if sum(column.flex for column in columns) > 1:
            raise ValueError("only one column can be flexible")
        self._columns = tuple(columns)
        self._render_row = render_row
        self._rows: Sequence[str] = ()
        self._cursor = 0
        self._lines: dict[int, Strip] = {}
        self._placed: tuple[PlacedColumn, ...] = ()
        self._palette: Palette | None = None
        self._touched: set[str] = set()
        self._flush_timer: Timer | None = None
        self._flushed_at = 0.0
        self.set_reactive(LiveTable.empty_text, empty_text)

    # -- what the screen says

    @property
    def rows(self) -> Sequence[str]:
        """The row keys, in the order shown."""
        return self._rows

    @property
    def visible_keys(self) -> Sequence[str]:
        """Keys of the rows on screen, from the top."""
        top = self.scroll_offset.y
        return self._rows[top : top + self._body_height]

    def set_rows(self, keys: Sequence[str]) -> None:
        """Show these rows in this order.

        The cursor stays on its row; if that is gone, on its place. What is on screen moves only as
        far as that needs, and only lines that came out different are repainted.
        """
        rows = tuple(keys)
        if rows == self._rows:
            return
        old_rows, old_cursor, old_top = self._rows, self._cursor, self.scroll_offset.y
        self._rows = rows
        # Not through the reactive: that would lay out and repaint the whole screen.
        self.set_reactive(Widget.virtual_size, Size(0, len(rows) + 1))
        self._cursor = self._place_of(self.cursor_key, old_cursor)
        self._show_from(self._anchored_top(old_rows, old_cursor, old_top))
        self.cursor_key = rows[self._cursor] if rows else None
        self._repaint_changed()

    def touch(self, keys: Iterable[str]) -> None:
        """Say that these rows changed: those on screen are repainted together, soon."""
        if not self._lines:
            return
        self._touched.update(keys)
        if self._flush_timer is None:
            wait_s = max(0.01, self._flushed_at + self.FLUSH_S - monotonic())
            self._flush_timer = self.set_timer(wait_s, self._flush)

    # -- where the cursor is

    def action_cursor_by(self, step: int) -> None:
        """Move the cursor by `step` rows."""
        self._move_to(self._cursor + step)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self._move_to(self._cursor + direction * max(1, self._body_height - 1))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move_to(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move_to(len(self._rows) - 1)

    def action_select(self) -> None:
        """Report the row under the cursor as selected."""
        if self._rows:
            self.post_message(self.RowSelected(self, self._rows[self._cursor]))

    def validate_cursor_key(self, key: str | None) -> str | None:
        """Refuse a row that is not there, unless there are no rows yet."""
        if not self._rows or key == self._rows[self._cursor] or key in self._rows:
            return key
        return self._rows[self._cursor]

    def watch_cursor_key(self, key: str | None) -> None:
        """Bring the cursor's row on screen and tell the screen about it."""
        self._cursor = self._place_of(key, self._cursor)
        self._show_from(self._top_showing_cursor(self.scroll_offset.y))
        self._repaint_changed()
        self.post_message(self.RowHighlighted(self, key))

    def _move_to(self, index: int) -> None:
        if self._rows:
            self._cursor = max(0, min(index, len(self._rows) - 1))
            self.cursor_key = self._rows[self._cursor]

    def _place_of(self, key: str | None, fallback: int) -> int:
        """Return the index of a row; of the nearest to `fallback` if there is no such row."""
        if 0 <= fallback < len(self._rows) and self._rows[fallback] == key:
            return fallback
        try:
            return self._rows.index(key) if key is not None else 0
        except ValueError:
            return max(0, min(fallback, len(self._rows) - 1))

    # -- what part is on screen

    @property
    def _body_height(self) -> int:
        return max(0, self.size.height - 1)

    def _anchored_top(self, old_rows: Sequence[str], old_cursor: int, old_top: int) -> int:
        """Return the first row on screen after the rows changed.

        At the top the table stays at the top. Elsewhere the cursor's row, or if that is not on
        screen the first one that is, keeps its line.
        """
        cursor_shown = old_top <= old_cursor < old_top + self._body_height
        if not cursor_shown:
            return self._place_of(old_rows[old_top], old_top) if 0 < old_top < len(old_rows) else 0
        moved = self._cursor - old_cursor if old_top else 0
        return self._top_showing_cursor(old_top + moved)

    def _top_showing_cursor(self, top: int) -> int:
        if not self._body_height:
            return 0
        return max(min(top, self._cursor), self._cursor - self._body_height + 1, 0)

    def _show_from(self, top: int) -> None:
        if self.is_attached and top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint the lines that scrolling changed."""
        if round(old_value) != round(new_value):
            self._repaint_changed()

    def on_resize(self) -> None:
        """Place the columns anew."""
        self._placed = place_columns(self._columns, self.size.width - _EDGE)
        self._lines.clear()
        self._show_from(self._top_showing_cursor(self.scroll_offset.y))
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a double click opens the row."""
        index = self.scroll_offset.y + event.y - 1
        if event.y > 0 and index < len(self._rows):
            self._move_to(index)
            if event.chain == 2:
                self.action_select()

    # -- lines

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the widget: the header, a row or nothing."""
        if self._palette is None:
            self._lines.clear()
        strip = self._lines.get(y)
        if strip is None:
            strip = self._lines[y] = self._build(y)
        return strip

    def _build(self, y: int) -> Strip:
        width, palette = self.size.width, self._styles()
        if y == 0:
            return header_line(self._placed, palette, width, self.sort_key, self.descending)
        index = self.scroll_offset.y + y - 1
        if index < len(self._rows):
            key = self._rows[index]
            return row_line(
                self._render_row(key),
                self._placed,
                palette,
                width,
                marked=index == self._cursor,
                focused=self.has_focus,
                thumb=y - 1 in thumb_lines(self.scroll_offset.y, self._body_height, len(self._rows)),
            )
        notes = [] if self._rows else self.empty_text.splitlines()
        first = 2 if self._body_height > len(notes) else 1  # a free line above, where there is room for one
        return note_line(notes[y - first] if 0 <= y - first < len(notes) else "", palette, width)

    def _styles(self) -> Palette:
        if self._palette is None:
            names = {name.removeprefix("live-table--"): name for name in self.COMPONENT_CLASSES}
            styles = {short: self.get_component_rich_style(name) for short, name in names.items()}
            self._palette = {"": self.rich_style, **styles}
        return self._palette

    def notify_style_update(self) -> None:
        """Build the lines in the new colours, and repaint if those are new indeed."""
        super().notify_style_update()
        self._palette = None
        if self.is_mounted:
            self.call_later(self._repaint_changed)

    # -- repainting

    def _flush(self) -> None:
        """Repaint the touched rows that are on screen."""
        self._flush_timer, self._flushed_at = None, monotonic()
        touched, self._touched = self._touched, set()
        self._repaint_changed(line for line, key in enumerate(self.visible_keys, start=1) if key in touched)

    def _repaint_changed(self, lines: Iterable[int] | None = None) -> None:
        """Build lines anew (all of them by default) and repaint those that came out different.

        A line that was never painted is left out: its paint is still to come.
        """
        for y in range(self.size.height) if lines is None else lines:
            old = self._lines.get(y)
            if old is None:
                continue
            new = self._build(y)
            if new != old:
                self._lines[y] = new
                self.refresh(Region(0, y, changed_width(old, new), 1))

    def on_focus(self) -> None:
        """Show that keys go to this table."""
        self._repaint_changed()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self._repaint_changed()

    def watch_sort_key(self) -> None:
        """Move the sort mark."""
        self._repaint_changed((0,))

    def watch_descending(self) -> None:
        """Turn the sort mark."""
        self._repaint_changed((0,))

    def watch_empty_text(self) -> None:
        """Show the new text if there are no rows."""
        self._repaint_changed()
