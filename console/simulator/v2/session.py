"""One driver's visit to a connector, from the first cable or card to the last message of its transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.simulator.connector import Connector
from console.simulator.types import ConnectorState
from console.simulator.v2.authorization import IdToken
from console.simulator.v2.bills import Bill

EV_CONNECTED = "EVConnected"
AUTHORIZED = "Authorized"
POWER_PATH_CLOSED = "PowerPathClosed"
ENERGY_TRANSFER = "EnergyTransfer"

_CHARGING_STATES = {
    ConnectorState.CHARGING: "Charging",
    ConnectorState.SUSPENDED_EV: "SuspendedEV",
    ConnectorState.SUSPENDED_EVSE: "SuspendedEVSE",
}


@dataclass(eq=False, slots=True)
class Session:
    """What the station knows of a visit. There is a transaction once `transaction_id` is not None."""

    connector: Connector
    transaction_id: str | None = None
    token: IdToken | None = None
    group: str | None = None
    authorized: bool = False
    remote_start_id: int | None = None
    reservation_id: int | None = None
    power_since: datetime | None = None
    began: datetime | None = None
    ended: bool = False
    stopped_reason: str | None = None
    next_seq_no: int = 0
    unsent: int = 0
    told_state: str | None = None
    told_token: IdToken | None = None
    told_remote_start_id: int | None = None
    told_evse: bool = False
    seen: set[str] = field(default_factory=set)
    begin_values: list[dict[str, Any]] = field(default_factory=list)
    begin_energy_wh: int = 0
    total_cost: float | None = None
    limit: dict[str, float] = field(default_factory=dict)
    bill: Bill | None = None

    @property
    def running(self) -> bool:
        """Whether its transaction has begun and not ended."""
        return self.transaction_id is not None and not self.ended

    @property
    def facts(self) -> set[str]:
        """Which of the points at which transactions start and stop hold now (2.x E01)."""
        facts = set()
        if self.connector.car is not None:
            facts.add(EV_CONNECTED)
        if self.authorized:
            facts.add(AUTHORIZED)
        if self.connector.in_transaction:
            facts |= {POWER_PATH_CLOSED, ENERGY_TRANSFER}
        return facts

    @property
    def charging_state(self) -> str:
        """The chargingState of its transaction."""
        if self.connector.car is None:
            return "Idle"
        return _CHARGING_STATES.get(self.connector.state, EV_CONNECTED)

    def starts(self, points: Iterable[str]) -> bool:
        """Whether its transaction begins now."""
        return self.transaction_id is None and not self.ended and not self.facts.isdisjoint(points)

    def stops(self, points: Iterable[str]) -> bool:
        """Whether its transaction ends now: something that held no longer does."""
        return self.running and any(point in self.seen and point not in self.facts for point in points)
