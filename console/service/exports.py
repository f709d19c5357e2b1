"""Exports as they leave: CSV or JSON lines, piece by piece, so that a year of data takes no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from console.model import export

Item = TypeVar("Item")

#: The media type of each format; each JSON line is an object of its own.
MEDIA_TYPES: dict[export.Format, str] = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}


async def table(
    columns: tuple[str, ...],
    to_rows: Callable[[Iterable[Item]], Iterator[export.Row]],
    chunks: AsyncIterator[Sequence[Item]],
    form: export.Format,
) -> AsyncIterator[str]:
    """The table's text in pieces: a header first if the format has one, then a piece for each chunk."""
    header = "".join(export.lines(columns, (), form))
    yield header
    async for chunk in chunks:
        yield "".join(export.lines(columns, to_rows(chunk), form)).removeprefix(header)
