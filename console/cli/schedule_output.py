"""How charging profiles and composite schedules are printed: tables for people, objects for scripts."""

from __future__ import annotations

from datetime import datetime

from console.cli.output import Table, moment, say
from console.model.schedule.composite import CompositePeriod
from console.model.schedule.draft import in_words, to_draft
from console.model.schedule.installed import Installed
from console.model.schedule.neutral import as_neutral
from console.model.schedule.outlook import Window, electrics
from console.model.schedule.profile import Unit
from console.model.schedule.reported import Difference, ReportedComposite
from console.model.site import Site


def shown(
    site: Site,
    station_id: str,
    held: list[Installed],
    window: Window,
    computed: tuple[CompositePeriod, ...],
    told: ReportedComposite | None,
    found: tuple[Difference, ...],
) -> dict[str, object]:
    """Everything that is shown of a station, for scripts."""
    profiles = [as_neutral(each.profile) | {"source": each.source, "at": each.at} for each in held]
    shown: dict[str, object] = {
        "station_id": station_id,
        "voltage_v": electrics(site, station_id).voltage_v,
        "profiles": profiles,
        "composite": composite_json(window, computed),
    }
    return shown if told is None else {**shown, "reported": told, "differences": found}


def composite_json(window: Window, periods: tuple[CompositePeriod, ...]) -> dict[str, object]:
    """A composite schedule for scripts."""
    rows = [{"start": each.start_s, "limit": each.limit, "phases": each.phases} for each in periods]
    return {"evse": window.evse_id, "start": window.start, "unit": window.unit, "periods": rows}


def say_installed(station_id: str, held: list[Installed]) -> None:
    """The profiles, a line each."""
    if not held:
        say(f"No charging profiles are known at {station_id}.")
        return
    table = Table(">ID", ">EVSE", "PURPOSE", ">STACK", "KIND", "LIMITS", "KNOWN")
    for line in table.lines([_installed_row(each) for each in held]):
        say(line)


def _installed_row(held: Installed) -> tuple[str, ...]:
    profile = held.profile
    steps = ", ".join(f"{when} {limit}" for when, limit in in_words(to_draft(profile, None))[:4])
    more = ", …" if len(profile.periods) > 4 else ""
    known = f"{held.source}, {moment(held.at)}"
    kind = str(profile.recurrency or profile.kind)
    numbers = (str(profile.profile_id), str(profile.evse_id))
    return *numbers, str(profile.purpose), str(profile.stack_level), kind, steps + more, known


def say_composite(window: Window, periods: tuple[CompositePeriod, ...]) -> None:
    """A composite schedule, a line a step."""
    where = f"connector {window.evse_id}" if window.evse_id else "the station"
    say(f"\nWhat {where} may draw, computed:")
    table = Table("FROM", ">LIMIT", "PHASES")
    rows = [
        (moment(_at(window, each.start_s)), _limit(each.limit, window.unit), str(each.phases or "")) for each in periods
    ]
    for line in table.lines(rows):
        say(line)


def say_differences(window: Window, found: tuple[Difference, ...]) -> None:
    """Where the station says otherwise than was computed."""
    if not any(each.disagrees for each in found):
        say("\nThe station says the same.")
        for each in found:
            say(f"Where nothing limits, its own maximum is {_limit(each.reported, window.unit)}.")
            break
        return
    say("\nThe station says otherwise:")
    table = Table("FROM", "UNTIL", ">COMPUTED", ">STATION")
    rows = [
        (
            moment(_at(window, each.start_s)),
            moment(_at(window, each.end_s)),
            _limit(each.computed, window.unit),
            _limit(each.reported, window.unit),
        )
        for each in found
    ]
    for line in table.lines(rows):
        say(line)


def _at(window: Window, second: int) -> datetime:
    return datetime.fromtimestamp(window.start.timestamp() + second, window.start.tzinfo)


def _limit(limit: float | None, unit: Unit) -> str:
    """A limit as finely as it can matter: hundredths of an ampere, whole watts. Scripts have all of it."""
    if limit is None:
        return "none"
    digits = f"{limit:.2f}".rstrip("0").rstrip(".") if unit is Unit.A else f"{limit:.0f}"
    return f"{digits} {unit}"
