"""The model's queries as SQL: what is selected, in which order, and where the next page begins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, or_, select

from console.model.query import MessageQuery, TransactionQuery
from console.store.instants import to_us
from console.store.schema import charging_transaction as transaction
from console.store.schema import message, message_text


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


def message_conditions(query: MessageQuery) -> list[ColumnElement[bool]]:
    """What a message must meet; all of it is in the small table of the two."""
    conditions: list[ColumnElement[bool]] = []
    if query.station:
        conditions.append(contains(message.c.station_id, query.station))
    if query.action:
        conditions.append(contains(message.c.action, query.action))
    if query.problems_only:
        conditions.append(message.c.problem != "")
    if query.before_seq is not None:
        conditions.append(message.c.seq < query.before_seq)
    if query.after_seq is not None:
        conditions.append(message.c.seq > query.after_seq)
    return conditions


def messages_with_text(*conditions: ColumnElement[bool], newest_first: bool, limit: int) -> Select[Any]:
    """Select messages: the small rows are found first, and only those found are joined with their frames."""
    order = message.c.seq.desc() if newest_first else message.c.seq
    found = select(message).where(*conditions).order_by(order).limit(limit).subquery()
    return (
        select(found, message_text.c.message_id, message_text.c.text)
        .join_from(found, message_text, message_text.c.seq == found.c.seq)
        .order_by(found.c.seq.desc() if newest_first else found.c.seq)
    )
