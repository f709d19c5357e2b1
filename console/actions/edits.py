"""Changes to a draft: each returns a new one. Pure."""

from __future__ import annotations

from console.actions.draft import Draft, absent, blank
from console.actions.fields import Field, Kind
from console.actions.paths import Path, path_text
from console.errors import ConsoleError


def field_at(form: Field, path: Path) -> Field | None:
    """The field that a path leads to; None where the form has none there."""
    field: Field | None = form
    for step in path:
        if field is None:
            return None
        field = field.item if isinstance(step, int) else field.named(step)
    return field


def at(draft: Draft, path: Path) -> Draft:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(step, int):
            draft = draft[step] if isinstance(draft, list) and step < len(draft) else None
        else:
            draft = draft.get(step) if isinstance(draft, dict) else None
    return draft


def put(form: Field, draft: Draft, path: Path, value: Draft) -> Draft:
    """The draft with something put at a path; what the path leads through is added. Raises ConsoleError."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return _put_item(form, draft, step, tuple(rest), value)
    part = form.named(step)
    if part is None:
        raise ConsoleError(f"{step} is no field of this.")
    held = dict(draft) if isinstance(draft, dict) else blank(form)
    return held | {step: put(part, held.get(step), tuple(rest), value)}


def _put_item(form: Field, draft: Draft, number: int, rest: Path, value: Draft) -> Draft:
    held = list(draft) if isinstance(draft, list) else []
    if form.item is None:
        raise ConsoleError(f"{form.name} is no list.")
    if number > len(held):
        raise ConsoleError(f"{form.name}[{number}] comes before {form.name}[{len(held)}].", "Number them from 0.")
    if number == len(held):
        held.append(blank(form.item))
    held[number] = put(form.item, held[number], rest, value)
    return held


def can_add(form: Field, draft: Draft, path: Path) -> str | None:
    """Why nothing can be added at a path, or None: an object that is left out, or one more item of a list."""
    field, held = field_at(form, path), at(draft, path)
    if field is None or field.kind not in (Kind.OBJECT, Kind.LIST):
        return "there is nothing to add here"
    if field.kind is Kind.OBJECT:
        return None if held is None else f"{path_text(path)} is there already"
    if field.max_items is not None and len(held or ()) >= field.max_items:
        return f"{path_text(path)} has {field.max_items} at most"
    return None


def add(form: Field, draft: Draft, path: Path) -> tuple[Draft, Path]:
    """Add the object that is left out, or one more item to a list; return the path of what is new. See ``can_add``."""
    field, held = field_at(form, path), at(draft, path)
    if field is None or field.kind is Kind.OBJECT or not isinstance(held, list):
        new = blank(field) if field is not None else ""
        return put(form, draft, path, new), (*path, 0) if isinstance(new, list) else path
    there = (*path, len(held))
    return put(form, draft, there, blank(field.item) if field.item else ""), there


def can_remove(form: Field, draft: Draft, path: Path) -> str | None:
    """Why what stands at a path cannot be removed, or None."""
    if not path:
        return "there is nothing to remove here"
    field, held = field_at(form, path), at(draft, path)
    if isinstance(path[-1], int):
        around = field_at(form, path[:-1])
        least = around.min_items if around and around.required else 0
        return f"{path_text(path[:-1])} must have {least} or more" if len(at(draft, path[:-1])) <= least else None
    if field is None:
        return None
    if held in (None, ""):
        return f"{path_text(path)} is left out already"
    return f"{path_text(path)} is required" if field.required and field.kind in (Kind.OBJECT, Kind.LIST) else None


def remove(form: Field, draft: Draft, path: Path) -> Draft:
    """Take away what stands at a path: a list's item, or a field, which is then left out."""
    *around, last = path
    held = at(draft, tuple(around))
    if isinstance(last, int):
        left = [member for number, member in enumerate(held) if number != last]
        field = field_at(form, tuple(around))
        gone = not left and field is not None and not field.required
        return put(form, draft, tuple(around), None if gone else left)
    field = field_at(form, path)
    if field is None:
        return put(form, draft, tuple(around), {name: member for name, member in held.items() if name != last})
    return put(form, draft, path, absent(field))
