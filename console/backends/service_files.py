"""The files in the service's drop box, asked over the operator link."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import httpx
import msgspec

from console.backends import wire
from console.backends.follow import no_service
from console.errors import ConsoleError
from console.model.station_file import StationFile

Answer = TypeVar("Answer")


class _Asks(Protocol):
    socket: str
    _client: httpx.AsyncClient | None

    def _get(self, path: str, query: msgspec.Struct, decode: Callable[[bytes], Answer]) -> Awaitable[Answer]: ...


class ServiceFiles:
    """A part of ``ServiceBackend``. Implements ``Files``."""

    async def files(self: _Asks, station_id: str = "") -> Sequence[StationFile]:
        """The files that a station, or all, have put into the drop box, newest first."""
        return await self._get("files", wire.FilesQuery(station_id), wire.decode_files)

    async def file_content(self: _Asks, file_id: str) -> AsyncGenerator[bytes, None]:
        """What stands in a file, piece by piece."""
        if self._client is None:
            raise ConsoleError("The console is not connected.", "Open it again.")
        query = wire.to_parameters(wire.FilesQuery(file=file_id))
        try:
            async with self._client.stream("GET", "file", params=query) as response:
                if not response.is_success:
                    trouble = wire.decode_trouble(await response.aread())
                    raise ConsoleError(trouble.message, trouble.hint)
                async for piece in response.aiter_bytes():
                    yield piece
        except httpx.TransportError as error:
            raise no_service(self.socket) from error
