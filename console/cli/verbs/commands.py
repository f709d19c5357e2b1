"""What a station is asked to do: start, stop, reset, unlock, availability, trigger and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from console.actions.fields import fields_of
from console.actions.table import VERSIONS
from console.backends.base import Backend, TransactionQuery
from console.cli.carry_out import carry_out, carry_out_on, describe, yes_option
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, UsageError
from console.model.command import (
    ChangeAvailability,
    ClearCache,
    LimitTransaction,
    ResetStation,
    StartTransaction,
    StopTransaction,
    TransferData,
    TriggerMessage,
    UnlockConnector,
)
from console.model.schedule.draft import for_start
from console.model.schedule.profile import ChargingProfile
from console.model.token_file import check_id
from console.model.transaction import Transaction
from console.model.transaction_limit import TransactionLimit
from profiles.charging_templates import load_template

_station = click.argument("station_id", metavar="STATION")
_Verb = TypeVar("_Verb", bound=Callable[..., Any])
_evse = click.argument("evse_id", metavar="EVSE", type=click.IntRange(1))
_connector = click.option(
    "--connector", "connector_id", metavar="N", type=click.IntRange(0), default=0, help="Which one of the EVSE (2.x)."
)


def _most(verb: _Verb) -> _Verb:
    """The options that say what a transaction may at most cost, deliver or last (2.1)."""
    options = (
        click.option("--kwh", type=click.FloatRange(0, min_open=True), help="At most so much energy (2.1)."),
        click.option("--minutes", type=click.FloatRange(0, min_open=True), help="At most so long (2.1)."),
        click.option("--cost", type=click.FloatRange(0), help="At most at such a cost, in its currency (2.1)."),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


def _limit_of(kwh: float | None, minutes: float | None, cost: float | None) -> TransactionLimit | None:
    """The limit that was said; None if none was."""
    most = TransactionLimit(
        max_energy_wh=None if kwh is None else round(kwh * 1000),
        max_time_s=None if minutes is None else round(minutes * 60),
        max_cost=cost,
    )
    return most if most.words else None


@click.command(
    "start", help=f"{describe('transaction.start')} EVSE is the connector's number; 0 lets the station choose."
)
@_station
@click.argument("evse_id", metavar="EVSE", type=click.IntRange(0))
@click.option("--tag", "id_token", required=True, metavar="TAG", help="On whose account.")
@click.option("--schedule", "template", default="", metavar="NAME", help="With a template as its charging schedule.")
@_most
@verb
async def start(
    call: Call,
    station_id: str,
    evse_id: int,
    id_token: str,
    template: str,
    kwh: float | None,
    minutes: float | None,
    cost: float | None,
) -> int:
    profile = _schedule_of(template, evse_id, call) if template else None
    most = _limit_of(kwh, minutes, cost)
    command = StartTransaction(station_id, evse_id, check_id(id_token), profile=profile, limit=most)
    return await carry_out(call, command)


def _schedule_of(template: str, evse_id: int, call: Call) -> ChargingProfile:
    """A template as the schedule of a transaction that is about to begin."""
    draft = load_template(template).draft
    if draft is None:
        raise UsageError(f"The template {template} is made of prices.", "See: ocpp-console schedule cheapest --help")
    return for_start(draft, evse_id, call.now(), None)


@click.command(
    "stop", help=f"{describe('transaction.stop')} Write STATION/TRANSACTION where the number alone is not clear."
)
@click.argument("transaction", metavar="TRANSACTION")
@verb
async def stop(call: Call, transaction: str) -> int:
    async with call.backend() as backend:
        station_id, transaction_id = await find_running(backend, transaction)
        return await carry_out_on(call, backend, StopTransaction(station_id, transaction_id))


@click.command(
    "limit", help=f"{describe('transaction.limit')} The station hears of it with the transaction's next event."
)
@click.argument("transaction", metavar="TRANSACTION")
@_most
@verb
async def limit(call: Call, transaction: str, kwh: float | None, minutes: float | None, cost: float | None) -> int:
    most = _limit_of(kwh, minutes, cost)
    if most is None:
        raise UsageError("No limit was given.", "Say --kwh, --minutes or --cost.")
    async with call.backend() as backend:
        station_id, transaction_id = await find_running(backend, transaction)
        return await carry_out_on(call, backend, LimitTransaction(station_id, transaction_id, most))


async def find_running(backend: Backend, text: str) -> tuple[str, str]:
    """The station and id of the transaction that is meant, running or (should the service not know better) not."""
    site = await first_site(backend)
    matching = [one for one in site.transactions.values() if one.running and is_called(one, text)]
    if len(matching) > 1:
        choices = ", ".join(f"{one.station_id}/{one.transaction_id}" for one in matching)
        raise UsageError(f"{text} runs at several stations.", f"Write one of {choices}.")
    if not matching:
        past = [one for one in await backend.transactions(TransactionQuery()) if is_called(one, text)]
        said = f"Transaction {text} has ended." if past else f"There is no transaction {text}."
        raise Refused(said, "See: ocpp-console transactions --running")
    return matching[0].station_id, matching[0].transaction_id


def is_called(transaction: Transaction, text: str) -> bool:
    return text in (transaction.transaction_id, f"{transaction.station_id}/{transaction.transaction_id}")


@click.command("reset", help=describe("station.reset"))
@_station
@click.option("--hard", is_flag=True, help="At once, cutting running transactions short.")
@click.option("--evse", "evse_id", metavar="EVSE", type=click.IntRange(0), default=0, help="Only this EVSE (2.x).")
@yes_option
@verb
async def reset(call: Call, station_id: str, hard: bool, evse_id: int, yes: bool) -> int:
    return await carry_out(call, ResetStation(station_id, hard, evse_id), yes=yes)


@click.command("unlock", help=f"{describe('connector.unlock')} This ends its transaction.")
@_station
@_evse
@_connector
@yes_option
@verb
async def unlock(call: Call, station_id: str, evse_id: int, connector_id: int, yes: bool) -> int:
    return await carry_out(call, UnlockConnector(station_id, evse_id, connector_id or 1), yes=yes)


@click.command("availability", help=f"{describe('station.availability')} Without EVSE the whole station.")
@_station
@click.argument("evse_id", metavar="[EVSE]", type=click.IntRange(0), default=0)
@_connector
@click.option("--on/--off", "operative", default=None, help="In service, or out of it.")
@yes_option
@verb
async def availability(
    call: Call, station_id: str, evse_id: int, connector_id: int, operative: bool | None, yes: bool
) -> int:
    if operative is None:
        raise UsageError("In service, or out of it?", "Say --on or --off.")
    return await carry_out(call, ChangeAvailability(station_id, evse_id, operative, connector_id), yes=yes)


@click.command("trigger", help=f"{describe('station.trigger')} MESSAGE is for example StatusNotification.")
@_station
@click.argument("message")
@click.argument("evse_id", metavar="[EVSE]", type=click.IntRange(1), default=None, required=False)
@_connector
@verb
async def trigger(call: Call, station_id: str, message: str, evse_id: int | None, connector_id: int) -> int:
    async with call.backend() as backend:
        station = (await first_site(backend)).stations.get(station_id)
        if station is not None and station.ocpp_version in VERSIONS:
            message = _as_ocpp_spells(message, station.ocpp_version)
        return await carry_out_on(call, backend, TriggerMessage(station_id, message, evse_id, connector_id))


def _as_ocpp_spells(message: str, version: str) -> str:
    """A message that can be triggered, whatever its capitals. Raises UsageError for any other."""
    field = fields_of(version, "TriggerMessage").named("requestedMessage")
    choices = field.choices if field else ()
    found = next((choice for choice in choices if choice.casefold() == message.casefold()), None)
    if found is None:
        raise UsageError(f"OCPP {version} cannot trigger {message}.", f"There are: {', '.join(choices)}.")
    return found


@click.command("clear-cache", help=describe("station.clear_cache"))
@_station
@verb
async def clear_cache(call: Call, station_id: str) -> int:
    return await carry_out(call, ClearCache(station_id))


@click.command("data-transfer", help=describe("station.data_transfer"))
@_station
@click.argument("vendor_id", metavar="VENDOR")
@click.argument("text", metavar="[DATA]", default="")
@click.option("--message-id", default="", metavar="ID")
@verb
async def data_transfer(call: Call, station_id: str, vendor_id: str, text: str, message_id: str) -> int:
    return await carry_out(call, TransferData(station_id, vendor_id, message_id, text))
