"""``export …``: transactions, meter values and messages as tables, for spreadsheets, scripts and data tools."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from console.backends.base import Archive, Backend, MessageQuery, TransactionQuery
from console.cli.context import Call, verb
from console.cli.exits import UsageError
from console.cli.output import say_json, warn
from console.cli.paging import all_messages, all_transactions, seq_before
from console.cli.verbs.groups import Group
from console.cli.verbs.parquet import ParquetFile
from console.cli.verbs.times import span_of
from console.model import export as tables

_Rows = AsyncGenerator[tables.Row, None]


@click.group("export", cls=Group)
def export() -> None:
    """Write transactions, meter values or messages as CSV, JSON (one object a line) or Parquet."""


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--station", default="", metavar="ID", help="Only of stations with this in their name."),
        click.option("--until", metavar="WHEN", help="Only before: 2026-12-31 (that day included), -1d, now."),
        click.option("--since", metavar="WHEN", help="Only since: 2026-12-01, -7d, mon 06:00."),
        click.option(
            "--output",
            type=click.Path(dir_okay=False, path_type=Path, resolve_path=True),
            metavar="FILE",
            help="Into a file.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["csv", "json", "parquet"]),
            help="As the file's name ends; else csv, or json with --json.",
        ),
    ):
        function = option(function)
    return function


@export.command("transactions")
@_options
@verb
async def transactions(
    call: Call, form: str | None, output: Path | None, since: str | None, until: str | None, station: str
) -> None:
    """Transactions that began in the time given, newest first."""
    start, end = span_of(call, since, until)
    query = TransactionQuery(station=station, since=start, until=end)
    async with call.backend(looking=True) as backend:
        await _write(call, tables.TRANSACTION_COLUMNS, _transaction_rows(backend, query), form, output)


async def _transaction_rows(backend: Backend, query: TransactionQuery) -> _Rows:
    async for transaction in all_transactions(backend, query):
        for row in tables.transaction_rows([transaction]):
            yield row


@export.command("meter-values")
@_options
@click.option("--transaction", "transaction_id", default="", metavar="ID", help="Only of this transaction.")
@verb
async def meter_values(
    call: Call, form: str | None, output: Path | None, since: str | None, until: str | None, station: str,
    transaction_id: str,
) -> None:  # fmt: skip
    """Meter values taken in the time given, one row a sample, also those outside transactions."""
    start, end = span_of(call, since, until)
    async with call.backend(looking=True) as backend:
        if transaction_id or not isinstance(backend, Archive):
            query = TransactionQuery(station=station, since=start, until=end)
            rows = _transactions_meter_value_rows(backend, query, transaction_id)
        else:
            rows = backend.meter_value_rows(station, start, end)
        await _write(call, tables.METER_VALUE_COLUMNS, rows, form, output)


async def _transactions_meter_value_rows(backend: Backend, query: TransactionQuery, transaction_id: str) -> _Rows:
    async for transaction in all_transactions(backend, query):
        if transaction_id in ("", transaction.transaction_id):
            values = await backend.meter_values(transaction.station_id, transaction.transaction_id)
            for row in tables.meter_value_rows(values):
                yield row


@export.command("messages")
@_options
@verb
async def messages(
    call: Call, form: str | None, output: Path | None, since: str | None, until: str | None, station: str
) -> None:
    """Frames as they crossed the wire, oldest first."""
    start, end = span_of(call, since, until)
    async with call.backend(looking=True) as backend:
        after = await seq_before(backend, start) if start else 0
        query = MessageQuery(station=station, after_seq=after)
        await _write(call, tables.MESSAGE_COLUMNS, _message_rows(backend, query, end), form, output)


async def _message_rows(backend: Backend, query: MessageQuery, end: datetime | None) -> _Rows:
    async for message in all_messages(backend, query):
        if end is not None and message.at >= end:
            return
        for row in tables.message_rows([message]):
            yield row


async def _write(call: Call, columns: tuple[str, ...], rows: _Rows, form: str | None, output: Path | None) -> None:
    """Write rows as they come; with a file, say how many there were."""
    count = 0
    with _writing(_format(call, form, output), columns, output) as write:
        # Closed at once when nobody reads on: what is behind the rows may hold a connection open.
        async with aclosing(rows):
            # Row by row: a year of frames passes through without ever being held.
            async for row in rows:
                count += 1
                write(row)
    if output is not None and call.as_json:
        say_json({"file": str(output), "rows": count})
    elif output is not None:
        warn(f"{count} rows are in {output}.")


def _format(call: Call, form: str | None, output: Path | None) -> str:
    """What was asked for, or what a file's name promises."""
    if form is None and output is not None:
        return {".json": "json", ".jsonl": "json", ".parquet": "parquet"}.get(output.suffix.lower(), "csv")
    if form == "parquet" and output is None:
        raise UsageError("Parquet is no text to print.", "Say --output FILE.")
    return form or ("json" if call.as_json else "csv")


@contextmanager
def _writing(form: str, columns: tuple[str, ...], output: Path | None) -> Iterator[Callable[[tables.Row], object]]:
    """A place to write rows to."""
    try:
        if form == "parquet" and output is not None:
            with ParquetFile(output, columns) as file:
                yield file.write
            return
        text_form: tables.Format = "json" if form == "json" else "csv"
        with output.open("w", encoding="utf-8", newline="") if output else nullcontext(sys.stdout) as text:
            text.writelines(tables.lines(columns, (), text_form))
            yield lambda row: text.write(tables.line(columns, row, text_form))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.", "Choose another --output.") from error
