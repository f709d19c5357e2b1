"""One commit at a time, until it is on the disk: what happens when the disk, or a change, does not play along.

Runs on the writer's thread. Trouble of the database (full, locked, gone, broken) is waited out: the same batch is
tried again with growing pauses. A change that no database can hold (a bug of ours) is found by writing one list at a
time, and left out, so that it does not stop the answers to everybody else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from console.model.change import Change
from console.store.batch import Batch
from console.store.engine import said_plainly
from console.store.statements import BatchWriter

log = logging.getLogger(__name__)

#: After an error: the first pause, and the longest.
RETRY_S = 0.1
RETRY_MOST_S = 5.0
#: How long it is still tried, once the store is being closed.
PATIENCE_S = 5.0


class GaveUpError(Exception):
    """The store is closing and the database takes nothing."""


class Committer:
    """Makes lists of changes durable. ``tell`` gets words for the operator when that goes badly, None when it is over.

    Everything but ``hurry`` and ``closing`` is used from one thread.
    """

    def __init__(self, engine: Engine, tell: Callable[[str | None], None]) -> None:
        self._engine = engine
        self._dbapi = engine.dialect.loaded_dbapi
        self._tell = tell
        self._told = False
        self._writer = BatchWriter(engine)
        self._connection: Any = None
        self._closing = threading.Event()

    @property
    def closing(self) -> bool:
        """Whether the end was asked for."""
        return self._closing.is_set()

    def hurry(self) -> None:
        """Ask for the end: what waits is written, but trouble is no longer waited out for long."""
        self._closing.set()

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def commit(self, lists: Sequence[Sequence[Change]]) -> set[int]:
        """Write lists of changes in one transaction, durable on return.

        Returns the indexes of those that were left out, for nothing can store them. Raises GaveUpError.
        """
        refused: set[int] = set()
        if self._refusal(lists) is not None and self._refusal(lists, clean=True) is not None:
            log.warning("A commit of %d lists of changes is refused: each is tried alone", len(lists))
            refused = {index for index, changes in enumerate(lists) if self._refused_alone(changes)}
        if self._told and not refused:
            self._told = False
            self._tell(None)
        return refused

    def _refused_alone(self, changes: Sequence[Change]) -> bool:
        refusal = self._refusal([changes], clean=True)
        if refusal is None:
            return False
        kinds = ", ".join(sorted({type(change).__name__ for change in changes}))
        log.error("Cannot be stored, and is left out (%s): %r", refusal, changes)
        self._say(f"A change ({kinds}) could not be stored: {said_plainly(refusal)}")
        return True

    def _refusal(self, lists: Sequence[Sequence[Change]], *, clean: bool = False) -> Exception | None:
        """Write lists of changes; return what is wrong with them if they cannot be stored as they are.

        ``clean`` makes texts and numbers such as every database takes, which costs time, and uses a new connection, so
        that nothing of the connection's state can be what is wrong.
        """
        if clean:
            self._drop_connection()
        try:
            self._persist(_batch(lists), clean=clean)
        except GaveUpError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one change must not stop all the others
            return error
        return None

    def _persist(self, batch: Batch, *, clean: bool = False) -> None:
        """Write a batch, through any trouble of the database. Raises what is wrong with the data itself."""
        pause_s = RETRY_S
        give_up_at: float | None = None
        while batch:
            try:
                if self._connection is None:
                    self._connection = self._engine.raw_connection()
                    self._writer.prepare(self._connection.driver_connection)
                self._writer.commit(self._connection.driver_connection, batch, clean=clean)
                return
            except (self._dbapi.Error, DBAPIError, OSError) as error:
                if not self._is_trouble(error):
                    raise
                self._drop_connection()
                self._say(f"Nothing can be stored: {said_plainly(error)}. Stations wait for their answers.")
                if self._closing.is_set():
                    give_up_at = give_up_at or time.monotonic() + PATIENCE_S
                    if time.monotonic() > give_up_at:
                        raise GaveUpError from error
                    time.sleep(RETRY_S)
                else:
                    self._closing.wait(pause_s)
                    pause_s = min(2 * pause_s, RETRY_MOST_S)

    def _is_trouble(self, error: Exception) -> bool:
        """Whether an error speaks of the database, not of what was to be written."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        dbapi = self._dbapi
        if isinstance(cause, dbapi.OperationalError | dbapi.InternalError | OSError):
            return True
        return type(cause) in (dbapi.DatabaseError, dbapi.Error)

    def _say(self, text: str) -> None:
        if not self._told:
            log.error("%s", text)
        self._told = True
        self._tell(text)

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
            connection.close()
        except (self._dbapi.Error, DBAPIError) as error:
            log.warning("A broken connection could not be closed: %r", error)


def _batch(lists: Iterable[Sequence[Change]]) -> Batch:
    batch = Batch()
    for changes in lists:
        batch.add(changes)
    return batch
