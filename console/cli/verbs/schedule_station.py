"""``schedule show|set|clear|read|simulate|templates``: the charging profiles of a station."""

from __future__ import annotations

import click
import msgspec

from console.backends.base import Backend
from console.cli.carry_out import ask, carry_out, carry_out_on, describe, sentence, show_outcome
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, UsageError
from console.cli.output import Table, say, say_json, warn
from console.cli.schedule_output import composite_json, say_composite, say_differences, say_installed, shown
from console.cli.schedule_source import PURPOSES, make_profile, options, source_of
from console.model import command as commands
from console.model.outcome import EXIT_CODE
from console.model.schedule.checks import Cure, Finding, Level, Surroundings, check
from console.model.schedule.fit import in_unit, merged
from console.model.schedule.neutral import as_neutral
from console.model.schedule.outlook import Window, completed, expected, surroundings
from console.model.schedule.profile import ChargingProfile, Unit
from console.model.schedule.reported import ReportedComposite, differences
from console.model.schedule.tables import composite_lines
from console.model.site import Site
from profiles.charging_templates import templates as all_templates

_station = click.argument("station_id", metavar="STATION")
_evse = click.argument("evse_id", metavar="[EVSE]", type=click.IntRange(0), default=None, required=False)
_hours = click.option(
    "--span", "span_h", type=click.FloatRange(0, 24 * 366, min_open=True), default=24, metavar="HOURS"
)
_unit = click.option(
    "--in", "shown_in", type=click.Choice([str(each) for each in Unit]), default="A", help="Show limits in A or W."
)
_convert = click.option("--convert", is_flag=True, help="Change the unit if the station does not take it.")
_merge = click.option("--merge", is_flag=True, help="Merge periods if there are too many; no limit is raised.")
_csv = click.option("--csv", "as_csv", is_flag=True, help="Print the composite schedule as CSV.")


@click.command("show")
@_station
@_evse
@_hours
@_unit
@click.option("--ask", "ask_station", is_flag=True, help="Ask the station for its composite schedule, and compare.")
@_csv
@verb
async def show(
    call: Call, station_id: str, evse_id: int | None, span_h: float, shown_in: str, ask_station: bool, as_csv: bool
) -> int:
    """Show a station's charging profiles and what they come to on EVSE (0, the default: as a whole)."""
    window = Window(evse_id or 0, call.now().replace(microsecond=0), int(span_h * 3600), Unit(shown_in))
    async with call.backend(looking=not ask_station) as backend:
        site = await _site_with(backend, station_id)
        code, told = await _asked(call, backend, station_id, window) if ask_station else (0, None)
    held = [each for each in site.schedules_of(station_id).installed if evse_id in (None, each.profile.evse_id)]
    computed = expected(site, station_id, window)
    found = differences(computed, told.periods, min(window.duration_s, told.duration_s)) if told else ()
    if as_csv:
        say("".join(composite_lines(told.periods if told else computed, window.start, window.unit)).rstrip())
    elif call.as_json:
        say_json(shown(site, station_id, held, window, computed, told, found))
    else:
        say_installed(station_id, held)
        say_composite(window, computed)
        if told is not None:
            say_differences(window, found)
    return code


@click.command("set", help=f"{describe('schedule.set')} EVSE 0 is the whole station.")
@_station
@_evse
@options
@_convert
@_merge
@click.option("--anyway", is_flag=True, help="Send it although the station says that it cannot.")
@verb
async def set_(
    call: Call, station_id: str, evse_id: int | None, convert: bool, merge: bool, anyway: bool, **said: object
) -> int:
    profile = make_profile(source_of(said, call.now()), evse_id, call.now())
    async with call.backend() as backend:
        site = await _site_with(backend, station_id)
        station = surroundings(site, station_id, await backend.settings(station_id), call.now())
        profile = completed(site, station_id, profile, station.capabilities.above)
        profile = fitted(profile, station, convert=convert, merge=merge)
        findings = check(profile, station)
        _warn(findings)
        sent_all_the_same = (Level.WARNING, Level.CANNOT) if anyway else (Level.WARNING,)
        blocked = next((each for each in findings if each.level not in sent_all_the_same), None)
        if blocked is not None:
            raise Refused(f"Nothing was sent: {blocked.text}.", f"{blocked.hint} {_cure_words(blocked)}".strip())
        return await carry_out_on(call, backend, commands.SetChargingProfile(station_id, profile))


@click.command("simulate")
@_station
@_evse
@options
@_convert
@_merge
@_hours
@_unit
@_csv
@verb
async def simulate(
    call: Call,
    station_id: str,
    evse_id: int | None,
    convert: bool,
    merge: bool,
    span_h: float,
    shown_in: str,
    as_csv: bool,
    **said: object,
) -> int:
    """Check a schedule and compute what the station would do with it. Nothing is sent."""
    profile = make_profile(source_of(said, call.now()), evse_id, call.now())
    async with call.backend(looking=True) as backend:
        site = await _site_with(backend, station_id)
        station = surroundings(site, station_id, await backend.settings(station_id), call.now())
    profile = completed(site, station_id, profile, station.capabilities.above)
    profile = fitted(profile, station, convert=convert, merge=merge)
    findings = check(profile, station)
    window = Window(profile.evse_id, call.now().replace(microsecond=0), int(span_h * 3600), Unit(shown_in))
    computed = expected(site, station_id, window, profile)
    if as_csv:
        say("".join(composite_lines(computed, window.start, window.unit)).rstrip())
    elif call.as_json:
        say_json(
            {
                "station_id": station_id,
                "profile": as_neutral(profile),
                "findings": findings,
                "composite": composite_json(window, computed),
            }
        )
    else:
        _warn(findings)
        say_composite(window, computed)
    return 1 if any(each.level is not Level.WARNING for each in findings) else 0


@click.command("clear", help=f"{describe('schedule.clear')} Say which, or --everything.")
@_station
@_evse
@click.option("--id", "number", type=int, help="One, by its id.")
@click.option("--for", "purpose", type=click.Choice(list(PURPOSES)), help="Those of a purpose.")
@click.option("--stack-level", type=click.IntRange(0), help="Those of a stack level.")
@click.option("--everything", is_flag=True, help="All of them.")
@verb
async def clear(
    call: Call,
    station_id: str,
    evse_id: int | None,
    number: int | None,
    purpose: str | None,
    stack_level: int | None,
    everything: bool,
) -> int:
    kind = PURPOSES[purpose] if purpose else None
    if (number, evse_id, kind, stack_level) == (None, None, None, None) and not everything:
        raise UsageError(
            "This would clear every profile.", "Name an EVSE, --id, --for or --stack-level, or --everything."
        )
    command = commands.ClearChargingProfile(station_id, number, evse_id, kind, stack_level, everything)
    return await carry_out(call, command)


@click.command("read", help=describe("schedule.read"))
@_station
@_evse
@verb
async def read(call: Call, station_id: str, evse_id: int | None) -> int:
    return await carry_out(call, commands.GetChargingProfiles(station_id, evse_id))


@click.command("update", help=f"{describe('schedule.update')} LIMIT is a number in the profile's own unit (2.1).")
@_station
@click.argument("number", metavar="ID", type=int)
@click.argument("limit", type=click.FloatRange(0))
@verb
async def update(call: Call, station_id: str, number: int, limit: float) -> int:
    return await carry_out(call, commands.UpdateDynamicSchedule(station_id, number, limit))


@click.command("priority", help=describe("schedule.priority"))
@_station
@click.argument("transaction_id", metavar="TRANSACTION")
@click.option("--on/--off", "on", default=True)
@verb
async def priority(call: Call, station_id: str, transaction_id: str, on: bool) -> int:
    return await carry_out(call, commands.UsePriorityCharging(station_id, transaction_id, on))


@click.command("templates")
@verb
async def templates(call: Call) -> int:
    """List the templates: those that are shipped, and your own."""
    found, wrong = all_templates()
    if call.as_json:
        for each in found:
            say_json({"name": each.name, "title": each.title, "about": each.about, "shipped": each.shipped})
    else:
        for line in Table("NAME", "", "WHAT").lines(
            [(each.name, "" if each.shipped else "own", each.about or each.title) for each in found]
        ):
            say(line)
    for error in wrong:
        warn(error.message, error.hint)
    return 1 if wrong else 0


# --- what they share ---


def fitted(profile: ChargingProfile, station: Surroundings, *, convert: bool, merge: bool) -> ChargingProfile:
    """The profile with what was asked to be mended, where the station needs it."""
    can = station.capabilities
    if convert and can.units is not None and profile.unit not in can.units:
        profile = in_unit(profile, next(iter(can.units)), station.voltage_v, station.phases)
    if merge and can.max_periods is not None:
        profile = merged(profile, can.max_periods)
    return profile


def _cure_words(finding: Finding) -> str:
    words = {Cure.CONVERT: "Or say --convert.", Cure.MERGE: "Say --merge."}
    return words[finding.cure] if finding.cure else "Say --anyway to send it all the same."


def _warn(findings: tuple[Finding, ...]) -> None:
    for each in findings:
        warn(f"{sentence(each.text)}.", each.hint)


async def _site_with(backend: Backend, station_id: str) -> Site:
    site = await first_site(backend)
    if station_id not in site.stations:
        raise Refused(f"There is no station {station_id}.", "See: ocpp-console stations")
    return site


async def _asked(call: Call, backend: Backend, station_id: str, window: Window) -> tuple[int, ReportedComposite | None]:
    command = commands.GetCompositeSchedule(station_id, window.evse_id, window.duration_s, window.unit)
    outcome = await ask(backend, command)
    if not outcome.ok or outcome.answer is None:
        show_outcome(call, command, outcome)
        return EXIT_CODE[outcome.result], None
    return 0, msgspec.convert(outcome.answer, ReportedComposite)
