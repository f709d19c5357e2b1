"""What can be asked of the store."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console.errors import ConsoleError
from console.model.change import (
    AttemptSeen,
    Audited,
    MessagesSeen,
    SettingsRead,
    StationRemoved,
    TokenChanged,
    TransactionChanged,
)
from console.model.message import Attempt, Direction, Message, MessageType
from console.model.meter import MeterValue, Sample
from console.model.query import MessageQuery, TransactionQuery
from console.model.station import Setting
from console.model.token import Token
from console.model.transaction import Flag, Transaction
from console.store import queries
from console.store.engine import open_engine, url_of
from tests.unit.store.support import NOON, at, began, ended, keep, metered, running, sampled, seen, station


async def test_every_field_of_everything_comes_back_as_it_was(tmp_path: Path) -> None:
    transaction = Transaction(
        "CP-1", "7", 2, 1, "04A2", "G", at(0), 1000, at(60), 9000, 8000, "Local", "04a2",
        (Flag.GAP, Flag.CLOCK_SUSPECT), at(61),
    )  # fmt: skip
    sample = Sample("Voltage", 230.1, "V", "L1", "Transaction.Begin", "EV", "230.10")
    value = MeterValue("CP-1", 2, at(1), (sample, Sample()), "7", at(2))
    message = Message(
        1, at(3) + timedelta(microseconds=1), "Åby", Direction.TO_STATION, MessageType.CALLERROR, "m", "Reset",
        '[4,"m"]', 0.25, "late",
    )  # fmt: skip
    setting = Setting("CP-1", "HeartbeatInterval", "60", True, False, True, at(4))
    token = Token("04A2", "Central", True, "G", at(5), "Ülle", at(6), at(7))
    attempt = Attempt("a", at(8), "10.0.0.1", "/x", "CP-9", 404, "cause", "cure", 3)
    audited = Audited(at(9), "me", "station.reset", "CP-1", "hard", "accepted", "done")
    async with running(tmp_path / "data.db") as store:
        await keep(
            store,
            TransactionChanged(transaction),
            sampled(value),
            MessagesSeen((message,)),
            SettingsRead("CP-1", (setting,)),
            TokenChanged(token),
            AttemptSeen(attempt),
            audited,
        )
        ask = store.queries
        assert await ask.transactions(TransactionQuery()) == [transaction]
        assert await ask.transaction("CP-1", "7") == transaction
        assert await ask.transaction("CP-2", "7") is None
        assert await ask.meter_values("CP-1", "7") == [value]
        assert await ask.messages(MessageQuery()) == [message]
        assert await ask.settings("CP-1") == [setting]
        assert await ask.tokens() == [token]
        assert await ask.attempts() == [attempt]
        assert await ask.audit() == [audited]
        assert await ask.audit(station_id="CP-2") == []


async def test_transactions_are_filtered_and_newest_first(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(
            store,
            began("a", started_at=at(1)),
            ended("b", "Garage-2", started_at=at(2), id_token="DEADBEEF"),
            ended("c", started_at=None, ended_at=at(3)),  # an orphan: its start is not known
        )

        async def found(**fields: object) -> str:
            query = msgspec.structs.replace(TransactionQuery(), **fields)
            return "".join(held.transaction_id for held in await store.queries.transactions(query))

        assert await found() == "cba"
        assert await found(station="GARAGE") == "b"
        assert await found(station="%") == ""
        assert await found(id_token="beef") == "b"
        assert await found(running=True) == "a"
        assert await found(running=False) == "cb"
        assert await found(since=at(2)) == "cb"
        assert await found(until=at(2)) == "a"
        assert await found(limit=1) == "c"
        assert await found(limit=1, before=at(3)) == "b"


async def test_pages_lose_no_transaction_that_began_at_the_same_instant(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, *(began(str(number), started_at=at(number // 4)) for number in range(20)))
        query, ids = TransactionQuery(limit=3), []
        while page := await store.queries.transactions(query):
            ids += [held.transaction_id for held in page]
            query = msgspec.structs.replace(query, before=page[-1].started_at)
        assert ids == [str(number) for number in reversed(range(20))]


async def test_messages_are_paged_both_ways_and_filtered(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(
            store,
            *(seen(seq, f"CP-{seq % 2}", "MeterValues" if seq % 3 else "Heartbeat") for seq in range(1, 13)),
            seen(13, "Ärger", problem="not valid: x"),
        )

        async def found(**fields: object) -> list[int]:
            query = msgspec.structs.replace(MessageQuery(), **fields)
            return [message.seq for message in await store.queries.messages(query)]

        assert await found(limit=3) == [11, 12, 13]
        assert await found(limit=3, before_seq=11) == [8, 9, 10]
        assert await found(limit=3, after_seq=0) == [1, 2, 3]
        assert await found(limit=3, after_seq=11) == [12, 13]
        assert await found(after_seq=3, before_seq=6) == [4, 5]
        assert await found(station="cp-1", action="heart") == [3, 9]
        assert await found(station="ärger") == [13]
        assert await found(problems_only=True) == [13]
        assert await found(station="_") == []


async def test_meter_values_come_by_transaction_and_by_time_oldest_first(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(
            store,
            metered(3, at(3), transaction_id="7"),
            metered(1, at(1), transaction_id="7"),
            metered(2, at(2), transaction_id="8"),
            metered(4, at(4)),
            metered(5, at(4), evse_id=2),
            metered(6, at(4), "CP-2", "7"),
        )

        def registers(values: list[MeterValue]) -> list[float | None]:
            return [value.samples[0].value for value in values]

        assert registers(await store.queries.meter_values("CP-1", "7")) == [1, 3]
        assert registers(await store.queries.meter_values("CP-1", "")) == []
        assert registers(await store.queries.recent_meter_values("CP-1", 1, at(2))) == [2, 3, 4]


async def test_settings_are_put_beside_those_read_before_and_go_with_the_station(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        first, second = Setting("CP-1", "B", "1"), Setting("CP-1", "A", secret=True)
        newer = Setting("CP-1", "B", "2")
        await keep(store, station(), SettingsRead("CP-1", (first, second)), SettingsRead("CP-1", (newer,)))
        assert await store.queries.settings("CP-1") == [second, newer]
        assert store.load(NOON).secret_settings == {"CP-1": frozenset({"A"})}
        after = Setting("CP-1", "C", "3")
        await keep(store, SettingsRead("CP-1", (first,)), StationRemoved("CP-1"), SettingsRead("CP-1", (after,)))
        assert await store.queries.settings("CP-1") == [after]


async def test_a_secret_value_is_not_written_whoever_hands_it_in(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, SettingsRead("CP-1", (Setting("CP-1", "AuthorizationKey", "s3cret", secret=True),)))
        assert (await store.queries.settings("CP-1"))[0].value is None
    assert b"s3cret" not in (tmp_path / "data.db").read_bytes()


async def test_exports_give_everything_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 10)
    async with running(tmp_path / "data.db") as store:
        for number in range(1, 36):
            store.writer.append([began(str(number)), metered(number, at(number)), seen(number)])
        await store.writer.flush()
        transactions = [chunk async for chunk in store.queries.export_transactions(TransactionQuery(limit=1))]
        values = [chunk async for chunk in store.queries.export_meter_values(since=at(6), until=at(26))]
        messages = [chunk async for chunk in store.queries.export_messages(MessageQuery(limit=1, before_seq=26))]
        assert [len(chunk) for chunk in transactions] == [10, 10, 10, 5]
        assert [held.transaction_id for chunk in transactions for held in chunk] == [str(n) for n in range(1, 36)]
        assert [value.at for chunk in values for value in chunk] == [at(n) for n in range(6, 26)]
        assert [message.seq for chunk in messages for message in chunk] == list(range(1, 26))
        assert [chunk async for chunk in store.queries.export_meter_values("CP-2")] == []


async def test_data_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    asking = queries.Queries(open_engine(url_of(tmp_path / "empty.db"), read_only=True))
    with pytest.raises(ConsoleError, match="cannot be read"):
        await asking.tokens()
    asking.close()


async def test_a_row_that_makes_no_sense_is_said(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, station(), metered(1, at(1), transaction_id="7"))
        connection = sqlite3.connect(tmp_path / "data.db")
        connection.execute("UPDATE meter_value SET samples = '{'")
        connection.execute("UPDATE station SET body = '{}'")
        connection.commit()
        connection.close()
        with pytest.raises(ConsoleError, match="cannot be read"):
            await store.queries.meter_values("CP-1", "7")
        with pytest.raises(ConsoleError, match="cannot be read"):
            store.load(NOON)
