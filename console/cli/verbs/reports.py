"""``reports``: what stations tell of themselves beyond their state and transactions, once or as it comes."""

from __future__ import annotations

from contextlib import aclosing

import click

from console.backends.base import Backend, RecordQuery
from console.cli.carry_out import carry_out
from console.cli.context import Call, verb
from console.cli.exits import UsageError
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.model.change import RecordKept
from console.model.command import DismissReport
from console.model.record import RecordKind, StationRecord


@click.command("reports")
@click.argument("station_id", metavar="[STATION]", default="")
@click.option("--kind", type=click.Choice([kind.value for kind in RecordKind]), help="Only of this kind.")
@click.option("--alarms", is_flag=True, help="Only what is to be looked at.")
@click.option("--now", "standing", is_flag=True, help="Only what still is so: alarms not cleared, limits in force.")
@click.option("--text", default="", metavar="TEXT", help="Only with this in it.")
@click.option("--dismiss", metavar="KEY", help="Say that this one needs no attention now (with STATION and --kind).")
@click.option("--limit", default=200, type=click.IntRange(1, 10_000), show_default=True, help="At most so many.")
@click.option("--follow", is_flag=True, help="Go on printing what comes, until Ctrl-C.")
@verb
async def reports(
    call: Call,
    station_id: str,
    kind: str | None,
    alarms: bool,
    standing: bool,
    text: str,
    limit: int,
    follow: bool,
    dismiss: str | None,
) -> int:
    """What stations tell of themselves, newest first: events, limits, progress, requests. --json has all details.

    Marks: ! an alarm that stands, - one that is over, > something else that still is so.
    """
    query = RecordQuery(
        station_id, "", RecordKind(kind) if kind else None, text, standing=standing, alarms=alarms, limit=limit
    )
    if dismiss is not None:
        if not station_id or query.kind is None:
            raise UsageError("Which one?", "Say its STATION and --kind; --json shows the key.")
        return await carry_out(call, DismissReport(station_id, query.kind, dismiss))
    async with call.backend(looking=True) as backend:
        if follow:
            await _follow(call, backend, query)
            return 0
        found = await backend.records(query)
        if call.as_json:
            say_json({"reports": found})
        elif found:
            for line in _table().lines([_row(one) for one in found]):
                say(cut(line))
        else:
            warn("No station has reported such a thing.")
    return 0


async def _follow(call: Call, backend: Backend, query: RecordQuery) -> None:
    """Print what there is, oldest first, then what comes."""
    table = _table()
    async with aclosing(backend.watch()) as updates:
        await anext(updates)  # from here on nothing is missed
        for record in reversed(await backend.records(query)):
            _print(call, table, record)
        async for update in updates:
            for change in update if isinstance(update, tuple) else ():
                if isinstance(change, RecordKept) and query.matches(change.record):
                    _print(call, table, change.record)


def _print(call: Call, table: Table, record: StationRecord) -> None:
    if call.as_json:
        say_json(record)
    else:
        say(cut(table.line(_row(record))))


def _table() -> Table:
    return Table("TIME", "STATION", "KIND", "", "WHAT")


def _row(record: StationRecord) -> tuple[str, ...]:
    mark = ("!" if record.standing else "-") if record.alarm else (">" if record.standing else "")
    return moment(record.at), record.station_id, record.kind.value, mark, record.summary
