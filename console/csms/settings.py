"""What the owner of a site decides about its CSMS."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from console.model.make import Tolerance
from console.model.tariff import Tariff


class CsmsSettings(msgspec.Struct, frozen=True):
    """The settings of one CSMS.

    ``secret`` keys the permutation that makes transaction ids unpredictable: at least 16 random bytes, made once for
    the life of a data folder. ``organization`` is what stations' certificate requests must name ("": anything).
    ``operators_present`` tells whether somebody watches who could approve a card now.
    ``tolerance`` is for stations of which no operator chose how much of what breaks OCPP is taken from them.
    ``tariff``: what charging costs, told to stations that show it (2.x); None tells nothing.
    ``quiet``: stations are sent nothing that no operator asked for; otherwise their settings are read once.
    """

    secret: bytes
    site_name: str = ""
    accept_unknown: bool = False
    tolerance: Tolerance = Tolerance.PROFILE
    quiet: bool = True
    tariff: Tariff | None = None
    heartbeat_interval_s: int = 300
    organization: str = ""
    pending_interval_s: int = 30
    rejected_interval_s: int = 300
    card_wait_s: float = 15.0
    call_timeout_s: float = 30.0
    operators_present: Callable[[], bool] = lambda: False
