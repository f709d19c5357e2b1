"""One connector: a socket with a car in it or not, and what follows from that."""

from __future__ import annotations

from console.simulator.car import Car
from console.simulator.meter import Meter, Reading
from console.simulator.types import MINIMUM_CURRENT_A, NO_LIMIT, NOMINAL_VOLTAGE_V, ConnectorState, Limit, StationKind

_RAMP_STEP_S = 1.0
_STEADY_STEP_S = 10.0
_ROUNDING_A = 1e-9

NO_ERROR = "NoError"


class Connector:
    """State machine and physics of one socket or cable. It knows no OCPP version and no clock.

    The state is derived from facts (a car is in, a card was accepted, energy is offered, a fault is present), so
    it can never contradict them. `limit` is what smart charging allows now.
    """

    def __init__(self, connector_id: int, kind: StationKind, meter: Meter) -> None:
        self.connector_id = connector_id
        self.kind = kind
        self.meter = meter
        self.siblings: tuple[Connector, ...] = ()
        """The other connectors of the same EVSE."""
        self.car: Car | None = None
        self.authorized = False
        self.in_transaction = False
        self.supply_on = True
        self.operative = True
        self.reserved = False
        self.error_code = NO_ERROR
        self.limit = NO_LIMIT
        self.power_w = 0.0
        self._finishing = False

    @property
    def evse_id(self) -> int:
        """The number of its EVSE, from 1."""
        return (self.connector_id - 1) // self.kind.connectors_per_evse + 1

    @property
    def number_in_evse(self) -> int:
        """Its number within its EVSE, from 1."""
        return (self.connector_id - 1) % self.kind.connectors_per_evse + 1

    @property
    def blocked(self) -> bool:
        """Whether another connector of the same EVSE serves a car."""
        return any(other.car is not None or other.in_transaction for other in self.siblings)

    @property
    def state(self) -> ConnectorState:
        """What the connector would report now."""
        if self.error_code != NO_ERROR:
            return ConnectorState.FAULTED
        if self.in_transaction:
            return self._charging_state()
        if self._finishing:
            return ConnectorState.FINISHING
        if not self.operative or self.blocked:
            return ConnectorState.UNAVAILABLE
        if self.car or self.authorized:
            return ConnectorState.PREPARING
        return ConnectorState.RESERVED if self.reserved else ConnectorState.AVAILABLE

    def _charging_state(self) -> ConnectorState:
        if self.car is None or not self.car.wants_energy:
            return ConnectorState.SUSPENDED_EV
        if not self.supply_on or self._offered_w(self.car) <= 0.0:
            return ConnectorState.SUSPENDED_EVSE
        return ConnectorState.CHARGING

    @property
    def takes_energy(self) -> bool:
        """Whether a car draws power here, or would if it were allowed more."""
        return self.in_transaction and self.supply_on and self.car is not None and self.car.wants_energy

    @property
    def can_start(self) -> bool:
        """Whether a transaction may begin here, now or when a car is plugged in."""
        return self.operative and not self.blocked and self.error_code == NO_ERROR and not self.in_transaction

    def plug_in(self, car: Car) -> None:
        """Put a car's cable in."""
        if self.car is not None:
            raise ValueError(f"connector {self.connector_id} has a car already")
        if self.blocked:
            raise ValueError(f"connector {self.connector_id} is of an EVSE that serves another car")
        self.car = car

    def unplug(self) -> Car:
        """Take the cable out; hands the car back."""
        if self.car is None:
            raise ValueError(f"connector {self.connector_id} has no car")
        car, self.car = self.car, None
        self.power_w = 0.0
        self._finishing = False
        return car

    def begin(self) -> None:
        """Start a transaction: from now on energy is offered."""
        if not self.can_start or self.car is None:
            raise ValueError(f"connector {self.connector_id} cannot start while {self.state}")
        self.in_transaction = True
        self.authorized = False
        self.supply_on = True
        self._finishing = False

    def end(self) -> None:
        """End the transaction; with a car still in, the connector waits for it to leave."""
        self.in_transaction = False
        self.power_w = 0.0
        self._finishing = self.car is not None

    def reboot(self) -> None:
        """Forget what a station forgets when its power is cut: cards accepted and sessions just ended."""
        self.authorized = False
        self._finishing = False

    def authorize(self) -> None:
        """A card was accepted: a transaction begins as soon as a car is in."""
        self.authorized = True
        self._finishing = False

    def advance(self, elapsed_s: float) -> None:
        """Let so much time pass: power follows what is offered and taken, energy is counted."""
        while elapsed_s > 0:
            wanted_w = self._wanted_w()
            ramping = wanted_w > self.power_w
            step_s = min(elapsed_s, _RAMP_STEP_S if ramping else _STEADY_STEP_S)
            ramp_w_per_s = self.car.ramp_w_per_s if self.car else 0.0
            self.power_w = min(wanted_w, self.power_w + ramp_w_per_s * step_s)
            self._deliver(step_s)
            elapsed_s -= step_s

    def obey(self, limit: Limit) -> None:
        """Take over what smart charging allows now; power falls at once, and rises in its own time."""
        self.limit = limit
        self.power_w = min(self.power_w, self._wanted_w())

    def read(self) -> Reading:
        """Read the meter."""
        if self.kind.is_dc:
            return self.meter.read_dc(self.power_w, soc_percent=self.car.soc_percent if self.car else None)
        used = self._phases_used(self.car) if self.car else self.kind.phases
        return self.meter.read_ac(self.power_w, station_phases=self.kind.phases, phases_used=used)

    def _deliver(self, step_s: float) -> None:
        if self.car is None or self.power_w <= 0.0:
            return
        energy_wh = min(self.power_w * step_s / 3600.0, self.car.room_wh)
        self.meter.count(energy_wh)
        self.car.take(energy_wh)
        if not self.car.wants_energy:
            self.power_w = 0.0

    def _wanted_w(self) -> float:
        if self.car is None or self.state != ConnectorState.CHARGING:
            return 0.0
        return min(self._offered_w(self.car), self.car.acceptable_power_w(dc=self.kind.is_dc))

    def _offered_w(self, car: Car) -> float:
        """What station and limit allow this car; nothing below what a car can take at all."""
        if self.kind.is_dc:
            return max(0.0, min(self.kind.max_power_w, self.limit.as_power_w(phases=self.limit.phases or 3)))
        volts = NOMINAL_VOLTAGE_V * self._phases_used(car)
        current_a = min(self.kind.max_current_a, car.max_ac_current_a, self.limit.as_current_a(volts))
        return current_a * volts if current_a >= MINIMUM_CURRENT_A - _ROUNDING_A else 0.0

    def _phases_used(self, car: Car) -> int:
        return min(self.kind.phases, car.phases, self.limit.phases or self.kind.phases)
