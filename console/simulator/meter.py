"""The energy meter of one connector."""

from __future__ import annotations

import random
from dataclasses import dataclass

from console.simulator.types import NOMINAL_VOLTAGE_V

_VOLTAGE_NOISE = 0.006
_CURRENT_NOISE = 0.01
_DC_VOLTAGE_EMPTY_V = 340.0
_DC_VOLTAGE_PER_SOC_V = 0.8


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the meter. One current and voltage per phase; a single one each for direct current."""

    energy_wh: int
    power_w: float
    current_a: tuple[float, ...]
    voltage_v: tuple[float, ...]
    soc_percent: float | None


class Meter:
    """A register that only counts up, with the small noise a real one has on current and voltage."""

    def __init__(self, noise: random.Random, *, register_wh: float = 0.0) -> None:
        self._noise = noise
        self._register_wh = register_wh

    @property
    def energy_wh(self) -> int:
        """The register: energy delivered since the meter was made."""
        return int(self._register_wh)

    def count(self, energy_wh: float) -> None:
        """Add energy that was delivered."""
        if energy_wh < 0:
            raise ValueError(f"a meter does not count backwards ({energy_wh} Wh)")
        self._register_wh += energy_wh

    def read_ac(self, power_w: float, *, station_phases: int, phases_used: int) -> Reading:
        """Read an alternating current meter; phases that the car does not use carry nothing."""
        voltage_v = tuple(
            round(NOMINAL_VOLTAGE_V * self._noise.uniform(1 - _VOLTAGE_NOISE, 1 + _VOLTAGE_NOISE), 1)
            for _ in range(station_phases)
        )
        per_phase_a = power_w / (phases_used * NOMINAL_VOLTAGE_V)
        # Noise only downwards: no reading may show more than the limit that was obeyed.
        current_a = tuple(
            round(per_phase_a * self._noise.uniform(1 - _CURRENT_NOISE, 1), 2) if phase < phases_used else 0.0
            for phase in range(station_phases)
        )
        return Reading(self.energy_wh, power_w, current_a, voltage_v, None)

    def read_dc(self, power_w: float, *, soc_percent: float | None) -> Reading:
        """Read a direct current meter: the battery's voltage rises with its charge."""
        voltage_v = round(_DC_VOLTAGE_EMPTY_V + _DC_VOLTAGE_PER_SOC_V * (soc_percent or 0.0), 1)
        return Reading(self.energy_wh, power_w, (round(power_w / voltage_v, 2),), (voltage_v,), soc_percent)
