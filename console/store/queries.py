"""What screens, scripts and exports ask. Reading never waits for writing: queries have connections of their own.

They run on a few threads, so the event loop never waits for the disk. Filter texts match anywhere, without case.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, Connection, Engine, Row, Select, select
from sqlalchemy.exc import SQLAlchemyError

from console.errors import ConsoleError
from console.model.change import Audited, Notice, NoticeKind
from console.model.message import Attempt, Message
from console.model.meter import MeterValue
from console.model.query import MessageQuery, RecordQuery, TransactionQuery
from console.model.record import StationRecord
from console.model.token import Token
from console.model.transaction import Transaction
from console.store import blocks, rows, schema
from console.store.device_queries import DeviceQueries
from console.store.energy import energy_since
from console.store.engine import said_plainly
from console.store.filters import contains, record_conditions, transaction_conditions
from console.store.instants import to_us
from console.store.layouts import METER_VALUES, to_meter_value
from console.store.schema import charging_transaction as transaction
from console.store.schema import meter_value

#: How many rows of an export are in memory at a time, and how many one query gives at most.
CHUNK = 500
MOST_ROWS = 20_000

T = TypeVar("T")


class Queries(DeviceQueries):
    """Reads a store. Everything is safe to cancel; errors are ConsoleError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(max_workers=3, thread_name_prefix="store-reader")

    def close(self) -> None:
        """Wait for running queries, then let go of the connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._engine.dispose()

    # --- transactions and meters ---

    async def transactions(self, query: TransactionQuery) -> list[Transaction]:
        """List transactions, newest first.

        Where several began at the instant at which a page ends, the page holds all of them, so that ``before`` can
        continue behind it.
        """
        return await self._run(lambda connection: _transactions(connection, query))

    async def transaction(self, station_id: str, transaction_id: str) -> Transaction | None:
        """Return one transaction, however old."""
        statement = select(transaction).where(
            transaction.c.station_id == station_id, transaction.c.transaction_id == transaction_id
        )
        return next(iter(await self._list(statement, rows.to_transaction)), None)

    async def meter_values(self, station_id: str, transaction_id: str) -> list[MeterValue]:
        """Return the meter values of a transaction, oldest first (of a very long one, the newest)."""
        return await self._newest_meter_values(
            meter_value.c.station_id == station_id,
            meter_value.c.transaction_id == transaction_id,
            meter_value.c.transaction_id != "",
        )

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> list[MeterValue]:
        """Return the meter values of an EVSE since an instant, oldest first (of very many, the newest)."""
        return await self._newest_meter_values(
            meter_value.c.at >= to_us(since), meter_value.c.station_id == station_id, meter_value.c.evse_id == evse_id
        )

    async def energy_since(self, since: datetime) -> dict[str, int]:
        """Return the energy that each station delivered since an instant, in Wh."""
        return await self._run(lambda connection: energy_since(connection, since))

    # --- messages ---

    async def messages(self, query: MessageQuery) -> list[Message]:
        """List messages, oldest first: those after ``after_seq`` if it is given, otherwise the newest ones."""
        return await self._run(lambda connection: blocks.messages(connection, query, _bounded(query.limit)))

    # --- the rest of what is kept ---

    async def records(self, query: RecordQuery) -> list[StationRecord]:
        """Return what stations told of themselves, newest first."""
        table = schema.station_record
        order = (table.c.at.desc(), table.c.station_id, table.c.kind, table.c.key)
        statement = select(table).where(*record_conditions(query)).order_by(*order).limit(_bounded(query.limit))
        return await self._list(statement, rows.to_record)

    async def tokens(self) -> list[Token]:
        """Return all tokens, by key."""
        return await self._list(select(schema.token).order_by(schema.token.c.key), rows.to_token)

    async def notices(self, limit: int = 200) -> list[Notice]:
        """Return the newest notices, oldest first."""
        return (await self._list(_newest(schema.notice.c.id, limit), rows.to_notice))[::-1]

    async def alarms(self, limit: int = 200) -> list[Notice]:
        """Return the newest notices that are warnings or bad, oldest first."""
        serious = schema.notice.c.kind.in_([NoticeKind.WARNING.value, NoticeKind.BAD.value])
        return (await self._list(_newest(schema.notice.c.id, limit).where(serious), rows.to_notice))[::-1]

    async def attempts(self, limit: int = 200) -> list[Attempt]:
        """Return the newest refused connections, oldest first."""
        return (await self._list(_newest(schema.attempt.c.at, limit), rows.to_attempt))[::-1]

    async def audit(self, limit: int = 200, station_id: str = "") -> list[Audited]:
        """Return the newest commands of operators (to one station), oldest first."""
        statement = _newest(schema.audit.c.id, limit)
        if station_id:
            statement = statement.where(schema.audit.c.station_id == station_id)
        return (await self._list(statement, rows.to_audited))[::-1]

    # --- exports: everything that matches, a chunk at a time, oldest first ---

    async def export_transactions(self, query: TransactionQuery) -> AsyncIterator[list[Transaction]]:
        """Give every transaction that matches, in the order they were first stored. ``limit`` does not count."""
        statement = select(transaction).where(*transaction_conditions(query))
        async for chunk in self._chunks(statement, transaction.c.ordinal, lambda row: row.ordinal):
            yield [rows.to_transaction(row) for row in chunk]

    async def export_meter_values(
        self, station: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[list[MeterValue]]:
        """Give every meter value of the stations that match, taken in a period, in the order of arrival."""
        statement = METER_VALUES
        if station:
            statement = statement.where(contains(meter_value.c.station_id, station))
        if since is not None:
            statement = statement.where(meter_value.c.at >= to_us(since))
        if until is not None:
            statement = statement.where(meter_value.c.at < to_us(until))
        async for chunk in self._chunks(statement, meter_value.c.id, lambda row: row.id):
            yield [to_meter_value(row) for row in chunk]

    async def export_messages(self, query: MessageQuery) -> AsyncIterator[list[Message]]:
        """Give every message that matches. ``limit`` does not count."""
        after_seq = query.after_seq if query.after_seq is not None else -1
        while True:
            part = msgspec.structs.replace(query, after_seq=after_seq, limit=CHUNK)
            chunk = await self.messages(part)
            if not chunk:
                return
            yield chunk
            after_seq = chunk[-1].seq

    # --- how ---

    async def _newest_meter_values(self, *conditions: Any) -> list[MeterValue]:
        order = (meter_value.c.at.desc(), meter_value.c.id.desc())
        statement = METER_VALUES.where(*conditions).order_by(*order).limit(MOST_ROWS)
        return (await self._list(statement, to_meter_value))[::-1]

    async def _chunks(
        self, statement: Select[Any], number: Column[int], number_of: Callable[[Row[Any]], int]
    ) -> AsyncIterator[list[Row[Any]]]:
        """Read in the order of a table's numbers. Each chunk is a query of its own: nothing is held open meanwhile."""
        after = -1
        while True:
            page = statement.where(number > after).order_by(number).limit(CHUNK)
            chunk = await self._list(page, lambda row: row)
            if not chunk:
                return
            yield chunk
            after = number_of(chunk[-1])

    async def _list(self, statement: Select[Any], convert: Callable[[Row[Any]], T]) -> list[T]:
        return await self._run(lambda connection: [convert(row) for row in connection.execute(statement)])

    async def _run(self, ask: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self._engine.connect() as connection:
                return ask(connection)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, run)
        except (SQLAlchemyError, ValueError, msgspec.MsgspecError) as error:
            raise ConsoleError(f"The data cannot be read: {said_plainly(error)}.", "Try again; see the log.") from error


def _transactions(connection: Connection, query: TransactionQuery) -> list[Transaction]:
    conditions = transaction_conditions(query)
    order = (transaction.c.sort_at.desc(), transaction.c.ordinal.desc())
    limit = _bounded(query.limit)
    found = connection.execute(select(transaction).where(*conditions).order_by(*order).limit(limit)).all()
    if len(found) == limit:
        same_start = (transaction.c.sort_at == found[-1].sort_at, transaction.c.ordinal < found[-1].ordinal)
        statement = select(transaction).where(*conditions, *same_start).order_by(*order).limit(MOST_ROWS)
        found = [*found, *connection.execute(statement)]
    return [rows.to_transaction(row) for row in found]


def _newest(column: Column[int], limit: int) -> Select[Any]:
    return select(column.table).order_by(column.desc()).limit(_bounded(limit))


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST_ROWS))
