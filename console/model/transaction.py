"""A charging transaction, from its start to its end and what is odd about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Flag(StrEnum):
    """What a person should know before trusting a transaction's figures."""

    ABANDONED = "abandoned"  # a newer transaction began on the connector before this one was stopped
    ORPHAN = "orphan"  # its end arrived, its start never did
    MATCHED_BY_GUESS = "matched by guess"  # the station sent no valid id; connector and time decided
    METER_INVALID = "meter invalid"  # meterStop below meterStart, or a register that jumped
    CONNECTOR_CONFLICT = "connector conflict"  # meter values under this id came from another connector
    CLOCK_SUSPECT = "clock suspect"  # the station's time stamps cannot be right
    NOT_AUTHORIZED = "not authorized"  # started with a token that was refused
    FOREIGN_TOKEN = "foreign token"  # stopped with a token of another group
    GAP = "gap"  # 2.x: sequence numbers are missing


#: The type of a token that stands for a payment at the station, or at a kiosk.
DIRECT_PAYMENT = "DirectPayment"


class Transaction(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One transaction, keyed by station and transaction id.

    ``meter_start_wh`` and ``meter_stop_wh`` are register readings, ``energy_wh`` what was delivered so far (None where
    the figures make no sense; never negative). ``ended_at`` None means it is running. Known of 2.x only: the
    ``charging_state``, the ``remote_start_id`` of what it came of, and the sequence numbers that have come, as ranges
    (as of the last change that was stored).
    """

    station_id: str
    transaction_id: str
    evse_id: int
    connector_id: int = 1
    id_token: str = ""
    group_id: str = ""
    started_at: datetime | None = None
    meter_start_wh: int | None = None
    ended_at: datetime | None = None
    meter_stop_wh: int | None = None
    energy_wh: int | None = None
    stop_reason: str = ""
    stop_token: str = ""
    flags: tuple[Flag, ...] = ()
    updated_at: datetime | None = None
    token_type: str = ""
    charging_state: str = ""
    remote_start_id: int = 0
    seq_nos: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> str:
        """The transaction's key in a site: ids are unique per station only (2.x)."""
        return f"{self.station_id}\n{self.transaction_id}"

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.ended_at is None

    @property
    def cancelled(self) -> bool:
        """Whether a payment was begun for it and nothing was delivered: then nothing is paid (2.1 C20)."""
        return self.ended_at is not None and self.token_type == DIRECT_PAYMENT and self.energy_wh == 0
