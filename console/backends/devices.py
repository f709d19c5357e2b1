"""The part of the seam that is about what stations are set to: monitors, snapshots, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from console.model.device import Monitor, SettingWrite, Snapshot


class DeviceHistory(Protocol):
    """What is on record of stations' devices besides their settings. Errors are ``ConsoleError``."""

    async def monitors(self, station_id: str) -> Sequence[Monitor]:
        """A station's monitors as last read, by number."""
        ...

    async def snapshots(self, station_id: str = "") -> Sequence[Snapshot]:
        """The snapshots of a station, or of all, newest first, without their settings."""
        ...

    async def snapshot(self, snapshot_id: str) -> Snapshot | None:
        """One snapshot with its settings, None if there is none."""
        ...

    async def setting_writes(self, station_id: str, limit: int = 200) -> Sequence[SettingWrite]:
        """The newest changes of a station's settings that were made here, newest first."""
        ...


class NoHistory:
    """Implements it for a backend that has none of its own."""

    async def monitors(self, station_id: str) -> Sequence[Monitor]:
        """See ``DeviceHistory.monitors``."""
        return ()

    async def snapshots(self, station_id: str = "") -> Sequence[Snapshot]:
        """See ``DeviceHistory.snapshots``."""
        return ()

    async def snapshot(self, snapshot_id: str) -> Snapshot | None:
        """See ``DeviceHistory.snapshot``."""
        return None

    async def setting_writes(self, station_id: str, limit: int = 200) -> Sequence[SettingWrite]:
        """See ``DeviceHistory.setting_writes``."""
        return ()
