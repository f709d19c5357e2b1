"""The one place that knows which database engine is below: opening it, its upserts, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, bindparam, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.sql import Insert

from console.errors import ConsoleError

#: How long SQLite waits for another program that holds the file, before it says so.
LOCK_WAIT_S = 2.0

# WAL: readers never wait for the writer. FULL: a commit is on the disk before it is acknowledged, also when the power
# fails; grouped, it costs no more than NORMAL.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000", "journal_size_limit=67108864")

# As many statements are kept prepared as the writer has texts (see ``statements``).
_SQLITE = {"timeout": LOCK_WAIT_S, "check_same_thread": False, "cached_statements": 1024}

#: Errors of the data itself: writing the same again would fail again.
DATA_ERRORS: tuple[type[Exception], ...] = (TypeError, ValueError, OverflowError)


def url_of(target: str | Path) -> URL:
    """Read a database URL, or a path, which means SQLite."""
    if isinstance(target, str) and "://" in target:
        try:
            url = make_url(target)
            # Without a driver's name SQLAlchemy means one that is not ours.
            return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url
        except ArgumentError:
            raise ConsoleError(
                "The URL of the database cannot be read.", "Write it as postgresql://user:password@host/name"
            ) from None
    return URL.create("sqlite", database=str(target))


def open_engine(url: URL, *, read_only: bool = False) -> Engine:
    """Return an engine whose connections are set up for the store. Nothing is opened yet.

    Texts are compiled with positional parameters everywhere, so that rows are plain tuples.
    """
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args=_SQLITE, pool_size=4)
            _set_up_sqlite(engine, read_only=read_only)
            return engine
        return create_engine(url, paramstyle="format", pool_size=4, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ConsoleError(
            f"The driver for {url.drivername} is not installed ({error}).",
            "Install it beside ocpp-console: pipx inject ocpp-console 'psycopg[binary]'",
        ) from None


def prepare_file(url: URL) -> bool:
    """Make SQLite's file and folder, readable by the owner alone; return whether anything was there before."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return True
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            return True
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.execute("VACUUM")
        connection.close()
    except (OSError, sqlite3.Error) as error:
        raise ConsoleError(f"The data file {path} cannot be made: {error}.", "Check the folder and the disk.") from None
    return False


def _set_up_sqlite(engine: Engine, *, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where the code says so
        if read_only:
            connection.execute("PRAGMA query_only=ON")
            return
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def begin_text(engine: Engine) -> str:
    """The statement that begins a write transaction on a bare connection, "" where the driver does it by itself."""
    return "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else ""


def upsert(engine: Engine, table: Table, columns: Sequence[str], keep: Sequence[str] | None = None) -> Insert:
    """An insert of a whole row: with the same key it takes the old one's place, or with no ``keep`` is left out.

    ``keep`` names the columns of the key. The row's own number, if it has one, stays.
    """
    insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values({name: bindparam(name) for name in columns})
    if keep is None:
        return statement.on_conflict_do_nothing()
    others = {name: statement.excluded[name] for name in columns if name not in keep}
    return statement.on_conflict_do_update(index_elements=list(keep), set_=others)


def shrink(engine: Engine, pages: int) -> bool:
    """Give free pages of SQLite's file back to the disk while they are more than a quarter; return whether to go on.

    Fewer than that are taken again by tomorrow's rows.
    """
    if engine.dialect.name != "sqlite":
        return False
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        try:
            (free,) = raw.execute("PRAGMA freelist_count").fetchone()
            (total,) = raw.execute("PRAGMA page_count").fetchone()
            if 4 * free <= total:
                return False
            # A script is stepped to its end; as a single statement it would free one page.
            raw.executescript(f"PRAGMA incremental_vacuum({int(pages)})")
        finally:
            raw.close()
    return True


def checkpoint(engine: Engine) -> None:
    """Move what SQLite's log holds into the data file, so that the folder can be copied as it is."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        try:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()


def said_plainly(error: Exception) -> str:
    """What a database's error means, in words for an operator."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    for sign, words in (
        ("disk is full", "the disk is full"),
        ("No space left", "the disk is full"),
        ("is locked", "another program holds the data file"),
        ("disk I/O error", "the disk reports an error"),
        ("readonly", "the data file is read-only"),
        ("unable to open", "the data file cannot be opened"),
        ("malformed", "the data file is damaged"),
        ("not a database", "the data file is no database"),
    ):
        if sign in text:
            return words
    return text or type(error).__name__
