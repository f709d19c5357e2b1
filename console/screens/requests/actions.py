"""What a station can be asked: every action of its OCPP version, found by typing a part of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from console.actions.saved import Template
from console.actions.table import Action, actions_of
from console.model.catalogue import BY_ID
from console.model.spec import Danger, Place, Target
from console.screens.frame import keys, words
from console.screens.frame.frame import Go, Line, SiteScreen
from console.screens.frame.session import News, Session
from console.screens.requests.requests import request_key
from widgets.columns import Column
from widgets.live_table import LiveTable
from widgets.row_line import Cell, Part

_COLUMNS = (
    Column("block", "BLOCK", 19),
    Column("name", "ACTION", 27),
    Column("help", "WHAT IT DOES", 20, flex=True),
)
_DANGER_WORDS = {
    Danger.READ: "only asks",
    Danger.REVERSIBLE: "is sent at once",
    Danger.DISRUPTIVE: "is sent after a question",
}
#: The commands that do the same with less to fill in.
_OWN_COMMANDS = {
    "ChangeAvailability": "station.availability",
    "ChangeConfiguration": "settings.change",
    "ClearCache": "station.clear_cache",
    "DataTransfer": "station.data_transfer",
    "RemoteStartTransaction": "transaction.start",
    "RemoteStopTransaction": "transaction.stop",
    "RequestStartTransaction": "transaction.start",
    "RequestStopTransaction": "transaction.stop",
    "Reset": "station.reset",
    "SetVariables": "settings.change",
    "TriggerMessage": "station.trigger",
    "UnlockConnector": "connector.unlock",
}
_TEMPLATES = "Templates"
_ABOUT_LINES = 2


class ActionsScreen(SiteScreen):
    """The list, and above it what is typed to narrow it."""

    PLACE = Place.ACTIONS
    LETTERS = False
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.typing_bindings(Place.ACTIONS),
        Binding("up", "move('cursor_by', -1)", show=False),
        Binding("down", "move('cursor_by', 1)", show=False),
        Binding("pageup", "move('page', -1)", show=False),
        Binding("pagedown", "move('page', 1)", show=False),
    ]
    DEFAULT_CSS = """
    ActionsScreen #typed { height: 1; }
    ActionsScreen #typed > Static { width: 3; text-style: bold; }
    ActionsScreen #search { width: 1fr; background: $background; }
    """

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self._search = Input(compact=True, select_on_focus=False, id="search")
        self._search.cursor_blink = False
        self.table = self._table = LiveTable(_COLUMNS, self._cells)
        self._table.empty_text = "No action matches.\nesc clears what is typed."
        self._table.can_focus = False
        self._about = Line(id="about")
        self._templates: dict[str, Template] = {}
        self.commands = {"view.open": lambda _given: self._open()}

    def body(self) -> ComposeResult:
        """What is typed, the actions, and the one under the cursor in a sentence."""
        with Horizontal(id="typed"):
            yield Static(" / ", markup=False)
            yield self._search
        yield self._table
        yield self._about

    def on_screen_resume(self) -> None:
        """Who comes back looks for something else: the next letter takes the place of what stands there."""
        super().on_screen_resume()
        self._search.selection = Selection(0, len(self._search.value))

    @property
    def _version(self) -> str:
        station = self.session.site.stations.get(self.station_id)
        return station.ocpp_version if station else ""

    def trail(self) -> Sequence[str]:
        """The station, and what may be asked of it."""
        return self.station_id, f"actions of OCPP {self._version}"

    def target(self) -> Target:
        """The station."""
        return Target(station_id=self.station_id)

    def footer(self, width: int) -> list[list[Part]]:
        """The keys that are no letters."""
        return keys.typing_footer(self.PLACE, self._possible, width)

    def site_changed(self, news: News) -> None:
        """Show the list anew when one comes here: templates may have come and gone."""
        if news.whole:
            saved = self.session.requests.templates()
            self._templates = {f"\n{one.name}": one for one in saved if one.ocpp_version == self._version}
            self._show()

    def _show(self) -> None:
        # Elsewhere "/" opens the filter; here it is open, and a hand that types it all the same means no letter.
        wanted = self._search.value.lstrip("/ ").casefold().split()
        found = [key for key in (*self._templates, *actions_of(self._version)) if _matches(self._texts(key), wanted)]
        self._table.set_rows(found)
        self._table.touch(found)
        begins = [key for key in found if wanted and self._texts(key)[1].casefold().startswith(wanted[0])]
        if begins:
            self._table.cursor_key = begins[0]
        self._show_about()

    def _texts(self, key: str) -> tuple[str, str, str]:
        """Block, name and help of a row."""
        if key in self._templates:
            template = self._templates[key]
            return _TEMPLATES, template.name, template.action
        action = actions_of(self._version)[key]
        return action.block, action.name, action.help

    def _cells(self, key: str) -> dict[str, Cell]:
        block, name, help = self._texts(key)
        return {"block": (block, "muted"), "name": name, "help": (help, "muted")}

    def _action(self) -> Action | None:
        key = self._table.cursor_key
        template = self._templates.get(key or "")
        return actions_of(self._version).get(template.action if template else key or "")

    def _show_about(self) -> None:
        action = self._action()
        told = f"{action.name} {_DANGER_WORDS[action.danger]}. {action.help}.{_shorter_way(action)}" if action else ""
        lines = textwrap.wrap(told, max(20, (self.size.width or 80) - 2), max_lines=_ABOUT_LINES, placeholder="…")
        lines += [""] * (_ABOUT_LINES - len(lines))
        self._about.show([[(f" {line}", "muted")] for line in lines])

    def action_move(self, how: str, by: int) -> None:
        """Move the cursor, while the letters go on into what is typed."""
        (self._table.action_cursor_by if how == "cursor_by" else self._table.action_page)(by)

    @on(Input.Changed, "#search")
    def _typed(self) -> None:
        self._show()

    @on(Input.Submitted, "#search")
    @on(LiveTable.RowSelected)
    def _chosen(self) -> None:
        self.action_command("view.open")

    @on(LiveTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._show_about()

    def _open(self) -> None:
        action, template = self._action(), self._templates.get(self._table.cursor_key or "")
        if action is not None:
            key = request_key(self.station_id, action.name, template.name if template else "")
            self.post_message(Go(Place.REQUEST, key))

    def go_back(self) -> None:
        """Clear what is typed first."""
        if self._search.value:
            self._search.value = ""
        else:
            super().go_back()


def _shorter_way(action: Action) -> str:
    """The key that does the same on the station's screen."""
    spec = BY_ID.get(_OWN_COMMANDS.get(action.name, ""))
    return f" Shorter: {keys.written(spec.key)} ({spec.title}) on the station." if spec else ""


def _matches(texts: Sequence[str], wanted: Sequence[str]) -> bool:
    text = words.join(*texts, by=" ").casefold()
    return all(word in text for word in wanted)
