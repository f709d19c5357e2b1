"""The operator link's routes to what is on record of stations' devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.backends import wire
from console.backends.devices import DeviceHistory

Query = TypeVar("Query", bound=msgspec.Struct)


class Read(Protocol):
    """Reads the parameters of a request. Raises ConsoleError that names the one that is wrong."""

    def __call__(self, kind: type[Query], parameters: Mapping[str, str]) -> Query:
        """See ``wire.from_parameters``."""
        ...


class DeviceRoutes:
    """Answers for monitors, snapshots and changed settings. ``read`` reads the parameters of a request."""

    def __init__(self, history: DeviceHistory, read: Read) -> None:
        self._history = history
        self._read = read

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/v1/monitors", self.monitors),
            Route("/v1/snapshots", self.snapshots),
            Route("/v1/snapshot", self.snapshot),
            Route("/v1/setting-writes", self.setting_writes),
        ]

    async def monitors(self, request: Request) -> Response:
        """A station's monitors as last read."""
        query = self._read(wire.SettingsQuery, request.query_params)
        return _json(await self._history.monitors(query.station))

    async def snapshots(self, request: Request) -> Response:
        """Snapshots, newest first, without their settings."""
        query = self._read(wire.SnapshotQuery, request.query_params)
        return _json(await self._history.snapshots(query.station))

    async def snapshot(self, request: Request) -> Response:
        """One snapshot with its settings, null if there is none."""
        query = self._read(wire.SnapshotQuery, request.query_params)
        return _json(await self._history.snapshot(query.snapshot))

    async def setting_writes(self, request: Request) -> Response:
        """The newest changes of a station's settings, newest first."""
        query = self._read(wire.WritesQuery, request.query_params)
        return _json(await self._history.setting_writes(query.station, query.limit))


def _json(value: object) -> Response:
    return Response(wire.encode(value), media_type="application/json")
