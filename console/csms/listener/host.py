"""What a socket asks of the listener that accepted it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from console.csms.link.link import Link
from console.csms.link.recorder import Recorder
from console.csms.link.repeats import Memory
from console.csms.listener.handshake import Refused
from console.csms.listener.listen_settings import ListenSettings
from console.csms.ports import Clock

if TYPE_CHECKING:
    from console.csms.listener.station_socket import StationSocket


class Host(Protocol):
    """The listener, as its sockets see it."""

    settings: ListenSettings
    clock: Clock
    recorder: Recorder

    def connected(self, socket: StationSocket) -> None:
        """A TCP connection was made; nobody vouches for it yet."""
        ...

    def admit(
        self, socket: StationSocket, request: Request, parser: ServerProtocol
    ) -> tuple[Response, Link, Memory] | Response:
        """Judge a handshake: the answer alone, or with it the link of a station that may come in."""
        ...

    def opened(self, socket: StationSocket, link: Link) -> None:
        """The station has its answer and may be talked to."""
        ...

    def refuse(self, socket: StationSocket, path: str, refusal: Refused) -> Response:
        """Take note of a refusal, and write its answer."""
        ...

    def lost(self, socket: StationSocket, link: Link | None) -> None:
        """The connection is gone, with its link if it had one."""
        ...
