"""What the service finds again when it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.model.change import CredentialChanged, SchedulesChanged, StationRemoved
from console.model.message import Direction
from console.model.schedule.installed import Installed, StationSchedules
from console.model.site import KEPT_ENDED
from console.model.station import Connector, Station
from console.store import load
from tests.unit.schedule.samples import profile
from tests.unit.store.support import NOON, at, began, ended, keep, metered, running, seen, station


async def test_an_empty_store_begins_at_one(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        loaded = store.load(NOON)
        assert (loaded.next_message_seq, loaded.highest_ordinal) == (1, 0)
        assert loaded.site("Åby").name == "Åby"
        assert loaded.site("Åby").stations == {}


async def test_stations_are_offline_since_they_were_last_heard(tmp_path: Path) -> None:
    connector = Connector(1, changed_at=at(1))
    async with running(tmp_path / "data.db") as store:
        await keep(
            store,
            station("CP-1", online=True, online_changed_at=at(0), connectors=(connector,)),
            station("CP-2", online=False, online_changed_at=at(1)),
            station("CP-3", online=True, online_changed_at=at(2)),
            seen(5, "CP-1"),
            seen(6, "CP-1", direction=Direction.TO_STATION),
            seen(7, "CP-4"),
        )
        loaded = store.load(NOON)
        assert loaded.stations == {
            "CP-1": Station("CP-1", online_changed_at=at(5), connectors=(connector,)),
            "CP-2": Station("CP-2", online_changed_at=at(1)),
            "CP-3": Station("CP-3", online_changed_at=at(7)),  # never heard: since the service itself was last awake
        }
        assert loaded.seen_at == {"CP-1": at(5)}
        assert loaded.next_message_seq == 8
        assert loaded.site("").seen["CP-1"].at == at(5)


async def test_a_removed_station_leaves_its_transactions_and_nothing_else(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, station(), CredentialChanged("CP-1", "hash"), ended("7"), StationRemoved("CP-1"))
        loaded = store.load(NOON)
        assert loaded.stations == {}
        assert loaded.credentials == {}
        assert [held.transaction_id for held in loaded.ended] == ["7"]


async def test_running_transactions_have_the_energy_of_their_newest_meter_value(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(
            store,
            began("1", meter_start_wh=1000, energy_wh=0, updated_at=at(0)),
            metered(1500, at(10), transaction_id="1"),
            metered(1900, at(20), transaction_id="1"),
            metered(None, at(30), transaction_id="1"),
            began("2", meter_start_wh=1000, energy_wh=700, updated_at=at(40)),
            metered(1600, at(10), transaction_id="2"),  # older than what the transaction says itself
            began("3", meter_start_wh=None, energy_wh=5),
            metered(1600, at(10), transaction_id="3"),
            began("4", meter_start_wh=5000),
            metered(1600, at(10), transaction_id="4"),  # below the start: no energy
        )
        found = {held.transaction_id: (held.energy_wh, held.updated_at) for held in store.load(NOON).running}
        assert found == {"1": (900, at(20)), "2": (700, at(40)), "3": (5, None), "4": (None, None)}


async def test_the_newest_ended_transactions_are_at_hand_oldest_first(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        count = KEPT_ENDED + 5
        await keep(store, began("running"), *(ended(str(n), started_at=at(n)) for n in range(count)))
        loaded = store.load(NOON)
        assert [held.transaction_id for held in loaded.ended] == [str(n) for n in range(5, count)]
        assert loaded.highest_ordinal == count + 1
        assert len(loaded.site("").transactions) == KEPT_ENDED + 1


async def test_the_last_transactions_of_each_station_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "RECENT_PER_STATION", 2)
    async with running(tmp_path / "data.db") as store:
        await keep(store, station("CP-1"), station("CP-2"))
        await keep(store, *(ended(str(n), "CP-1") for n in range(5)), began("x", "CP-2"), began("y", "CP-3"))
        assert [held.transaction_id for held in store.load(NOON).recent] == ["3", "4", "x"]


async def test_an_ordinal_is_never_given_twice(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        for number in range(3):
            await keep(store, began(str(number)), ended(str(number)), ended(str(number)))
        assert store.load(NOON).highest_ordinal == 3


async def test_todays_energy_is_there(tmp_path: Path) -> None:
    async with running(tmp_path / "data.db") as store:
        await keep(store, station(), seen(1), metered(1000, at(-30)), metered(1500, at(0)), metered(2000, at(30)))
        loaded = store.load(at(-10))
        assert loaded.energy_today_wh == {"CP-1": 1000}
        assert loaded.site("").seen["CP-1"].energy_today_wh == 1000


async def test_charging_profiles_are_there_again_and_go_with_their_station(tmp_path: Path) -> None:
    held = StationSchedules("CP-1", (Installed(profile()),))
    async with running(tmp_path / "data.db") as store:
        await keep(store, station("CP-1"), SchedulesChanged(held))
        assert store.load(NOON).site("depot").schedules == {"CP-1": held}
        await keep(store, SchedulesChanged(StationSchedules("CP-1")))
        assert store.load(NOON).site("depot").schedules_of("CP-1").installed == ()
        await keep(store, StationRemoved("CP-1"))
        assert store.load(NOON).schedules == {}
