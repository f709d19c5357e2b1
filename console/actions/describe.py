"""A form in words: what each field can hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from console.actions.fields import Field, Kind
from console.actions.paths import Path


def all_fields(field: Field, path: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Every field below an object, in order; of lists the first item stands for all."""
    for member in field.fields:
        there: Path = (*path, member.name)
        yield there, member
        yield from all_fields(member, there)
        if member.item is not None:
            yield from all_fields(member.item, (*there, 0))


def limits(field: Field) -> str:
    """What a field can hold, as in ``text, up to 50`` or ``Soft, Hard``."""
    match field.kind:
        case Kind.CHOICE:
            said = ", ".join(field.choices)
        case Kind.TEXT:
            said = f"text, up to {field.max_length}" if field.max_length else "text"
        case Kind.LIST:
            said = _list_limits(field)
        case Kind.INTEGER | Kind.NUMBER:
            said = f"{field.kind}{_bounds(field)}"
        case _:
            said = str(field.kind)
    return f"{said}; {field.default} if left out" if field.default else said


def _bounds(field: Field) -> str:
    if field.minimum is not None and field.maximum is not None:
        return f" from {field.minimum:g} to {field.maximum:g}"
    if field.minimum is not None:
        return f", {field.minimum:g} or more"
    return f", {field.maximum:g} or less" if field.maximum is not None else ""


def _list_limits(field: Field) -> str:
    item = field.item
    of = f"list of {limits(item)}" if item is not None and item.kind is not Kind.OBJECT else "list"
    if field.min_items and field.max_items:
        return f"{of}, {field.min_items} to {field.max_items}"
    if field.max_items:
        return f"{of}, up to {field.max_items}"
    return f"{of}, {field.min_items} or more" if field.min_items else of
