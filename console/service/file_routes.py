"""The operator link's routes to the files that stations have put into the drop box."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from console.backends import wire
from console.errors import ConsoleError
from console.service.device_routes import Read
from console.service.dropbox.folder import Folder


class FileRoutes:
    """Answers for received files. ``read`` reads the parameters of a request."""

    def __init__(self, folder: Folder, read: Read) -> None:
        self._folder = folder
        self._read = read

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("/v1/files", self.files), Route("/v1/file", self.content)]

    async def files(self, request: Request) -> Response:
        """The files of a station, or of all, newest first."""
        query = self._read(wire.FilesQuery, request.query_params)
        found = await asyncio.to_thread(self._folder.received, query.station)
        return Response(wire.encode(found), media_type="application/json")

    async def content(self, request: Request) -> Response:
        """What stands in a file, as it came."""
        query = self._read(wire.FilesQuery, request.query_params)
        path = self._folder.path_of(query.file)
        if path is None:
            raise ConsoleError("This file is not here any more.", "Fetch the log again.")
        return FileResponse(path, media_type="application/octet-stream")
