"""The ``:`` line: commands by name, with completion. The pure part first, then the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from console.errors import ConsoleError
from console.model.catalogue import CATALOGUE
from console.model.site import Site
from console.model.spec import Place, Spec
from console.screens.asking.forms import FORMS, TRIGGERS, TRIGGERS_2
from console.screens.requests import requests

_SHOWN = 8


def names(place: Place) -> dict[str, Spec]:
    """The names that mean one command on a screen: its title (``read-settings``), and its id (``settings.read``)."""
    titles: dict[str, list[Spec]] = {}
    for spec in CATALOGUE:
        titles.setdefault(spec.title.replace(" ", "-"), []).append(spec)
    found = {spec.id: spec for spec in CATALOGUE}
    for title, specs in titles.items():
        here = [spec for spec in specs if place in spec.places or Place.EVERYWHERE in spec.places]
        chosen = specs if len(specs) == 1 else here
        if len(chosen) == 1:
            found[title] = chosen[0]
    return found


def parse(text: str, place: Place) -> tuple[Spec, list[str]]:
    """The command meant, and the words after its name. Raises ConsoleError with what it could have been."""
    name, *given = text.split()
    known = names(place)
    wanted = name.casefold()
    spec = known.get(wanted)
    if spec is not None:
        return spec, given
    alike = sorted({each.id for title, each in known.items() if title.startswith(wanted)})
    if len(alike) == 1:
        return next(each for each in CATALOGUE if each.id == alike[0]), given
    same = [each.id for each in CATALOGUE if each.title.replace(" ", "-") == wanted] or alike
    if same:
        raise ConsoleError(f"{name!r} could be {', '.join(same[:_SHOWN])}")
    raise ConsoleError(f"there is no command {name!r}", "Press ? to see the commands.")


def usage(spec: Spec) -> str:
    """What may follow a command's name."""
    form = FORMS.get(spec.id)
    subject = {"station_id": "STATION", "evse_id": "CONNECTOR", "token_key": "TAG", "card_id": "CARD"}
    given = [subject.get(field, field.upper()) for field in form.subject] if form else []
    return " ".join([*given, *_MORE.get(spec.id, ())])


_MORE: dict[str, tuple[str, ...]] = {
    "transaction.start": ("TAG", "SCHEDULE"),
    "station.reset": ("soft|hard",),
    "station.availability": ("in|out",),
    "station.trigger": ("MESSAGE",),
    "station.data_transfer": ("VENDOR-ID", "MESSAGE-ID", "DATA"),
    "station.call": ("ACTION", "FIELD=VALUE|JSON"),
    "station.add": ("STATION",),
    "tariff.set": ("FILE",),
    "tariff.change": ("FILE",),
    "settings.change": ("VALUE",),
    "settings.snapshot": ("NAME",),
    "reservation.make": ("TAG", "UNTIL"),
    "reservation.cancel": ("NUMBER",),
    "token.add": ("TAG", "GROUP", "EXPIRES", "LABEL"),
    "token.edit": ("GROUP", "EXPIRES", "LABEL"),
    "token.import": ("FILE",),
    "go.stations": ("FILTER",),
    "go.transactions": ("FILTER",),
    "go.tokens": ("FILTER",),
    "go.messages": ("FILTER",),
}


def completions(text: str, site: Site, place: Place) -> list[str]:
    """The whole lines that what is typed could become, the likeliest first."""
    words = text.split(" ")
    known = names(place)
    if len(words) == 1:
        plain_first = sorted(known, key=lambda name: ("." in name, name))
        return [name for name in plain_first if name.startswith(words[0].casefold())]
    spec = known.get(words[0].casefold())
    if spec is None:
        return []
    head, last = " ".join(words[:-1]), words[-1].casefold()
    return [f"{head} {word}" for word in _next_words(spec, words[1:-1], site) if word.casefold().startswith(last)]


def _next_words(spec: Spec, before: Sequence[str], site: Site) -> Sequence[str]:
    """What the next word can be."""
    form = FORMS.get(spec.id)
    if form is None:
        return list(site.stations) if spec.id.startswith("go.") and not before else []
    if len(before) < len(form.subject):
        field = form.subject[len(before)]
        if field == "station_id":
            return list(site.stations)
        if field == "token_key":
            return [token.id_token for token in site.tokens.values()]
        station = site.stations.get(before[0]) if before else None
        return [str(each.evse_id) for each in station.connectors] if station and field == "evse_id" else []
    if spec.id == "station.call":
        return _words_of_call(site, before)
    return _VALUES[spec.id](site) if spec.id in _VALUES and len(before) == len(form.subject) else []


def _words_of_call(site: Site, before: Sequence[str]) -> Sequence[str]:
    """The actions of the station, and then the fields of the action."""
    station_id, *rest = before
    actions = requests.action_names(site, station_id)
    if not rest:
        return actions
    return requests.field_words(site, station_id, rest[0]) if rest[0] in actions else []


_VALUES: dict[str, Callable[[Site], Sequence[str]]] = {
    "transaction.start": lambda site: [token.id_token for token in site.tokens.values()],
    "reservation.make": lambda site: [token.id_token for token in site.tokens.values()],
    "station.reset": lambda _site: ("soft", "hard"),
    "station.availability": lambda _site: ("in service", "out of service"),
    "station.trigger": lambda _site: (*TRIGGERS, *(each for each in TRIGGERS_2 if each not in TRIGGERS)),
}


class _Completer(Suggester):
    def __init__(self, line: CommandLine) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._line = line

    async def get_suggestion(self, value: str) -> str | None:
        """The likeliest whole line."""
        found = self._line.complete(value) if value else []
        return found[0] if found and found[0] != value else None


class CommandLine(Input):
    """One line to type a command in. Tab completes, enter runs, escape leaves; up brings the last one back."""

    DEFAULT_CSS = """
    CommandLine, CommandLine:focus { height: 1; border: none; padding: 0; background: $background; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "cursor_right_end", "Complete", show=False),
        Binding("escape", "leave", "Leave", show=False),
        Binding("up", "recall", "Last command", show=False),
    ]

    class Entered(Message):
        """A command was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Typing(Message):
        """What could follow what is typed; None when the line closes."""

        def __init__(self, help: str | None) -> None:
            super().__init__()
            self.help = help

    def __init__(self, site: Callable[[], Site], place: Place) -> None:
        super().__init__(compact=True, select_on_focus=False, suggester=_Completer(self))
        self.cursor_blink = False
        self.can_focus = False  # until it is opened: a hidden input must not get the keys
        self._site = site
        self._place = place
        self._last = ""

    def complete(self, text: str) -> list[str]:
        """The whole lines that a text could become."""
        return completions(text, self._site(), self._place)

    def open(self) -> None:
        """Show the line and take the keys."""
        self.value = ""
        # All at once: what is typed fast, or pasted, after the key that opens the line belongs into it.
        self.display = True
        self.can_focus = True
        self.screen.set_focus(self)
        self.post_message(self.Typing(self._help("")))

    def action_cursor_right_end(self) -> None:
        """Take the suggestion, and go on with the next word."""
        found = self.complete(self.value)
        if found:
            self.value = found[0] + " "
            self.cursor_position = len(self.value)

    def action_recall(self) -> None:
        """Bring back what was typed last."""
        if self._last:
            self.value = self._last
            self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """Close without running anything."""
        self.display = False
        self.screen.set_focus(None)
        self.can_focus = False
        self.post_message(self.Typing(None))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what could follow."""
        event.stop()
        if self.display:
            self.post_message(self.Typing(self._help(event.value)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Run what is typed."""
        event.stop()
        text = event.value.strip()
        self.action_leave()
        if text:
            self._last = text
            self.post_message(self.Entered(text))

    def _help(self, text: str) -> str:
        if " " in text:
            spec = names(self._place).get(text.split()[0].casefold()) if text.split() else None
            return f"{spec.title} {usage(spec)}".strip() + f"   {spec.help}" if spec else "no such command"
        found = [name for name in self.complete(text) if "." not in name] or self.complete(text)
        return "  ".join(found[:_SHOWN]) or "no such command"
