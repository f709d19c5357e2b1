"""Exports as Parquet: typed columns, for data tools. Needs the extra ``parquet`` (pyarrow)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from console.cli.exits import UsageError
from console.model.export import Cell, Row

#: Rows are written in groups of so many, so that a year of meter values never lies in memory.
_GROUP = 20_000
_INTEGERS = frozenset({"seq", "evse_id", "connector_id", "meter_start_wh", "meter_stop_wh", "energy_wh"})
_NUMBERS = frozenset({"duration_s", "latency_s", "value"})
_TIMES = frozenset({"at", "started_at", "ended_at"})


class ParquetFile:
    """A file to write rows into, as a context. Left by an error, it is taken away: without its end it is none."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        """Open it. Raises UsageError where pyarrow is not installed, OSError where the file cannot be written."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise UsageError(
                "Parquet needs pyarrow, which is not installed.",
                "pipx inject ocpp-console pyarrow   (or pip install pyarrow beside it)",
            ) from error
        kinds = {name: pa.int64() for name in _INTEGERS} | {name: pa.float64() for name in _NUMBERS}
        kinds |= {name: pa.timestamp("ms", tz="UTC") for name in _TIMES}
        self._schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
        self._table: Any = pa.Table.from_pydict
        self._path, self._columns = path, columns
        self._rows: list[Row] = []
        self._writer = pq.ParquetWriter(str(path), self._schema, compression="zstd")

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def write(self, row: Row) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= _GROUP:
            self._flush()

    def _flush(self) -> None:
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(self._columns)
        content = {name: _typed(name, cells) for name, cells in zip(self._columns, columns, strict=True)}
        self._writer.write_table(self._table(content, schema=self._schema))
        self._rows.clear()


def _typed(name: str, cells: tuple[Cell, ...]) -> list[Any]:
    """A column's cells, its times as such."""
    if name not in _TIMES:
        return list(cells)
    return [datetime.fromisoformat(cell) if isinstance(cell, str) and cell else None for cell in cells]
