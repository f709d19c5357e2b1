"""Transactions, meter values and messages as tables: rows, then CSV or JSON lines. The one home of exports.

Used by the screens and by ``ocpp-console export``. Lazy from end to end, so that a year of data takes no memory::

    rows = export.transaction_rows(transactions)
    file.writelines(export.lines(export.TRANSACTION_COLUMNS, rows, "csv"))
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from console.model.message import Message
from console.model.meter import MeterValue
from console.model.text import plain
from console.model.transaction import Transaction

Cell = str | int | float | None
Row = tuple[Cell, ...]
Format = Literal["csv", "json"]
_encode = msgspec.json.Encoder().encode

TRANSACTION_COLUMNS = (
    "station_id", "transaction_id", "evse_id", "connector_id", "id_token", "group_id", "started_at", "ended_at",
    "duration_s", "meter_start_wh", "meter_stop_wh", "energy_wh", "stop_reason", "stop_token", "flags",
)  # fmt: skip
METER_VALUE_COLUMNS = (
    "station_id", "evse_id", "transaction_id", "at", "measurand", "value", "unit", "phase", "context", "location",
    "raw",
)  # fmt: skip
MESSAGE_COLUMNS = (
    "seq", "at", "station_id", "direction", "kind", "message_id", "action", "latency_s", "problem", "text",
)  # fmt: skip


def transaction_rows(transactions: Iterable[Transaction]) -> Iterator[Row]:
    """One row a transaction, in ``TRANSACTION_COLUMNS``. Times in UTC; flags separated by ``; ``."""
    for one in transactions:
        duration = (one.ended_at - one.started_at).total_seconds() if one.ended_at and one.started_at else None
        yield (
            one.station_id, one.transaction_id, one.evse_id, one.connector_id, one.id_token, one.group_id,
            _time(one.started_at), _time(one.ended_at), duration, one.meter_start_wh, one.meter_stop_wh,
            one.energy_wh, one.stop_reason, one.stop_token, "; ".join(one.flags),
        )  # fmt: skip


def meter_value_rows(meter_values: Iterable[MeterValue]) -> Iterator[Row]:
    """One row a sample, in ``METER_VALUE_COLUMNS``: energy in Wh, power in W."""
    for one in meter_values:
        for sample in one.samples:
            yield (
                one.station_id, one.evse_id, one.transaction_id, _time(one.at), sample.measurand, sample.value,
                sample.unit, sample.phase, sample.context, sample.location, sample.raw,
            )  # fmt: skip


def message_rows(messages: Iterable[Message]) -> Iterator[Row]:
    """One row a frame, in ``MESSAGE_COLUMNS``; ``text`` is the frame's JSON text."""
    for one in messages:
        yield (
            one.seq, _time(one.at), one.station_id, one.direction.value, one.kind.value, one.message_id, one.action,
            one.latency_s, one.problem, one.text,
        )  # fmt: skip


def lines(columns: tuple[str, ...], rows: Iterable[Row], form: Format) -> Iterator[str]:
    """The table as text, line by line with line ends. CSV has a header and is safe in a spreadsheet."""
    if form == "csv":
        yield _csv_line(columns)
    for row in rows:
        yield line(columns, row, form)


def line(columns: tuple[str, ...], row: Row, form: Format) -> str:
    """One row as text, with its line end, for rows that come one by one (after the header that ``lines`` gives)."""
    if form == "json":
        return _encode(dict(zip(columns, row, strict=True))).decode() + "\n"
    return _csv_line([harmless(cell) if isinstance(cell, str) else cell for cell in row])


def _csv_line(cells: Sequence[Cell]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front."""
    text = plain(text)
    return f"'{text}" if text.lstrip(" ")[:1] in ("=", "+", "-", "@") and text.strip() else text


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
