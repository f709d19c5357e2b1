"""Keys of a screen, made from the one list of commands: its bindings, its footer, how a key is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def footer(place: Place, possible: Callable[[Spec], bool], width: int) -> list[Part]:
    """The keys that do something now, the most useful first, as many as fit."""
    specs = [spec for spec in specs_at(place) if spec.id not in (*_LAST, *_ELSEWHERE)]
    specs.sort(key=lambda spec: _FIRST.index(spec.id) if spec.id in _FIRST else len(_FIRST))
    last = [BY_ID[name] for name in _LAST]
    room = width - 1 - _room(last)
    shown: list[Spec] = []
    for spec in specs:
        if possible(spec) and room >= _room((spec,)):
            shown.append(spec)
            room -= _room((spec,))
    parts: list[Part] = [(" ", "")]
    for spec in (*shown, *last):
        parts += [(written(spec.key), "strong"), (f" {spec.title}  ", "muted")]
    return parts


def _room(specs: Sequence[Spec]) -> int:
    return sum(len(written(spec.key)) + len(spec.title) + 3 for spec in specs)
