"""What is on record of stations' devices: settings, monitors, snapshots, writes, local lists."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Row, Select, select

from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.local_list import ListEntry
from console.model.station import Setting
from console.store import rows, schema

T = TypeVar("T")


class _Lists(Protocol):
    def _list(self, statement: Select[Any], convert: Callable[[Row[Any]], T]) -> Awaitable[list[T]]: ...


class DeviceQueries:
    """A part of ``Queries``."""

    async def settings(self: _Lists, station_id: str) -> list[Setting]:
        """Return a station's settings as last read, by key."""
        table = schema.setting
        return await self._list(
            select(table).where(table.c.station_id == station_id).order_by(table.c.key), rows.to_setting
        )

    async def monitors(self: _Lists, station_id: str) -> list[Monitor]:
        """Return a station's monitors as last read, by number."""
        table = schema.monitor
        statement = select(table).where(table.c.station_id == station_id).order_by(table.c.monitor_id)
        return await self._list(statement, lambda row: rows.to_monitor(row.body))

    async def snapshots(self: _Lists, station_id: str = "") -> list[Snapshot]:
        """Return the snapshots of a station, or of all, newest first, without their settings."""
        table = schema.settings_snapshot
        statement = select(table.c.body).order_by(table.c.at.desc(), table.c.snapshot_id)
        if station_id:
            statement = statement.where(table.c.station_id == station_id)
        return await self._list(statement, lambda row: rows.to_snapshot(row.body))

    async def snapshot(self: _Lists, snapshot_id: str) -> Snapshot | None:
        """Return a snapshot with its settings."""
        table = schema.settings_snapshot
        found = await self._list(select(table).where(table.c.snapshot_id == snapshot_id), _whole_snapshot)
        return found[0] if found else None

    async def setting_writes(self: _Lists, station_id: str, limit: int = 200) -> list[SettingWrite]:
        """Return the newest changes of a station's settings, newest first."""
        table = schema.setting_write
        statement = select(table).where(table.c.station_id == station_id)
        statement = statement.order_by(table.c.at.desc(), table.c.write_id).limit(max(1, min(limit, 1000)))
        return await self._list(statement, lambda row: rows.to_setting_write(row.body))

    async def local_list_entries(self: _Lists, station_id: str) -> list[ListEntry]:
        """Return what a station's local list holds, as it was sent."""
        table = schema.local_list_entries
        found = await self._list(
            select(table).where(table.c.station_id == station_id), lambda row: rows.to_list_entries(row.entries)
        )
        return list(found[0]) if found else []


def _whole_snapshot(row: Row[Any]) -> Snapshot:
    return msgspec.structs.replace(rows.to_snapshot(row.body), settings=rows.to_snapshot_settings(row.settings))
