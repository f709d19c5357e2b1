"""kill -9 at any instant loses nothing that was acknowledged."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from console.model import change as c
from console.store import Store
from console.store.batch import STORED
from tests.unit.store.killed_writer import others
from tests.unit.store.support import NOON

ROUNDS = 10
#: What is stored, and of which nobody is told when it is durable; and what only takes away.
_UNTOLD = {c.AttemptSeen, c.Noticed, c.PricesChanged}
_GONE = {c.MonitorRemoved, c.RecordGone, c.ReservationEnded, c.SnapshotRemoved, c.StationRemoved, c.TokenRemoved}
_CHARGING = {c.MessagesSeen, c.MetersSampled, c.TransactionChanged}


def test_whatever_is_stored_is_tried() -> None:
    assert {type(change) for change in others("").values()} | _UNTOLD | _GONE | _CHARGING == STORED


async def test_what_was_acknowledged_survives_kill_9_again_and_again(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    path = tmp_path / "data.db"
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        first = 1 + len(acknowledged)
        acknowledged += await _killed(path, first, chance)
        assert set(acknowledged) - _stored(path) == set()
    store = Store.open(path)
    loaded = store.load(NOON)
    await store.close()
    assert loaded.highest_ordinal >= sum(line.startswith("began") for line in acknowledged)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def _killed(path: Path, first: int, chance: random.Random) -> list[str]:
    """Run the program, kill it after some acknowledgements and a little more, and return all it acknowledged."""
    arguments = ("-m", "tests.unit.store.killed_writer", str(path), str(first))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(chance.randint(1, 300))]
    # Not a wait for something: the kill shall come at an instant that has to do with nothing.
    await asyncio.sleep(chance.random() * 0.02)
    process.kill()
    lines += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


def _stored(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    transactions = connection.execute("SELECT transaction_id, ended_at FROM charging_transaction").fetchall()
    values = connection.execute("SELECT transaction_id FROM meter_value").fetchall()
    other = {
        f"{place} {name}"
        for place in others("")
        for (name,) in connection.execute("SELECT {1} FROM {0}".format(*place.split(".")))  # noqa: S608
    }
    connection.close()
    return other | (
        {f"began {name}" for name, _ in transactions}
        | {f"ended {name}" for name, ended_at in transactions if ended_at is not None}
        | {f"met {name}" for (name,) in values}
    )
