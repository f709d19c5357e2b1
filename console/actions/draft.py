"""A request while it is being filled in: typed texts in the shape of the payload; from a payload, and back. Pure.

A draft is a text for a single value ("" is left out), a dict for an object, a list for a list, None for an object or a
list that is left out, and ``Raw`` for JSON that no field of the form can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from console.actions.fields import LEFT_OUT, Field, Kind
from console.actions.paths import Path
from console.actions.texts import Reading, WrongError, to_text, to_value


class Raw(msgspec.Struct, frozen=True):
    """JSON as it came: a vendor's custom data, a member that OCPP does not know, a value of the wrong type."""

    value: Any


#: See above. It is as deep as the form, which no type can say.
Draft = Any


class Filled(msgspec.Struct, frozen=True):
    """What a draft comes to: the payload, and what is wrong with it, by path."""

    payload: dict[str, Any]
    problems: Mapping[Path, str] = {}


def blank(field: Field) -> Draft:
    """A draft with nothing filled in: what is required is there, empty."""
    if field.kind is Kind.OBJECT:
        return {member.name: blank(member) if member.required else absent(member) for member in field.fields}
    if field.kind is Kind.LIST:
        return [blank(_item(field)) for _ in range(max(1, field.min_items))]
    return ""


def absent(field: Field) -> Draft:
    """A draft of a field that is left out."""
    return None if field.kind in (Kind.OBJECT, Kind.LIST) else ""


def from_payload(field: Field, value: Any) -> Draft:
    """The draft of a value of any shape."""
    if field.kind is Kind.OBJECT and isinstance(value, dict):
        draft = {
            member.name: from_payload(member, value[member.name]) if member.name in value else absent(member)
            for member in field.fields
        }
        return draft | {name: Raw(member) for name, member in value.items() if field.named(name) is None}
    if field.kind is Kind.LIST and isinstance(value, list):
        return [from_payload(_item(field), member) for member in value]
    text = None if field.kind in (Kind.OBJECT, Kind.LIST) else to_text(field, value)
    return Raw(value) if text is None else text


def to_payload(field: Field, draft: Draft, reading: Reading) -> Filled:
    """The payload that a request's draft comes to, and everything that is wrong with it."""
    problems: dict[Path, str] = {}
    value = _value(field, draft, (), reading, problems)
    return Filled(value if isinstance(value, dict) else {}, problems)


def _value(field: Field, draft: Draft, path: Path, reading: Reading, problems: dict[Path, str]) -> Any:
    if isinstance(draft, Raw):
        problems[path] = f"is JSON, but no {field.kind}"
        return draft.value
    if isinstance(draft, dict):
        return _object(field, draft, path, reading, problems)
    if isinstance(draft, list):
        return _list(field, draft, path, reading, problems)
    try:
        return to_value(field, draft, reading)
    except WrongError as error:
        problems[path] = str(error)
        return draft


def _object(
    field: Field, draft: dict[str, Any], path: Path, reading: Reading, problems: dict[Path, str]
) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for name, member in draft.items():
        there, part = (*path, name), field.named(name)
        if part is None:
            value[name] = member.value if isinstance(member, Raw) else member
            if name != LEFT_OUT:
                problems[there] = "is no field of this"
            elif not _is_custom_data(value[name]):
                problems[there] = "is no object with a vendorId of 255 characters at most"
        elif member is None or (isinstance(member, str) and not member.strip()):
            if part.required:
                problems[there] = must_be(part)
        else:
            value[name] = _value(part, member, there, reading, problems)
    return value


def _is_custom_data(value: Any) -> bool:
    vendor_id = value.get("vendorId") if isinstance(value, dict) else None
    return isinstance(vendor_id, str) and len(vendor_id) <= 255


def must_be(field: Field) -> str:
    """What a field that is required and empty wants."""
    if field.kind in (Kind.OBJECT, Kind.LIST):
        return "must be there: add it"
    return "must be chosen" if field.kind in (Kind.CHOICE, Kind.BOOLEAN) else "must be filled in"


def _list(field: Field, draft: list[Any], path: Path, reading: Reading, problems: dict[Path, str]) -> list[Any]:
    item = _item(field)
    value: list[Any] = []
    for number, member in enumerate(draft):
        there = (*path, number)
        if isinstance(member, str) and not member.strip():
            problems[there] = "must be filled in, or removed"
        else:
            value.append(_value(item, member, there, reading, problems))
    if len(draft) < field.min_items:
        problems[path] = f"must have {field.min_items} or more"
    elif field.max_items is not None and len(draft) > field.max_items:
        problems[path] = f"has {len(draft)}; {field.max_items} is the most"
    return value


def _item(field: Field) -> Field:
    assert field.item is not None  # noqa: S101  # narrows: every list has one
    return field.item
