"""The TLS handshake of a station's connection. A failure of it has a cause and a cure in words.

asyncio does the handshake (``start_tls``); it is asked for here and not when listening, where a failure is not told.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from console.csms.listener.gate import TlsContext
from console.csms.listener.handshake import Refused

_LOG = logging.getLogger(__name__)

#: OpenSSL's reasons: what they mean here, and what to do. Those that begin so are alerts of the station.
_REASONS = {
    "HTTP_REQUEST": ("the station speaks ws:// to a port of TLS", "Set the station's URL to wss://."),
    "NO_SHARED_CIPHER": (
        "the station offers no cipher suite that is offered here",
        "Update the station; if it knows plain RSA suites only, set rsa_suites = true in the profile.",
    ),
    "UNSUPPORTED_PROTOCOL": ("the station speaks TLS older than 1.2", "Update the station's firmware."),
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": (
        "the station shows no certificate, and one is needed",
        "Install a client certificate on it: security profile 3.",
    ),
}
_OUR_CERTIFICATE = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED", "DECRYPT_ERROR")


class TlsHost(Protocol):
    """The listener, as a handshake sees it."""

    def entered(self, entrance: TlsEntrance) -> None:
        """A TLS handshake begins; too many at once are cut short, the oldest first."""
        ...

    def left(self, entrance: TlsEntrance) -> None:
        """It is over, in whatever way."""
        ...

    def refused(self, address: str, path: str, refusal: Refused) -> None:
        """Take note of a refusal."""
        ...

    @property
    def tls_timeout_s(self) -> float:
        """How long a handshake may take."""
        ...


class TlsEntrance(asyncio.Protocol):
    """One TCP connection until it is encrypted; then ``new_socket`` makes the protocol that goes on with it.

    ``shaking`` is the handshake, from when it began.
    """

    def __init__(self, host: TlsHost, context: TlsContext, new_socket: Callable[[], asyncio.Protocol]) -> None:
        self.address = ""
        self._host = host
        self._context = context
        self._new_socket = new_socket
        self._transport: asyncio.Transport | None = None
        self._encrypting = False
        self._hello: list[bytes] = []  # what came before there was anybody to decrypt it
        self._early: list[bytes] = []  # what a station in a hurry sent before its socket was there
        self.shaking: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A TCP connection: shake hands."""
        self._transport = raw = cast(asyncio.Transport, transport)
        peer = raw.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else "local"
        raw.pause_reading()
        self._host.entered(self)
        self.shaking = asyncio.get_running_loop().create_task(self._shake_hands(raw))
        self.shaking.add_done_callback(_tell_failure)

    def data_received(self, data: bytes) -> None:
        """The beginning of a handshake, or, decrypted, what came with the end of it."""
        (self._early if self._encrypting else self._hello).append(data)

    def cut(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()

    async def _shake_hands(self, raw: asyncio.Transport) -> None:
        try:
            transport = await self._encrypted(raw)
        except OSError as error:  # ssl.SSLError and time-outs are OSErrors
            raw.abort()
            cause, cure = explain(error)
            self._host.refused(self.address, "", Refused(0, cause, cure))
            return
        finally:
            self._host.left(self)
        if transport is None or transport.is_closing():
            return
        socket = self._new_socket()
        transport.set_protocol(socket)
        socket.connection_made(transport)
        for data in self._early:
            socket.data_received(data)

    async def _encrypted(self, raw: asyncio.Transport) -> asyncio.Transport | None:
        """Shake hands. Raises OSError."""
        loop = asyncio.get_running_loop()
        wanted = loop.start_tls(
            raw, self, self._context.current(), server_side=True, ssl_handshake_timeout=self._host.tls_timeout_s
        )
        shaking = loop.create_task(wanted)
        try:
            await asyncio.sleep(0)  # now somebody decrypts, and has stopped reading until after this
            self._encrypting = True
            # uvloop begins to read after ``connection_made``, whatever was paused there: the hello may be here already.
            if self._hello:
                _hand_over(b"".join(self._hello), raw.get_protocol())
            return await shaking
        finally:
            shaking.cancel()


def _hand_over(data: bytes, protocol: asyncio.BaseProtocol) -> None:
    """Give a protocol what came for it before it was there."""
    receiver, rest = cast(asyncio.BufferedProtocol, protocol), memoryview(data)
    while rest:
        buffer = memoryview(cast(bytearray, receiver.get_buffer(len(rest))))
        size = min(len(buffer), len(rest))
        buffer[:size] = rest[:size]
        receiver.buffer_updated(size)
        rest = rest[size:]


def _tell_failure(shaking: asyncio.Task[None]) -> None:
    if not shaking.cancelled() and (error := shaking.exception()) is not None:
        _LOG.error("a TLS handshake failed in a way that nobody thought of", exc_info=error)


def explain(error: BaseException) -> tuple[str, str]:
    """The cause and the cure of a TLS handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the station's certificate is not accepted: {error.verify_message}",
            "It must be signed by an authority in the profile's client_ca, be valid now, and not be revoked.",
        )
    if isinstance(error, ssl.SSLError):
        reason = str(error.reason or "")
        if reason in _REASONS:
            return _REASONS[reason]
        if reason.endswith(_OUR_CERTIFICATE):
            return (
                "the station does not trust this service's certificate",
                "Install the authority that signed it as the station's root certificate, and mind its host name.",
            )
        return f"the TLS handshake failed: {reason.replace('_', ' ').lower()}", "Compare the TLS settings of both ends."
    if isinstance(error, TimeoutError | ConnectionAbortedError):
        return "the TLS handshake took too long", "Look at the network between; a port scanner does so too."
    return "the station hung up during the TLS handshake", "It may not trust this service's certificate: see its log."
