"""A request's draft as the rows of its form. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from console.actions.draft import Draft, Raw
from console.actions.fields import Field, Kind
from console.actions.paths import Path, path_text
from console.actions.texts import BOOLEANS
from console.screens.frame import words
from widgets.outline_row import OutlineRow

#: The last row, which sends the request.
SEND = "\nsend"
_LONGEST_JSON = 60


def rows(form: Field, draft: Draft, problems: Mapping[Path, str], folded: Collection[str]) -> list[OutlineRow]:
    """The rows of the whole form, and the one that sends it. ``folded`` are the keys of the groups that are closed."""
    found = [row for member in form.fields for row in _rows(member, draft.get(member.name), (member.name,), folded)]
    found += [_raw_row(name, member, (name,)) for name, member in draft.items() if form.named(name) is None]
    wrong = {path_text(path): text for path, text in problems.items()}
    told = [_told(row, wrong) for row in found]
    count = f"{words.count(len(wrong), 'field is', 'fields are')} not right yet" if wrong else "enter sends it"
    return [*told, OutlineRow(SEND, "[ Send ]", group=True, button=True, note=count)]


def _told(row: OutlineRow, wrong: Mapping[str, str]) -> OutlineRow:
    """The row with what is wrong with it; a closed group also tells of what is wrong inside."""
    problem = wrong.get(row.key, "")
    if row.group and row.folded and not problem:
        inside = sum(key.startswith((f"{row.key}.", f"{row.key}[")) for key in wrong)
        problem = f"{words.count(inside, 'field')} inside" if inside else ""
    return replace(row, problem=problem) if problem else row


def _rows(field: Field, draft: Draft, path: Path, folded: Collection[str]) -> Iterator[OutlineRow]:
    key, label, depth = path_text(path), _label(path), len(path) - 1
    required = field.required and not isinstance(path[-1], int)
    if isinstance(draft, Raw):
        yield _raw_row(label, draft, path)
    elif field.kind not in (Kind.OBJECT, Kind.LIST):
        yield OutlineRow(
            key, label, depth, draft or "", _choices(field), _blank(field), required=required,
            password=field.secret,
        )  # fmt: skip
    elif draft is None:
        left_out = "missing: enter adds it" if field.required else "left out"
        yield OutlineRow(key, label, depth, group=True, folded=True, required=required, note=left_out)
    else:
        closed = key in folded
        note = _note(field, draft, closed)
        yield OutlineRow(key, label, depth, group=True, folded=closed, required=required, note=note)
        if not closed:
            yield from _inside(field, draft, path, folded)


def _inside(field: Field, draft: Draft, path: Path, folded: Collection[str]) -> Iterator[OutlineRow]:
    if isinstance(draft, list):
        for number, member in enumerate(draft):
            assert field.item is not None  # noqa: S101  # narrows: every list has one
            yield from _rows(field.item, member, (*path, number), folded)
        return
    for member in field.fields:
        yield from _rows(member, draft.get(member.name), (*path, member.name), folded)
    for name, value in draft.items():
        if field.named(name) is None:
            yield _raw_row(name, value, (*path, name))


def _label(path: Path) -> str:
    return f"[{path[-1]}]" if isinstance(path[-1], int) else path[-1]


def _raw_row(label: str, draft: Raw, path: Path) -> OutlineRow:
    """What no field can hold is shown as JSON, and changed there."""
    text = json.dumps(draft.value, ensure_ascii=False)
    short = text if len(text) <= _LONGEST_JSON else f"{text[: _LONGEST_JSON - 1]}…"
    return OutlineRow(path_text(path), label, len(path) - 1, group=True, folded=True, note=f"{short}  (ctrl+t)")


def _choices(field: Field) -> tuple[str, ...]:
    choices = BOOLEANS if field.kind is Kind.BOOLEAN else field.choices
    # The empty one stands for what is not chosen yet, or left out.
    return ("", *choices) if choices else ()


def _blank(field: Field) -> str:
    if field.required:
        return "choose"
    return f"left out: {field.default}" if field.default else "left out"


def _note(field: Field, draft: Draft, closed: bool) -> str:
    if field.kind is Kind.LIST:
        return words.count(len(draft), "item")
    return ", ".join(_values(field, draft)) if closed else ""


def _values(field: Field, draft: Draft) -> Iterator[str]:
    """The texts that are filled in below, to tell a closed group from another."""
    if isinstance(draft, str):
        yield from (draft,) if draft and not field.secret else ()
    elif isinstance(draft, dict):
        for member in field.fields:
            yield from _values(member, draft.get(member.name))
    elif isinstance(draft, list) and field.item is not None:
        for each in draft:
            yield from _values(field.item, each)
