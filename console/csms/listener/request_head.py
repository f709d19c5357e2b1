"""The bytes of a new connection, up to the end of its HTTP request."""

from __future__ import annotations

from websockets.exceptions import HeaderLineTooLong, RequestLineTooLong, TooManyHeaders
from websockets.http11 import Request
from websockets.server import ServerProtocol

from console.csms.listener.handshake import Refused

_LONGEST = 1 << 14
_END = b"\r\n\r\n"
_TLS_HANDSHAKE = 0x16


class RequestHead:
    """Collects the request. What follows it (a station in a hurry) is not the request's."""

    __slots__ = ("_head",)

    def __init__(self) -> None:
        self._head = b""

    @property
    def started(self) -> bool:
        """Whether anything was received yet."""
        return bool(self._head)

    @property
    def path(self) -> str:
        """The path of the request line as far as it came, without its query; "" if there is none to read."""
        words = self._head.partition(b"\r\n")[0].split(b" ")
        return words[1].decode("ascii", "replace").partition("?")[0] if len(words) > 2 else ""

    def receive(self, data: bytes, parser: ServerProtocol) -> tuple[Request, bytes] | Refused | None:
        """Take in bytes; return the request and what follows it, why there is none, or None if it is not complete."""
        head = self._head + data
        self._head = head
        if head[0] == _TLS_HANDSHAKE:
            return Refused(
                400,
                "the station speaks TLS to a port that does not",
                "Set the station's URL to ws:// instead of wss://, with security profile 0 or 1.",
            )
        end = head.find(_END)
        if end < 0:
            if len(head) > _LONGEST:
                return Refused(431, "the HTTP request is too long", "No OCPP station sends such a request.")
            return None
        end += len(_END)
        parser.receive_data(head[:end])
        for event in parser.events_received():
            if isinstance(event, Request):
                return event, head[end:]
        return _refuse(parser.handshake_exc)


def _refuse(error: Exception | None) -> Refused:
    if isinstance(error, RequestLineTooLong):
        return Refused(414, "the URL is too long", "Give the station a shorter URL.")
    if isinstance(error, HeaderLineTooLong | TooManyHeaders):
        return Refused(431, "the HTTP headers are too many or too long", "No OCPP station sends such a request.")
    return Refused(
        400,
        "what came is no HTTP request",
        "Only WebSocket (ws://) is spoken at this port; the URL may hold plain letters, digits and % signs only.",
    )
