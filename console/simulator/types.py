"""Words the simulator shares: states, reasons and verdicts, in no OCPP version's own terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

NOMINAL_VOLTAGE_V = 230.0
"""Phase to neutral, as in Europe."""

MINIMUM_CURRENT_A = 6.0
"""A car takes no less than this (IEC 61851): below it, charging pauses."""


class ConnectorState(StrEnum):
    """What a connector is doing, as a driver would see it."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class StopReason(StrEnum):
    """Why a transaction ended."""

    DE_AUTHORIZED = "DeAuthorized"
    EV_DISCONNECTED = "EVDisconnected"
    HARD_RESET = "HardReset"
    LOCAL = "Local"
    OTHER = "Other"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCK_COMMAND = "UnlockCommand"


class Verdict(StrEnum):
    """What became of a card that was held to the reader."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"
    NO_CREDIT = "NoCredit"
    NOT_ALLOWED_TYPE_EVSE = "NotAllowedTypeEVSE"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    NOT_AT_THIS_TIME = "NotAtThisTime"
    UNKNOWN = "Unknown"
    OUT_OF_SERVICE = "OutOfService"
    """The connector serves nobody now; the central system was not asked."""


class Registration(StrEnum):
    """Where a station stands with its central system."""

    UNKNOWN = "Unknown"
    PENDING = "Pending"
    REJECTED = "Rejected"
    ACCEPTED = "Accepted"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most a connector may deliver: amperes per phase, watts in all, or both, on so many phases.

    None is no limit.
    """

    current_a: float | None = None
    power_w: float | None = None
    phases: int | None = None

    def as_current_a(self, volts: float) -> float:
        """Amperes per phase, where `volts` is the sum of the phase voltages in use."""
        from_power_a = math.inf if self.power_w is None else self.power_w / volts
        return min(from_power_a, math.inf if self.current_a is None else self.current_a)

    def as_power_w(self, *, phases: int) -> float:
        """Watts in all on so many phases."""
        return self.as_current_a(phases * NOMINAL_VOLTAGE_V) * phases * NOMINAL_VOLTAGE_V

    def also(self, other: Limit) -> Limit:
        """The limit that keeps both; of the phases those that both allow."""
        fewest = min((count for count in (self.phases, other.phases) if count is not None), default=None)
        return Limit(_least(self.current_a, other.current_a), _least(self.power_w, other.power_w), fewest)

    def plus(self, other: Limit) -> Limit:
        """What both allow together; no limit where this one has none."""
        if self.current_a is None and self.power_w is None:
            return self
        phases = self.phases or other.phases or 3
        return Limit(power_w=self.as_power_w(phases=phases) + other.as_power_w(phases=phases), phases=self.phases)

    def in_all(self, phases: int) -> Limit:
        """The same in watts, on its own phases or at most so many."""
        used = min(phases, self.phases or phases)
        return Limit(power_w=self.as_power_w(phases=used), phases=used)

    def shared_by(self, connectors: int) -> Limit:
        """An equal part of it for each of so many connectors."""
        current_a = None if self.current_a is None else self.current_a / connectors
        return Limit(current_a, None if self.power_w is None else self.power_w / connectors, self.phases)


def _least(left: float | None, right: float | None) -> float | None:
    known = [value for value in (left, right) if value is not None]
    return min(known) if known else None


NO_LIMIT = Limit()


@dataclass(frozen=True, slots=True)
class StationKind:
    """A make of station: what it says of itself, and what it can deliver.

    `connectors` is their number in all; those of one EVSE share a meter and serve one car at a time.
    `max_current_a` is per phase and connector. A station with `dc_power_w` feeds direct current: that is the
    most one connector delivers, its cable is fixed, and it reads the car's state of charge.
    """

    vendor: str
    model: str
    firmware_version: str
    connectors: int = 1
    connectors_per_evse: int = 1
    phases: int = 3
    max_current_a: float = 16.0
    dc_power_w: float | None = None

    @property
    def evses(self) -> int:
        """How many cars can charge at a time."""
        return self.connectors // self.connectors_per_evse

    @property
    def most(self) -> Limit:
        """What one connector can deliver, as a limit."""
        return Limit(None if self.is_dc else self.max_current_a, self.max_power_w, self.phases)

    @property
    def is_dc(self) -> bool:
        """Whether the cars get direct current."""
        return self.dc_power_w is not None

    @property
    def max_power_w(self) -> float:
        """The most one connector delivers."""
        return self.dc_power_w or self.max_current_a * self.phases * NOMINAL_VOLTAGE_V


ABB_TERRA_AC = StationKind("ABB", "Terra AC W22-T-R-0", "1.8.21", max_current_a=32.0)
ALFEN_NG910 = StationKind("Alfen BV", "NG910-60023", "6.4.0-4219", connectors=2, max_current_a=32.0)
KEBA_P30 = StationKind("Keba AG", "KC-P30-ESS400C2-E0R", "1.17.1", max_current_a=32.0)
EASEE_HOME = StationKind("Easee", "Home", "322", max_current_a=32.0)
EVLINK_WALLBOX = StationKind("Schneider Electric", "EVlink Smart Wallbox", "3.4.0.17", phases=1, max_current_a=32.0)
ABB_TERRA_54 = StationKind("ABB", "Terra 54 CJG", "4.1.2.8", connectors=2, dc_power_w=50_000.0, max_current_a=80.0)
ALPITRONIC_HYC150 = StationKind(
    "alpitronic GmbH", "HYC_150", "1.9.4", connectors=2, dc_power_w=150_000.0, max_current_a=240.0
)
KEMPOWER_SATELLITE = StationKind(
    "Kempower", "S-Series Satellite", "4.2.0", connectors=4, connectors_per_evse=2, dc_power_w=200_000.0
)

KINDS = (
    ABB_TERRA_AC,
    ALFEN_NG910,
    KEBA_P30,
    EVLINK_WALLBOX,
    EASEE_HOME,
    ABB_TERRA_54,
    ALPITRONIC_HYC150,
)
"""The makes a fleet is put together from."""
