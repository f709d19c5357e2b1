"""Writing a batch over a bare database connection, in as few statements as possible.

A statement that inserts many rows costs the interpreter lock once; ``executemany`` would give it away and ask for it
back for every row, and each time wait for the event loop. So rows go by the hundred in one ``INSERT … VALUES``. Its
text is made by SQLAlchemy for one row, and its place for values repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Column, Engine, Table, bindparam, delete

from console.store import rows, schema
from console.store.batch import Batch
from console.store.blocks import block_rows
from console.store.engine import begin_text, upsert
from console.store.layouts import Layouts
from console.store.rows import Cells

#: What goes with a station besides its settings and monitors; snapshots stay, to be applied to its successor.
_OF_A_STATION = (
    schema.setting_write,
    schema.local_list,
    schema.local_list_entries,
    schema.reservation,
    schema.station_record,
)
# A statement gives the interpreter lock away and has to get it back, so few are wanted; its text is kept prepared, so
# few texts are wanted too. With four sizes an octave most numbers of rows are two statements. The largest keeps below
# the 32,766 values that SQLite takes.
_SIZES = (1024, *(quarters << octave for octave in range(7, -1, -1) for quarters in (7, 6, 5, 4)), 3, 2, 1)


class Inserter:
    """Writes rows of one table. ``keep`` names the key's columns; None leaves out what is there already."""

    def __init__(self, engine: Engine, table: Table, keep: Sequence[str] | None) -> None:
        given = [column.name for column in table.columns if column is not table.autoincrement_column]
        text = str(upsert(engine, table, given, keep).compile(dialect=engine.dialect))
        start = text.index("VALUES (") + len("VALUES ")
        self._text = text
        self._place = text[start : text.index(")", start) + 1]
        self._texts: dict[int, str] = {}

    def write(self, cursor: Any, cells: Sequence[Cells], *, clean: bool) -> None:
        """Insert the rows, the largest portions first. ``clean`` makes every cell one that can be stored."""
        left = iter(map(rows.storable, cells) if clean else cells)
        count = len(cells)
        for size in _SIZES:
            while count >= size:
                portion = list(chain.from_iterable(islice(left, size)))
                cursor.execute(self._texts.get(size) or self._make(size), portion)
                count -= size

    def _make(self, size: int) -> str:
        text = self._texts[size] = self._text.replace(self._place, ", ".join([self._place] * size), 1)
        return text


class Deleter:
    """Deletes rows of one table by the given columns."""

    def __init__(self, engine: Engine, *columns: Column[Any]) -> None:
        statement = delete(columns[0].table).where(*(column == bindparam(column.name) for column in columns))
        self._text = str(statement.compile(dialect=engine.dialect))

    def write(self, cursor: Any, keys: Iterator[Cells], *, clean: bool) -> None:
        """Delete the rows of each key."""
        for key in keys:
            cursor.execute(self._text, rows.storable(key) if clean else key)


class BatchWriter:
    """Writes whole batches: the statements of every table, compiled once."""

    def __init__(self, engine: Engine) -> None:
        self._begin = begin_text(engine)
        self._clear_settings = Deleter(engine, schema.setting.c.station_id)
        self._clear_monitors = Deleter(engine, schema.monitor.c.station_id)
        self._clear_devices = [Deleter(engine, table.c.station_id) for table in _OF_A_STATION]
        self._drop_monitor = Deleter(engine, schema.monitor.c.station_id, schema.monitor.c.monitor_id)
        self._drop_snapshot = Deleter(engine, schema.settings_snapshot.c.snapshot_id)
        self._drop_reservation = Deleter(engine, schema.reservation.c.station_id, schema.reservation.c.reservation_id)
        record = schema.station_record.c
        self._drop_record = Deleter(engine, record.station_id, record.kind, record.key)
        self._drop_station = Deleter(engine, schema.station.c.station_id)
        self._drop_credential = Deleter(engine, schema.credential.c.station_id)
        self._drop_token = Deleter(engine, schema.token.c.key)
        self._drop_schedules = Deleter(engine, schema.station_schedules.c.station_id)
        self._stations = Inserter(engine, schema.station, ["station_id"])
        self._credentials = Inserter(engine, schema.credential, ["station_id"])
        self._tokens = Inserter(engine, schema.token, ["key"])
        self._transactions = Inserter(engine, schema.charging_transaction, ["station_id", "transaction_id"])
        self._settings = Inserter(engine, schema.setting, ["station_id", "key"])
        self._monitors = Inserter(engine, schema.monitor, ["station_id", "monitor_id"])
        self._snapshots = Inserter(engine, schema.settings_snapshot, ["snapshot_id"])
        self._writes = Inserter(engine, schema.setting_write, ["write_id"])
        self._local_lists = Inserter(engine, schema.local_list, ["station_id"])
        self._local_list_entries = Inserter(engine, schema.local_list_entries, ["station_id"])
        self._reservations = Inserter(engine, schema.reservation, ["station_id", "reservation_id"])
        self._schedules = Inserter(engine, schema.station_schedules, ["station_id"])
        self._records = Inserter(engine, schema.station_record, ["station_id", "kind", "key"])
        self._rollouts = Inserter(engine, schema.rollout, ["rollout_id"])
        self._prices = Inserter(engine, schema.price_curve, ["curve_id"])
        self._attempts = Inserter(engine, schema.attempt, ["attempt_id"])
        self._layouts = Layouts(engine)
        self._meter_layouts = Inserter(engine, schema.meter_layout, None)
        self._meter_values = Inserter(engine, schema.meter_value, None)
        self._message_blocks = Inserter(engine, schema.message_block, None)
        self._notices = Inserter(engine, schema.notice, None)
        self._audits = Inserter(engine, schema.audit, None)

    def prepare(self, connection: Any) -> None:
        """Begin to write over a new connection."""
        cursor = connection.cursor()
        try:
            self._layouts.load(cursor)
            connection.commit()
        finally:
            cursor.close()

    def commit(self, connection: Any, batch: Batch, *, clean: bool = False) -> None:
        """Write a batch in one transaction, durable on return. On an error nothing of it is written."""
        cursor = connection.cursor()
        try:
            if self._begin:
                cursor.execute(self._begin)
            self._delete(cursor, batch, clean=clean)
            self._insert(cursor, batch, clean=clean)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            cursor.close()

    def _delete(self, cursor: Any, batch: Batch, *, clean: bool) -> None:
        self._clear_settings.write(cursor, ((key,) for key in batch.cleared | batch.resettled), clean=clean)
        self._clear_monitors.write(cursor, ((key,) for key in batch.cleared | batch.remonitored), clean=clean)
        for deleter in self._clear_devices:
            deleter.write(cursor, ((key,) for key in batch.cleared), clean=clean)
        self._drop_monitor.write(cursor, (key for key, held in batch.monitors.items() if held is None), clean=clean)
        self._drop_snapshot.write(cursor, _gone(batch.snapshots), clean=clean)
        self._drop_reservation.write(
            cursor, (key for key, held in batch.reservations.items() if held is None), clean=clean
        )
        self._drop_record.write(cursor, (key for key, held in batch.records.items() if held is None), clean=clean)
        self._drop_station.write(cursor, _gone(batch.stations), clean=clean)
        self._drop_credential.write(cursor, _gone(batch.credentials), clean=clean)
        self._drop_token.write(cursor, _gone(batch.tokens), clean=clean)
        self._drop_schedules.write(cursor, _gone(batch.schedules), clean=clean)

    def _insert(self, cursor: Any, batch: Batch, *, clean: bool) -> None:
        for inserter, cells in (
            (self._stations, [rows.station_row(held) for held in batch.stations.values() if held]),
            (self._credentials, [(key, held) for key, held in batch.credentials.items() if held]),
            (self._tokens, [rows.token_row(held) for held in batch.tokens.values() if held]),
            (self._transactions, [rows.transaction_row(held) for held in batch.transactions.values()]),
            (self._settings, [rows.setting_row(held) for held in batch.settings.values()]),
            (self._monitors, [rows.bodied(held, *key) for key, held in batch.monitors.items() if held]),
            (self._snapshots, [cells for cells in batch.snapshots.values() if cells]),
            (self._writes, batch.writes),
            (self._local_lists, list(batch.local_lists.values())),
            (self._local_list_entries, list(batch.local_list_entries.values())),
            (self._reservations, [rows.bodied(held, *key) for key, held in batch.reservations.items() if held]),
            (self._schedules, [rows.schedules_row(held) for held in batch.schedules.values() if held]),
            (self._records, [rows.record_row(held) for held in batch.records.values() if held]),
            (self._prices, batch.prices),
            (self._rollouts, list(batch.rollouts.values())),
            (self._attempts, list(batch.attempts.values())),
            (self._meter_values, [self._layouts.row(held) for held in batch.meter_values]),
            (self._meter_layouts, self._layouts.take_new()),
            (self._message_blocks, block_rows(batch.messages)),
            (self._notices, batch.notices),
            (self._audits, batch.audits),
        ):
            if cells:
                inserter.write(cursor, cells, clean=clean)


def _gone(held: dict[str, Any]) -> Iterator[Cells]:
    return ((key,) for key, value in held.items() if value is None)
