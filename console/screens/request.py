"""One request being filled in: a form made from the action's schema, or the same as JSON."""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import TextArea

from console.actions import edits
from console.actions.describe import limits
from console.actions.draft import Draft, Filled, blank, from_payload, to_payload
from console.actions.fields import Field, Kind, fields_of
from console.actions.paths import Path, path_text, read_path
from console.actions.saved import read_file
from console.actions.table import actions_of
from console.actions.texts import Reading, WrongError, to_value
from console.actions.words import json_object
from console.errors import ConsoleError
from console.model.catalogue import BY_ID, Place, Spec, Target
from console.model.command import CallStation
from console.screens import keys, request_rows
from console.screens.answer import AnswerScreen
from console.screens.flow import Flow
from console.screens.frame import Line, SiteScreen
from console.screens.requests import prefilled
from console.screens.session import Session
from console.screens.templates import Choice, TemplatesScreen
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
        self._draft = self._first_draft(template)
        self._folded: set[str] = set()
        self._tried = False
        self._form = OutlineForm(id="form")
        self._json = TextArea(soft_wrap=False, compact=True, id="json")
        self._json.cursor_blink = False
        self._about = Line(id="about")
        self.commands = {
            "form.send": lambda _given: self._start_sending(),
            "form.add": lambda _given: self._add(self._path),
            "form.remove": lambda _given: self._remove(self._path),
            "form.json": lambda _given: self._toggle_json(),
            "form.templates": lambda _given: self._start_templates(),
        }

    def _first_draft(self, template: str) -> Draft:
        """The template that was chosen; else what was left unfinished, or sent last; else nothing filled in."""
        session = self.session
        if template:
            return self._fresh(session.requests.template(template).payload)
        if self._draft_key in session.drafts:
            return session.drafts[self._draft_key]
        return self._fresh(session.requests.last(self._version, self._action.name))

    def _fresh(self, payload: Mapping[str, object] | None) -> Draft:
        draft = blank(self._fields) if payload is None else from_payload(self._fields, dict(payload))
        return prefilled(self._fields, draft, self.session.called_from, self.session.now())

    # -- the frame

    def body(self) -> ComposeResult:
        """The form, or the JSON in its place; then what the field is for."""
        yield self._form
        yield self._json
        yield self._about

    def on_mount(self) -> None:
        """Show the form, ready to be typed in."""
        super().on_mount()
        self._show(fresh=True)

    def on_screen_resume(self) -> None:
        """Take the keys back from a dialog."""
        super().on_screen_resume()
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

    def _filled(self, *, fetch: bool = False) -> Filled:
        """What the draft comes to. Files are read only with ``fetch``, when the request is to be sent."""
        reading = Reading(self.session.now(), self.session.zone, read_file if fetch else None)
        return to_payload(self._fields, self._draft, reading)

    def _show(self, cursor: Path | None = None, *, fresh: bool = False) -> None:
        self.session.drafts[self._draft_key] = self._draft
        problems = self._filled().problems
        if not self._tried:  # what is not filled in yet is no mistake yet
            problems = {path: text for path, text in problems.items() if edits.at(self._draft, path) not in (None, "")}
        rows = request_rows.rows(self._fields, self._draft, problems, self._folded)
        self._form.set_rows(rows, path_text(cursor) if cursor else None, fresh=fresh)
        self._show_about()

    def _show_about(self, said: str = "") -> None:
        width = self.size.width or 80
        lines = textwrap.wrap(said or self._help(), max(20, width - 2), max_lines=_HELP_LINES, placeholder="…")
        lines += [""] * (_HELP_LINES - len(lines))
        self._about.show([[(f" {line}", "muted" if not said else "bad")] for line in lines])

    def _help(self) -> str:
        """What the field under the cursor can hold, and what it is for."""
        path = self._path
        field = edits.field_at(self._fields, path)
        if not path:
            return f"{self._action.help}. OCPP {self._version}, {self._action.block}."
        if field is None:
            return request_rows.help_of(field, path)
        meant = self._meant(field, edits.at(self._draft, path))
        keys_here = "" if field.kind not in (Kind.OBJECT, Kind.LIST) else " ctrl+n adds, ctrl+r removes."
        holds = limits(field)
        return f"{meant}{holds[:1].upper()}{holds[1:]}.{keys_here} {field.help}"

    def _meant(self, field: Field, text: Draft) -> str:
        """A time as it will be sent."""
        if field.kind is not Kind.TIME or not isinstance(text, str) or not text.strip():
            return ""
        try:
            return f"= {to_value(field, text, Reading(self.session.now(), self.session.zone))}  "
        except WrongError:
            return ""

    def _take_focus(self) -> None:
        if self._in_json:
            self.set_focus(self._json)
        else:
            self.set_focus(None)
            self._form.take_focus()

    # -- filling in

    @on(OutlineForm.Typed)
    def _typed(self, event: OutlineForm.Typed) -> None:
        self._draft = edits.put(self._fields, self._draft, read_path(event.key), event.value)
        self._show()

    @on(OutlineForm.Highlighted)
    def _highlighted(self) -> None:
        self._show_about()
        self.update_frame()

    @on(OutlineForm.Opened)
    def _opened(self, event: OutlineForm.Opened) -> None:
        """Send; add what is left out; else close what is open, and open what is closed."""
        if event.key == request_rows.SEND:
            self.action_command("form.send")
            return
        path = read_path(event.key)
        if edits.at(self._draft, path) in (None, []):
            self._add(path)
        else:
            self._folded ^= {event.key}
            self._show()

    @on(OutlineForm.MoreAsked)
    def _more(self, event: OutlineForm.MoreAsked) -> None:
        if event.key != request_rows.SEND:
            self._add(read_path(event.key))

    @on(OutlineForm.LessAsked)
    def _less(self, event: OutlineForm.LessAsked) -> None:
        if event.key != request_rows.SEND:
            self._remove(read_path(event.key))

    def _add(self, path: Path) -> None:
        """Add to the group at the path, or to the innermost around it that takes one more."""
        tried = [path[: len(path) - up] for up in range(len(path))]
        refusals = [edits.can_add(self._fields, self._draft, each) for each in tried]
        fitting = next((each for each, refusal in zip(tried, refusals, strict=True) if refusal is None), None)
        if fitting is None:
            self.session.say(f"add: {refusals[0] if refusals else 'there is nothing to add here'}", "warn")
            return
        self._draft, there = edits.add(self._fields, self._draft, fitting)
        self._folded.discard(path_text(fitting))
        self._show(there)

    def _remove(self, path: Path) -> None:
        """Take away what is at the path; of a list's item, the whole of it."""
        refusal = edits.can_remove(self._fields, self._draft, path)
        if refusal is not None:
            self.session.say(f"remove: {refusal}", "warn")
            return
        self._draft = edits.remove(self._fields, self._draft, path)
        # From an item that is gone the cursor goes to the one before, or to its list.
        around, last = path[:-1], path[-1]
        self._show(path if isinstance(last, str) else (*around, last - 1) if last else around, fresh=True)

    # -- as JSON

    def _toggle_json(self) -> None:
        if self._in_json and not self._take_json():
            return
        if not self._in_json:
            self._json.text = json.dumps(self._filled().payload, indent=2, ensure_ascii=False)
        self.toggle_class("-json")
        self._show(fresh=True)
        self._take_focus()
        self.update_frame()

    def _take_json(self) -> bool:
        """Put the JSON into the form; say where it is none."""
        try:
            self._draft = from_payload(self._fields, json_object(self._json.text))
        except ConsoleError as error:
            self._show_about(error.message)
            return False
        self.session.drafts[self._draft_key] = self._draft
        return True

    @on(TextArea.Changed)
    def _json_changed(self) -> None:
        """Say at once what is wrong with it."""
        if not self._in_json:
            return
        if self._take_json():
            self._show_about("; ".join(self._told(self._filled().problems)))

    def _told(self, problems: Mapping[Path, str]) -> list[str]:
        return [f"{path_text(path)} {text}" for path, text in problems.items()]

    def go_back(self) -> None:
        """From the JSON to the form, from there to the actions; what is filled in is kept."""
        if self._in_json:
            self._toggle_json()
        else:
            super().go_back()

    # -- sending

    def _start_sending(self) -> None:
        self.app.run_worker(self._send(), name=self._action.name, group="flow", exit_on_error=False)

    async def _send(self) -> None:
        session, name = self.session, self._action.name
        if self._in_json and not self._take_json():
            return
        filled = await asyncio.to_thread(partial(self._filled, fetch=True))
        if filled.problems:
            self._tried = True
            first = next(iter(filled.problems))
            self._unfold(first)
            self._show(first)
            session.say(f"{name}: not sent: {self._told(filled.problems)[0]}", "warn")
            return
        refusal = session.refusal(BY_ID["station.call"], self.target())
        if refusal is not None:
            session.say(f"{name}: {refusal}", "warn")
            return
        # JSON is sent as it is written; what the form holds is sent as it was read.
        payload = json_object(self._json.text) if self._in_json else filled.payload
        command = CallStation(self.station_id, name, payload)
        outcome = await Flow(self.app, session).send(command)
        if outcome is None:
            return
        await asyncio.to_thread(session.requests.remember, self._version, name, payload)
        if outcome.answer is not None:
            await self.app.push_screen(AnswerScreen(session, command, outcome))

    def _unfold(self, path: Path) -> None:
        self._folded -= {path_text(path[:length]) for length in range(1, len(path))}

    # -- templates

    def _start_templates(self) -> None:
        self.app.run_worker(self._templates(), name="templates", group="flow", exit_on_error=False)

    async def _templates(self) -> None:
        if self._in_json and not self._take_json():
            return
        chosen = await self.app.push_screen_wait(
            TemplatesScreen(self.session, self._version, self._action.name, self._filled().payload)
        )
        if chosen is None:
            return
        payload = chosen.payload if isinstance(chosen, Choice) else None
        self._draft, self._tried = self._fresh(payload), False
        if self._in_json:
            self._json.text = json.dumps(self._filled().payload, indent=2, ensure_ascii=False)
        self._show(fresh=True)
