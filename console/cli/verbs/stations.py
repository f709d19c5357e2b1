"""``station …``: who may take part, and what a station is set to."""

from __future__ import annotations

import click

from console.cli.carry_out import carry_out, describe, yes_option
from console.cli.context import Call, verb
from console.cli.exits import UsageError
from console.cli.output import warn
from console.cli.passwords import password_of
from console.cli.verbs.groups import Group
from console.model.command import (
    AcceptStation,
    AddStation,
    DisconnectStation,
    RejectStation,
    RemoveStation,
    SetTolerance,
)
from console.model.make import Tolerance

#: The least that a BasicAuthPassword has (2.0.1 A00.FR.204).
_PASSWORD_LENGTH = 16


@click.group("station", cls=Group)
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
    if secret and len(secret) < _PASSWORD_LENGTH:
        warn(f"OCPP wants passwords of {_PASSWORD_LENGTH} characters or more: some stations take no shorter one.")
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
