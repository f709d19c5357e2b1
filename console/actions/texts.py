"""One field's value as a person types it, and as JSON: pure, exact both ways.

A text is typed as it is. In quotes it is read as a JSON string, which is how an empty one, one with line breaks, and
one that begins with a quote or ``@`` is written. An empty field is left out of the request.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from console.actions.fields import Field, Kind
from console.errors import ConsoleError
from console.model.when import parse_when, write_when

#: JSON knows no other words for yes and no, and OCPP's requests are shown as they are sent.
BOOLEANS = ("true", "false")


class WrongError(ValueError):
    """What is typed cannot stand in this field; the text says what can."""


class Reading(NamedTuple):
    """What reading typed texts depends on: the time, the person's time zone, and how ``@FILE`` is fetched."""

    now: datetime
    zone: tzinfo | None = None
    file: Callable[[str], str] | None = None


def to_text(field: Field, value: Any) -> str | None:
    """A value as it would be typed; None if no such field can hold it."""
    if field.kind is Kind.ANY:
        return value if isinstance(value, str) and _is_plain(value) else json.dumps(value, ensure_ascii=False)
    if field.kind is Kind.BOOLEAN:
        return json.dumps(value) if isinstance(value, bool) else None
    if field.kind in (Kind.INTEGER, Kind.NUMBER):
        fits = isinstance(value, int if field.kind is Kind.INTEGER else (int, float)) and not isinstance(value, bool)
        return json.dumps(value) if fits else None
    if not isinstance(value, str):
        return None
    return value if _is_typed_as_it_is(value) else json.dumps(value, ensure_ascii=False)


def _is_typed_as_it_is(text: str) -> bool:
    return text == text.strip() != "" and text.isprintable() and text[0] not in '"@'


def _is_plain(text: str) -> bool:
    """Whether a text in a field for anything is read as that text."""
    return _is_typed_as_it_is(text) and _json(text) is None


def _json(text: str) -> tuple[Any] | None:
    """The JSON value that a text is (in a tuple, for it may be null), or None if it is none."""
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        return None


def to_value(field: Field, text: str, reading: Reading) -> Any:
    """The value that is meant by a text that is not blank. Raises WrongError."""
    typed = text.strip()
    match field.kind:
        case Kind.INTEGER:
            value: Any = _integer(field, typed)
        case Kind.NUMBER:
            value = _number(field, typed)
        case Kind.BOOLEAN:
            value = _choice(BOOLEANS, _BOOLEAN_WORDS.get(typed.casefold(), typed)) == "true"
        case Kind.CHOICE:
            value = _choice(field.choices, typed)
        case Kind.TIME:
            value = _time(typed, reading)
        case Kind.ANY:
            fetched = _fetched(typed, reading)
            found = _json(fetched)
            value = fetched if found is None else found[0]
        case _:
            value = _string(typed, reading)
            if field.max_length is not None and len(value) > field.max_length:
                raise WrongError(f"is {len(value)} characters long; {field.max_length} is the most")
    return value


_BOOLEAN_WORDS = {"yes": "true", "y": "true", "on": "true", "1": "true", "no": "false", "n": "false", "off": "false"}
_BOOLEAN_WORDS |= {"0": "false"}


def _integer(field: Field, typed: str) -> int:
    try:
        value = int(typed)
    except ValueError:
        raise WrongError(f"is no whole number: write {_example(field)}") from None
    _check_bounds(field, value)
    return value


def _number(field: Field, typed: str) -> int | float:
    try:
        value = int(typed) if typed.lstrip("+-").isdecimal() else float(typed)
    except ValueError:
        raise WrongError(f"is no number: write {_example(field)}") from None
    if not math.isfinite(value):
        raise WrongError("is no number that can be sent")
    _check_bounds(field, value)
    return value


def _example(field: Field) -> str:
    low = 0 if field.minimum is None else field.minimum
    return f"for example {low + 1:g}" if field.kind is Kind.INTEGER else f"for example {low + 6.5:g}"


def _check_bounds(field: Field, value: float) -> None:
    if field.minimum is not None and value < field.minimum:
        raise WrongError(f"is less than {field.minimum:g}")
    if field.maximum is not None and value > field.maximum:
        raise WrongError(f"is more than {field.maximum:g}")
    if field.multiple_of is not None and not _is_multiple(value, field.multiple_of):
        raise WrongError(f"is no multiple of {field.multiple_of:g}")


def _is_multiple(value: float, of: float) -> bool:
    try:
        return not Decimal(repr(value)) % Decimal(repr(of))
    except InvalidOperation:  # so large that no digit after the point is left
        return False


def _choice(choices: tuple[str, ...], typed: str) -> str:
    if typed in choices:
        return typed
    alike = [each for each in choices if each.casefold() == typed.casefold()]
    if len(alike) != 1:
        raise WrongError(f"is none of {', '.join(choices)}")
    return alike[0]


def _time(typed: str, reading: Reading) -> str:
    try:
        moment = parse_when(typed, reading.now, reading.zone)
    except ConsoleError as error:
        raise WrongError(f"is not a time. {error.hint}") from error
    if moment is None:
        raise WrongError("is never: leave the field empty for that")
    return write_when(moment)


def _string(typed: str, reading: Reading) -> str:
    if typed.startswith('"'):
        found = _json(typed)
        if found is None or not isinstance(found[0], str):
            raise WrongError('begins with a quote, but is no text in quotes, as in "two words"')
        return found[0]
    return _fetched(typed, reading)


def _fetched(typed: str, reading: Reading) -> str:
    """The contents of the file that ``@FILE`` means; else the text itself."""
    if not typed.startswith("@") or reading.file is None:
        return typed
    try:
        return reading.file(typed[1:])
    except ConsoleError as error:
        raise WrongError(error.message) from error
