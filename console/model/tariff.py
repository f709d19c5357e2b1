"""What charging costs at a site, and so what a transaction has cost so far."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from console.model.station_tariff import PlainPrices
from console.model.transaction import Transaction

_CENT = Decimal("0.01")
_WH, _HOUR_S = 1000, 3600


class Tariff(msgspec.Struct, frozen=True, omit_defaults=True):
    """Prices, taxes included; all of them 0 means that it is free. ``currency`` "": each station's own."""

    per_kwh: Decimal = Decimal(0)
    per_hour: Decimal = Decimal(0)
    per_session: Decimal = Decimal(0)
    currency: str = ""

    @property
    def tariff_id(self) -> str:
        """What these prices are called at stations (2.1): other prices, another name."""
        said = f"{self.per_kwh.normalize()} {self.per_hour.normalize()} {self.per_session.normalize()} {self.currency}"
        return f"site-{hashlib.sha256(said.encode()).hexdigest()[:8]}"

    def is_called(self, tariff_id: str) -> bool:
        """Whether a station that goes by this tariff ("": it named none) goes by these prices."""
        name = self.tariff_id
        return not tariff_id or tariff_id == name or tariff_id.startswith((f"{name}-", f"{name}."))

    @property
    def plain_prices(self) -> PlainPrices:
        """The same for a station (2.1), where time is charged by the minute, while the car charges and while not."""
        per_minute = round(float(self.per_hour) / 60, 6)
        return PlainPrices(float(self.per_kwh), per_minute, per_minute, float(self.per_session))

    def cost(self, transaction: Transaction, now: datetime) -> Decimal | None:
        """What a transaction has cost until now, or in all if it has ended; None where that cannot be known.

        A payment that was cancelled before anything was delivered costs nothing, whatever a session costs.
        """
        if transaction.cancelled:
            return Decimal("0.00")
        if transaction.started_at is None or (self.per_kwh and transaction.energy_wh is None):
            return None
        ends_at = transaction.ended_at or max(now, transaction.started_at)
        seconds = Decimal(max(0.0, (ends_at - transaction.started_at).total_seconds()))
        energy = self.per_kwh * (transaction.energy_wh or 0) / _WH
        return (self.per_session + energy + self.per_hour * seconds / _HOUR_S).quantize(_CENT, ROUND_HALF_UP)
