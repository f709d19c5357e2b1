"""``display …``: what stations show on their displays (OCPP 2.x)."""

from __future__ import annotations

from datetime import datetime

import click

from console.backends.base import RecordQuery
from console.cli.carry_out import ask, carry_out, describe
from console.cli.context import Call, verb
from console.cli.output import Table, cut, say, say_json, warn
from console.cli.verbs.groups import Group
from console.model.display import (
    ClearMessage,
    Priority,
    ReadMessages,
    ShowMessage,
    ShownWhile,
    TextFormat,
    priority_word,
    while_word,
)
from console.model.outcome import EXIT_CODE
from console.model.record import RecordKind, StationRecord
from console.model.text import plain
from console.model.when import parse_when

_station = click.argument("station_id", metavar="STATION")


@click.group("display", cls=Group)
def display() -> None:
    """List, show and clear the messages on stations' displays (OCPP 2.x)."""


@display.command("list")
@_station
@click.option("--stored", is_flag=True, help="As they were last read; ask the station nothing.")
@verb
async def list_(call: Call, station_id: str, stored: bool) -> int:
    """Which messages a station shows."""
    async with call.backend() as backend:
        code = 0
        if not stored:
            outcome = await ask(backend, ReadMessages(station_id))
            code = EXIT_CODE[outcome.result]
            if not outcome.ok and not call.as_json:
                warn(f"{outcome.text}. This is what is known:", outcome.hint)
        held = [*await backend.records(RecordQuery(station_id=station_id, kind=RecordKind.DISPLAY_MESSAGE))]
    if call.as_json:
        say_json({"station_id": station_id, "messages": [each.details for each in held]})
    elif held:
        for line in Table(">NUMBER", "PRIORITY", "WHILE", "UNTIL", "TEXT").lines([_row(each) for each in held]):
            say(cut(line))
    else:
        warn(f"No messages of {station_id} are known.")
    return code


def _row(record: StationRecord) -> tuple[str, ...]:
    said = record.details
    end = plain(str(said.get("endDateTime", "")))
    return plain(str(said.get("id", ""))), priority_word(said), while_word(said), end, record.summary


@display.command("show", help=f"{describe('display.show')} What it shows then is read back.")
@_station
@click.argument("text")
@click.option("--priority", type=click.Choice([each.value for each in Priority]), default="normal", show_default=True)
@click.option("--while", "state", type=click.Choice([each.value for each in ShownWhile]), help="Only in this state.")
@click.option("--from", "starts", metavar="WHEN", default="", help="22:00, +2h, tomorrow 8:00, …")
@click.option("--until", "ends", metavar="WHEN", default="", help="As --from; without, until it is cleared.")
@click.option("--transaction", "transaction_id", default="", metavar="ID", help="Only for this one.")
@click.option("--language", default="", metavar="CODE", help="As in en or sv-SE.")
@click.option("--format", "form", type=click.Choice([each.value for each in TextFormat]), default="utf8")
@click.option("--replace", "number", type=click.IntRange(0), metavar="NUMBER", help="In place of this message.")
@verb
async def show(
    call: Call,
    station_id: str,
    text: str,
    priority: str,
    state: str | None,
    starts: str,
    ends: str,
    transaction_id: str,
    language: str,
    form: str,
    number: int | None,
) -> int:
    command = ShowMessage(
        station_id, text, Priority(priority), ShownWhile(state) if state else None, _when(call, starts),
        _when(call, ends), transaction_id, language, TextFormat(form), number,
    )  # fmt: skip
    return await carry_out(call, command)


def _when(call: Call, written: str) -> datetime | None:
    return parse_when(written, call.now()) if written else None


@display.command("clear", help=f"{describe('display.clear')} NUMBER is as in the list.")
@_station
@click.argument("number", type=click.IntRange(0))
@verb
async def clear(call: Call, station_id: str, number: int) -> int:
    return await carry_out(call, ClearMessage(station_id, number))
