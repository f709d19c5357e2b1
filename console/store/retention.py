"""Upkeep: what is too old, or too much, goes, a small step at a time. Transactions and tokens are never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Engine, delete, func, literal, select

from console.model.site import KEPT_ROLLOUTS
from console.store import schema
from console.store.engine import shrink
from console.store.instants import to_us

#: How many rows one step deletes, and how many pages it gives back: a few milliseconds each.
STEP_ROWS = 500
STEP_BLOCKS = 16
STEP_PAGES = 500


class Keep(msgspec.Struct, frozen=True):
    """How much is kept: days, and rows where a flood could fill the disk first."""

    messages_days: int = 30
    messages_rows: int = 1_000_000
    meter_values_days: int = 730
    notices_rows: int = 10_000
    attempts_rows: int = 1_000
    audit_rows: int = 100_000
    setting_writes_rows: int = 50_000
    rollouts_rows: int = KEPT_ROLLOUTS  # as many as a site shows


class Removed(msgspec.Struct):
    """How many rows were deleted; messages go by the block."""

    message_blocks: int = 0
    meter_values: int = 0
    others: int = 0


def steps(engine: Engine, keep: Keep, now: datetime, removed: Removed) -> Iterator[None]:
    """Do the upkeep: each ``next`` is one short transaction. Counts in ``removed``.

    Rows go by their numbers, which follow their arrival: the oldest first, as long as they are too old or too many.
    The newest message always stays, for its number says where the next one goes on.
    """
    for count in _delete_messages(engine, keep, now):
        removed.message_blocks += count
        yield
    for count in _delete_meter_values(engine, keep, now):
        removed.meter_values += count
        yield
    for number, most in (
        (schema.notice.c.id, keep.notices_rows),
        (schema.audit.c.id, keep.audit_rows),
        (schema.attempt.c.at, keep.attempts_rows),
        (schema.setting_write.c.at, keep.setting_writes_rows),
        (schema.rollout.c.at, keep.rollouts_rows),
    ):
        for count in _delete(engine, number, number <= _last_too_many(number, most)):
            removed.others += count
            yield
    while shrink(engine, STEP_PAGES):
        yield


def _delete_messages(engine: Engine, keep: Keep, now: datetime) -> Iterator[int]:
    """By the block: it goes when its newest message is too old, or behind the allowed ones."""
    block = schema.message_block.c
    newest = select(func.max(block.last_seq)).scalar_subquery()
    before = to_us(now - timedelta(days=keep.messages_days))
    too_old = (block.last_at < before) | (block.last_seq <= newest - keep.messages_rows)
    return _delete(engine, block.first_seq, too_old & (block.last_seq < newest), STEP_BLOCKS)


def _delete_meter_values(engine: Engine, keep: Keep, now: datetime) -> Iterator[int]:
    values = schema.meter_value.c
    before = to_us(now - timedelta(days=keep.meter_values_days))
    # By arrival, so that a station with a wrong clock neither keeps its rows for ever nor loses them at once.
    return _delete(engine, values.id, func.coalesce(values.received_at, values.at) < before)


def _last_too_many(number: Column[int], most: int) -> ColumnElement[int]:
    """The newest number that is behind the allowed ones; -1 if there are not so many."""
    behind = select(number).order_by(number.desc()).offset(most).limit(1).scalar_subquery()
    return func.coalesce(behind, literal(-1))


def _delete(engine: Engine, number: Column[int], goes: ColumnElement[bool], step: int | None = None) -> Iterator[int]:
    """Delete the oldest rows of a table as long as they meet a condition, ``step`` at a time; yields how many."""
    step = step or STEP_ROWS
    oldest: Any = select(number.label("number"), goes.label("goes")).order_by(number).limit(step)
    while True:
        with engine.begin() as connection:
            found = connection.execute(oldest).all()
            going = list(takewhile(lambda row: row.goes, found))
            if going:
                connection.execute(delete(number.table).where(number <= going[-1].number))
        yield len(going)
        if len(going) < step:
            return
