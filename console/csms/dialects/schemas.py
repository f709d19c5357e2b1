"""OCPP's own JSON schemas (from the ``ocpp`` package), each compiled once, when its action is first met.

The schemas are drafts 4 and 6 but mean the same in both; they are compiled as draft 4, because draft 6 takes 1.0 for an
integer. Formats are not checked: stations' times are read leniently (see ``times``).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec

from console.actions.schemas import actions as actions
from console.actions.schemas import schema as schema
from console.model.text import plain

#: More violations than these in one payload are not looked at: it is refused anyway.
MOST_VIOLATIONS = 1000


class Fault(StrEnum):
    """What kind of rule a payload breaks; each OCPP version has an error code for each."""

    FORM = "form"  # it is no object, or holds a property that does not exist
    TYPE = "type"
    OCCURRENCE = "occurrence"  # something required is missing, or there are too few or too many
    VALUE = "value"  # outside an enumeration, too long, too small …


class Violation(msgspec.Struct, frozen=True):
    """One broken rule. ``path`` leads to the value; ``name`` is the property missing or in excess ("" otherwise).

    ``text`` says it in words and never repeats the value itself.
    """

    fault: Fault
    keyword: str
    path: tuple[str | int, ...]
    name: str
    text: str


_FAULT_OF = {
    "type": Fault.TYPE,
    "required": Fault.OCCURRENCE,
    "minItems": Fault.OCCURRENCE,
    "maxItems": Fault.OCCURRENCE,
    "additionalProperties": Fault.FORM,
    "falseSchema": Fault.FORM,  # said of an object that may have no properties at all
}


class Checker:
    """The compiled schema of one action in one direction."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft4Validator(schema, validate_formats=False)
        self._is_valid = self._validator.is_valid

    def accepts(self, payload: object) -> bool:
        """Whether the payload keeps every rule. Never raises."""
        try:
            return self._is_valid(payload)
        except ValueError:  # a text that is no Unicode, or nesting beyond any message
            return False

    def violations(self, payload: object) -> list[Violation]:
        """Every rule that a refused payload breaks, up to ``MOST_VIOLATIONS``; never none."""
        if not isinstance(payload, dict):
            return [Violation(Fault.FORM, "object", (), "", "the payload is not a JSON object")]
        found: list[Violation] = []
        try:
            for error in self._validator.iter_errors(payload):
                found.extend(_violations(error))
                if len(found) >= MOST_VIOLATIONS:
                    break
        except ValueError:
            found.clear()
        return found or [Violation(Fault.FORM, "object", (), "", "the payload cannot be read")]


def _violations(error: jsonschema_rs.ValidationError) -> Iterator[Violation]:
    """One violation an error, or one for each property in excess."""
    kind: Any = error.kind
    keyword: str = kind.name
    path = tuple(error.instance_path)
    names = kind.unexpected if keyword == "additionalProperties" else [getattr(kind, "property", "")]
    for name in names:
        text = f"{_place(path)}{_words(kind, keyword, name)}"
        yield Violation(_FAULT_OF.get(keyword, Fault.VALUE), keyword, path, name, text)


def _place(path: tuple[str | int, ...]) -> str:
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    return f"{words[:80]} " if words else ""


def _words(kind: Any, keyword: str, name: str) -> str:
    if keyword == "required":
        return f"has no {name}"
    if keyword == "additionalProperties":
        return f"has {plain(name[:40])}, which OCPP does not know"
    if keyword == "falseSchema":
        return "has properties, and OCPP knows none here"
    if keyword == "type":
        return f"is not of type {' or '.join(kind.types)}"
    if keyword == "enum":
        return "is none of the values that OCPP knows"
    if keyword == "maxLength":
        return f"is longer than {kind.limit}"
    return f"breaks {keyword} {getattr(kind, 'limit', '')}".rstrip()


@cache
def checker(version: str, action: str, *, answer: bool = False) -> Checker:
    """The compiled schema of a request, or of the answer to it."""
    return Checker(schema(version, action, answer=answer))
