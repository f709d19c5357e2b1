"""The hardware of one station: its connectors, its serial numbers and the time that passes for them."""

from __future__ import annotations

import random

from console.simulator.clock import Clock
from console.simulator.connector import Connector
from console.simulator.meter import Meter
from console.simulator.types import ConnectorState, StationKind

_MOST_USED_METER_WH = 4_000_000.0


class Station:
    """Connectors, meters and serial numbers. It knows no OCPP version."""

    def __init__(self, kind: StationKind, clock: Clock, rng: random.Random) -> None:
        self.kind = kind
        self.clock = clock
        self.serial_number = f"{rng.randrange(16**10):010X}"
        self.meter_serial_number = f"{rng.randrange(10**9):09d}"
        self.firmware_version = kind.firmware_version
        self.operative = True
        self.connectors = tuple(
            connector
            for evse in range(kind.evses)
            for connector in _evse(evse, kind, Meter(rng, register_wh=rng.uniform(0.0, _MOST_USED_METER_WH)))
        )
        self.settled_s = clock.elapsed_s
        """Up to when time has passed for the connectors."""

    def connector(self, connector_id: int) -> Connector:
        """The connector of that number, from 1; ValueError if there is none."""
        if not 1 <= connector_id <= len(self.connectors):
            raise ValueError(f"no connector {connector_id}: there are {len(self.connectors)}")
        return self.connectors[connector_id - 1]

    @property
    def state(self) -> ConnectorState:
        """The state of the station as a whole, which OCPP 1.6 calls connector 0."""
        return ConnectorState.AVAILABLE if self.operative else ConnectorState.UNAVAILABLE

    @property
    def in_transaction(self) -> bool:
        """Whether any connector has a transaction."""
        return any(connector.in_transaction for connector in self.connectors)

    def settle(self, now_s: float) -> None:
        """Let the time pass that went by since the last call, up to `now_s` on the clock."""
        for connector in self.connectors:
            connector.advance(now_s - self.settled_s)
        self.settled_s = now_s


def _evse(evse: int, kind: StationKind, meter: Meter) -> tuple[Connector, ...]:
    """The connectors of one EVSE, counted from 0: they share its meter."""
    first = evse * kind.connectors_per_evse + 1
    connectors = tuple(Connector(first + number, kind, meter) for number in range(kind.connectors_per_evse))
    for connector in connectors:
        connector.siblings = tuple(other for other in connectors if other is not connector)
    return connectors
