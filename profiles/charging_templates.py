"""Templates of charging schedules: one TOML file each, shipped ones and the operator's own, with line and cure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import tomli
from msgspec import Meta

from console.errors import ConsoleError
from console.model.schedule.clock_times import read_minutes
from console.model.schedule.draft import Draft, Every, Step, in_words
from console.model.schedule.profile import Purpose, Unit
from profiles.loader import config_folder
from profiles.toml_lines import line_of

SHIPPED = Path(__file__).parent / "charging"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_AT = re.compile(r"(.*?)(?: - at `\$\.?([^`]*)`)?", re.DOTALL)
_PLACE = re.compile(r"([^.\[]+)(?:\[(\d+)\])?")

Limit = Annotated[float, Meta(ge=0, le=10_000_000)] | Literal["none"]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the tables: a key that is none of ours is a mistake."""


class StepTable(_Table, frozen=True):
    """From a time on, a limit in the template's unit; days may be named where it is weekly."""

    at: str
    limit: Limit
    phases: Literal[1, 2, 3] | None = None


class Cheapest(_Table, frozen=True):
    """Not steps, but the cheapest hours before a time, at least so much energy, by the prices there are."""

    hours: Annotated[int, Meta(ge=1, le=24)]
    before: str
    limit: Annotated[float, Meta(ge=0)]
    otherwise: Annotated[float, Meta(ge=0)] = 0.0
    energy_kwh: Annotated[float, Meta(ge=0)] = 0.0


class _File(_Table, frozen=True):
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    about: Annotated[str, Meta(max_length=120)] = ""
    every: Every = Every.DAY
    unit: Unit = Unit.A
    purpose: Purpose = Purpose.TX_DEFAULT
    stack_level: Annotated[int, Meta(ge=0, le=100)] = 0
    steps: tuple[StepTable, ...] = ()
    cheapest: Cheapest | None = None


class Template(msgspec.Struct, frozen=True):
    """A template; ``name`` is its file's, ``draft`` None where it is made of prices, ``shipped`` where it is no own."""

    name: str
    title: str
    about: str
    draft: Draft | None
    cheapest: Cheapest | None
    unit: Unit
    shipped: bool


def own_folder() -> Path:
    """Where the operator's own templates lie."""
    return config_folder() / "charging"


def template_names() -> list[str]:
    """The names of the templates there are; one of the operator's own stands in place of a shipped one."""
    return sorted({path.stem for folder in (SHIPPED, own_folder()) for path in folder.glob("*.toml")})


def templates() -> tuple[list[Template], list[ConsoleError]]:
    """All templates, and what is wrong with those that cannot be read."""
    found: list[Template] = []
    wrong: list[ConsoleError] = []
    for name in template_names():
        try:
            found.append(load_template(name))
        except ConsoleError as error:
            wrong.append(error)
    return found, wrong


def drafts() -> dict[str, Draft]:
    """The schedules of the templates that can be read, by name; those that are made of prices have none."""
    return {each.name: each.draft for each in templates()[0] if each.draft is not None}


def load_template(name: str) -> Template:
    """Read a template by its name. Raises ConsoleError with file, line and cure."""
    for folder in (own_folder(), SHIPPED):
        path = folder / f"{name}.toml"
        if _NAME.fullmatch(name) and path.is_file():
            try:
                return parse_template(path.read_bytes(), str(path), name, shipped=folder == SHIPPED)
            except OSError as error:
                raise ConsoleError(f"{path} cannot be read: {error.strerror}.", "Mend its rights.") from error
    near = difflib.get_close_matches(name, template_names(), n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise ConsoleError(f"There is no template {name}.", f"{hint}There are: {', '.join(template_names())}.")


def parse_template(source: bytes, file: str, name: str, *, shipped: bool = False) -> Template:
    """Read a template's text; ``file`` is its name in messages. Raises ConsoleError."""
    try:
        text = source.decode().removeprefix("\ufeff")
        held = msgspec.convert(tomli.loads(text), _File)
    except UnicodeDecodeError as error:
        raise ConsoleError(f"{file}: this is not UTF-8 text.", "Save the file as UTF-8.") from error
    except tomli.TOMLDecodeError as error:
        raise ConsoleError(
            f"{file}, line {error.lineno}: this is not TOML: {error.msg}.", "See the shipped templates for the form."
        ) from error
    except msgspec.ValidationError as error:
        raise _explained(error, text, file) from error
    if bool(held.steps) is bool(held.cheapest):
        raise ConsoleError(f"{file}: a template has [[steps]] or [cheapest].", "Write one of the two.")
    draft = None if held.cheapest else _draft(held, text, file)
    return Template(name, held.title, held.about, draft, held.cheapest, held.unit, shipped)


def _draft(held: _File, text: str, file: str) -> Draft:
    steps: dict[int, Step] = {}
    for number, table in enumerate(held.steps):
        try:
            minutes = read_minutes(table.at)
        except ConsoleError as error:
            raise ConsoleError(f"{file}, line {_step_line(text, number)}: {error.message}", error.hint) from error
        limit = None if table.limit == "none" else float(table.limit)
        steps.update({minute: Step(minute, limit, table.phases) for minute in minutes})
    ordered = tuple(steps[minute] for minute in sorted(steps))
    span = Draft((), held.every).span_min
    if ordered[0].minute != 0 or (span is not None and ordered[-1].minute >= span):
        line = _step_line(text, 0)
        raise ConsoleError(
            f"{file}, line {line}: the steps do not begin at the start, or go beyond the end.",
            f'Let the first step be at = "{in_words(Draft((Step(0, 0.0),), held.every))[0][0]}".',
        )
    return Draft(ordered, held.every, held.unit, held.purpose, held.stack_level)


def _step_line(text: str, number: int) -> int:
    lines = [at for at, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[steps]]")]
    return lines[number] if number < len(lines) else 1


def _explained(error: msgspec.ValidationError, text: str, file: str) -> ConsoleError:
    """msgspec's words with a line and a cure."""
    match = _AT.fullmatch(str(error))
    problem, where = (match[1], match[2] or "") if match else (str(error), "")
    found = _PLACE.match(where)
    line = line_of(text, (where,)) if found is None or found[2] is None else _step_line(text, int(found[2]))
    known = ", ".join(_File.__struct_fields__)
    hint = f"A template has {known}; a step has at, limit and phases."
    return ConsoleError(f"{file}, line {line}: {where + ': ' if where else ''}{problem.rstrip('.')}.", hint)


def save_template(name: str, title: str, draft: Draft) -> Path:
    """Write a template of the operator's own and return its path. Raises ConsoleError; never overwrites another's."""
    if not _NAME.fullmatch(name):
        raise ConsoleError(f'"{name}" cannot be the name of a template.', "Use small letters, digits and dashes.")
    path = own_folder() / f"{name}.toml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_toml(title, draft), encoding="utf-8")
    except OSError as error:
        raise ConsoleError(f"{path} cannot be written: {error.strerror}.", "Mend its folder's rights.") from error
    return path


def as_toml(title: str, draft: Draft) -> str:
    """A draft as a template's text."""
    lines = [
        f"title = {_quoted(title)}",
        f'every = "{draft.every}"',
        f'unit = "{draft.unit}"',
        f'purpose = "{draft.purpose}"',
        f"stack_level = {draft.stack_level}",
    ]
    for step, (when, _limit) in zip(draft.steps, in_words(draft), strict=True):
        lines += ["", "[[steps]]", f'at = "{when}"', f"limit = {_limit_text(step)}"]
        if step.phases is not None:
            lines.append(f"phases = {step.phases}")
    return "\n".join(lines) + "\n"


def _limit_text(step: Step) -> str:
    return '"none"' if step.limit is None else f"{step.limit:g}" if step.limit < 1e5 else f"{step.limit:.0f}"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def titles(found: Sequence[Template]) -> list[str]:
    """What a person chooses from."""
    return [f"{each.name}: {each.about or each.title}" for each in found]
