"""What the service's store has of stations' devices, asked over the operator link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from console.backends import wire
from console.model.device import Monitor, SettingWrite, Snapshot

Answer = TypeVar("Answer")


class _Asks(Protocol):
    def _get(self, path: str, query: msgspec.Struct, decode: Callable[[bytes], Answer]) -> Awaitable[Answer]: ...


class ServiceDevices:
    """A part of ``ServiceBackend``. Implements ``DeviceHistory``."""

    async def monitors(self: _Asks, station_id: str) -> Sequence[Monitor]:
        """A station's monitors as last read, by number."""
        return await self._get("monitors", wire.SettingsQuery(station_id), wire.decode_monitors)

    async def snapshots(self: _Asks, station_id: str = "") -> Sequence[Snapshot]:
        """The snapshots of a station, or of all, newest first, without their settings."""
        return await self._get("snapshots", wire.SnapshotQuery(station_id), wire.decode_snapshots)

    async def snapshot(self: _Asks, snapshot_id: str) -> Snapshot | None:
        """One snapshot with its settings, None if there is none."""
        return await self._get("snapshot", wire.SnapshotQuery(snapshot=snapshot_id), wire.decode_snapshot)

    async def setting_writes(self: _Asks, station_id: str, limit: int = 200) -> Sequence[SettingWrite]:
        """The newest changes of a station's settings that were made here, newest first."""
        return await self._get("setting-writes", wire.WritesQuery(station_id, limit), wire.decode_setting_writes)
