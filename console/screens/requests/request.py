"""One request being filled in: a form made from the action's schema, or the same as JSON."""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import TextArea
from textual.worker import Worker

from console.actions.draft import Draft, Filled, blank, from_payload
from console.actions.fields import fields_of
from console.actions.paths import Path, path_text, read_path
from console.actions.saved import read_file
from console.actions.table import actions_of
from console.actions.texts import Reading
from console.actions.words import json_object
from console.errors import ConsoleError
from console.model.catalogue import BY_ID
from console.model.command import CallStation
from console.model.spec import Place, Spec, Target
from console.screens.asking.answer import AnswerScreen
from console.screens.asking.flow import Flow
from console.screens.frame import keys
from console.screens.frame.frame import Line, SiteScreen
from console.screens.frame.session import Session
from console.screens.requests import request_rows
from console.screens.requests.request_draft import RequestDraft, told
from console.screens.requests.requests import prefilled
from console.screens.requests.templates import TemplatesScreen
from widgets.outline_form import OutlineForm
from widgets.row_line import Part

_HELP_LINES = 2


class RequestScreen(SiteScreen):
    """The form above, and below it what the field under the cursor is for."""

    PLACE = Place.REQUEST
    LETTERS = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = keys.typing_bindings(Place.REQUEST)
    DEFAULT_CSS = """
    RequestScreen #json { display: none; height: 1fr; border: none; padding: 0; background: $background; }
    RequestScreen.-json #json { display: block; }
    RequestScreen.-json #form { display: none; }
    """

    def __init__(self, session: Session, key: str) -> None:
        super().__init__(session)
        self.station_id, action, template = (*key.split("\n"), "")[:3]
        self._version = session.site.stations[self.station_id].ocpp_version
        self._action = actions_of(self._version)[action]
        self._fields = fields_of(self._version, action)
        self._draft_key = f"{self.station_id}\n{action}"
        self._draft = RequestDraft(self._fields, self._first(template))
        self._form = OutlineForm(id="form")
        self._json = TextArea(soft_wrap=False, compact=True, id="json")
        self._json.cursor_blink = False
        self._about = Line(id="about")
        self.commands = {
            "form.send": lambda _given: self._start(self._send, self._action.name),
            "form.add": lambda _given: self._change("add", self._draft.add, self._path),
            "form.remove": lambda _given: self._change("remove", self._draft.remove, self._path),
            "form.json": lambda _given: self._toggle_json(),
            "form.templates": lambda _given: self._start(self._load, "templates"),
        }

    def _first(self, template: str) -> Draft:
        """The template that was chosen; else what was left unfinished, or sent last; else nothing filled in."""
        session = self.session
        if template:
            return self._fresh(session.requests.template(template).payload)
        if self._draft_key in session.drafts:
            return session.drafts[self._draft_key]
        return self._fresh(session.requests.last(self._version, self._action.name))

    def _fresh(self, payload: Mapping[str, object] | None) -> Draft:
        session = self.session
        draft = blank(self._fields) if payload is None else from_payload(self._fields, dict(payload))
        here = session.called_from.station_id == self.station_id
        return prefilled(self._fields, draft, session.called_from if here else Target(), session.now())

    # -- the frame

    def body(self) -> ComposeResult:
        """The form, or the JSON in its place; then what the field is for."""
        yield self._form
        yield self._json
        yield self._about

    def on_mount(self) -> None:
        """Show the form, ready to be typed in."""
        self._show(fresh=True)

    def on_screen_resume(self) -> None:
        """Take the keys back from a dialog."""
        self._take_focus()

    def trail(self) -> Sequence[str]:
        """The station, and the action."""
        return self.station_id, self._action.name, *(("JSON",) if self._in_json else ())

    def target(self) -> Target:
        """The station."""
        return Target(station_id=self.station_id)

    def footer(self, width: int) -> list[list[Part]]:
        """The keys that are no letters."""
        return keys.typing_footer(self.PLACE, self._possible, width)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """In the JSON there are no rows to add and to remove."""
        if spec.id in ("form.add", "form.remove") and self._in_json:
            return "press ctrl+t for the form"
        return super().refusal(spec, target)

    # -- showing

    @property
    def _in_json(self) -> bool:
        return self.has_class("-json")

    @property
    def _path(self) -> Path:
        """Where in the request the cursor is; nowhere on the row that sends it."""
        row = self._form.row
        return () if row is None or row.key == request_rows.SEND else read_path(row.key)

    @property
    def _reading(self) -> Reading:
        """How what is typed is understood. Files are read only when the request is to be sent."""
        return Reading(self.session.now(), self.session.zone)

    def _show(self, cursor: Path | None = None, *, fresh: bool = False) -> None:
        self.session.drafts[self._draft_key] = self._draft.draft
        self._form.set_rows(self._draft.rows(self._reading), path_text(cursor) if cursor else None, fresh=fresh)
        self._show_about()

    def _show_about(self, wrong: str = "") -> None:
        lines = textwrap.wrap(
            wrong or self._help(), max(20, (self.size.width or 80) - 2), max_lines=_HELP_LINES, placeholder="…"
        )
        lines += [""] * (_HELP_LINES - len(lines))
        self._about.show([[(f" {line}", "bad" if wrong else "muted")] for line in lines])

    def _help(self) -> str:
        if self._path and not self._in_json:
            return self._draft.help(self._path, self._reading)
        return f"{self._action.help}. OCPP {self._version}, {self._action.block}."

    def _take_focus(self) -> None:
        self.set_focus(self._json if self._in_json else None)
        if not self._in_json:
            self._form.take_focus()

    # -- filling in

    @on(OutlineForm.Typed)
    def _typed(self, event: OutlineForm.Typed) -> None:
        self._draft.put(read_path(event.key), event.value)
        self._show()

    @on(OutlineForm.Highlighted)
    def _highlighted(self) -> None:
        self._show_about()
        self.update_frame()

    @on(OutlineForm.Opened)
    @on(OutlineForm.MoreAsked)
    @on(OutlineForm.LessAsked)
    def _asked(self, event: OutlineForm.RowMessage) -> None:
        if event.key == request_rows.SEND:
            if isinstance(event, OutlineForm.Opened):
                self.action_command("form.send")
        elif isinstance(event, OutlineForm.Opened):
            self._change("add", self._draft.open, read_path(event.key))
        elif isinstance(event, OutlineForm.MoreAsked):
            self._change("add", self._draft.add, read_path(event.key))
        else:
            self._change("remove", self._draft.remove, read_path(event.key))

    def _change(self, title: str, change: Callable[[Path], Path], path: Path) -> None:
        """Change the form, or say why that cannot be."""
        try:
            self._show(change(path), fresh=True)
        except ConsoleError as error:
            self.session.say(f"{title}: {error.message}", "warn", error.hint)

    # -- as JSON

    def _toggle_json(self) -> None:
        if self._in_json and not self._take_json():
            return
        if not self._in_json:
            self._write_json()
        self.toggle_class("-json")
        self._show(fresh=True)
        self._take_focus()
        self.update_frame()

    def _write_json(self) -> None:
        self._json.text = json.dumps(self._draft.filled(self._reading).payload, indent=2, ensure_ascii=False)

    def _take_json(self) -> bool:
        """Put the JSON into the form; say where it is none."""
        try:
            self._draft.draft = from_payload(self._fields, json_object(self._json.text))
        except ConsoleError as error:
            self._show_about(error.message)
            return False
        self.session.drafts[self._draft_key] = self._draft.draft
        return True

    @on(TextArea.Changed)
    def _json_changed(self) -> None:
        """Say at once what is wrong with it."""
        if self._in_json and self._take_json():
            self._show_about("; ".join(told(self._draft.filled(self._reading).problems)))

    def go_back(self) -> None:
        """From the JSON to the form, from there to the actions; what is filled in is kept."""
        if self._in_json:
            self._toggle_json()
        else:
            super().go_back()

    # -- sending

    def _start(self, job: Callable[[], Coroutine[None, None, None]], name: str) -> None:
        """Run what waits for dialogs and stations; a worker of the app, which outlives this screen."""
        _worker: Worker[None] = self.app.run_worker(job, name=name, group="flow", exit_on_error=False)

    async def _send(self) -> None:
        if self._in_json and not self._take_json():
            return
        session, name = self.session, self._action.name
        filled = await asyncio.to_thread(self._draft.filled, self._reading._replace(file=read_file))
        refusal = session.refusal(BY_ID["station.call"], self.target())
        if filled.problems:
            self._show_problems(filled)
        elif refusal is not None:
            session.say(f"{name}: {refusal}", "warn")
        else:
            # JSON is sent as it is written; what the form holds is sent as it was read.
            payload = json_object(self._json.text) if self._in_json else filled.payload
            await self._carry_out(CallStation(self.station_id, name, payload))

    def _show_problems(self, filled: Filled) -> None:
        self._draft.tried = True
        first = next(iter(filled.problems))
        self._draft.unfold(first)
        self._show(first)
        self.session.say(f"{self._action.name}: not sent: {told(filled.problems)[0]}", "warn")

    async def _carry_out(self, command: CallStation) -> None:
        outcome = await Flow(self.app, self.session).send(command)
        if outcome is None:
            return
        if outcome.answer is not None:
            await self.app.push_screen(AnswerScreen(self.session, command, outcome))
        await asyncio.to_thread(self.session.requests.remember, self._version, command.action, command.payload)

    async def _load(self) -> None:
        """Fill the form with a template, with what was sent last, or with nothing."""
        if self._in_json and not self._take_json():
            return
        payload = self._draft.filled(self._reading).payload
        pages = TemplatesScreen(self.session, self._version, self._action.name, payload)
        chosen = await self.app.push_screen_wait(pages)
        if chosen is not None:
            self._draft = RequestDraft(self._fields, self._fresh(chosen.payload))
            if self._in_json:
                self._write_json()
            self._show(fresh=True)
