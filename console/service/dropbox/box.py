"""The drop box as a whole: its addresses, its folder, and the servers at its doors."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from console.csms.listener.gate import Gate, TlsContext
from console.csms.ports import Clock, Session
from console.errors import ConsoleError
from console.model.message import Attempt
from console.model.station_file import FileKind, StationFile
from console.service.dropbox.door import App, Door
from console.service.dropbox.folder import Folder
from console.service.dropbox.reception import FailedError
from console.service.dropbox.settings import FilesSettings
from console.service.dropbox.slots import Slots
from console.service.operator_link import WebServer

if TYPE_CHECKING:
    from console.service.dropbox.ftp import FtpDoor

_FOLDER = "files"
_GRACE_S = 1
#: Whoever connects has so long to say what is wanted.
_HEAD_TIMEOUT_S = 20.0
_MOST_CONNECTIONS = 200
#: So many refusals a minute are told; the rest are answered only.
_MOST_TOLD = 60
_TOKEN = re.compile(r"/([0-9a-f]{32})[/@]")
NO_PYFTPDLIB = "pipx inject ocpp-console pyftpdlib   (or pip install pyftpdlib beside it), and start the service again"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class DropBox:
    """Implements ``ports.FileBox`` for the CSMS, and ``reception.Host``.

    ``on_received`` and ``on_refused`` hear of what comes.
    """

    def __init__(self, data: Path, settings: FilesSettings, gates: Sequence[Gate], clock: Clock) -> None:
        self.folder = Folder(data / _FOLDER)
        self.slots = Slots()
        self.on_received: Callable[[StationFile], None] = lambda _file: None
        self.on_refused: Callable[[Attempt], None] = lambda _attempt: None
        #: What it says of itself when it listens elsewhere than was wanted, or not at all.
        self.troubles: list[str] = []
        self._settings = settings
        self._gates = gates
        self._clock = clock
        self._servers: list[tuple[WebServer, asyncio.Task[None]]] = []
        self._ports: dict[str, int] = {}  # by the scheme of its URLs
        self._ftp: FtpDoor | None = None
        self._told: list[datetime] = []
        self._tidying = asyncio.Lock()  # a file that is just offered has no address yet

    # --- its life ---

    async def start(self) -> None:
        """Listen. Raises ConsoleError if that is not possible."""
        await asyncio.to_thread(self.folder.prepare)
        self.slots = Slots(await asyncio.to_thread(self.folder.load_slots))
        if not self._settings.enabled:
            return
        plain_gate = next((gate for gate in self._gates if gate.tls is None), None)
        tls_gate = next((gate for gate in self._gates if gate.tls is not None), None)
        port = self._settings.port
        if plain_gate is not None:
            self._listen(plain_gate, port, None)
        if tls_gate is not None:
            # With both, the second is beside the first.
            beside = port + 1 if port and plain_gate is not None else port
            self._listen(tls_gate, beside, _tls(tls_gate))
        if self._settings.ftp_port is not None:
            self._listen_for_ftp(plain_gate or self._gates[0], self._settings.ftp_port)

    def _listen(self, gate: Gate, port: int, tls: ssl.SSLContext | None) -> None:
        listening = self._bind(self._settings.host or gate.host, port)
        app: App = Door(self)
        config = uvicorn.Config(
            app,
            http=_Impatient,
            lifespan="off",
            log_config=None,
            access_log=False,
            log_level="error",  # strangers must not fill the log; the level is one for all of uvicorn
            ws="none",
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE_S,
        )
        config.load()
        config.ssl = tls
        server = WebServer(config)
        self._ports["http" if tls is None else "https"] = listening.getsockname()[1]
        self._servers.append((server, asyncio.create_task(server.serve(sockets=[listening]))))

    def _listen_for_ftp(self, gate: Gate, port: int) -> None:
        try:
            # Here, not above: it is an extra.
            from console.service.dropbox.ftp import FtpDoor
        except ModuleNotFoundError:
            self.troubles.append(f"files are not taken by FTP: pyftpdlib is not installed. {NO_PYFTPDLIB}")
            return
        listening = self._bind(self._settings.host or gate.host, port, "files.ftp_port")
        self._ports["ftp"] = listening.getsockname()[1]
        ports = self._settings.ftp_passive_ports
        passive = range(ports[0], ports[1] + 1) if ports else ()
        self._ftp = FtpDoor(self, listening, passive, self._public_address())
        self._ftp.start()

    def _public_address(self) -> str:
        """What stations are told for data connections: the public address, if it is one and no name."""
        host = urlsplit(self._settings.public_url).hostname or ""
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            return ""

    def _bind(self, host: str, port: int, setting: str = "files.port") -> socket.socket:
        """Listen at the port, or at any free one if something else has it: logs are no reason not to serve."""
        try:
            return _listening(host, port)
        except OSError as error:
            if port:
                self.troubles.append(
                    f"files are not taken at port {port} ({error.strerror or error}), but at any free one: "
                    f"a firewall may be in the way. Choose {setting} in the profile"
                )
                return self._bind(host, 0)
            raise ConsoleError(
                f"Files cannot be listened for at {host} ({error.strerror or error}).",
                "Choose files.host in the profile, or files.enabled = false.",
            ) from error

    @property
    def serving(self) -> list[asyncio.Task[None]]:
        """The servers' lives; each ends when it was closed, or with what went wrong."""
        return [task for _, task in self._servers]

    async def close(self) -> None:
        """Stop; what is on its way is broken off. What went wrong before is told by ``serving``."""
        for server, _ in self._servers:
            server.should_exit = True
        await asyncio.gather(*self.serving, return_exceptions=True)
        self._servers.clear()
        if self._ftp is not None:
            await self._ftp.close()
            self._ftp = None

    async def tidy(self) -> None:
        """Remove what is too old."""
        async with self._tidying:
            now = self._clock.now()
            self.slots.sweep(now)
            await asyncio.to_thread(self.folder.tidy, now, self._settings.keep_days, self.slots.all())

    # --- FileBox ---

    async def expect(
        self, session: Session, kind: FileKind, request_id: int, until: datetime, *, ftp: bool = False
    ) -> str:
        """See ``FileBox.expect``. The address ends in a slash: what a station puts after it is of no meaning."""
        base = self._base(session, ftp)
        slot = self.slots.open(session.station_id, until, self._clock.now(), kind=kind, request_id=request_id)
        await self._save()
        return base.format(token=slot.token)

    async def offer(self, session: Session, source: Path, until: datetime, *, ftp: bool = False) -> str:
        """See ``FileBox.offer``. The address ends in the file's name, for stations look at that."""
        base = self._base(session, ftp)
        async with self._tidying:
            name = await asyncio.to_thread(self.folder.offer, source)
            slot = self.slots.open(session.station_id, until, self._clock.now(), offered=name)
        await self._save()
        return f"{base.format(token=slot.token)}{_UNSAFE.sub('-', source.name)[-80:]}"

    async def withdraw(self, url: str) -> None:
        """See ``FileBox.withdraw``."""
        match = _TOKEN.search(url)
        if match is not None:
            self.slots.forget(match[1])
            await self._save()

    async def remove(self, file_id: str, station_id: str) -> bool:
        """See ``FileBox.remove``."""
        try:
            return await asyncio.to_thread(self.folder.remove_of, file_id, station_id)
        except OSError as error:
            raise ConsoleError(
                f"The file cannot be deleted: {error.strerror}.", "Mend the data folder's rights."
            ) from error

    def _base(self, session: Session, ftp: bool) -> str:
        """An address but for its token: where this station has reached us, or what the profile says."""
        public = self._settings.public_url.rstrip("/").replace("{", "%7B").replace("}", "%7D")
        if ftp:
            return self._ftp_base(session, urlsplit(public).hostname or "")
        if public:
            return f"{public}/{{token}}/"
        scheme = "https" if session.security_profile >= 2 else "http"
        if scheme not in self._ports:
            raise ConsoleError("The drop box is not open.", "Say files.enabled = true in the profile, or name a URL.")
        return f"{scheme}://{_in_url(session.local_address)}:{self._ports[scheme]}/{{token}}/"

    def _ftp_base(self, session: Session, public_host: str) -> str:
        if "ftp" in self._ports:
            return f"ftp://{{token}}@{_in_url(public_host or session.local_address)}:{self._ports['ftp']}/"
        wanted = self._settings.enabled and self._settings.ftp_port is not None
        cure = NO_PYFTPDLIB if wanted else "Say files.ftp_port = 9021 in the profile, and start the service again."
        raise ConsoleError("The drop box is not open for FTP.", cure)

    async def _save(self) -> None:
        await asyncio.to_thread(self.folder.save_slots, self.slots.all())

    # --- reception.Host ---

    def now(self) -> datetime:
        """See ``Host.now``."""
        return self._clock.now()

    def received(self, file: StationFile) -> None:
        """See ``Host.received``."""
        self.on_received(file)

    async def used(self) -> None:
        """See ``Host.used``."""
        await self._save()

    def refused(self, address: str, request: str, station_id: str, failure: FailedError) -> None:
        """See ``Host.refused``. A flood is answered, not told."""
        now = self._clock.now()
        self._told = [at for at in self._told if (now - at).total_seconds() < 60]
        if len(self._told) >= _MOST_TOLD:
            return
        self._told.append(now)
        same_kind = f"drop box\n{address}\n{station_id}\n{failure.cause}".encode()
        self.on_refused(
            Attempt(
                attempt_id=hashlib.blake2s(same_kind, digest_size=8).hexdigest(),
                at=now,
                address=address,
                path=request,
                station_id=station_id,
                http_status=failure.status,
                cause=f"drop box: {failure.cause}",
                cure=failure.cure,
            )
        )


class _Impatient(H11Protocol):
    """A connection that must say what is wanted soon."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(_HEAD_TIMEOUT_S, self._close_if_silent)

    def _close_if_silent(self) -> None:
        if getattr(self, "cycle", None) is None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._hurry.cancel()
        super().connection_lost(exc)


def _tls(gate: Gate) -> ssl.SSLContext:
    """A gate's certificates, read anew when their files change. Stations show none of their own here."""
    assert gate.tls is not None  # noqa: S101  # only called where it is not
    context = TlsContext(msgspec.structs.replace(gate.tls, client_ca=None))
    context.first()
    first = context.current()

    def newest(connection: ssl.SSLObject | ssl.SSLSocket, _name: str, _context: ssl.SSLContext) -> None:
        connection.context = context.current()

    first.sni_callback = newest
    return first


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


def _in_url(host: str) -> str:
    """An address as it stands in a URL; what IPv6 sockets call an IPv4 address is one."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped) if mapped else f"[{address}]" if address.version == 6 else str(address)
