"""The door for stations: listens, lets them in or says why not, and knows who is connected."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import msgspec
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from console.csms.limits import BackOff, FlapGuard, half_of_the_descriptors
from console.csms.link.link import Link
from console.csms.link.recorder import Recorder, Redact, keep_all
from console.csms.link.repeats import Memories, Memory
from console.csms.listener.gate import Gate, TlsContext
from console.csms.listener.gc_steps import GcSteps
from console.csms.listener.handshake import Admitted, Refused, check_request, decide
from console.csms.listener.listen_settings import ListenSettings
from console.csms.listener.station_socket import HOLD_STORE, StationSocket
from console.csms.listener.tls import TlsEntrance
from console.csms.ports import Clock, Door, Peer, Session
from console.errors import ConsoleError
from console.model.message import Attempt
from console.model.text import plain

__all__ = ["ListenSettings", "Listener"]

_LOG = logging.getLogger(__name__)
# websockets tells every connection's life at INFO, and parser errors that stations cause; the record has both.
_WEBSOCKET_LOG = logging.getLogger("console.csms.websocket")
_WEBSOCKET_LOG.setLevel(logging.CRITICAL)

# A storm of stations after a power cut must not meet a full queue (the usual 100 costs six sevenths of the speed).
_BACKLOG = 4096
# OCPP 2.x wants compression (Part 4 §3.3), 1.6 knows none. What stations send is inflated up to the bound of a message;
# what we send is small and goes as it is, which spares each station a compressor.
_DEFLATE = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_max_window_bits=12)
_LONGEST_PATH = 256

REPLACED = 4000


class Listener:
    """Accepts stations and hands their sessions to the peer.

    ``seq`` numbers the recorded messages, and goes on where the data folder's last one ended. ``redact`` takes the
    secrets out of frames of ``secret_actions`` (and of "": frames that do not say what they are).
    """

    def __init__(
        self,
        peer: Peer,
        door: Door,
        clock: Clock,
        settings: ListenSettings,
        *,
        seq: Iterator[int] | None = None,
        redact: Redact = keep_all,
        secret_actions: frozenset[str] = frozenset(),
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.recorder = Recorder(peer, clock, seq or itertools.count(1), redact, secret_actions)
        self._peer = peer
        self._door = door
        self.gates: list[Gate] = []  # with the addresses that came of them
        self._servers: list[asyncio.Server] = []
        self._sockets: set[StationSocket] = set()
        self._strangers: dict[StationSocket, None] = {}  # the oldest first
        self._entrances: dict[TlsEntrance, None] = {}  # TLS handshakes under way, the oldest first
        self._most_strangers = settings.max_unauthenticated
        self._links: dict[str, Link] = {}
        self._memories = Memories()
        self._back_off = BackOff()
        self._flapping = FlapGuard(settings.connects_per_minute)
        self._gc = GcSteps(settings.freeze_every)
        self._paused = False
        self._closing = False
        self._all_gone = asyncio.Event()

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The connected stations, by identity."""
        return MappingProxyType(self._links)

    async def start(self) -> list[tuple[str, int]]:
        """Listen; return the addresses that came of it."""
        loop = asyncio.get_running_loop()
        self._most_strangers = min(self.settings.max_unauthenticated, half_of_the_descriptors())
        for gate in self.settings.listen:
            try:
                server = await loop.create_server(self._entrance(gate), gate.host, gate.port, backlog=_BACKLOG)
            except OSError as error:
                await self.close()
                raise ConsoleError(
                    f"Stations cannot be listened for at {gate.host}:{gate.port} ({error.strerror or error}).",
                    "Choose another address or port, or stop what uses this one.",
                ) from error
            self._servers.append(server)
            addresses = (socket.getsockname()[:2] for socket in server.sockets)
            self.gates += [msgspec.structs.replace(gate, host=host, port=port) for host, port in addresses]
        return [(gate.host, gate.port) for gate in self.gates]

    async def close(self) -> None:
        """Stop listening, close every connection with 1001, and wait until all are gone."""
        self._closing = True
        for server in self._servers:
            server.close()
        await self._cut_entrances()
        for socket in list(self._sockets):
            socket.close(1001, "the service stops")
        if self._sockets:
            await self._all_gone.wait()
        self._servers.clear()
        self.recorder.flush()

    async def _cut_entrances(self) -> None:
        shaking = [entrance.shaking for entrance in self._entrances if entrance.shaking is not None]
        for entrance in list(self._entrances):
            entrance.cut()
        if shaking:
            await asyncio.wait(shaking)

    def pause(self) -> None:
        """Read nothing from any station until `resume`: the store is behind."""
        self._paused = True
        for socket in self._sockets:
            if socket.link is not None:
                socket.hold(HOLD_STORE)

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        for socket in self._sockets:
            socket.release(HOLD_STORE)

    # ---- what the sockets call (station_socket.Host)

    def connected(self, socket: StationSocket) -> None:
        """Count a new connection in; the oldest one that has not said who it is makes room if there are too many."""
        self._sockets.add(socket)
        self._strangers[socket] = None
        if self._closing:
            socket.close(1001, "")
        elif len(self._strangers) > self._most_strangers:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.turn_away(
                Refused(
                    503,
                    "too many connections that do not say who they are",
                    "Look who holds connections to this port open without speaking.",
                )
            )

    def entered(self, entrance: TlsEntrance) -> None:
        """See ``TlsHost.entered``."""
        self._entrances[entrance] = None
        if self._closing:
            entrance.cut()
        elif len(self._entrances) > self._most_strangers:
            next(iter(self._entrances)).cut()

    def left(self, entrance: TlsEntrance) -> None:
        """See ``TlsHost.left``."""
        self._entrances.pop(entrance, None)

    @property
    def tls_timeout_s(self) -> float:
        """See ``TlsHost.tls_timeout_s``."""
        return self.settings.handshake_timeout_s

    def admit(
        self, socket: StationSocket, request: Request, parser: ServerProtocol
    ) -> tuple[Response, Link, Memory] | Response:
        """Judge a handshake."""
        verdict = self._judge(socket, request)
        if isinstance(verdict, Refused):
            return self.refuse(socket, request.path, verdict)
        # The parser would choose by our order; the choice has been made by the station's.
        offered = request.headers.get_all("Sec-WebSocket-Protocol")
        if offered:
            del request.headers["Sec-WebSocket-Protocol"]
        if verdict.ocpp_version == "1.6" and "Sec-WebSocket-Extensions" in request.headers:
            del request.headers["Sec-WebSocket-Extensions"]
        response = parser.accept(request)
        if response.status_code != 101:
            cause = f"the WebSocket handshake is faulty: {plain(str(parser.handshake_exc))[:120]}"
            refusal = Refused(
                response.status_code, cause, "Update the station's firmware, or mend the proxy in between."
            )
            return self.refuse(socket, request.path, refusal)
        if verdict.subprotocol is not None:
            response.headers["Sec-WebSocket-Protocol"] = verdict.subprotocol
        memory = self._memories.of(verdict.station_id)
        link = Link(
            socket,
            self._peer,
            self.recorder,
            self.clock,
            memory,
            station_id=verdict.station_id,
            ocpp_version=verdict.ocpp_version,
            address=socket.address,
            proof=verdict.proof,
            assumed=verdict.subprotocol is None,
            local_address=socket.local_address,
        )
        facts = {
            "address": socket.address,
            "path": _shown_path(request.path),
            "offered": offered,
            "subprotocol": verdict.subprotocol,
            "security_profile": verdict.proof.security_profile,
            "compressed": bool(parser.extensions),
        }
        self.recorder.event(verdict.station_id, "connected", facts, verdict.problem)
        return response, link, memory

    def opened(self, socket: StationSocket, link: Link) -> None:
        """The newcomer has shown who it is, so it takes the place of an older connection."""
        self._strangers.pop(socket, None)
        older = self._links.get(link.station_id)
        if older is not None:
            older.close(REPLACED, "replaced by a newer connection")
            older.ended(REPLACED, "replaced by a newer connection", replaced=True)
        self._links[link.station_id] = link
        self._gc.connected()
        if self._paused:
            socket.hold(HOLD_STORE)
        self._peer.opened(link)

    def refuse(self, socket: StationSocket, path: str, refusal: Refused) -> Response:
        """Tell the operator of a refused connection, and the station why."""
        self.refused(socket.address, path, refusal)
        return _response(refusal)

    def refused(self, address: str, path: str, refusal: Refused) -> None:
        """Tell the operator of a refused connection."""
        path = _shown_path(path)
        same_kind = f"{address}\n{path}\n{refusal.station_id}\n{refusal.cause}".encode()
        attempt = Attempt(
            attempt_id=hashlib.blake2s(same_kind, digest_size=8).hexdigest(),
            at=self.clock.now(),
            address=address,
            path=path,
            station_id=refusal.station_id,
            http_status=refusal.http_status,
            cause=refusal.cause,
            cure=refusal.cure,
        )
        facts = {
            "address": attempt.address,
            "path": path,
            "http_status": attempt.http_status,
            "cause": attempt.cause,
            "cure": attempt.cure,
        }
        self.recorder.event(refusal.station_id, "refused", facts, refusal.cause)
        self._door.refused(attempt)

    def lost(self, socket: StationSocket, link: Link | None) -> None:
        """Forget a connection."""
        if link is not None and self._links.get(link.station_id) is link:
            del self._links[link.station_id]
        self._sockets.discard(socket)
        self._strangers.pop(socket, None)
        if self._closing and not self._sockets:
            self._all_gone.set()

    def _entrance(self, gate: Gate) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol of each connection at a gate."""

        def new_socket() -> StationSocket:
            bound = self.settings.max_message_bytes
            parser = ServerProtocol(extensions=[_DEFLATE], max_size=bound, logger=_WEBSOCKET_LOG)
            return StationSocket(self, parser, gate)

        if gate.tls is None:
            return new_socket
        context = TlsContext(gate.tls)
        context.first()
        return lambda: TlsEntrance(self, context, new_socket)

    def _judge(self, socket: StationSocket, request: Request) -> Admitted | Refused:
        refusal = check_request(request.method, request.protocol, request.headers)
        if refusal is not None:
            return refusal
        now_s = time.monotonic()
        address = socket.address

        def wait_s(station_id: str) -> float:
            return self._back_off.wait_s((address, station_id), now_s)

        verdict = decide(
            request.path,
            request.headers,
            self._door,
            self.settings,
            socket.gate,
            socket.certificate_name,
            wait_s,
        )
        if isinstance(verdict, Refused):
            if verdict.guessed:
                self._back_off.failed((address, verdict.station_id), now_s)
            return verdict
        self._back_off.succeeded((address, verdict.station_id))
        pause_s = self._flapping.wait_s(verdict.station_id, now_s)
        if not pause_s:
            return verdict
        return Refused(
            429,
            f"the station connects more than {self.settings.connects_per_minute} times a minute",
            "Two stations of one name, or a bad network: look at both.",
            verdict.station_id,
            retry_after_s=pause_s,
        )


def _shown_path(path: str) -> str:
    """Return a URL path as it may be kept: without the query, where people put tokens."""
    return plain(path.partition("?")[0].partition("#")[0])[:_LONGEST_PATH]


def _response(refusal: Refused) -> Response:
    """Write the HTTP answer to a refused handshake. The cure is for the operator, not for whoever knocks."""
    response = ServerProtocol().reject(refusal.http_status, f"{refusal.cause}\n")
    if refusal.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="OCPP", charset="UTF-8"'
    if refusal.http_status == 426:
        response.headers["Upgrade"] = "websocket"
    if refusal.retry_after_s:
        response.headers["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    return response
