"""Who is this, and may it come in? Judged from a station's HTTP request alone. Pure.

Every refusal has a cause and a cure in words, for a connection that fails is the commonest trouble there is. Neither
holds what the station sent beyond its identity and its offers: a query string or a header may hold a secret.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import msgspec
from websockets.datastructures import Headers

from console.csms.link.proof import Proof
from console.csms.listener.credentials import Unproved, prove
from console.csms.listener.gate import Gate
from console.csms.listener.listen_settings import ListenSettings
from console.csms.ports import Door
from console.model.text import plain

_MAX_IDENTITY_LENGTH = 255
_MAX_IDENTITY_LENGTH_2X = 48
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Admitted(msgspec.Struct, frozen=True):
    """A station may come in. ``subprotocol`` is None where it offered none; ``problem`` says what was overlooked."""

    station_id: str
    subprotocol: str | None
    ocpp_version: str
    proof: Proof
    problem: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A connection is refused. ``station_id`` is "" where none could be read; ``retry_after_s`` 0: not said.

    ``guessed`` is true if credentials were shown and were wrong.
    """

    http_status: int
    cause: str
    cure: str
    station_id: str = ""
    retry_after_s: float = 0.0
    guessed: bool = False


def check_request(method: str, protocol: str, headers: Headers) -> Refused | None:
    """Return what keeps an HTTP request from being a WebSocket handshake, or None (RFC 6455 section 4.2.1)."""
    if method != "GET":
        return Refused(405, f"the request is {plain(method)[:20]}, not GET", "Point a WebSocket client at this port.")
    upgrade = _tokens(headers, "Upgrade")
    connection = _tokens(headers, "Connection")
    if "websocket" not in upgrade and "upgrade" not in connection:
        return Refused(
            426,
            "a plain HTTP request, not a WebSocket handshake",
            "Browsers cannot speak OCPP. Stations connect to ws://HOST:PORT/ID.",
        )
    if protocol != "HTTP/1.1":
        return Refused(505, f"the request is {plain(protocol)[:20]}", "A proxy in between must pass on HTTP/1.1.")
    for name, tokens, wanted in (("Upgrade", upgrade, "websocket"), ("Connection", connection, "upgrade")):
        if wanted not in tokens:
            return Refused(
                426,
                f"the header “{name}: {wanted}” is missing",
                "Let the proxy between pass it on; without one, update the station.",
            )
    return None


def decide(
    path: str,
    headers: Headers,
    door: Door,
    settings: ListenSettings,
    gate: Gate,
    certificate_name: str = "",
    wait_s: Callable[[str], float] = lambda station_id: 0.0,
) -> Admitted | Refused:
    """Judge a WebSocket handshake at a gate. ``wait_s`` tells how long an identity must wait after wrong passwords."""
    station_id = read_identity(path)
    if isinstance(station_id, Refused):
        return station_id
    if not door.knows(station_id):
        return Refused(
            404,
            f"no station {plain(station_id)} is known here",
            "Add a station of exactly this name, or correct the end of its URL.",
            station_id,
        )
    offer = choose_subprotocol(headers, settings, station_id, strict=door.known(station_id).strict)
    if isinstance(offer, Refused):
        return offer
    subprotocol, ocpp_version, problem = offer
    if ocpp_version != "1.6" and (len(station_id) > _MAX_IDENTITY_LENGTH_2X or ":" in station_id):
        return Refused(
            400,
            f"an identity in OCPP {ocpp_version} has at most {_MAX_IDENTITY_LENGTH_2X} characters and no colon",
            "Give the station another identity.",
            station_id,
        )
    pause_s = wait_s(station_id)
    if pause_s:
        return Refused(
            429,
            "too many wrong passwords",
            f"Correct it at the station, which is heard again in {pause_s:.0f} s.",
            station_id,
            retry_after_s=pause_s,
        )
    proof = prove(headers, door, station_id, gate, certificate_name)
    if isinstance(proof, Unproved):
        return Refused(proof.http_status, proof.cause, proof.cure, station_id, guessed=proof.guessed)
    overlooked = "; ".join(text for text in (problem, proof.problem) if text)
    return Admitted(station_id, subprotocol, ocpp_version, proof, overlooked)


def read_identity(path: str) -> str | Refused:
    """Return the identity in a URL path: its last part, percent-decoded once after splitting."""
    raw = path.partition("?")[0].partition("#")[0].removesuffix("/").rpartition("/")[2]
    if not raw:
        return Refused(
            404,
            "the URL ends without an identity",
            "Let the station's URL end with its identity: ws://HOST:PORT/ID.",
        )
    try:
        station_id = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return Refused(400, "the identity in the URL is no UTF-8", "Give the station an identity of plain letters.")
    if any(unicodedata.category(character) in _INVISIBLE for character in station_id):
        return Refused(400, "the identity holds control characters", "Give the station an identity of plain letters.")
    parts = station_id.replace("\\", "/").split("/")
    if ".." in parts or "." in parts:
        return Refused(400, "the identity looks like a file path", "Give the station an identity of plain letters.")
    if len(station_id) > _MAX_IDENTITY_LENGTH:
        return Refused(
            400, f"the identity is longer than {_MAX_IDENTITY_LENGTH} characters", "Give the station a shorter one."
        )
    return station_id


def choose_subprotocol(
    headers: Headers, settings: ListenSettings, station_id: str, *, strict: bool = False
) -> tuple[str | None, str, str] | Refused:
    """Return the station's first offer that is supported, the OCPP version, and what was overlooked."""
    offered = _tokens(headers, "Sec-WebSocket-Protocol", keep_case=True)
    for subprotocol in offered:
        if subprotocol in settings.supported:
            return subprotocol, subprotocol.removeprefix("ocpp"), ""
    supported = ", ".join(settings.supported)
    if offered:
        names = plain(", ".join(offered))[:100]
        return Refused(
            400,
            f"the station offers {names} only",
            f"Set the station to a version that is spoken here: {supported}.",
            station_id,
        )
    if settings.assume_16_without_subprotocol and "ocpp1.6" in settings.supported and not strict:
        return None, "1.6", "the station names no subprotocol; taken for OCPP 1.6"
    return Refused(
        400,
        "the station names no subprotocol",
        f"Set the station's OCPP version to one that is spoken here: {supported}.",
        station_id,
    )


def _tokens(headers: Headers, name: str, *, keep_case: bool = False) -> list[str]:
    """Split a header that holds a list, however many lines it came in."""
    tokens = [token.strip() for value in headers.get_all(name) for token in value.split(",")]
    return [token if keep_case else token.lower() for token in tokens if token]
