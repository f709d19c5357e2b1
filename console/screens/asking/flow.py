"""From a key or a typed line to a command that was carried out: ask what is missing, confirm, run, say how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from textual.app import App

from console.actions.table import danger_of
from console.errors import ConsoleError
from console.model.command import CallStation, Command, RemoveToken, station_of
from console.model.outcome import Outcome
from console.model.site import Site
from console.model.spec import Danger, Spec, Target
from console.model.token import token_key
from console.screens.asking.describe import card_of, confirmation, describe
from console.screens.asking.form import Context, Form, need_fields, station_field, with_words
from console.screens.asking.forms import FORMS, candidates
from console.screens.frame import words
from console.screens.frame.session import Session
from profiles.charging_templates import drafts
from widgets.dialog import ConfirmDialog, PromptDialog


class Flow:
    """Runs commands for the screens. Use it from a worker: it waits for dialogs."""

    def __init__(self, app: App[object], session: Session) -> None:
        self._app = app
        self._session = session

    async def run(self, spec: Spec, target: Target, given: Sequence[str] = ()) -> None:
        """Carry out one command of the catalogue, from the first question to the last word on the status line."""
        try:
            command = await self._command(spec, target, given)
        except ConsoleError as error:
            self._session.say(f"{spec.title}: {error.message}", "warn", error.hint)
            return
        if command is None:
            self._session.say(f"{spec.title}: left undone")
        elif isinstance(command, CallStation):
            await self.send(command)
        else:
            await self._carry_out(command, spec.danger)

    async def send(self, command: CallStation) -> Outcome | None:
        """Send a request, asked about as its action deserves; None if it was left undone."""
        return await self._carry_out(command, danger_of(command))

    async def _carry_out(self, command: Command, danger: Danger) -> Outcome | None:
        told = describe(command, self._session.site)
        if danger is Danger.DISRUPTIVE and not await self.confirm(command):
            self._session.say(f"{told}: left undone")
            return None
        return await self._session.run(command, told)

    async def confirm(self, command: Command) -> bool:
        """Ask before something disruptive; at a production site the station's name has to be typed."""
        session = self._session
        title, lines = confirmation(command, session.site, session.site.name or session.backend.name)
        subject = command.id_token if isinstance(command, RemoveToken) else station_of(command)
        typed = subject if session.backend.production and subject else None
        return await self._app.push_screen_wait(ConfirmDialog(title, lines, confirm="Do it", type_to_confirm=typed))

    async def _command(self, spec: Spec, target: Target, given: Sequence[str]) -> Command | None:
        form = FORMS[spec.id]
        site = self._session.site
        named = min(len(given), len(form.subject))
        for field, text in zip(form.subject[:named], given, strict=False):
            target = _aimed(site, target, field, text)
        if "station_id" in form.subject and not target.transaction_key and target.station_id not in site.stations:
            picked = await self._pick_station(spec)
            if picked is None:
                return None
            target = replace(target, station_id=picked)
        refusal = self._session.refusal(spec, target)
        if refusal is not None:
            raise ConsoleError(refusal)
        return await self._filled(spec, form, target, given[named:])

    async def _pick_station(self, spec: Spec) -> str | None:
        possible = candidates(self._session.site, spec.why_not)
        if not possible:
            raise ConsoleError("there is no station that this is possible with")
        if len(possible) == 1:
            return possible[0]
        values = await self._app.push_screen_wait(PromptDialog(spec.help, [station_field(possible)]))
        return values["station_id"] if values else None

    async def _filled(self, spec: Spec, form: Form, target: Target, given: Sequence[str]) -> Command | None:
        context = self._context(target)
        params = with_words(form.params(context), given, form.rest)
        values = {each.field.name: each.field.value for each in params}
        fields = need_fields(params, asked=not given)
        if fields:
            at = f"connector {target.evse_id}" if target.evse_id and "evse_id" in form.subject else ""
            place = words.join(target.station_id, at, by=" ")
            title = words.join(place, target.setting_key or spec.help, by=": ")
            answers = await self._app.push_screen_wait(PromptDialog(title, fields))
            if answers is None:
                return None
            values |= answers
        # The site may have moved on while the dialog stood; what is built is judged against the newest.
        return form.build(self._context(target), values)

    def _context(self, target: Target) -> Context:
        session = self._session
        return Context(session.site, target, session.now(), session.zone, session.settings, drafts)


def _aimed(site: Site, target: Target, field: str, text: str) -> Target:
    """The target with one word of a typed line in it. Raises ConsoleError if there is no such thing."""
    if field == "evse_id":
        if not text.isdecimal():
            raise ConsoleError(f"{text!r} is no connector", "Connectors are numbers; 0 is the whole station.")
        return replace(target, evse_id=int(text))
    if field == "message_id":
        if not text.isdecimal():
            raise ConsoleError(f"{text!r} is no message", "Messages are numbers, as on the station's display screen.")
        return replace(target, message_id=int(text))
    if field == "station_id":
        known = {key.casefold(): key for key in site.stations}
        if text.casefold() not in known:
            raise ConsoleError(f"there is no station {text!r}", "Stations are named as on the first screen.")
        return Target(station_id=known[text.casefold()])
    if field == "token_key":
        if token_key(text) not in site.tokens:
            raise ConsoleError(f"there is no tag {text!r}", "Press 3 to see the tags.")
        return Target(token_key=token_key(text))
    if field == "card_id":
        card = card_of(site, text)
        if card is None:
            raise ConsoleError(f"no card {text!r} was swiped")
        return Target(card_id=card.card_id)
    return replace(target, **{field: text})
