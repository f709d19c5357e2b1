"""Disks that are full, held, slow or gone: everything waits, is said, and is written in the end."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from console.errors import ConsoleError
from console.model.change import Change, StationSeen
from console.store import Store, committer, engine
from console.store.batch import Batch
from tests.unit.store.support import NOON, began, keep, running, seen


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "RETRY_S", 0.01)
    monkeypatch.setattr(committer, "RETRY_MOST_S", 0.02)
    monkeypatch.setattr(committer, "PATIENCE_S", 0.1)
    monkeypatch.setattr(engine, "LOCK_WAIT_S", 0.02)


class Trouble:
    """What a writer says of its troubles; each word can be awaited."""

    def __init__(self, store: Store) -> None:
        self.said: asyncio.Queue[str | None] = asyncio.Queue()
        store.writer.on_trouble = self.said.put_nowait


class SmallDisk:
    """A disk that takes no page more while ``full``."""

    def __init__(self, store: Store) -> None:
        self.full = True
        event.listen(store._writing, "connect", self._limit)
        store._writing.dispose()

    def _limit(self, connection: sqlite3.Connection, _record: object) -> None:
        if self.full:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages}").close()


async def test_a_full_disk_is_said_waited_out_and_loses_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")
    disk, trouble = SmallDisk(store), Trouble(store)
    store.start()
    heard: list[int] = []
    for number in range(300):
        store.writer.append([seen(number + 1, text="x" * 1000), began(str(number))], partial(heard.append, number))
    said = await trouble.said.get()
    assert said is not None
    assert "the disk is full" in said
    assert heard == []
    disk.full = False
    assert await trouble.said.get() is None
    await store.writer.flush()
    assert heard == list(range(300))
    assert len(store.load(NOON).running) == 300
    assert store.load(NOON).next_message_seq == 301
    await store.close()


async def test_while_the_disk_refuses_what_is_not_stored_still_passes(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")
    disk, trouble = SmallDisk(store), Trouble(store)
    passed: asyncio.Queue[Change] = asyncio.Queue()

    def pass_on(changes: Sequence[Change]) -> None:
        for change in changes:
            passed.put_nowait(change)

    store.writer.on_committed_changes = pass_on
    store.start()
    store.writer.append([seen(1, text="x" * 100_000)])
    await trouble.said.get()
    store.writer.append([StationSeen("CP-1", NOON)])
    assert await passed.get() == StationSeen("CP-1", NOON)
    disk.full = False
    assert await passed.get() == seen(1, text="x" * 100_000)
    await store.close()


async def test_a_file_that_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        trouble = Trouble(store)
        other = sqlite3.connect(tmp_path / "data.db")
        other.execute("BEGIN IMMEDIATE")
        heard: list[str] = []
        store.writer.append([began("1")], lambda: heard.append("1"))
        assert "another program holds the data file" in str(await trouble.said.get())
        assert heard == []
        other.rollback()
        other.close()
        await store.writer.flush()
        assert heard == ["1"]


async def test_closing_on_a_full_disk_says_what_is_missing(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")
    disk, trouble = SmallDisk(store), Trouble(store)
    store.start()
    heard: list[str] = []
    store.writer.append([seen(1, text="x" * 100_000)], lambda: heard.append("1"))
    await trouble.said.get()
    with pytest.raises(ConsoleError, match=r"1 changes could not be stored: .*the disk is full"):
        await store.close()
    assert heard == []
    disk.full = False
    reopened = Store.open(tmp_path / "data.db")  # and what was there before is as it was
    assert reopened.load(NOON).next_message_seq == 1
    await reopened.close()


async def test_an_unknown_error_of_the_driver_is_tried_again_on_a_new_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, began("1"))
        store.writer._committer._connection.driver_connection.close()  # behind the writer's back
        await keep(store, began("2"))
        assert [held.transaction_id for held in store.load(NOON).running] == ["1", "2"]


async def test_a_slow_disk_makes_larger_commits_and_blocks_nobody(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        slow = SlowDisk(store)
        passed: list[int] = []
        store.writer.on_committed_changes = lambda changes: passed.append(len(changes))
        store.writer.append([seen(1)])
        await asyncio.to_thread(slow.entered.wait)
        for seq in range(2, 102):  # the loop runs on while the disk is at work
            store.writer.append([seen(seq)])
        await asyncio.sleep(0)
        assert passed == []
        slow.may_go.set()
        await store.writer.flush()
        assert passed == [1, 100]


class SlowDisk:
    """A disk whose commits wait for leave."""

    def __init__(self, store: Store) -> None:
        self.entered, self.may_go = threading.Event(), threading.Event()
        self._commit = store.writer._committer._writer.commit
        store.writer._committer._writer.commit = self._slow  # type: ignore[method-assign]

    def _slow(self, connection: Any, batch: Batch, *, clean: bool = False) -> None:
        self.entered.set()
        self.may_go.wait()
        self._commit(connection, batch, clean=clean)
