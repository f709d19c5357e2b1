"""What is too old or too much goes, and nothing waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from console.model.change import AttemptSeen, Audited, Notice, Noticed, RolloutChanged, SettingWritten
from console.model.device import SettingWrite
from console.model.message import Attempt, Direction, Message, MessageType
from console.model.query import MessageQuery
from console.model.schedule.rollout import Job, Rollout
from console.store import Keep, Removed, Store, schema
from console.store.blocks import BLOCK_MESSAGES, block_rows
from tests.unit.schedule.samples import profile
from tests.unit.store.support import NOON, at, began, ended, keep, metered, running, sampled, seen


def _count(store: Store, name: str) -> int:
    with store._reading.connect() as connection:
        return connection.execute(select(func.count()).select_from(schema.metadata.tables[name])).scalar_one()


async def test_old_messages_and_meter_values_go_and_transactions_stay(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        day = 24 * 60
        for n in range(1, 11):
            await keep(store, seen(n, at=at(day * n)))
        await keep(store, *(metered(n, at(day * n)) for n in range(1, 11)), ended("7"))
        removed = await store.tidy(Keep(messages_days=3, meter_values_days=5), at(day * 10))
        assert removed == Removed(message_blocks=6, meter_values=4)
        assert [message.seq for message in await store.queries.messages(MessageQuery())] == [7, 8, 9, 10]
        assert _count(store, "message_block") == 4
        assert _count(store, "meter_value") == 6
        assert len(store.load(NOON).ended) == 1


async def test_the_newest_message_stays_so_that_the_numbers_go_on(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, seen(1), seen(2), seen(3))
        await store.tidy(Keep(messages_days=0), NOON + timedelta(days=900))
        assert store.load(NOON).next_message_seq == 4
        assert _count(store, "message_block") == 1


async def test_a_flood_goes_before_it_is_old(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        for seq in range(1, 101):
            await keep(store, seen(seq))
        await keep(store, *(Noticed(Notice(at(n), f"{n}")) for n in range(50)))
        await keep(store, *(Audited(at(n), "me", "c", "", "", "accepted", "") for n in range(50)))
        removed = await store.tidy(Keep(messages_rows=30, notices_rows=10, audit_rows=20), NOON)
        assert removed == Removed(message_blocks=70, others=70)
        assert [notice.text for notice in store.load(NOON).notices] == [str(n) for n in range(40, 50)]
        assert [message.seq for message in await store.queries.messages(MessageQuery(limit=1, after_seq=0))] == [71]


async def test_nothing_goes_where_nothing_is_due(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        assert await store.tidy(Keep(), NOON) == Removed()
        await keep(store, seen(1), metered(1, at(0)))
        assert await store.tidy(Keep(), NOON) == Removed()


async def test_a_station_with_a_clock_of_1970_keeps_its_meter_values(tmp_path: Path) -> None:
    from console.model.meter import MeterValue

    async with running(tmp_path / "data.db") as store:
        value = MeterValue("CP-1", 1, at(0).replace(year=1970), (), "", received_at=at(0))
        await keep(store, sampled(value))
        assert (await store.tidy(Keep(), at(1))).meter_values == 0


async def test_two_hundred_thousand_messages_go_between_commits(tmp_path: Path) -> None:
    count, path = 200_000, tmp_path / "data.db"
    async with running(path) as store:
        _fill(path, count)
        size = path.stat().st_size
        upkeep = asyncio.ensure_future(store.tidy(Keep(messages_days=1), NOON + timedelta(days=2)))
        commits = 0
        while not upkeep.done():
            commits += 1
            await keep(store, began(str(commits)))
        assert (await upkeep).message_blocks == -(-count // BLOCK_MESSAGES) - 1
        assert commits > 10  # each of them came between two steps
        assert _count(store, "charging_transaction") == commits
        assert _count(store, "message_block") == 1
    assert path.stat().st_size < size / 2


def _fill(path: Path, count: int) -> None:
    """Put in many messages of noon, faster than through the writer."""
    message = Message(0, NOON, "CP-1", Direction.FROM_STATION, MessageType.CALL, "m", "Heartbeat", "[2]")
    messages = [msgspec.structs.replace(message, seq=seq) for seq in range(1, count + 1)]
    connection = sqlite3.connect(path)
    connection.executemany("INSERT INTO message_block VALUES (?, ?, ?, ?)", block_rows(messages))
    connection.commit()
    connection.close()


#: What bounds each table: upkeep, for those that grow by themselves; and for the others what else.
BOUNDS = {
    "attempt": "upkeep",
    "audit": "upkeep",
    "charging_transaction": "never deleted: they are the books",
    "credential": "one a station",
    "local_list": "one a station",
    "local_list_entries": "one a station",
    "message_block": "upkeep",
    "meta": "a few, written once",
    "meter_layout": "no more than layouts.MOST_LAYOUTS",
    "meter_value": "upkeep",
    "monitor": "MOST_TOLD a station, and a full reading replaces them",
    "notice": "upkeep",
    "price_curve": "one",
    "reservation": "each ends within a year, by itself",
    "rollout": "upkeep",
    "setting": "MOST_TOLD a station, and a full reading replaces them",
    "setting_write": "upkeep",
    "settings_snapshot": "an operator takes each, and removes it",
    "station": "strangers are few before an operator accepts one (boot.MOST_PENDING, MOST_STATIONS)",
    "station_record": "so many of each kind a station (records._MOST_OF)",
    "station_schedules": "one a station",
    "token": "an operator makes each, and removes it",
}
#: Nothing is kept, so that whatever upkeep can delete goes.
NOTHING = Keep(
    messages_days=0, messages_rows=0, meter_values_days=0, notices_rows=0, attempts_rows=0, audit_rows=0,
    setting_writes_rows=0, rollouts_rows=0,
)  # fmt: skip


def test_every_table_is_bounded() -> None:
    assert set(BOUNDS) == set(schema.metadata.tables), "say what bounds a new table"


async def test_what_upkeep_bounds_goes_the_oldest_first(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        for number in range(1, 6):
            await keep(
                store,
                seen(number, at=at(number)),
                metered(number, at(number)),
                Noticed(Notice(at(number), "said")),
                Audited(at(number), "me", "c", "", "", "accepted", ""),
                AttemptSeen(Attempt(str(number), at(number), "192.0.2.1", "/x", "", 401, "cause", "cure")),
                SettingWritten(SettingWrite(f"w{number}", "CP-1", at(number), "A")),
                RolloutChanged(Rollout(f"r{number}", "night", at(number), (Job("CP-1", profile()),))),
            )
        bounded = sorted(name for name, bound in BOUNDS.items() if bound == "upkeep")
        assert {_count(store, name) for name in bounded} == {5}
        two = Keep(setting_writes_rows=2, rollouts_rows=2)
        assert await store.tidy(two, at(10)) == Removed(others=6)
        assert list(store.load(NOON).rollouts) == ["r4", "r5"]
        assert [write.write_id for write in await store.queries.setting_writes("CP-1")] == ["w5", "w4"]
        await store.tidy(NOTHING, at(10))
        assert {name: _count(store, name) for name in bounded} == dict.fromkeys(bounded, 0) | {"message_block": 1}
