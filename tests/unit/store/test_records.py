"""What stations told of themselves, in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.model.change import RecordGone, RecordKept, StationRemoved
from console.model.query import RecordQuery
from console.model.record import RecordKind, Severity, StationRecord
from tests.unit.store.support import NOON, at, keep, running, station

HOT = StationRecord(
    "CP-1", RecordKind.EVENT, "Fan", at(1), "Fan stands still", {"a": [1, None]}, 2, Severity.BAD, standing=True
)
LIMIT = StationRecord("CP-1", RecordKind.CHARGING_LIMIT, "EMS 1", at(2), "16 A")
OTHER = StationRecord("CP-10", RecordKind.EVENT, "Fan", at(3), "Åke stands still", severity=Severity.WARNING)
ALL = (HOT, LIMIT, OTHER)


async def test_a_newer_record_takes_the_place_of_an_older_and_one_that_goes_is_gone(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        newer = StationRecord("CP-1", RecordKind.EVENT, "Fan", at(5), "Fan turns")
        await keep(store, *(RecordKept(one) for one in (*ALL, newer)))
        assert await store.queries.records(RecordQuery()) == [newer, OTHER, LIMIT]
        await keep(store, RecordGone("CP-10", RecordKind.EVENT, "Fan"), RecordKept(LIMIT))
        assert await store.queries.records(RecordQuery()) == [newer, LIMIT]
        assert store.load(NOON).records == [LIMIT, newer]


async def test_records_go_with_their_station(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, station(), RecordKept(HOT), RecordKept(OTHER))
        await keep(store, RecordKept(LIMIT), StationRemoved("CP-1"))
        assert await store.queries.records(RecordQuery()) == [OTHER]
        await keep(store, StationRemoved("CP-10"), RecordKept(OTHER))
        assert await store.queries.records(RecordQuery()) == [OTHER]


@pytest.mark.parametrize(
    "query",
    [
        RecordQuery(),
        RecordQuery(station_id="CP-1"),
        RecordQuery(station="cp-1"),
        RecordQuery(kind=RecordKind.CHARGING_LIMIT),
        RecordQuery(text="åke"),
        RecordQuery(text="ems"),
        RecordQuery(text="limit"),
        RecordQuery(text="%"),
        RecordQuery(standing=True),
        RecordQuery(alarms=True),
        RecordQuery(before=at(3)),
        RecordQuery(limit=2),
    ],
)
async def test_records_that_match_are_the_same_in_the_store_and_in_memory(tmp_path: Path, query: RecordQuery) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, *(RecordKept(one) for one in ALL))
        found = await store.queries.records(query)
    assert found == [one for one in reversed(ALL) if query.matches(one)][: query.limit]
