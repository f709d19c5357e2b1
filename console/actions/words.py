"""A request in words, as on a command line: ``type=Soft``, ``evse.id=1``, ``key[0]=HeartbeatInterval``. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from console.actions.draft import Draft, Filled, blank, from_payload, to_payload
from console.actions.edits import put
from console.actions.fields import Field, Kind
from console.actions.paths import Path, path_text, read_path
from console.actions.table import nearest
from console.actions.texts import Reading
from console.errors import ConsoleError


def read_words(form: Field, words: Sequence[str], reading: Reading, base: dict[str, Any] | None = None) -> Filled:
    """The request that the words mean, on top of ``base``. Raises ConsoleError for words that cannot be read.

    A single word may be the whole request as JSON; a field that is an object or a list may be JSON as well.
    """
    draft = blank(form) if base is None else from_payload(form, base)
    for word in words:
        draft = from_payload(form, json_object(word)) if _is_json(word) else _put_word(form, draft, word)
    return to_payload(form, draft, reading)


def _is_json(word: str) -> bool:
    return word.lstrip().startswith(("{", "["))


def json_object(text: str) -> dict[str, Any]:
    """A request as JSON. Raises ConsoleError if it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConsoleError(f"This is not JSON: {error}.", 'Write it in single quotes: \'{"type": "Soft"}\'') from error
    if not isinstance(value, dict):
        raise ConsoleError("A request is a JSON object.", 'Write it in single quotes: \'{"type": "Soft"}\'')
    return value


def _put_word(form: Field, draft: Draft, word: str) -> Draft:
    name, equals, text = word.partition("=")
    if not equals:
        raise ConsoleError(f"{word} sets no field.", "Write FIELD=VALUE, as in type=Soft.")
    path, field = _resolved(form, read_path(name))
    if field.kind not in (Kind.OBJECT, Kind.LIST):
        return put(form, draft, path, text)
    try:
        value = json.loads(text)
    except ValueError as error:
        hint = f"Set its fields, as in {path_text(path)}{_below(field)}=…, or write it as JSON."
        raise ConsoleError(f"{path_text(path)} is not one value: it is {_article(field.kind)}.", hint) from error
    return put(form, draft, path, from_payload(field, value))


def _article(kind: Kind) -> str:
    return f"an {kind}" if kind is Kind.OBJECT else f"a {kind}"


def _below(field: Field) -> str:
    """How the path goes on below an object or a list, for example."""
    if field.item is not None:
        return f"[0]{_below(field.item)}"
    return f".{field.fields[0].name}" if field.fields else ""


def _resolved(form: Field, path: Path) -> tuple[Path, Field]:
    """The path in the schema's spelling, and its field. Raises ConsoleError that names the nearest."""
    field, steps = form, list(path)
    for number, step in enumerate(path):
        so_far = path_text(tuple(steps[:number]))
        if isinstance(step, int):
            if field.item is None:
                raise ConsoleError(f"{so_far or field.name} is no list.", f"Write {so_far}=…")
            field = field.item
            continue
        if field.item is not None:
            raise ConsoleError(f"{so_far} is a list.", f"Write {so_far}[0].{step}=…")
        names = {each.name.casefold(): each for each in field.fields}
        if step.casefold() not in names:
            raise ConsoleError(f"{so_far or field.name} has no field {step}.", _did_you_mean(step, field))
        field = names[step.casefold()]
        steps[number] = field.name
    return tuple(steps), field


def _did_you_mean(step: str, field: Field) -> str:
    names = {each.name.casefold(): each.name for each in field.fields}
    near = nearest(step.casefold(), list(names))
    if near:
        return f"Did you mean {names[near]}?"
    return f"It has {', '.join(names.values())}." if names else "It has no fields."
