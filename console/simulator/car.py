"""A car: a battery that takes power, less and less of it above 80 %."""

from __future__ import annotations

from dataclasses import dataclass

from console.simulator.types import NOMINAL_VOLTAGE_V

_TAPER_FROM_PERCENT = 80.0
_SHARE_LEFT_AT_FULL = 0.05
_EFFICIENCY = 0.93
"""What reaches the battery of what the meter counts."""


@dataclass(slots=True)
class Car:
    """A battery on wheels. It stops taking power at `target_soc_percent`."""

    battery_wh: float = 60_000.0
    soc_percent: float = 45.0
    max_ac_power_w: float = 11_000.0
    max_dc_power_w: float = 120_000.0
    phases: int = 3
    target_soc_percent: float = 100.0
    ramp_w_per_s: float = 1_500.0
    """How fast it takes more; less it takes at once."""

    @property
    def wants_energy(self) -> bool:
        """Whether the battery still takes something."""
        return self.soc_percent < self.target_soc_percent

    @property
    def max_ac_current_a(self) -> float:
        """The most the on-board charger draws per phase."""
        return self.max_ac_power_w / (self.phases * NOMINAL_VOLTAGE_V)

    def acceptable_power_w(self, *, dc: bool) -> float:
        """The most the car takes at this moment."""
        if not self.wants_energy:
            return 0.0
        most_w = self.max_dc_power_w if dc else self.max_ac_power_w
        above = max(0.0, self.soc_percent - _TAPER_FROM_PERCENT) / (100.0 - _TAPER_FROM_PERCENT)
        return most_w * (1.0 - (1.0 - _SHARE_LEFT_AT_FULL) * above)

    @property
    def room_wh(self) -> float:
        """Energy at the meter that fills the battery up to its target."""
        missing = max(0.0, self.target_soc_percent - self.soc_percent)
        return missing / 100.0 * self.battery_wh / _EFFICIENCY

    def take(self, energy_wh: float) -> None:
        """Charge the battery with so much energy, counted at the meter."""
        gained = energy_wh * _EFFICIENCY / self.battery_wh * 100.0
        full = max(self.soc_percent, self.target_soc_percent)
        self.soc_percent = min(full, self.soc_percent + gained)
        if self.target_soc_percent - self.soc_percent < 1e-6:
            self.soc_percent = full
