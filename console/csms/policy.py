"""Who decides: the policy of a live site here; that of a recording, which knows how it was decided, in ``replay``."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from console.csms.said.reports import Verdict
from console.model.station import Admission, Station
from console.model.transaction import Transaction


class Policy(Protocol):
    """The decisions that are asked of a CSMS. Each is asked once, while the request that needs it is handled."""

    def admission(self, station: Station) -> Admission:
        """Whether a station that boots is let in."""
        ...

    def may_charge(self, station_id: str, id_token: str, now: datetime, evse_id: int = 0) -> Verdict | None:
        """Whether a token may charge, at an EVSE if one is named; None: nobody knows it, a person may be asked."""
        ...

    def may_start(self, station_id: str, id_token: str, now: datetime, evse_id: int = 0) -> Verdict | None:
        """The same when a transaction starts with it, which is the moment to say that it charges elsewhere."""
        ...

    def may_stop(self, transaction: Transaction, id_token: str, now: datetime) -> Verdict:
        """Whether a token may end a transaction (which has ended anyway)."""
        ...

    def new_transaction_id(self, station_id: str) -> str:
        """An id for a new transaction, where the CSMS is who gives it (1.6)."""
        ...
