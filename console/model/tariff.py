"""What charging costs at a site, and so what a transaction has cost so far."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from console.model.transaction import Transaction

_CENT = Decimal("0.01")
_WH, _HOUR_S = 1000, 3600


class Tariff(msgspec.Struct, frozen=True, omit_defaults=True):
    """Prices in the currency that the stations are set to, taxes included; all of them 0 means that it is free."""

    per_kwh: Decimal = Decimal(0)
    per_hour: Decimal = Decimal(0)
    per_session: Decimal = Decimal(0)

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
