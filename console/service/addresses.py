"""Where stations reach this computer, in words that can be typed into a charger."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from console.csms.listener.gate import Gate

#: An address that leads out of this computer and belongs to nobody (RFC 5737, RFC 3849); nothing is sent to it.
_OUT_THERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def station_urls(gates: Iterable[Gate]) -> tuple[str, ...]:
    """``ws://HOST:PORT/`` (or wss) for each gate; an address that means all of them becomes this computer's own."""
    urls = (f"{'wss' if gate.tls else 'ws'}://{_in_url(_own(gate.host))}:{gate.port}/" for gate in gates)
    return tuple(dict.fromkeys(urls))


def _own(host: str) -> str:
    if host == "0.0.0.0":  # noqa: S104  # compared, not listened at
        return _outgoing(socket.AF_INET) or socket.gethostname()
    if host == "::":
        return _outgoing(socket.AF_INET6) or socket.gethostname()
    return host


def _outgoing(family: socket.AddressFamily) -> str:
    """The address that this computer uses towards others, "" if it has no network."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((_OUT_THERE[family], 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
