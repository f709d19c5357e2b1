"""What a transaction may at most cost, deliver, last or charge to (2.1 TransactionLimitType)."""

from __future__ import annotations

import msgspec


class TransactionLimit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Each None where there is no such limit. ``max_cost`` is in the currency of the station."""

    max_energy_wh: int | None = None
    max_time_s: int | None = None
    max_cost: float | None = None
    max_soc_percent: int | None = None

    @property
    def words(self) -> str:
        """The limit as a person reads it; "" if there is none."""
        parts = (
            f"{self.max_energy_wh / 1000:g} kWh" if self.max_energy_wh is not None else "",
            f"{self.max_time_s / 60:g} min" if self.max_time_s is not None else "",
            f"a cost of {self.max_cost:.2f}" if self.max_cost is not None else "",
            f"a battery at {self.max_soc_percent} %" if self.max_soc_percent is not None else "",
        )
        return ", ".join(part for part in parts if part)

    def within(self, other: TransactionLimit) -> bool:
        """Whether it is as low as another everywhere where that has a limit."""
        pairs = zip(_values(self), _values(other), strict=True)
        return all(theirs is None or (ours is not None and ours <= theirs) for ours, theirs in pairs)


def _values(limit: TransactionLimit) -> tuple[float | None, ...]:
    return limit.max_energy_wh, limit.max_time_s, limit.max_cost, limit.max_soc_percent
