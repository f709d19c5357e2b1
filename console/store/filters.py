"""The model's queries as SQL: what a row must meet."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, or_

from console.model.query import RecordQuery, TransactionQuery
from console.model.record import Severity
from console.store.instants import to_us
from console.store.schema import charging_transaction as transaction
from console.store.schema import station_record as record


def contains(column: Column[str], text: str) -> ColumnElement[bool]:
    """Whether a value holds a text, without case. SQLite itself knows only the case of A to Z."""
    spellings = {text} if text.isascii() else {text, text.lower(), text.upper()}
    return or_(*(column.icontains(spelling, autoescape=True) for spelling in sorted(spellings)))


def transaction_conditions(query: TransactionQuery) -> list[ColumnElement[bool]]:
    """What a transaction must meet. ``since`` and ``until`` bound its start (or what stands for an unknown one)."""
    conditions: list[ColumnElement[bool]] = []
    if query.station:
        conditions.append(contains(transaction.c.station_id, query.station))
    if query.id_token:
        conditions.append(contains(transaction.c.id_token, query.id_token))
    if query.since is not None:
        conditions.append(transaction.c.sort_at >= to_us(query.since))
    if query.until is not None:
        conditions.append(transaction.c.sort_at < to_us(query.until))
    if query.before is not None:
        conditions.append(transaction.c.sort_at < to_us(query.before))
    if query.running is not None:
        ended_at = transaction.c.ended_at
        conditions.append(ended_at.is_(None) if query.running else ended_at.is_not(None))
    return conditions


def record_conditions(query: RecordQuery) -> list[ColumnElement[bool]]:
    """What a station's record must meet."""
    conditions: list[ColumnElement[bool]] = []
    if query.station_id:
        conditions.append(record.c.station_id == query.station_id)
    if query.station:
        conditions.append(contains(record.c.station_id, query.station))
    if query.kind is not None:
        conditions.append(record.c.kind == query.kind.value)
    if query.text:
        conditions.append(
            or_(*(contains(column, query.text) for column in (record.c.summary, record.c.key, record.c.kind)))
        )
    if query.standing:
        conditions.append(record.c.standing)
    if query.alarms:
        conditions.append(record.c.severity != Severity.INFO.value)
    if query.before is not None:
        conditions.append(record.c.at < to_us(query.before))
    return conditions
