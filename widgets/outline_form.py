"""A form of any depth, drawn like a list: the row under the cursor is the one that is typed in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from widgets.outline_row import OutlineRow, outline_line, value_column, value_width
from widgets.row_line import Palette
from widgets.text import plain


class _Editor(Input):
    """The text under the cursor. Several lines that are pasted become one, in quotes, as JSON writes it."""

    def _on_paste(self, event: events.Paste) -> None:
        lines = event.text.strip().splitlines()
        if len(lines) > 1 and not self.value:
            event.prevent_default()
            event.stop()
            self.insert_text_at_cursor(json.dumps("\n".join(lines) + "\n", ensure_ascii=False))


class _Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """The rows of an outline form; builds the lines on screen only."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "outline--cursor",
        "outline--bad",
        "outline--muted",
        "outline--strong",
    }
    DEFAULT_CSS = """
    _Lines { height: 1fr; scrollbar-size: 1 1; overflow-x: hidden; background: $background; color: $foreground; }
    _Lines > .outline--cursor { text-style: reverse; }
    _Lines > .outline--bad { color: $text-error; text-style: bold; }
    _Lines > .outline--muted { color: $text-muted; }
    _Lines > .outline--strong { text-style: bold; }
    """

    def __init__(self, form: OutlineForm) -> None:
        super().__init__()
        self._form = form

    def render_line(self, y: int) -> Strip:
        """Return the row on this line, or nothing."""
        width, palette = self.size.width, self._palette()
        number = self.scroll_offset.y + y
        rows = self._form.rows
        if number >= len(rows):
            return Strip.blank(width, self.rich_style)
        marked = number == self._form.place
        return outline_line(rows[number], self._form.column, palette, width, marked=marked, focused=True)

    def _palette(self) -> Palette:
        names = {name.removeprefix("outline--"): name for name in self.COMPONENT_CLASSES}
        styles = {short: self.get_component_rich_style(name) for short, name in names.items()}
        return {"": self.rich_style, **styles}

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        self._form.go_to(self.scroll_offset.y + event.y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Let the editor stay on its row."""
        super().watch_scroll_y(old_value, new_value)
        self._form.place_editor()

    def on_key(self, event: events.Key) -> None:
        """Jump to the next choice that starts with the letter typed."""
        if event.character is not None and event.character.isalnum() and self._form.jump(event.character):
            event.stop()


class OutlineForm(Widget):
    """Shows rows that live elsewhere and says what is done to them; it changes none of them itself.

    Up, down, tab and shift+tab go from row to row; text is typed right where it stands; left, right
    and letters choose; enter goes on, and opens or closes a group; `+` and `-` on a group ask for
    one more and for none.
    """

    DEFAULT_CSS = """
    OutlineForm { height: 1fr; layers: lines editor; background: $background; }
    OutlineForm > _Lines { layer: lines; width: 1fr; }
    OutlineForm > _Editor { layer: editor; position: absolute; display: none; background: $surface; }
    OutlineForm > _Editor:focus { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "go(-1)", "Previous", show=False, id="outline.up"),
        Binding("down,tab", "go(1)", "Next", show=False, id="outline.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="outline.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="outline.page_down"),
        Binding("left", "step(-1)", "Previous choice, fold", show=False),
        Binding("right,space", "step(1)", "Next choice, unfold", show=False),
        Binding("enter", "enter", "Go on, open", show=False),
        Binding("plus", "ask_more", "One more", show=False),
        Binding("minus,delete", "ask_less", "None", show=False),
    ]

    class RowMessage(Message):
        """Something about one row."""

        def __init__(self, form: OutlineForm, key: str) -> None:
            super().__init__()
            self.form = form
            self.key = key

        @property
        def control(self) -> Widget:
            """The form, for `@on(…, selector)`."""
            return self.form

    class Typed(RowMessage):
        """A row has another value now."""

        def __init__(self, form: OutlineForm, key: str, value: str) -> None:
            super().__init__(form, key)
            self.value = value

    class Highlighted(RowMessage):
        """The cursor came to another row."""

    class Opened(RowMessage):
        """Enter, left or right on a group: fold or unfold it, or do what it stands for."""

    class MoreAsked(RowMessage):
        """`+` on a group."""

    class LessAsked(RowMessage):
        """`-` on a group."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[OutlineRow] = ()
        self.place = 0
        self.column = 20
        self._edited: str | None = None
        self._lines = _Lines(self)
        self._editor = _Editor(compact=True, select_on_focus=False)
        # A blinking cursor would write to the terminal for ever.
        self._editor.cursor_blink = False

    def compose(self) -> ComposeResult:
        """The rows, and over one of them the editor."""
        yield self._lines
        yield self._editor

    # -- rows and cursor

    @property
    def row(self) -> OutlineRow | None:
        """The row under the cursor."""
        return self.rows[self.place] if self.place < len(self.rows) else None

    def set_rows(self, rows: Sequence[OutlineRow], cursor: str | None = None, *, fresh: bool = False) -> None:
        """Show these rows; the cursor goes to the row `cursor`, or stays on its own.

        What is being typed is left alone, for more may have been typed since; not so with `fresh`.
        """
        if fresh:
            self._edited = None
        wanted = cursor if cursor is not None else self.row.key if self.row else None
        self.rows = tuple(rows)
        last = max(0, len(self.rows) - 1)
        self.place = next((place for place, row in enumerate(self.rows) if row.key == wanted), min(self.place, last))
        self._settle()

    def go_to(self, place: int) -> None:
        """Put the cursor on the row of this number."""
        self.place = max(0, min(place, len(self.rows) - 1))
        self._settle()
        if self.row is not None:
            self.post_message(self.Highlighted(self, self.row.key))

    def take_focus(self) -> None:
        """Let what is typed come here."""
        self._settle()

    def on_resize(self) -> None:
        """Fit the rows to the new width."""
        self._settle()

    def _settle(self) -> None:
        """Bring all that depends on rows and cursor up to date."""
        if not self.is_attached or not self.size.width:
            return
        width = self.size.width - 1
        self.column = value_column(self.rows, width)
        self._lines.virtual_size = Size(width, len(self.rows))
        self._lines.scroll_to_region(Region(0, self.place, 1, 1), animate=False, force=True)
        self.place_editor()
        row = self.row
        types = row is not None and not row.group and not row.choices
        if row is not None and row.key != self._edited:
            self._edited = row.key
            with self.prevent(Input.Changed):
                self._editor.value = plain(row.value) if types else ""
            self._editor.cursor_position = len(self._editor.value)
            self._editor.password = row.password
        if self.screen.focused in (None, self._lines, self._editor):
            self.screen.set_focus(self._editor if types else self._lines)
        self._lines.refresh()

    def place_editor(self) -> None:
        """Put the editor over the value of the row under the cursor, if that is on screen and one to type in."""
        row, top = self.row, self._lines.scroll_offset.y
        shown = row is not None and not row.group and not row.choices and 0 <= self.place - top < self.size.height
        self._editor.display = shown
        if shown and row is not None:
            self._editor.styles.offset = (self.column, self.place - top)
            self._editor.styles.width = value_width(row, self.column, self.size.width - 1)

    # -- keys

    def action_go(self, step: int) -> None:
        """Move the cursor by so many rows."""
        self.go_to(self.place + step)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.go_to(self.place + direction * max(1, self.size.height - 1))

    def action_step(self, step: int) -> None:
        """Take the next or the previous choice; close an open group, or open a closed one."""
        row = self.row
        if row is None:
            return
        if row.choices:
            number = row.choices.index(row.value) if row.value in row.choices else -1 if step > 0 else 0
            self._choose(row, row.choices[(number + step) % len(row.choices)])
        elif row.group and not row.button and row.folded == (step > 0):
            self.post_message(self.Opened(self, row.key))

    def action_enter(self) -> None:
        """Open what can be opened, else go on."""
        if self.row is not None and self.row.group:
            self.post_message(self.Opened(self, self.row.key))
        else:
            self.action_go(1)

    def action_ask_more(self) -> None:
        """Ask for one more of a group."""
        if self.row is not None:
            self.post_message(self.MoreAsked(self, self.row.key))

    def action_ask_less(self) -> None:
        """Ask for none of a group."""
        if self.row is not None:
            self.post_message(self.LessAsked(self, self.row.key))

    def jump(self, letter: str) -> bool:
        """Take the next choice that starts with a letter, and say whether there is one to take."""
        row = self.row
        if row is None or not row.choices:
            return False
        start = row.choices.index(row.value) + 1 if row.value in row.choices else 0
        for value in (*row.choices[start:], *row.choices[:start]):
            if value.lower().startswith(letter.lower()):
                self._choose(row, value)
                break
        return True

    def _choose(self, row: OutlineRow, value: str) -> None:
        self.post_message(self.Typed(self, row.key, value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        row = self.row
        if row is not None and not row.group and not row.choices and event.value != row.value:
            self.rows = (*self.rows[: self.place], replace(row, value=event.value), *self.rows[self.place + 1 :])
            self.post_message(self.Typed(self, row.key, event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go(1)
