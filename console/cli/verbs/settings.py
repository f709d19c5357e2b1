"""``settings …``: what a station is set to, read, changed, put by, compared, applied to another, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import click

from console.backends.base import Backend
from console.cli.carry_out import ask, carry_out, carry_out_on, describe, show_outcome, yes_option
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, UsageError
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.cli.verbs.groups import Group
from console.model.command import ChangeSetting, ReadSettings
from console.model.device import spelled
from console.model.device_command import ChangeSettings, RemoveSnapshot, SettingChange, TakeSnapshot, UndoSettings
from console.model.outcome import EXIT_CODE, Result
from console.model.setting_comparison import Difference, changes_to, compare, why_not_written
from console.model.setting_words import limits, matches, note, value
from console.model.station import Setting

_station = click.argument("station_id", metavar="STATION")


class _OrShow(Group):
    """A group whose verb may be left out: the first word is then a station to show."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb meant."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group("settings", cls=_OrShow)
def settings() -> None:
    """What stations are set to. settings STATION [FILTER] shows one's; the verbs below do more."""


@settings.command("show")
@_station
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@verb
async def show(call: Call, station_id: str, words: tuple[str, ...]) -> int:
    """A station's settings as last read (the station is asked nothing); FILTER words stand in key, value or note."""
    async with call.backend(looking=True) as backend:
        held = await _known(backend, station_id)
        monitors = await _monitored(backend, station_id)
    wanted = tuple(word.casefold() for word in words)
    found = [each for each in held if matches(each, wanted)]
    if call.as_json:
        say_json({"station_id": station_id, "settings": found})
    elif found:
        for line in Table("KEY", "VALUE", "", "LIMITS", "READ").lines(
            [_row(each, each.key in monitors) for each in found]
        ):
            say(cut(line))
    else:
        warn(f"No settings of {station_id} are known.", f"To read them: {call.again(f'settings read {station_id}')}")
    return 0


async def _known(backend: Backend, station_id: str) -> list[Setting]:
    return sorted(await backend.settings(station_id), key=lambda each: each.key.casefold())


async def _monitored(backend: Backend, station_id: str) -> set[str]:
    """The keys of the variables that have a monitor."""
    return {each.key.casefold() for each in await backend.monitors(station_id)}


def _print(settings: Sequence[Setting], monitored: set[str]) -> None:
    rows = [_row(each, each.key.casefold() in monitored) for each in settings]
    for line in Table("KEY", "VALUE", "", "LIMITS", "READ").lines(rows):
        say(cut(line))


def _row(setting: Setting, watched: bool) -> tuple[str, ...]:
    notes = [text for text in (note(setting), "monitored" if watched else "") if text]
    return setting.key, value(setting), ", ".join(notes), limits(setting), moment(setting.read_at)


@settings.command("read", help=f"{describe('settings.read')} KEYs alone, or all there are.")
@_station
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option(
    "--inventory", type=click.Choice(["full", "configuration", "summary"]), default="full", show_default=True,
    help="2.x: how much of the device model.",
)  # fmt: skip
@click.option(
    "--in-state", "criteria", multiple=True, type=click.Choice(["Active", "Available", "Enabled", "Problem"]),
    help="2.x: only components that are so (of KEYs such as EVSE@1, if there are any); may be given again.",
)  # fmt: skip
@verb
async def read(call: Call, station_id: str, keys: tuple[str, ...], inventory: str, criteria: tuple[str, ...]) -> int:
    command = ReadSettings(station_id, keys, "" if inventory == "full" else inventory, criteria)
    async with call.backend() as backend:
        outcome = await ask(backend, command)
        show_outcome(call, command, outcome)
        if keys and not call.as_json and outcome.result in (Result.ACCEPTED, Result.REJECTED):
            held = await _known(backend, station_id)
            by_key = {each.key.casefold(): each for each in held}
            wanted = {spelled(by_key, key).casefold() for key in keys}
            found = [each for each in held if each.key.casefold() in wanted]
            _print(found, await _monitored(backend, station_id))
    return EXIT_CODE[outcome.result]


@settings.command("set", help=f"{describe('settings.change')} Several at once: KEY VALUE KEY VALUE …")
@_station
@click.argument("pairs", nargs=-1, required=True, metavar="KEY VALUE")
@yes_option
@verb
async def set_(call: Call, station_id: str, pairs: tuple[str, ...], yes: bool) -> int:
    if len(pairs) % 2:
        raise UsageError(f"{pairs[-1]} has no value.", f"Write: settings set {station_id} KEY VALUE")
    changes = tuple(SettingChange(key, text) for key, text in zip(pairs[::2], pairs[1::2], strict=True))
    if len(changes) == 1:
        return await carry_out(call, ChangeSetting(station_id, changes[0].key, changes[0].value), yes=yes)
    return await carry_out(call, ChangeSettings(station_id, changes), yes=yes)


@settings.command("undo")
@_station
@click.option("--count", type=click.IntRange(1, 100), default=1, show_default=True, help="How many changes.")
@yes_option
@verb
async def undo(call: Call, station_id: str, count: int, yes: bool) -> int:
    """Take back the last changes of a station's settings that were made here, the newest first."""
    return await carry_out(call, UndoSettings(station_id, count), yes=yes)


@settings.command("changes")
@_station
@verb
async def changes(call: Call, station_id: str) -> None:
    """The changes that were made here, newest first."""
    async with call.backend(looking=True) as backend:
        writes = await backend.setting_writes(station_id)
    if call.as_json:
        say_json({"station_id": station_id, "changes": writes})
        return
    undone = {each.undoes for each in writes}
    for each in writes:
        told = "(secret)" if each.secret else f"{each.before if each.before is not None else '?'} -> {each.after}"
        mark = " taken back" if each.write_id in undone else " takes one back" if each.undoes else ""
        say(cut(f"{moment(each.at)}  {each.key}: {told}{mark}"))
    if not writes:
        warn(f"No setting of {station_id} was changed here.")


# --- snapshots ---


@settings.command("snapshot")
@_station
@click.option("--name", default="", help="A few words to know it by.")
@verb
async def snapshot(call: Call, station_id: str, name: str) -> int:
    """Put a station's settings by as they were last read, to compare with and go back to."""
    return await carry_out(call, TakeSnapshot(station_id, name))


@settings.command("snapshots")
@click.argument("station_id", metavar="[STATION]", default="")
@click.option("--remove", "gone", metavar="SNAPSHOT", default="", help="Throw this one away.")
@verb
async def snapshots(call: Call, station_id: str, gone: str) -> int:
    """The snapshots of a station, or of all, newest first."""
    if gone:
        return await carry_out(call, RemoveSnapshot(gone))
    async with call.backend(looking=True) as backend:
        found = await backend.snapshots(station_id)
    if call.as_json:
        say_json({"snapshots": [{"snapshot_id": each.snapshot_id, "station_id": each.station_id, "at": each.at,
                                 "name": each.name, "count": each.count} for each in found]})  # fmt: skip
    elif found:
        rows = [(each.snapshot_id, each.station_id, moment(each.at), str(each.count), each.name) for each in found]
        for line in Table("SNAPSHOT", "STATION", "TAKEN", ">SETTINGS", "NAME").lines(rows):
            say(cut(line))
    else:
        warn("There are no snapshots.", "To take one: ocpp-console settings snapshot STATION")
    return 0


class _Side(NamedTuple):
    name: str
    settings: Sequence[Setting]


async def _side(backend: Backend, text: str, stations: set[str]) -> _Side:
    """A station as it is known now, or a snapshot by its id."""
    if text in stations:
        return _Side(text, await backend.settings(text))
    held = await backend.snapshot(text)
    if held is None:
        raise Refused(f"{text} is neither a station nor a snapshot.", "See: ocpp-console settings snapshots")
    return _Side(f"{held.snapshot_id} ({held.station_id})", held.settings)


@settings.command("compare")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@verb
async def compare_(call: Call, left: str, right: str) -> int:
    """What differs between A and B: stations as they are known now, or snapshots by their ids."""
    async with call.backend(looking=True) as backend:
        stations = set((await first_site(backend)).stations)
        one, other = await _side(backend, left, stations), await _side(backend, right, stations)
    differences = compare(one.settings, other.settings)
    if call.as_json:
        say_json({"left": left, "right": right, "differences": differences})
    elif differences:
        rows = [(each.key, _shown(each.left), _shown(each.right)) for each in differences]
        for line in Table("KEY", one.name, other.name).lines(rows):
            say(cut(line))
    else:
        say(f"{one.name} and {other.name} are set alike.")
    return 0


def _shown(setting: Setting | None) -> str:
    return "(has none)" if setting is None else value(setting)


@settings.command("apply")
@click.argument("source", metavar="FROM")
@_station
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@yes_option
@verb
async def apply(call: Call, source: str, station_id: str, dry_run: bool, yes: bool) -> int:
    """Make STATION like FROM (a station or a snapshot): write what differs and can be written, one by one."""
    async with call.backend(looking=dry_run) as backend:
        stations = set((await first_site(backend)).stations)
        side = await _side(backend, source, stations)
        differences = compare(side.settings, await backend.settings(station_id))
        _tell_skipped(call, differences)
        wanted = changes_to(differences)
        if not wanted:
            call.show({"written": 0}, f"There is nothing to write to {station_id}.")
            return 0
        if dry_run:
            call.show({"would_write": wanted}, "\n".join(f"{each.key} = {each.value}" for each in wanted))
            return 0
        return await _write_all(call, backend, station_id, wanted, yes)


def _tell_skipped(call: Call, differences: Sequence[Difference]) -> None:
    if call.as_json:
        return
    for each in differences:
        why = why_not_written(each)
        if why is not None:
            warn(f"left out: {each.key}: {why}")


async def _write_all(call: Call, backend: Backend, station_id: str, wanted: Sequence[SettingChange], yes: bool) -> int:
    worst = 0
    for number, each in enumerate(wanted, start=1):
        if not call.as_json:
            warn(f"{number} of {len(wanted)}: {each.key} = {each.value}")
        code = await carry_out_on(call, backend, ChangeSetting(station_id, each.key, each.value), yes=yes or number > 1)
        worst = max(worst, code)
        if code in (EXIT_CODE[Result.OFFLINE], EXIT_CODE[Result.TIMED_OUT]):
            warn(f"Stopped: {len(wanted) - number} are not written.")
            break
    return worst
