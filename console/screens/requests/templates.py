"""The templates of an action: load one, save what is filled in under a name, delete one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from console.actions.saved import Template, name_problem
from console.actions.secrets import HIDDEN, without_secrets
from console.errors import ConsoleError
from console.screens.frame import keys, paint
from console.screens.frame.plain_table import PlainTable
from console.screens.frame.session import Session
from widgets.columns import Column
from widgets.dialog import ConfirmDialog, PromptDialog
from widgets.form import Field
from widgets.live_table import LiveTable
from widgets.row_line import Cell, CellStyle

_COLUMNS = (Column("name", "TEMPLATE", 30), Column("payload", "REQUEST", 20, flex=True))
_EMPTY, _LAST = "\nempty", "\nlast"


class Choice(msgspec.Struct, frozen=True):
    """What the form is to be filled with; None for nothing."""

    payload: Mapping[str, Any] | None


class TemplatesScreen(ModalScreen[Choice | None]):
    """A page over the form; closes with what was chosen."""

    DEFAULT_CSS = """
    TemplatesScreen { align: center middle; }
    TemplatesScreen > Vertical { width: 100%; height: 100%; background: $background; }
    TemplatesScreen .bar { height: 1; padding: 0 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", show=False),
        Binding("s", "save", "Save", show=False),
        Binding("delete,x", "delete", "Delete", show=False),
    ]

    def __init__(self, session: Session, ocpp_version: str, action: str, payload: dict[str, Any]) -> None:
        super().__init__()
        self._session = session
        self._version = ocpp_version
        self._action = action
        self._payload = payload
        self._held: dict[str, Template] = {}
        self._table = PlainTable(_COLUMNS, self._cells)

    def compose(self) -> ComposeResult:
        """The templates, and the keys."""
        with Vertical():
            yield Static(
                paint.content([(f"Templates for {self._action}, OCPP {self._version}", "strong")]), classes="bar"
            )
            yield self._table
            footer = keys.page_footer(("enter", "load"), ("s", "save the form"), ("x", "delete"), ("esc", "close"))
            yield Static(paint.content(footer), classes="bar")

    def on_mount(self) -> None:
        """List what there is."""
        self._list()

    def _list(self) -> None:
        requests = self._session.requests
        fitting = [
            one for one in requests.templates() if (one.ocpp_version, one.action) == (self._version, self._action)
        ]
        last = requests.last(self._version, self._action)
        self._held = {one.name: one for one in fitting}
        if last is not None:
            self._held[_LAST] = Template("what was sent last", self._version, self._action, last)
        self._held[_EMPTY] = Template("an empty form", self._version, self._action, {})
        self._table.set_rows(list(self._held))
        self._table.touch(self._held)

    def _cells(self, key: str) -> dict[str, Cell]:
        one = self._held[key]
        text = msgspec.json.encode(without_secrets(one.payload, HIDDEN)).decode()
        style: CellStyle = "muted" if key in (_EMPTY, _LAST) else ""
        return {"name": (one.name, style), "payload": (text if one.payload else "", "muted")}

    @on(LiveTable.RowSelected)
    def _selected(self, event: LiveTable.RowSelected) -> None:
        self.dismiss(Choice(None if event.row_key == _EMPTY else self._held[event.row_key].payload))

    def action_leave(self) -> None:
        """Close, and leave the form as it is."""
        self.dismiss(None)

    def action_save(self) -> None:
        """Save what is filled in."""
        self.app.run_worker(self._save(), name="save template", group="flow", exit_on_error=False)

    async def _save(self) -> None:
        told = "Secrets are left out. The same name replaces a template."
        field = Field("name", "name", "", told, required=True, validate=name_problem)
        values = await self.app.push_screen_wait(PromptDialog(f"Save {self._action} as a template", [field]))
        if values is not None:
            template = Template(values["name"].strip(), self._version, self._action, self._payload)
            await self._try(f"saved the template {template.name}", self._session.requests.save, template)

    def action_delete(self) -> None:
        """Delete the template under the cursor, after a question."""
        key = self._table.cursor_key
        if key is not None and key not in (_EMPTY, _LAST):
            self.app.run_worker(self._delete(key), name="delete template", group="flow", exit_on_error=False)

    async def _delete(self, name: str) -> None:
        if await self.app.push_screen_wait(ConfirmDialog(f"Delete the template {name}?", confirm="Delete")):
            await self._try(f"deleted the template {name}", self._session.requests.delete, name)

    async def _try(self, done: str, job: Any, what: object) -> None:
        try:
            await asyncio.to_thread(job, what)
        except ConsoleError as error:
            self._session.say(error.message, "warn", error.hint)
        else:
            self._session.say(done)
        self._list()
