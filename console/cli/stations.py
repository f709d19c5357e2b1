"""``station …``: who may take part, and what a station is set to."""

from __future__ import annotations

import click

from console.backends.base import Backend
from console.cli.carry_out import ask, carry_out, carry_out_on, describe, show_outcome, yes_option
from console.cli.context import Call, UsageError, verb
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.cli.passwords import password_of
from console.model.command import (
    AcceptStation,
    AddStation,
    ChangeSetting,
    DisconnectStation,
    ReadSettings,
    RejectStation,
    RemoveStation,
    SetTolerance,
)
from console.model.make import Tolerance
from console.model.outcome import EXIT_CODE, Result
from console.model.station import Setting


@click.group("station")
def station() -> None:
    """Let stations in, turn them away, forget them, read and change their settings."""


@station.command("add", help=describe("station.add"))
@click.argument("station_id", metavar="ID")
@click.option(
    "--password", default="", prompt="Password", prompt_required=False, hide_input=True, metavar="P",
    help="For HTTP Basic: itself, keyring:NAME, env:NAME or file:/path. Without P it is asked for.",
)  # fmt: skip
@click.option(
    "--security-profile",
    type=click.IntRange(0, 3),
    help="The least it may come by. 0: open, 1: a password, 2: over TLS, 3: its certificate. Follows from --password.",
)
@click.option("--note", default="", help="A line to remember it by.")
@verb
async def add(call: Call, station_id: str, password: str, security_profile: int | None, note: str) -> int:
    level = security_profile if security_profile is not None else int(bool(password))
    if level in (1, 2) and not password:
        raise UsageError(f"Security profile {level} needs a password.", "Say --password, and it is asked for.")
    secret = await password_of(password) if password else ""
    return await carry_out(call, AddStation(station_id, secret, level, note))


@station.command("remove", help=f"{describe('station.remove')} Its transactions stay on record.")
@click.argument("station_id", metavar="ID")
@yes_option
@verb
async def remove(call: Call, station_id: str, yes: bool) -> int:
    return await carry_out(call, RemoveStation(station_id), yes=yes)


@station.command("accept", help=describe("station.accept"))
@click.argument("station_id", metavar="ID")
@verb
async def accept(call: Call, station_id: str) -> int:
    return await carry_out(call, AcceptStation(station_id))


@station.command("reject", help=describe("station.reject"))
@click.argument("station_id", metavar="ID")
@yes_option
@verb
async def reject(call: Call, station_id: str, yes: bool) -> int:
    return await carry_out(call, RejectStation(station_id), yes=yes)


@station.command("set")
@click.argument("station_id", metavar="ID")
@click.option(
    "--tolerance", type=click.Choice([str(each) for each in Tolerance]), required=True,
    help="What breaks OCPP: strict takes nothing, profile what its make is known for, lenient all that is understood.",
)  # fmt: skip
@verb
async def set_(call: Call, station_id: str, tolerance: str) -> int:
    """Choose how a station is treated here."""
    return await carry_out(call, SetTolerance(station_id, Tolerance(tolerance)))


@station.command("disconnect", help=f"{describe('station.disconnect')} It will come back by itself.")
@click.argument("station_id", metavar="ID")
@yes_option
@verb
async def disconnect(call: Call, station_id: str, yes: bool) -> int:
    return await carry_out(call, DisconnectStation(station_id), yes=yes)


@station.command("settings")
@click.argument("station_id", metavar="ID")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a setting; may be given again.")
@click.option("--stored", is_flag=True, help="As they were last read; ask the station nothing.")
@yes_option
@verb
async def settings(
    call: Call, station_id: str, keys: tuple[str, ...], changes: tuple[str, ...], stored: bool, yes: bool
) -> int:
    """Read a station's settings, or change some of them."""
    pairs = [_pair(change) for change in changes]
    async with call.backend() as backend:
        worst = 0
        for key, value in pairs:
            code = await carry_out_on(call, backend, ChangeSetting(station_id, key, value), yes=yes)
            worst = max(worst, code)
        return worst if pairs else await _read(call, backend, station_id, keys, stored)


def _pair(change: str) -> tuple[str, str]:
    key, equals, value = change.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"{change} sets nothing.", "Write --set HeartbeatInterval=300")
    return key.strip(), value


async def _read(call: Call, backend: Backend, station_id: str, keys: tuple[str, ...], stored: bool) -> int:
    code = 0
    if not stored:
        command = ReadSettings(station_id, keys)
        outcome = await ask(backend, command)
        if outcome.result is Result.OFFLINE and not call.as_json:
            warn(f"{station_id} is offline: these are its settings as last read.")
        elif not outcome.ok:
            show_outcome(call, command, outcome)
            return EXIT_CODE[outcome.result]
        code = EXIT_CODE[outcome.result]
    wanted = {key.casefold() for key in keys}
    held = [one for one in await backend.settings(station_id) if not wanted or one.key.casefold() in wanted]
    held.sort(key=lambda one: one.key.casefold())
    if call.as_json:
        say_json({"station_id": station_id, "settings": held})
    elif held:
        table = Table("KEY", "VALUE", "", "READ")
        for line in table.lines([_row(one) for one in held]):
            say(cut(line))
    else:
        warn(f"No settings of {station_id} are known.")
    return code


def _row(setting: Setting) -> tuple[str, ...]:
    value = "(secret)" if setting.secret else setting.value if setting.value is not None else "-"
    notes = (("read-only", setting.read_only), ("needs a reboot", setting.reboot_required))
    return setting.key, value, ", ".join(note for note, applies in notes if applies), moment(setting.read_at)
