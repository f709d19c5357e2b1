"""A site's data, opened: one writer, many readers, and the upkeep that keeps it small."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from console.errors import ConsoleError
from console.store import engine as engines
from console.store.load import Loaded, begin_once, load
from console.store.migrate import migrate
from console.store.queries import Queries
from console.store.retention import Keep, Removed, steps
from console.store.writer import Writer

log = logging.getLogger(__name__)


class Store:
    """Made by ``open``. Then ``load``, then ``start`` on the event loop, and ``close`` at the end."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading
        self.writer = Writer(writing)
        self.queries = Queries(reading)

    @classmethod
    def open(cls, target: str | Path, progress: Callable[[str], None] = lambda _line: None) -> Store:
        """Open a database by URL, or SQLite's file by path, and bring it to this version.

        It is made if it is not there. ``progress`` gets a line for each step that may take a while. Blocks: call it
        before the event loop runs, or in a thread. Raises ConsoleError for a file that is damaged, of another
        program, of a newer version, or that cannot be read and written.
        """
        url = engines.url_of(target)
        engines.prepare_file(url)
        writing, reading = engines.open_engine(url), engines.open_engine(url, read_only=True)
        try:
            migrate(writing, progress)
            begin_once(writing)
            return cls(writing, reading)
        except ConsoleError:
            _dispose(writing, reading)
            raise
        except SQLAlchemyError as error:
            _dispose(writing, reading)
            raise ConsoleError(
                f"The data in {url.render_as_string()} cannot be opened: {engines.said_plainly(error)}.",
                "Restore the newest backup, or choose another data folder."
                if url.get_backend_name() == "sqlite"
                else "See that the database server runs, and that it lets this user in: ocpp-console doctor",
            ) from error

    def load(self, today: datetime) -> Loaded:
        """Read what the service starts with; ``today`` is the last local midnight. Blocks for a moment."""
        try:
            with self._reading.connect() as connection:
                return load(connection, today)
        except (SQLAlchemyError, ValueError, msgspec.MsgspecError) as error:
            raise ConsoleError(
                f"The data cannot be read: {engines.said_plainly(error)}.",
                "Restore the newest backup, or choose another data folder.",
            ) from error

    def start(self) -> None:
        """Begin to write, and hand everything back to the running event loop."""
        self.writer.start()

    async def tidy(self, keep: Keep, now: datetime) -> Removed:
        """Delete what is too old, in small steps between the commits, so that no answer waits for it."""
        removed = Removed()
        try:
            await self.writer.between(steps(self._writing, keep, now, removed))
        except SQLAlchemyError as error:
            raise ConsoleError(f"Old data could not be deleted: {engines.said_plainly(error)}.") from error
        return removed

    async def close(self) -> None:
        """Write everything that waits, put it all into one file, and let go. Raises ConsoleError if that fails."""
        try:
            await self.writer.close()
        finally:
            await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self.queries.close()
        try:
            engines.checkpoint(self._writing)
        except SQLAlchemyError as error:  # nothing is lost: the log beside the file is read at the next start
            log.warning("The log could not be put into the data file: %s", engines.said_plainly(error))
        self._writing.dispose()


def _dispose(*opened: Engine) -> None:
    for engine in opened:
        engine.dispose()
