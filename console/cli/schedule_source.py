"""Where a schedule on the command line comes from: a template, a file, or steps written as arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
import msgspec

from console.cli.exits import UsageError
from console.errors import ConsoleError
from console.model.schedule.clock_times import read_minutes
from console.model.schedule.composite import converted
from console.model.schedule.draft import Draft, Every, Step, to_profile
from console.model.schedule.neutral import read_profile
from console.model.schedule.outlook import USUAL_VOLTAGE_V
from console.model.schedule.profile import ChargingProfile, Purpose, Unit
from console.model.schedule.steps import DEFAULT_PHASES
from console.model.schedule.tables import read_steps
from console.model.when import parse_when
from profiles.charging_templates import load_template

_LIMIT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>a|w|kw)?", re.IGNORECASE)
_HINT = "Write --step 22:00=11kW, --step 'mon-fri 06:00=16A' or --step 0:00=0"


class Source(msgspec.Struct, frozen=True):
    """What was said on the command line of a schedule."""

    template: str = ""
    file: Path | None = None
    steps: tuple[str, ...] = ()
    every: Every | None = None
    unit: Unit | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None
    profile_id: int = 0
    transaction_id: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    duration_min: int | None = None


def options(verb: Callable[..., None]) -> Callable[..., None]:
    """The options that say a schedule, for several verbs."""
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


#: What a person calls the purposes that a CSMS may set.
PURPOSES = {
    "default": Purpose.TX_DEFAULT,
    "transaction": Purpose.TX,
    "station": Purpose.STATION_MAX,
    "priority": Purpose.PRIORITY_CHARGING,
}
_OPTIONS = (
    click.option("--template", default="", metavar="NAME", help="A template: see schedule templates."),
    click.option(
        "--file", type=click.Path(path_type=Path, dir_okay=False), help="A profile in JSON, or steps in CSV."
    ),
    click.option("--step", "steps", multiple=True, metavar="WHEN=LIMIT", help="22:00=11kW, 'mon-fri 06:00=16A', +2h=0"),
    click.option("--every", type=click.Choice([*map(str, Every)]), help="What times count from; weekly with days."),
    click.option("--unit", type=click.Choice([*map(str, Unit)]), help="The unit of limits that name none."),
    click.option("--for", "purpose", type=click.Choice(list(PURPOSES)), help="All transactions, one, or the station."),
    click.option("--stack-level", type=click.IntRange(0), help="The higher one counts, even where it allows more."),
    click.option("--id", "number", type=click.IntRange(1), help="Chosen so that it replaces what it must, if not."),
    click.option("--transaction", default="", metavar="ID", help="Whose schedule; the one that runs there, if not."),
    click.option("--from", "valid_from", default="", metavar="WHEN", help="Valid from then on."),
    click.option("--until", "valid_to", default="", metavar="WHEN", help="Valid until then."),
    click.option("--hours", type=click.FloatRange(0, min_open=True), help="How long it lasts, if it does not recur."),
)  # fmt: skip


def source_of(values: dict[str, object], now: datetime) -> Source:
    """Make a source of click's values, and take them out of there."""
    hours = values.pop("hours")
    said = {name: values.pop(name) for name in ("template", "file", "steps", "stack_level")}
    every, unit, purpose = (values.pop(name) for name in ("every", "unit", "purpose"))
    begin, end = str(values.pop("valid_from")), str(values.pop("valid_to"))
    return Source(
        **said,  # type: ignore[arg-type]  # click has checked them
        every=Every(str(every)) if every else None,
        unit=Unit(str(unit)) if unit else None,
        purpose=PURPOSES[str(purpose)] if purpose else None,
        profile_id=int(str(values.pop("number") or 0)),
        transaction_id=str(values.pop("transaction")),
        valid_from=parse_when(begin, now) if begin else None,
        valid_to=parse_when(end, now) if end else None,
        duration_min=None if hours is None else int(float(str(hours)) * 60),
    )


def make_profile(source: Source, evse_id: int | None, now: datetime) -> ChargingProfile:
    """The profile that is meant, for an EVSE (None: wherever its purpose belongs). Raises ConsoleError."""
    named = sum((bool(source.template), source.file is not None, bool(source.steps)))
    if named != 1:
        raise UsageError("Which schedule?", "Say one of --template, --file and --step.")
    if source.file is not None and source.file.suffix.casefold() != ".csv":
        profile = read_profile(_read(source.file))
        place = profile.evse_id if evse_id is None else evse_id
        return _changed(profile, source, place)
    draft = _draft(source)
    purpose = source.purpose or draft.purpose
    place = evse_id if evse_id is not None else 0
    if evse_id is None and purpose is not Purpose.STATION_MAX and purpose is not Purpose.TX_DEFAULT:
        raise UsageError("On which connector?", "Write its number after the station.")
    return _changed(to_profile(draft, place, now, None), source, place)


def _draft(source: Source) -> Draft:
    if source.template:
        found = load_template(source.template).draft
        if found is None:
            raise UsageError(
                f"The template {source.template} is made of prices.",
                "See: ocpp-console schedule cheapest --help",
            )
        return found
    if source.file is not None:
        steps, unit = read_steps(_read(source.file).decode("utf-8", "replace"))
    else:
        steps, unit = _steps(source)
    weekly = any(step.minute >= 1440 for step in steps)
    every = source.every or (Every.WEEK if weekly else Every.DAY)
    if steps and steps[0].minute != 0 and every in (Every.DAY, Every.WEEK):
        # What is said last holds over midnight: it recurs.
        steps = (msgspec.structs.replace(steps[-1], minute=0), *steps)
    return Draft(steps, every, unit, length_min=source.duration_min)


def _steps(source: Source) -> tuple[tuple[Step, ...], Unit]:
    """The steps that were written, in one unit: amperes among watts become watts, at 230 V on three phases."""
    found: dict[int, tuple[float | None, str]] = {}
    for text in source.steps:
        when, equals, written = text.rpartition("=")
        match = _LIMIT.fullmatch(written.strip())
        if not equals or (match is None and written.strip() != "none"):
            raise UsageError(f"{text!r} is no step.", _HINT)
        named = (match["unit"] or "").lower() if match else ""
        limit = None if match is None else float(match["number"]) * (1000 if named == "kw" else 1)
        found.update({minute: (limit, named) for minute in read_minutes(when)})
    units = {Unit.A if named == "a" else Unit.W for _limit, named in found.values() if named}
    unit = Unit.W if Unit.W in units else next(iter(units), source.unit or Unit.A)
    return tuple(_step(minute, *found[minute], unit) for minute in sorted(found)), unit


def _step(minute: int, limit: float | None, named: str, unit: Unit) -> Step:
    own = Unit.A if named == "a" else unit
    return Step(minute, None if limit is None else converted(limit, own, unit, USUAL_VOLTAGE_V, DEFAULT_PHASES))


def _changed(profile: ChargingProfile, source: Source, evse_id: int) -> ChargingProfile:
    """The profile with what was said besides."""
    changes = {
        "purpose": source.purpose,
        "stack_level": source.stack_level,
        "profile_id": source.profile_id or None,
        "transaction_id": source.transaction_id or None,
        "valid_from": source.valid_from,
        "valid_to": source.valid_to,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    return msgspec.structs.replace(profile, evse_id=evse_id, **given)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConsoleError(f"{file} cannot be read: {error.strerror}.", "Name a file that is there.") from error
