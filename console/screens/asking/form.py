"""What a command needs to know before it can be sent: the pieces of which ``forms`` makes its table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from console.errors import ConsoleError
from console.model import command as c
from console.model.schedule.draft import Draft
from console.model.site import Site
from console.model.spec import Target
from console.model.station import Setting
from widgets.form import Field

Values = Mapping[str, str]

#: From a list one picks among so many; of more, one types the name.
MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class Context:
    """What a form may look at: the site, what the cursor is on, the time; and templates of schedules, by name."""

    site: Site
    target: Target
    now: datetime
    zone: tzinfo | None = None
    settings: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    templates: Callable[[], Mapping[str, Draft]] = dict


@dataclass(frozen=True, slots=True)
class Param:
    """One thing to know. ``known``: the cursor or the situation has said it, so that it need not be asked."""

    field: Field
    known: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """How a command is put together.

    ``subject`` are the fields of Target that the first words of a ``:`` line fill. ``rest`` lets the last parameter
    have all remaining words.
    """

    build: Callable[[Context, Values], c.Command]
    subject: tuple[str, ...] = ()
    params: Callable[[Context], Sequence[Param]] = lambda _context: ()
    rest: bool = False


def need_fields(params: Sequence[Param], asked: bool) -> list[Field]:
    """The fields to ask: none if all that is required is known, or was given in words (``asked`` false)."""
    missing = [each for each in params if not each.known and (each.field.required or asked)]
    return [each.field for each in params if not each.known or each.field.required] if missing else []


def with_words(params: Sequence[Param], given: Sequence[str], rest: bool) -> list[Param]:
    """The parameters with the words of a ``:`` line put into them, in order. Raises ConsoleError if one is wrong."""
    texts = list(given)
    if rest and len(texts) > len(params) > 0:
        texts[len(params) - 1 :] = [" ".join(texts[len(params) - 1 :])]
    if len(texts) > len(params):
        raise ConsoleError(f"{texts[len(params)]!r} is too much", "Press ? to see what the commands take.")
    filled = [_filled(each, text) for each, text in zip(params, texts, strict=False)]
    return filled + list(params[len(filled) :])


def _filled(param: Param, text: str) -> Param:
    field = param.field
    value = next((choice for choice in field.choices if choice.casefold() == text.casefold()), text)
    error = field.error(value)
    if error is not None:
        choices = ", ".join(field.choices[:MOST_CHOICES])
        raise ConsoleError(f"{field.label} {text!r} {error}", f"Choose from {choices}." if choices else field.help)
    return Param(replace(field, value=value), known=True)


def station_field(candidates: Sequence[str]) -> Field:
    """The question for a station: from a list while that is short."""
    if len(candidates) <= MOST_CHOICES:
        return Field("station_id", "station", candidates[0], choices=tuple(candidates), required=True)

    def known(text: str) -> str | None:
        return None if text in candidates else "is none of the stations this is possible with"

    return Field("station_id", "station", help=f"{len(candidates)} stations", required=True, validate=known)


def text(name: str, label: str, value: str = "", help: str = "", required: bool = False) -> Param:
    """A text to fill in."""
    return Param(Field(name, label, value, help, required=required))
