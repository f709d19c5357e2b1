"""Settings of both models, monitors, snapshots, writes, local lists and reservations: kept, and found again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from console.model.change import (
    LocalListChanged,
    LocalListSent,
    MonitorRemoved,
    MonitorsRead,
    ReservationChanged,
    ReservationEnded,
    SettingsRead,
    SettingWritten,
    SnapshotRemoved,
    SnapshotTaken,
    StationRemoved,
)
from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.local_list import ListEntry, LocalList
from console.model.reservation import Reservation
from console.model.station import Setting
from console.model.token import TokenStatus
from tests.unit.store.support import NOON, keep, running, station

POWER = Setting(
    "CP-1", "EVSE@1/Power:MaxSet", "22000", read_only=True, data_type="decimal", unit="W", min_limit=0.0,
    max_limit=22000.0, persistent=True, monitorable=True,
)  # fmt: skip
MODE = Setting("CP-1", "A/Mode", "b", reboot_required=True, data_type="OptionList", choices=("a", "b"), constant=True)
SECRET = Setting("CP-1", "SecurityCtrlr/BasicAuthPassword", secret=True, write_only=True)
GONE = Setting("CP-1", "NoSuchKey", unknown=True)


async def test_what_2x_tells_of_a_setting(tmp_path: Path) -> None:
    async with running(tmp_path / "site.db") as store:
        await keep(store, station(), SettingsRead("CP-1", (POWER, MODE, SECRET, GONE)))
        assert await store.queries.settings("CP-1") == [MODE, POWER, GONE, SECRET]
        assert store.load(NOON).awaiting_boot == [MODE]


async def test_a_complete_reading_takes_away_what_is_not_in_it(tmp_path: Path) -> None:
    async with running(tmp_path / "site.db") as store:
        await keep(store, station(), SettingsRead("CP-1", (POWER,)), SettingsRead("CP-2", (GONE,)))
        await keep(store, SettingsRead("CP-1", (SECRET,)), SettingsRead("CP-1", (MODE,), complete=True))
        assert await store.queries.settings("CP-1") == [MODE]


async def test_monitors(tmp_path: Path) -> None:
    one, two = (Monitor("CP-1", number, "EVSE@1/Power", "UpperThreshold", 11.5, 3, True) for number in (1, 2))
    async with running(tmp_path / "site.db") as store:
        await keep(store, MonitorsRead("CP-1", (one, two)), MonitorRemoved("CP-1", 1))
        assert await store.queries.monitors("CP-1") == [two]
        await keep(store, MonitorsRead("CP-1", (one,), complete=True))
        assert await store.queries.monitors("CP-1") == [one]


async def test_snapshots_are_listed_without_their_settings_and_outlive_their_station(tmp_path: Path) -> None:
    old = Snapshot("s1", "CP-1", NOON, "before", 2, (POWER, MODE))
    new = Snapshot("s2", "CP-1", NOON + timedelta(hours=1), "", 1, (GONE,))
    async with running(tmp_path / "site.db") as store:
        await keep(store, SnapshotTaken(old), SnapshotTaken(new), StationRemoved("CP-1"))
        listed = await store.queries.snapshots("CP-1")
        assert [(one.snapshot_id, one.count, one.settings) for one in listed] == [("s2", 1, ()), ("s1", 2, ())]
        assert await store.queries.snapshot("s1") == old
        await keep(store, SnapshotRemoved("s1"))
        assert await store.queries.snapshot("s1") is None


async def test_writes_newest_first(tmp_path: Path) -> None:
    writes = [
        SettingWrite(f"w{n}", "CP-1", NOON + timedelta(seconds=n), "A/B", str(n), str(n + 1), undoes="w0" * (n == 2))
        for n in range(3)
    ]
    async with running(tmp_path / "site.db") as store:
        await keep(store, *(SettingWritten(one) for one in writes))
        assert await store.queries.setting_writes("CP-1") == writes[::-1]


async def test_local_lists_and_reservations(tmp_path: Path) -> None:
    held = LocalList("CP-1", 3, 1, "abc", NOON)
    entries = (ListEntry("TAG1", TokenStatus.ACCEPTED, "ISO14443", "fleet", NOON),)
    first, second = (Reservation("CP-1", number, "TAG1", NOON, 2) for number in (1, 2))
    async with running(tmp_path / "site.db") as store:
        await keep(store, station(), LocalListChanged(held), LocalListSent("CP-1", entries))
        await keep(store, ReservationChanged(first), ReservationChanged(second), ReservationEnded("CP-1", 1))
        site = store.load(NOON).site("")
        assert site.local_lists == {"CP-1": held}
        assert list(site.reservations.values()) == [second]
        assert await store.queries.local_list_entries("CP-1") == list(entries)
        await keep(store, StationRemoved("CP-1"))
        site = store.load(NOON).site("")
        assert (site.local_lists, site.reservations) == ({}, {})
        assert await store.queries.local_list_entries("CP-1") == []
