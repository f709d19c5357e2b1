"""The operator link: the one way in for consoles and scripts, HTTP and WebSockets on a Unix socket of its owner's."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from console.errors import ConsoleError

#: How long requests that are being answered may take when the service stops.
_GRACE_S = 3


class WebServer(uvicorn.Server):
    """A web server that leaves signals to the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class OperatorLink:
    """Serves an application on a Unix socket that only its owner can open."""

    def __init__(self, app: Starlette, path: Path) -> None:
        self._path = path
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            log_level="warning",
            # Nobody is pinged: on a Unix socket the kernel tells when the other end is gone, and a console whose
            # terminal stands still is not gone.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            ws_max_size=1 << 16,  # who watches says only that it has taken a frame
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._server = WebServer(config)
        self._started = False
        #: The server's life; it ends when it was closed, or with what went wrong.
        self.serving: asyncio.Task[None]

    async def start(self) -> None:
        """Listen. Raises ConsoleError if that is not possible."""
        listening = _bind(self._path)
        self.serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        self._started = True

    async def close(self) -> None:
        """Stop: watchers are told that the service ends, requests are answered."""
        if not self._started:
            return
        self._server.should_exit = True
        await asyncio.gather(self.serving, return_exceptions=True)  # what went wrong is told by itself
        self._path.unlink(missing_ok=True)


def _bind(path: Path) -> socket.socket:
    """A socket that listens at a path, with mode 0600 from its first instant."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConsoleError(
            f"The operator link cannot listen at {path}: {error.strerror or error}.", "Choose another --data."
        ) from error
    finally:
        os.umask(before)
    return listening
