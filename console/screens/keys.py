"""Keys of a screen, made from the one list of commands: its bindings, its footer, how a key is written."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding, BindingType

from console.model.catalogue import BY_ID, Place, Spec, specs_at
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
    "view.settings",
    "view.quantity",
    "view.pause",
    "view.copy",
    "view.save",
    "view.filter",
    "playback.toggle",
    "playback.step",
    "go.messages",
    "app.detach",
)
#: What stands last in every footer, and is always there.
_LAST = ("app.command", "app.help", "app.quit")
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


def footer(place: Place, possible: Callable[[Spec], bool], width: int, lines: int = 1) -> list[list[Part]]:
    """The keys that do something now, the most useful first, as many as fit into so many lines."""
    specs = [spec for spec in specs_at(place) if spec.id not in (*_LAST, *_ELSEWHERE) and possible(spec)]
    first = ("token.learn", *_FIRST) if place is Place.TOKENS else _FIRST
    specs.sort(key=lambda spec: first.index(spec.id) if spec.id in first else len(first))
    last = [BY_ID[name] for name in _LAST]
    shown: list[list[Part]] = []
    for number in range(lines):
        ends = last if number == lines - 1 else []
        fitting = _take(specs, width - 1 - sum(map(_room, ends)))
        shown.append([(" ", ""), *(part for spec in (*fitting, *ends) for part in _written(spec))])
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
