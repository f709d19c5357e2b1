"""``tariff …``: what stations of OCPP 2.1 charge by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from console.actions.saved import read_file
from console.actions.words import json_object
from console.backends.base import RecordQuery
from console.cli.carry_out import ask, carry_out, carry_out_on, describe
from console.cli.context import Call, verb
from console.cli.exits import UsageError
from console.cli.output import Table, cut, say, say_json, warn
from console.cli.verbs.commands import find_running
from console.errors import ConsoleError
from console.model.outcome import EXIT_CODE
from console.model.record import RecordKind, StationRecord
from console.model.station_tariff import (
    ChangeTransactionTariff,
    ClearTariffs,
    PlainPrices,
    ReadTariffs,
    SetTariff,
    named,
    payload_of,
    read_tariff,
)
from console.model.tariff_words import lines, summary_of
from console.model.text import plain
from console.model.when import parse_when

_station = click.argument("station_id", metavar="STATION")
_PRICE = click.FloatRange(0)


@click.group("tariff")
def tariff() -> None:
    """List, set, clear and change what stations charge by (OCPP 2.1)."""


def _source(function: Callable[..., Any]) -> Callable[..., Any]:
    """What a tariff is made of: a file, the site's own prices, or prices in words."""
    options = (
        click.argument("file", metavar="[FILE]", default=""),
        click.option("--site", is_flag=True, help="By the site's own prices ([tariff] in the profile)."),
        click.option("--kwh", "per_kwh", type=_PRICE, metavar="PRICE", help="For 1 kWh, without taxes."),
        click.option("--minute", "per_minute", type=_PRICE, metavar="PRICE", help="For a minute of charging."),
        click.option("--idle", "per_idle_minute", type=_PRICE, metavar="PRICE", help="For a minute of not charging."),
        click.option("--fee", "per_session", type=_PRICE, metavar="PRICE", help="For a session."),
        click.option("--tax", "tax_percent", type=_PRICE, metavar="PERCENT", help="VAT on top."),
        click.option("--currency", default="", metavar="CODE", help="As in EUR; for prices."),
        click.option("--id", "tariff_id", default="", metavar="NAME", help="What it is called; for prices."),
        click.option("--from", "starts", default="", metavar="WHEN", help="22:00, +2h, 2027-01-01; for prices."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@tariff.command("list")
@_station
@click.option("--stored", is_flag=True, help="As they were last read; ask the station nothing.")
@verb
async def list_(call: Call, station_id: str, stored: bool) -> int:
    """Which tariffs a station has, and where. Prices are known of those that were set from here."""
    async with call.backend() as backend:
        code = 0
        if not stored:
            outcome = await ask(backend, ReadTariffs(station_id))
            code = EXIT_CODE[outcome.result]
            if not outcome.ok and not call.as_json:
                warn(f"{outcome.text}. This is what is known:", outcome.hint)
        query = RecordQuery(station_id=station_id, kind=RecordKind.TARIFF, standing=True)
        held = sorted(await backend.records(query), key=lambda each: each.key)
    if call.as_json:
        say_json({"station_id": station_id, "tariffs": [each.details for each in held]})
    elif held:
        for line in Table("TARIFF", "KIND", "EVSE", "FROM", "PRICES").lines([_row(each) for each in held]):
            say(cut(line))
    else:
        warn(f"No tariffs of {station_id} are known.")
    return code


def _row(record: StationRecord) -> tuple[str, ...]:
    said = record.details
    evse_ids = said.get("evseIds")
    places = ", ".join(map(str, evse_ids)) if isinstance(evse_ids, list) else ""
    kind = plain(str(said.get("tariffKind", ""))).removesuffix("Tariff").lower()
    return record.key, kind, places or "all", plain(str(said.get("validFrom", ""))), summary_of(said.get("tariff"))


@tariff.command("show")
@_station
@click.argument("tariff_id", metavar="TARIFF")
@verb
async def show(call: Call, station_id: str, tariff_id: str) -> int:
    """What a tariff says, as it was set from here."""
    async with call.backend(looking=True) as backend:
        held = await backend.records(RecordQuery(station_id=station_id, kind=RecordKind.TARIFF))
    record = next((each for each in held if each.key == tariff_id), None)
    if record is None:
        raise UsageError(f"No tariff {tariff_id} of {station_id} is known.", f"See: tariff list {station_id}")
    if call.as_json:
        say_json(record.details)
        return 0
    if "tariff" not in record.details:
        warn("Its prices are not known: a station tells only which tariffs it has.")
        return 0
    for label, text in lines(read_tariff(record.details["tariff"])):
        say(f"{label:<14}{text}")
    return 0


@tariff.command(
    "set", help=f"{describe('tariff.set')} FILE holds a TariffType as JSON. It begins with the next session."
)
@_station
@click.option("--evse", "evse_id", type=click.IntRange(0), default=0, metavar="N", help="Only on this one.")
@_source
@verb
async def set_(call: Call, station_id: str, evse_id: int, **given: Any) -> int:
    return await carry_out(call, SetTariff(station_id, _tariff(call, given), evse_id))


@tariff.command("clear", help=f"{describe('tariff.clear')} Without --id and --evse, all of them.")
@_station
@click.option("--id", "tariff_ids", multiple=True, metavar="NAME", help="This one; may be said again.")
@click.option("--evse", "evse_id", type=click.IntRange(0), metavar="N", help="Only on this one.")
@verb
async def clear(call: Call, station_id: str, tariff_ids: tuple[str, ...], evse_id: int | None) -> int:
    return await carry_out(call, ClearTariffs(station_id, tariff_ids, evse_id))


@tariff.command("change", help=f"{describe('tariff.change')} FILE holds a TariffType as JSON.")
@click.argument("transaction", metavar="TRANSACTION")
@_source
@verb
async def change(call: Call, transaction: str, **given: Any) -> int:
    wanted = _tariff(call, given)
    async with call.backend() as backend:
        station_id, transaction_id = await find_running(backend, transaction)
        return await carry_out_on(call, backend, ChangeTransactionTariff(station_id, transaction_id, wanted))


def _tariff(call: Call, given: dict[str, Any]) -> dict[str, Any] | None:
    """The tariff that is meant, None for the site's own prices."""
    file, site = given.pop("file"), given.pop("site")
    tariff_id, currency, starts = given.pop("tariff_id"), given.pop("currency"), given.pop("starts")
    prices = {name: price for name, price in given.items() if price is not None}
    if sum(map(bool, (file, site, prices))) != 1:
        raise UsageError("By which tariff?", "Name a file, or say --site, or prices (--kwh 0.39 --currency EUR …).")
    if site:
        return None
    if file:
        return _from_file(file)
    if len(currency) != 3:
        raise UsageError("In which currency?", "Say --currency, as in EUR.")
    made = PlainPrices(**prices).tariff(tariff_id or named(call.now()), currency.upper(), _when(call, starts))
    return payload_of(made)


def _from_file(name: str) -> dict[str, Any]:
    try:
        payload = json_object(read_file(name))
        read_tariff(payload)
    except ConsoleError as error:
        raise UsageError(error.message, error.hint) from error
    return payload


def _when(call: Call, written: str) -> datetime | None:
    return parse_when(written, call.now()) if written else None
