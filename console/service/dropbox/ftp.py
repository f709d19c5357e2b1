"""The drop box's FTP, for stations that know nothing else. Needs the extra ``ftp`` (pyftpdlib).

The token of an address is the user's name, any password will do, and what paths and names say is of no meaning: one
file is put, or one is fetched. pyftpdlib has a loop of its own, in a thread of its own.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Sequence
from typing import Any

from pyftpdlib.ioloop import AsyncChat, IOLoop
from pyftpdlib.servers import FTPServer

from console.service.dropbox.ftp_bridge import Bridge
from console.service.dropbox.ftp_session import Session
from console.service.dropbox.reception import Host


class FtpDoor:
    """Listens for FTP at a socket that is bound already. Belongs to the event loop.

    Data connections come in at ``passive_ports`` (none: at any); ``public_address`` is told for them, if there is one.
    """

    def __init__(
        self, host: Host, listening: socket.socket, passive_ports: Sequence[int], public_address: str = ""
    ) -> None:
        ioloop = IOLoop.factory()
        self._wake, woken = socket.socketpair()
        _Waker(woken, ioloop=ioloop)
        _Server(listening, ioloop, Bridge(host), passive_ports, public_address)
        self._thread = threading.Thread(target=ioloop.loop, name="ftp", daemon=True)

    def start(self) -> None:
        """Begin."""
        logger = logging.getLogger("pyftpdlib")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())  # else it writes to the terminal
        logger.setLevel(logging.ERROR)  # below, it logs users' names, which are the addresses
        self._thread.start()

    async def close(self) -> None:
        """Stop; what is on its way is broken off."""
        self._wake.send(b"x")
        await asyncio.to_thread(self._thread.join)
        self._wake.close()


class _Waker(AsyncChat):
    """Ends pyftpdlib's loop, which waits for nothing but sockets."""

    def handle_read(self) -> None:
        """Somebody has woken it."""
        self.ioloop.close()


class _Server(FTPServer):
    """Accepts sessions; knows what is the same for all of them."""

    max_cons = 200
    max_cons_per_ip = 50

    def __init__(
        self, listening: socket.socket, ioloop: Any, bridge: Bridge, passive_ports: Sequence[int], public_address: str
    ) -> None:
        self.bridge = bridge
        self.passive_ports = passive_ports
        self.public_address = public_address
        super().__init__(listening, Session, ioloop=ioloop)
