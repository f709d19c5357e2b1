"""Keys of a screen, made from the one list of commands: its bindings, its footer, how a key is written."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding, BindingType

from console.model.catalogue import BY_ID, specs_at
from console.model.spec import Place, Spec
from widgets.row_line import Part

_WRITTEN = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "escape": "esc",
    "delete": "del",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
}

#: What stands first in a footer, where there is not room for all of it.
_FIRST = (
    "view.open",
    "transaction.start",
    "transaction.stop",
    "token.add",
    "token.edit",
    "token.block",
    "settings.change",
    "certificate.sign",
    "certificate.read",
    "certificate.install",
    "display.show",
    "display.clear",
    "display.read",
    "tariff.set",
    "tariff.clear",
    "tariff.read",
    "tariff.change",
    "certificate.renew",
    "log.fetch",
    "report.dismiss",
    "view.fold",
    "settings.read",
    "view.compare",
    "settings.apply",
    "settings.snapshot",
    "settings.undo",
    "view.settings",
    "view.reports",
    "view.quantity",
    "view.pause",
    "view.copy",
    "view.save",
    "view.filter",
    "playback.toggle",
    "playback.step",
    "go.messages",
    "go.numbered",
    "app.detach",
)
#: On the screens where something else matters most.
_FIRST_AT = {
    Place.STATION: (
        *("transaction.start", "transaction.stop", "view.settings", "view.schedule", "view.logs", "view.reports"),
        *("go.messages", "connector.unlock", "station.reset", "station.call", "station.availability"),
        *("view.certificates", "view.quantity", "firmware.update"),
    ),
    Place.TOKENS: ("token.learn", *_FIRST),
    Place.LOCAL_LISTS: ("local_list.send", "local_list.full", "local_list.status", *_FIRST),
    Place.SCHEDULES: ("rollout.start", "rollout.give_up", *_FIRST),
    Place.SCHEDULE: (
        *("schedule.set", "schedule.template", "schedule.form", "schedule.composite", "schedule.cheapest"),
        *("schedule.save", "schedule.clear", "schedule.read", "view.back"),
    ),
}
#: What stands last in every footer, and is always there.
_LAST = ("app.command", "app.help", "app.quit")
#: The screens that have a number, as one entry.
_NUMBERED = Spec("go.numbered", "1-5", "screens", "", ())
#: What the lines above the table offer already, or what is worth no room.
_ELSEWHERE = ("card.once", "card.always", "card.refuse", "station.accept", "station.reject")


def written(key: str) -> str:
    """How a key is written for a person."""
    return _WRITTEN.get(key, key)


def bindings(place: Place) -> list[BindingType]:
    """The bindings of a screen; each runs ``command`` with the id of its command."""
    return [
        Binding(spec.key, f"command('{spec.id}')", spec.title, show=False, id=spec.id, tooltip=spec.help)
        for spec in specs_at(place)
    ]


def typing_bindings(place: Place) -> list[BindingType]:
    """The bindings of a screen where letters are typed: its own, and the way back."""
    kept = {spec.id for spec in _typing_specs(place)}
    return [binding for binding in bindings(place) if isinstance(binding, Binding) and binding.id in kept]


def typing_footer(place: Place, possible: Callable[[Spec], bool], width: int) -> list[list[Part]]:
    """The keys that do something now, where letters are typed."""
    fitting = _take([spec for spec in _typing_specs(place) if possible(spec)], width - 1)
    return [[(" ", ""), *(part for spec in fitting for part in _written(spec))]]


def _typing_specs(place: Place) -> list[Spec]:
    return [spec for spec in specs_at(place) if place in spec.places or spec.id == "view.back"]


def footer(place: Place, possible: Callable[[Spec], bool], width: int, lines: int = 1) -> list[list[Part]]:
    """The keys that do something now, the most useful first, as many as fit into so many lines."""
    specs = [spec for spec in specs_at(place) if spec.id not in (*_LAST, *_ELSEWHERE) and possible(spec)]
    specs = [_NUMBERED, *(spec for spec in specs if not (spec.id.startswith("go.") and spec.key.isdigit()))]
    first = _FIRST_AT.get(place, _FIRST)
    specs.sort(key=lambda spec: first.index(spec.id) if spec.id in first else len(first))
    last = [BY_ID[name] for name in _LAST]
    shown: list[list[Part]] = []
    for number in range(lines):
        ends = last if number == lines - 1 else []
        fitting = _take(specs, width - 1 - sum(map(_room, ends)))
        shown.append([(" ", ""), *(part for spec in (*fitting, *ends) for part in _written(spec))])
    return shown


def page_footer(*keys_of_page: tuple[str, str]) -> list[Part]:
    """The keys of a page over a screen: each as it is written, and what it does."""
    shown: list[Part] = []
    for key, what in keys_of_page:
        shown += [(key, "strong"), (f" {what}  ", "muted")]
    return shown


def _take(specs: list[Spec], room: int) -> list[Spec]:
    """Take those that fit out of the list, in order."""
    taken: list[Spec] = []
    for spec in list(specs):
        if _room(spec) <= room:
            room -= _room(spec)
            taken.append(spec)
            specs.remove(spec)
    return taken


def _written(spec: Spec) -> tuple[Part, Part]:
    return (written(spec.key), "strong"), (f" {spec.title}  ", "muted")


def _room(spec: Spec) -> int:
    return len(written(spec.key)) + len(spec.title) + 3
