"""A program for test_killed: stores transactions until it is killed, and writes each acknowledged id to its output.

With each comes something else that is acknowledged: an operator's command, or what a station told, in turn.

Usage: python -m tests.unit.store.killed_writer FILE FIRST
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from functools import partial

from console.model import change as c
from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.local_list import ListEntry, LocalList
from console.model.record import RecordKind, StationRecord
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.schedule.rollout import Rollout
from console.model.station import Setting, Station
from console.model.token import Token, TokenStatus
from console.store import Store
from tests.unit.store.support import NOON, began, ended, metered, seen


def others(name: str) -> dict[str, c.Change]:
    """One of everything else that is acknowledged when it is durable, under a name, by the column that has the name."""
    return {
        "audit.operator": c.Audited(NOON, name, "c", "", "", "accepted", ""),
        "credential.station_id": c.CredentialChanged(name, "hash"),
        "local_list.station_id": c.LocalListChanged(LocalList(name)),
        "local_list_entries.station_id": c.LocalListSent(name, (ListEntry("TAG", TokenStatus.ACCEPTED),)),
        "monitor.station_id": c.MonitorsRead(name, (Monitor(name, 1, "A/B", "Delta", 1.0, 5),)),
        "reservation.station_id": c.ReservationChanged(Reservation(name, 1, "TAG", NOON)),
        "rollout.rollout_id": c.RolloutChanged(Rollout(name, "night", NOON, ())),
        "setting.station_id": c.SettingsRead(name, (Setting(name, "A", "1"),)),
        "setting_write.write_id": c.SettingWritten(SettingWrite(name, "CP-1", NOON, "A")),
        "settings_snapshot.snapshot_id": c.SnapshotTaken(Snapshot(name, "CP-1", NOON)),
        "station.station_id": c.StationChanged(Station(name)),
        "station_record.station_id": c.RecordKept(StationRecord(name, RecordKind.EVENT, "1", NOON, "told")),
        "station_schedules.station_id": c.SchedulesChanged(StationSchedules(name)),
        "token.id_token": c.TokenChanged(Token(name)),
    }


async def main(path: str, first: int) -> None:
    """Begin, meter and end transactions for ever, a few at a time."""
    store = Store.open(path)
    loaded = store.load(NOON)
    store.start()
    seq = itertools.count(loaded.next_message_seq)
    turn = itertools.cycle(others(""))
    for number in itertools.count(first):
        name = str(number)
        store.writer.append([seen(next(seq)), began(name)], partial(_say, f"began {name}"))
        store.writer.append([metered(1000 + number, NOON, transaction_id=name)], partial(_say, f"met {name}"))
        other = next(turn)
        store.writer.append([others(name)[other]], partial(_say, f"{other} {name}"))
        if number % 3 == 0:
            store.writer.append([seen(next(seq)), ended(name)], partial(_say, f"ended {name}"))
        if number % 7 == 0:
            await asyncio.sleep(0)
        if number % 50 == 0:
            await store.writer.flush()


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
