"""An editor of a plan of limits: a chart, a table, and keys for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from widgets.schedule_chart import ScheduleChart
from widgets.schedule_edits import EDITS, Edit
from widgets.schedule_layers import Layers, MeasuredPoint, PriceStep, clean_measured, clean_price
from widgets.schedule_limits import Supply, Unit
from widgets.schedule_plan import Plan, Step, Undo
from widgets.schedule_table import CELLS, TABLE_WIDTH, CellName, ScheduleTable
from widgets.schedule_times import EntryError
from widgets.schedule_typed import Typing, What, ask, typed
from widgets.schedule_words import Mode, about_step, keys, keys_content, note_content
from widgets.text import plain

_WIDE = 100  # from here on the table stands beside the chart
_LINES_BELOW = 2  # about the step, and what is typed or happened
_KEY_CELLS = 160  # what all keys take
_LEAST_TABLE, _USUAL_TABLE = 4, 6
_LEAST_CHART = 50  # cells across
_CELL_OF: Mapping[str, CellName] = {
    "earlier": "start",
    "later": "start",
    "phases": "phases",
    **dict.fromkeys(("raise", "lower", "raise_little", "lower_little"), "limit"),
}


class ScheduleEditor(Widget, can_focus=True):
    """A plan to be changed by keys: the steps as a chart and as a table, and below them the keys that work now.

    What is typed is understood as people write it. Every change can be undone. There is one cursor, on
    a cell of one step.
    """

    DEFAULT_CSS = """
    ScheduleEditor { height: 1fr; width: 1fr; background: $background; color: $foreground; }
    ScheduleEditor > Container { height: 1fr; width: 1fr; layout: vertical; }
    ScheduleEditor.-wide > Container { layout: horizontal; }
    ScheduleEditor > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Step before", show=False, id="schedule.before"),
        Binding("right", "step(1)", "Step after", show=False, id="schedule.after"),
        Binding("tab", "cell(1)", "Next cell", show=False, id="schedule.next_cell"),
        Binding("shift+tab", "cell(-1)", "Cell before", show=False, id="schedule.cell_before"),
        Binding("enter", "ask", "Type into the cell", show=False, id="schedule.type"),
        Binding(
            "left_square_bracket,shift+left", "edit('earlier')", "Start earlier", show=False, id="schedule.earlier"
        ),
        Binding("right_square_bracket,shift+right", "edit('later')", "Start later", show=False, id="schedule.later"),
        Binding("up", "edit('raise')", "Raise the limit", show=False, id="schedule.raise"),
        Binding("down", "edit('lower')", "Lower the limit", show=False, id="schedule.lower"),
        Binding("plus", "edit('raise_little')", "Raise it a little", show=False, id="schedule.raise_little"),
        Binding("minus", "edit('lower_little')", "Lower it a little", show=False, id="schedule.lower_little"),
        Binding("a", "ask('add')", "Add a step", show=False, id="schedule.add"),
        Binding("d", "edit('remove')", "Remove the step: the one before it goes on", show=False, id="schedule.remove"),
        Binding("p", "edit('phases')", "Phases", show=False, id="schedule.phases"),
        Binding("c", "ask('copy')", "Copy the day to others", show=False, id="schedule.copy_day"),
        Binding("w", "edit('unit')", "Amperes or watts", show=False, id="schedule.unit"),
        Binding(
            "m", "edit('merge_equal')", "Merge neighbours that say the same", show=False, id="schedule.merge_equal"
        ),
        Binding("u", "undo", "Undo", show=False, id="schedule.undo"),
        Binding("U,ctrl+r", "redo", "Redo", show=False, id="schedule.redo"),
    ]

    plan: reactive[Plan] = reactive(Plan((Step(0, None),)), init=False, repaint=False)
    """What is edited; setting it is a change like any other, and can be undone."""
    locked: reactive[str | None] = reactive[str | None](None, init=False, repaint=False)
    """Why nothing can be changed; None while it can."""

    class Changed(Message):
        """The plan is another one now."""

        def __init__(self, editor: ScheduleEditor, plan: Plan) -> None:
            super().__init__()
            self.editor = editor
            self.plan = plan

        @property
        def control(self) -> Widget:
            """The editor, for `@on(…, selector)`."""
            return self.editor

    def __init__(self, plan: Plan, *, supply: Supply | None = None, zone: str = "", id: str | None = None) -> None:
        """Edit `plan`; `supply` is what its units are converted with, `zone` names the time zone of its times."""
        super().__init__(id=id)
        self._supply, self._zone = supply or Supply(), plain(zone)
        self._history, self._layers = Undo(plan), Layers(plan.unit)
        self._cursor, self._cell = 0, CELLS[1]
        self._typing: Typing | None = None
        self._note, self._note_is_wrong, self._stale = "", False, False
        self._chart, self._table = ScheduleChart(plan, zone=zone), ScheduleTable(plan)
        self._about, self._line = Static("", markup=False), Static("", markup=False)
        self._keys = Static("", markup=False)
        self.set_reactive(ScheduleEditor.plan, plan)

    def compose(self) -> ComposeResult:
        """Chart and table, then the lines below them."""
        with Container():
            yield self._chart
            yield self._table
        yield self._about
        yield self._line
        yield self._keys

    # -- what the screen says

    @property
    def cursor(self) -> int:
        """Index of the step under the cursor."""
        return self._cursor

    def load(self, plan: Plan) -> None:
        """Edit another plan from its first step on, with nothing to undo."""
        self._history, self._cursor = Undo(plan), 0
        self.plan = plan
        self._show()

    def set_composite(self, steps: Iterable[Step], unit: Unit | None = None) -> None:
        """Show what is in effect with all that binds; `unit` None is the plan's."""
        self._layers = replace(self._layers_in(unit), composite=tuple(steps))
        self._show()

    def set_reported(self, steps: Iterable[Step], unit: Unit | None = None) -> None:
        """Show what another party says is in effect; `unit` None is the plan's."""
        self._layers = replace(self._layers_in(unit), reported=tuple(steps))
        self._show()

    def set_price(self, steps: Sequence[PriceStep], unit: str) -> None:
        """Show prices, `unit` as in `EUR/kWh`; without any the row is left out."""
        self._layers = replace(self._layers, price=clean_price(steps), price_unit=unit)
        self._show()

    def set_measured(self, points: Iterable[MeasuredPoint], unit: Unit | None = None) -> None:
        """Show measured values by minute; `unit` None is the plan's."""
        self._layers = replace(self._layers_in(unit), measured=clean_measured(points))
        self._show()

    def _layers_in(self, unit: Unit | None) -> Layers:
        return self._layers.in_unit_of(replace(self.plan, unit=unit or self.plan.unit), self._supply)

    def watch_plan(self, plan: Plan) -> None:
        """Show the plan, remember the one before, and tell the screen."""
        self._history = self._history.do(plan)
        self._cursor = min(self._cursor, len(plan.steps) - 1)
        self._typing = None
        self._say("")
        self.post_message(self.Changed(self, plan))

    def watch_locked(self) -> None:
        """Say that nothing can be changed, or that it can again."""
        self._typing = None
        self._say("")

    # -- keys that move

    async def on_key(self, event: events.Key) -> None:
        """Take every key in the order it came.

        Left to itself the app would look for a binding some time after the next key came, and keys
        that come in one packet over a slow link would go astray.
        """
        if self._typing is not None:
            event.stop()
            self._type_key(self._typing, event)
            return
        bound = self.screen.active_bindings.get(event.key)
        if bound is not None and bound.node is self:
            event.stop()
            await self.run_action(bound.binding.action)
        elif event.character is not None and event.character in "0123456789":
            event.stop()
            self.action_ask(first=event.character)

    def action_step(self, by: int) -> None:
        """Move the cursor to another step."""
        self._go_to(self._cursor + by)

    def action_cell(self, by: int) -> None:
        """Go to the next cell; beyond the last one, leave the editor."""
        place = CELLS.index(self._cell) + by
        self._cell = CELLS[place % len(CELLS)]
        self._show()
        if not 0 <= place < len(CELLS):
            (self.screen.focus_next if by > 0 else self.screen.focus_previous)()

    @on(ScheduleChart.Picked)
    @on(ScheduleTable.Picked)
    def _picked(self, event: ScheduleChart.Picked | ScheduleTable.Picked) -> None:
        event.stop()
        self._go_to(event.index)

    def _go_to(self, index: int) -> None:
        if self._typing is None and 0 <= index < len(self.plan.steps):
            self._cursor = index
            self._say("")

    # -- keys that change

    def action_edit(self, name: str) -> None:
        """Carry out one of `EDITS` on the step under the cursor; the cell it changed gets the cursor."""
        if self._may_change():
            self._cell = _CELL_OF.get(name, self._cell)
            self._carry_out(lambda: EDITS[name](self.plan, self._cursor, self._supply))

    def action_undo(self) -> None:
        """Go back to the plan before."""
        self._go_back_to(self._history.undo(), "nothing to undo")

    def action_redo(self) -> None:
        """Go on to the plan that was undone."""
        self._go_back_to(self._history.redo(), "nothing to redo")

    def _go_back_to(self, history: Undo, why_not: str) -> None:
        if not self._may_change():
            return
        if history == self._history:
            self._say(why_not, wrong=True)
        else:
            self._history = history
            self.plan = history.present

    def _may_change(self) -> bool:
        if self.locked is not None:
            self._say("")
        return self.locked is None and self._typing is None

    def _carry_out(self, work: Callable[[], Edit]) -> bool:
        """Make the plan that comes of some work the plan; where nothing can, say why."""
        try:
            edit = work()
        except EntryError as error:
            self._say(str(error), wrong=True)
            return False
        self._typing, self._cursor = None, edit.cursor
        self.plan = edit.plan
        self._say(edit.note)
        return True

    # -- what is typed

    def action_ask(self, what: What | None = None, first: str = "") -> None:
        """Ask for something that is typed, the cell by default; its first character may be there already."""
        if self._may_change():
            try:
                typing = ask(self.plan, self._cursor, what or self._cell)
            except EntryError as error:
                self._say(str(error), wrong=True)
                return
            self._typing = typing.add(first) if first else typing
            self._say("")

    def _type_key(self, typing: Typing, event: events.Key) -> None:
        """Take a key while something is typed."""
        match event.key:
            case "enter" | "tab" | "shift+tab":
                taken = self._take(typing)
                if taken and event.key != "enter":
                    self.action_cell(1 if event.key == "tab" else -1)
                return
            case "escape":
                self._typing = None
            case "backspace":
                self._typing = typing.take_back()
            case "ctrl+u":
                self._typing = typing.clear()
            case _ if event.is_printable and event.character:
                self._typing = typing.add(event.character)
        self._say("")

    def on_paste(self, event: events.Paste) -> None:
        """Type what is pasted."""
        if self._typing is not None:
            event.stop()
            self._typing = self._typing.add(event.text)
            self._show()

    def _take(self, typing: Typing) -> bool:
        """Make what was typed so; where it cannot be, say what can, and go on typing."""
        taken = self._carry_out(lambda: typed(self.plan, self._cursor, typing, self._supply))
        if taken and typing.what == "add":
            self._cell = "limit"
        self._show()
        return taken

    # -- what is shown

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show where keys go; what is typed is left, unless it is the terminal that lost the focus."""
        super().watch_has_focus(has_focus)
        if not has_focus and self.app.app_focus:
            self._typing = None
        self._show()

    def on_resize(self) -> None:
        """Put the table beside the chart or below it; where there is no room for both, show the table."""
        self._show()

    def _place(self) -> None:
        """Divide the room; the table's share does not depend on its rows, so that nothing jumps."""
        key_lines = -(-_KEY_CELLS // self.size.width)
        self._keys.styles.height = key_lines
        height, least = self.size.height - _LINES_BELOW - key_lines, self._chart.least_height()
        wide = self.size.width >= _WIDE and height >= least
        self.set_class(wide, "-wide")
        rows = max(_LEAST_TABLE, min(height - least, max(_USUAL_TABLE, height // 3)))
        if self.plan.span == "week":
            rows += max(0, height - least - rows) % 7  # lines that are no use to seven equal days
        self._chart.display = wide or (self.size.width >= _LEAST_CHART and height >= least + rows)
        self._table.styles.width = TABLE_WIDTH if wide else "1fr"
        self._table.styles.height = "1fr" if wide or not self._chart.display else rows

    def _say(self, note: str, *, wrong: bool = False) -> None:
        self._note, self._note_is_wrong = note, wrong
        self._show()

    def _show(self) -> None:
        """Draw soon, once for all that happens until then."""
        if self.is_mounted and not self._stale:
            self._stale = True
            self.call_later(self._draw)

    def _draw(self) -> None:
        """Show everything as it is now; only what is different is painted."""
        self._stale = False
        if not self.size:
            return  # a resize is still to come
        plan, layers = self.plan, self._layers.in_unit_of(self.plan, self._supply)
        self._chart.show(plan, layers, self._cursor)
        self._table.show(plan, layers, self._cursor, self._cell if self.has_focus else None)
        self._place()
        self._about.update(about_step(plan, self._cursor, self._supply, self._zone, self.size.width), layout=False)
        note = (self.locked, True) if self.locked is not None and not self._note else (self._note, self._note_is_wrong)
        self._line.update(note_content(self._typing, *note), layout=False)
        mode = Mode(self.locked is not None, self._typing is not None, self._cursor, self._supply)
        shown = keys(self._history, mode) if self.has_focus else []
        self._keys.update(keys_content(shown, self.size.width), layout=False)
