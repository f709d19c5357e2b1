"""The writer: what is written before who is told, in which order, and what only passes through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.model.change import (
    Change,
    CredentialChanged,
    Notice,
    Noticed,
    NoticeKind,
    StationSeen,
    TokenChanged,
    TransactionProgressed,
)
from console.model.meter import MeterValue, Sample
from console.model.query import MessageQuery, TransactionQuery
from console.model.token import Token
from console.store import Store, writer
from tests.unit.store.support import NOON, began, ended, keep, metered, running, sampled, seen, station


async def test_committed_is_called_after_the_row_can_be_read(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        reader = Store.open(tmp_path / "data.db")
        store.writer.append([began("7")], lambda: found.set_result(len(reader.load(NOON).running)))
        assert await found == 1
        await reader.close()


async def test_callbacks_come_in_order_and_before_the_changes_are_passed_on(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        heard: list[object] = []
        store.writer.on_committed_changes = heard.extend
        changes = [seen(seq) for seq in range(1, 301)]
        for number, change in enumerate(changes):
            store.writer.append([change], _note(heard, number))
        await store.writer.flush()
        assert [entry for entry in heard if isinstance(entry, int)] == list(range(300))
        assert [entry for entry in heard if not isinstance(entry, int)] == changes
        for number, change in enumerate(changes):
            assert heard.index(number) < heard.index(change)


def _note(heard: list[object], number: int) -> Callable[[], None]:
    return lambda: heard.append(number)


async def test_what_is_not_stored_is_passed_on_at_once_when_nothing_waits(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")  # it does not even write
    heard: list[Change] = []
    store.writer.on_committed_changes = heard.extend
    changes = [StationSeen("CP-1", NOON), StationSeen("CP-2", NOON)]
    store.writer.append(changes[:1])
    store.writer.append(changes[1:])
    assert heard == []
    await asyncio.sleep(0)
    assert heard == changes
    await store.close()


async def test_what_is_not_stored_keeps_its_place_behind_what_is(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        heard: list[Change] = []
        store.writer.on_committed_changes = heard.extend
        changes: list[Change] = [began("7"), TransactionProgressed("CP-1", "7", NOON, 500), seen(1)]
        for change in changes:
            store.writer.append([change])
        await store.writer.flush()
        assert heard == changes


async def test_password_hashes_are_kept_and_never_passed_on(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        heard: list[Change] = []
        store.writer.on_committed_changes = heard.extend
        await keep(store, station("CP-1"), CredentialChanged("CP-1", "scrypt$…"))
        assert heard == [station("CP-1")]
        assert store.load(NOON).credentials == {"CP-1": "scrypt$…"}
        await keep(store, CredentialChanged("CP-1", ""))
        assert store.load(NOON).credentials == {}


async def test_an_answer_that_cannot_be_sent_holds_back_no_other(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        failures: list[object] = []
        heard: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context["exception"]))

        def broken() -> None:
            raise ConnectionResetError

        store.writer.append([began("1")], broken)
        store.writer.append([began("2")], _note(heard, 2))
        await store.writer.flush()
        assert heard == [2]
        assert [type(failure) for failure in failures] == [ConnectionResetError]


async def test_a_batch_of_any_size_is_written_whole(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        count = 1 + 2 + 8 + 64 + 1024 + 1024
        for seq in range(1, count + 1):
            store.writer.append([seen(seq), metered(seq, NOON)])
        await store.writer.flush()
        messages = [message async for chunk in store.queries.export_messages(MessageQuery()) for message in chunk]
        values = [value async for chunk in store.queries.export_meter_values() for value in chunk]
        assert [message.seq for message in messages] == list(range(1, count + 1))
        assert [value.samples[0].value for value in values] == list(range(1, count + 1))


async def test_the_newest_state_wins_and_a_transaction_keeps_its_ordinal(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        store.writer.append([station(), began("1"), began("2"), ended("1")])
        store.writer.append([TokenChanged(Token("A")), TokenChanged(Token("a"))])
        await keep(store, ended("2"), began("3"))
        loaded = store.load(NOON)
        assert [held.transaction_id for held in loaded.recent] == ["1", "2", "3"]
        assert [held.running for held in loaded.recent] == [False, False, True]
        assert loaded.highest_ordinal == 3
        assert loaded.tokens == {"a": Token("a")}


async def test_pressure_is_said_once_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HIGH_CHANGES", 100)
    store = Store.open(tmp_path / "data.db")
    pressed: list[bool] = []
    store.writer.on_pressure = pressed.append
    for seq in range(1, 151):
        store.writer.append([seen(seq)])
    await asyncio.sleep(0)
    assert pressed == [True]
    store.start()
    await store.writer.flush()
    assert pressed == [True, False]
    await store.close()


async def test_large_frames_press_by_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HIGH_BYTES", 10_000)
    async with running(tmp_path / "data.db") as store:
        pressed: list[bool] = []
        store.writer.on_pressure = pressed.append
        store.writer.append([seen(1, text="x" * 10_001)])
        await asyncio.sleep(0)
        assert pressed == [True]
        await store.writer.flush()
        assert pressed == [True, False]


async def test_close_writes_what_still_waits(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")
    heard: list[object] = []
    store.start()
    for number in range(500):
        store.writer.append([began(str(number))], _note(heard, number))
    await store.close()
    assert heard == list(range(500))
    again = Store.open(tmp_path / "data.db")
    assert len(again.load(NOON).running) == 500
    await again.close()


async def test_nothing_can_be_appended_after_the_end(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")
    store.start()
    await store.close()
    with pytest.raises(ConsoleError, match="closed"):
        store.writer.append([began("1")])


async def test_steps_run_between_commits_and_say_how_they_end(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        heard: list[object] = []

        def steps(fails: bool) -> Iterator[None]:
            heard.append("step")
            yield
            if fails:
                raise ValueError("no")
            heard.append("end")

        await store.writer.between(steps(False))
        assert heard == ["step", "end"]
        with pytest.raises(ValueError, match="no"):
            await store.writer.between(steps(True))
        await keep(store, began("1"))


async def test_steps_are_given_up_when_the_store_closes(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data.db")
    store.start()

    def for_ever() -> Iterator[None]:
        while True:
            yield

    upkeep = asyncio.ensure_future(store.writer.between(for_ever()))
    await keep(store, began("1"))  # steps do not hold up commits
    await store.close()
    with pytest.raises(asyncio.CancelledError):
        await upkeep


@pytest.mark.parametrize(
    "change",
    [
        seen(1, text="lone \ud800 surrogate"),
        began("1", meter_start_wh=10**30),
        seen(1, station_id="nul\x00"),
        station(vendor="\udfff"),
        sampled(MeterValue("CP-1", 1, NOON, (Sample(value=float("nan"), raw="\ud800"),))),
        sampled(MeterValue("CP-1", 1, NOON, (Sample(value=float("inf"), raw="inf"),)), energy_wh=-(10**30)),
    ],
)
async def test_a_value_that_no_database_takes_is_made_one_that_it_takes(tmp_path: Path, change: Change) -> None:
    async with running(tmp_path / "data.db") as store:
        trouble: list[str | None] = []
        store.writer.on_trouble = trouble.append
        heard: list[object] = []
        store.writer.append([began("2")], _note(heard, 1))
        store.writer.append([change], _note(heard, 2))
        store.writer.append([began("3")], _note(heard, 3))
        await store.writer.flush()
        assert heard == [1, 2, 3]
        assert trouble == []
        assert {held.transaction_id for held in store.load(NOON).running} >= {"2", "3"}


async def test_a_change_that_cannot_be_stored_at_all_is_left_out_and_said(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        trouble: list[str | None] = []
        store.writer.on_trouble = trouble.append
        heard: list[object] = []
        passed: list[Change] = []
        store.writer.on_committed_changes = passed.extend
        store.writer.append([began("1")], _note(heard, 1))
        store.writer.append([began("2", started_at=NOON.replace(tzinfo=None))], _note(heard, 2))
        store.writer.append([began("3")], _note(heard, 3))
        await store.writer.flush()
        assert heard == [1, 3]  # the second is not acknowledged
        assert passed == [began("1"), began("3")]
        assert [held.transaction_id for held in store.load(NOON).running] == ["1", "3"]
        assert trouble
        assert "TransactionChanged" in str(trouble[0])
        await keep(store, began("4"))
        assert trouble[-1] is None


async def test_readers_see_whole_appends(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        for number in range(200):
            pair: Sequence[Change] = [began(f"{number}a"), began(f"{number}b")]
            store.writer.append(pair)
            if number % 20 == 0:
                found = await store.queries.transactions(TransactionQuery(limit=10_000))
                assert len(found) % 2 == 0
        await store.writer.flush()


async def test_a_notice_outlives_the_service(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        good, bad = Notice(NOON, "CP-1 came", NoticeKind.GOOD), Notice(NOON, "x", NoticeKind.BAD)
        await keep(store, Noticed(good), Noticed(bad))
        assert [notice.text for notice in store.load(NOON).notices] == ["CP-1 came", "x"]
        assert [notice.text for notice in await store.queries.alarms()] == ["x"]
