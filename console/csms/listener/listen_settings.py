"""How the stations' listener behaves."""

from __future__ import annotations

import msgspec

from console.csms.listener.gate import Gate


class ListenSettings(msgspec.Struct, frozen=True):
    """Where to listen, what to accept, and every bound of the link. 0 switches a limit off where noted.

    ``listen`` are the gates; port 0 takes a free one. ``supported`` are subprotocols; the station's order
    of preference decides among them. ``ping_interval_s`` 0: no pings, and silence is never taken for death.
    ``flood_per_s`` 0: no limit on a station's messages. ``connects_per_minute`` 0: no limit on its reconnects.
    ``freeze_every`` N: after every N-th connection all objects alive are taken out of garbage collection (0: never).
    """

    listen: tuple[Gate, ...] = (Gate("0.0.0.0", 9000),)  # noqa: S104  stations come from the network
    supported: tuple[str, ...] = ("ocpp1.6", "ocpp2.0.1", "ocpp2.1")
    assume_16_without_subprotocol: bool = True
    max_message_bytes: int = 1 << 20
    handshake_timeout_s: float = 10.0
    max_unauthenticated: int = 10_000
    close_timeout_s: float = 3.0
    ping_interval_s: float = 20.0
    flood_burst: int = 500
    flood_per_s: float = 200.0
    connects_per_minute: int = 20
    max_unread_bytes: int = 1 << 20
    answer_timeout_s: float = 120.0
    freeze_every: int = 0
