"""A data folder of the first format, with something of everything in it, after every later migration."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import console.store
from console.model.query import MessageQuery
from console.model.schedule.rollout import Job, Rollout
from console.store import Keep, Store
from console.store.instants import to_us
from tests.unit.schedule.samples import profile
from tests.unit.store.support import NOON, at, began, ended, keep, running, seen

Rows = dict[str, list[tuple[Any, ...]]]
_T0, _T1 = to_us(NOON), to_us(at(60))
_SECRET = "00112233445566778899aabbccddeeff"

#: As the first version wrote it.
_FIRST: Rows = {
    "meta": [("id_secret", _SECRET), ("created_at", "2026-11-21T12:00:00+00:00")],
    "station": [("CP-1", '{"station_id":"CP-1","admission":"accepted","vendor":"Acme","connectors":[]}')],
    "credential": [("CP-1", "scrypt$salt$hash")],
    "token": [("04a2c19b", "04A2C19B", "ISO14443", False, "FLEET", _T1, "Maria", _T0, _T0)],
    "charging_transaction": [
        (1, "CP-1", "11", 1, 1, "04A2C19B", "FLEET", _T0, 1000, _T1, 12_000, 11_000, "Local", "", "", _T1, _T0),
        (2, "CP-1", "12", 1, 1, "04A2C19B", "", _T1, 12_000, None, None, None, "", "", '["orphan"]', _T1, _T1),
    ],
    "meter_value": [(1, "CP-1", 1, "12", _T1, _T1, 12_500, 7200.0, '[{"value":12500.0}]')],
    "setting": [("CP-1", "HeartbeatInterval", "300", False, False, True, _T0)],
    "attempt": [("a1", _T0, "192.0.2.7", "/ocpp/X", "X", 401, "no password", "add it", 3)],
    "notice": [(1, _T0, "warning", "CP-1", "CP-1 wants to be let in")],
    "audit": [(1, _T0, "maria", "station.accept", "CP-1", "{}", "accepted", "CP-1 is accepted")],
}


def _format(path: Path, revision: str) -> None:
    """Make a data file with the migrations up to one."""
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(console.store.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def _first_format(path: Path) -> None:
    """Make a data file with the first migration alone, and fill it."""
    _format(path, "0001")
    with sqlite3.connect(path) as file:
        for table, rows in (_FIRST | {"message_block": _blocks()}).items():
            marks = ",".join("?" * len(rows[0]))
            file.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # our own tables
    file.close()


def _blocks() -> list[tuple[Any, ...]]:
    messages = [*seen(1).messages, *seen(2).messages]
    return [(1, 2, to_us(messages[-1].at), msgspec.msgpack.encode(messages))]


def _rows(path: Path) -> Rows:
    """Every row of the first format's tables, the columns that it knew."""
    found: Rows = {}
    file = sqlite3.connect(path)
    for table, rows in (_FIRST | {"message_block": _blocks()}).items():
        found[table] = [
            row[: len(rows[0])]
            for row in file.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
        ]
    file.close()
    return found


async def test_every_row_of_the_first_format_is_the_same_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    _first_format(path)
    before = _rows(path)
    assert all(before.values())
    await Store.open(path).close()
    assert _rows(path) == before


async def test_what_the_first_format_held_is_read_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    _first_format(path)
    async with running(path) as store:
        loaded = store.load(NOON)
        assert loaded.stations["CP-1"].vendor == "Acme"
        assert loaded.credentials == {"CP-1": "scrypt$salt$hash"}
        assert loaded.tokens["04a2c19b"].label == "Maria"
        assert loaded.id_secret.hex() == _SECRET
        assert (loaded.highest_ordinal, loaded.next_message_seq) == (2, 3)
        assert [one.transaction_id for one in loaded.ended] == ["11"]
        (goes_on,) = loaded.running
        assert (goes_on.transaction_id, goes_on.energy_wh, goes_on.seq_nos) == ("12", 500, ())
        assert [one.key for one in loaded.awaiting_boot] == ["HeartbeatInterval"]
        assert [one.text for one in loaded.notices] == ["CP-1 wants to be let in"]
        assert [one.attempt_id for one in loaded.attempts] == ["a1"]
        assert [one.seq for one in await store.queries.messages(MessageQuery())] == [1, 2]
        await keep(store, ended("12"), began("13"), seen(3))
    async with running(path) as store:
        again = store.load(NOON)
        assert [one.transaction_id for one in again.running] == ["13"]
        assert again.highest_ordinal > loaded.highest_ordinal


async def test_the_rollouts_of_an_older_format_are_known_by_their_age(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    _format(path, "0007")
    with sqlite3.connect(path) as file:
        for name, minutes in (("new", 9), ("old", 1), ("middle", 5)):
            body = msgspec.json.encode(Rollout(name, "night", at(minutes), (Job("CP-1", profile()),))).decode()
            file.execute("INSERT INTO rollout (rollout_id, body) VALUES (?, ?)", (name, body))
    file.close()
    async with running(path) as store:
        await store.tidy(Keep(rollouts_rows=2), NOON)
        assert list(store.load(NOON).rollouts) == ["middle", "new"]
