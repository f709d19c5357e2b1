"""What a transaction costs by its tariff (2.1 I12): what is used is priced as it is used, and adds up.

The arithmetic is the simulator's own on purpose, as that of charging profiles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import gt, lt
from typing import Any

Payload = dict[str, Any]

#: What is priced, and how costDetails calls it.
_TOTALS = {
    "fixedFee": "fixed",
    "energy": "energy",
    "chargingTime": "chargingTime",
    "idleTime": "idleTime",
    "reservationFixed": "reservationFixed",
}
_PRICES = ("priceKwh", "priceMinute", "priceFixed")


@dataclass(slots=True)
class Usage:
    """What a transaction has used so far, and how it goes on: energy in Wh, times in seconds."""

    energy_wh: float = 0.0
    charging_s: float = 0.0
    idle_s: float = 0.0
    idle_now_s: float = 0.0
    power_w: float = 0.0
    current_a: float = 0.0

    @property
    def time_s(self) -> float:
        """All of its time."""
        return self.charging_s + self.idle_s


@dataclass(slots=True)
class Bill:
    """One transaction's. `at` is the instant up to which everything is priced."""

    tariff: Payload
    evse_kind: str
    at: datetime
    reserved: bool = False
    usage: Usage = field(default_factory=Usage)
    without_taxes: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    with_taxes: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    periods: list[Payload] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begin_period()
        self._add("fixedFee", 1.0)
        if self.reserved:
            self._add("reservationFixed", 1.0)

    def go_on_by(self, tariff: Payload) -> None:
        """Price what follows by another tariff. A fee that was charged is not charged again."""
        self.tariff = tariff
        self._begin_period()

    def advance(self, now: datetime, energy_wh: float, power_w: float, current_a: float, *, charging: bool) -> None:
        """Price what was used since the last time; `energy_wh` is that of the whole transaction."""
        spent_s = max(0.0, (now - self.at).total_seconds())
        used_wh, usage = max(0.0, energy_wh - self.usage.energy_wh), self.usage
        usage.power_w, usage.current_a = power_w, current_a
        self._add("energy", used_wh / 1000)
        self._add("chargingTime" if charging else "idleTime", spent_s / 60)
        if charging:
            usage.charging_s += spent_s
        else:
            usage.idle_s += spent_s
        usage.idle_now_s = 0.0 if charging else usage.idle_now_s + spent_s
        usage.energy_wh += used_wh
        self.at = now

    def details(self) -> Payload:
        """The CostDetailsType."""
        excl, incl = sum(self.without_taxes.values()), sum(self.with_taxes.values())
        kind, total = self._bounded(excl, incl)
        costs = {
            name: {"exclTax": round(self.without_taxes[priced], 4), "inclTax": round(self.with_taxes[priced], 4)}
            for priced, name in _TOTALS.items()
            if priced in self.without_taxes
        }
        return {
            "chargingPeriods": self.periods,
            "totalCost": {"currency": self.tariff["currency"], "typeOfCost": kind, **costs, "total": total},
            "totalUsage": {
                "energy": round(self.usage.energy_wh, 1),
                "chargingTime": round(self.usage.time_s),
                "idleTime": round(self.usage.idle_s),
            },
        }

    def _bounded(self, excl: float, incl: float) -> tuple[str, Payload]:
        for name, kind, beyond in (("minCost", "MinCost", lt), ("maxCost", "MaxCost", gt)):
            bound = self.tariff.get(name, {})
            if beyond(excl, bound.get("exclTax", excl)) or beyond(incl, bound.get("inclTax", incl)):
                return kind, {tax: bound[tax] for tax in ("exclTax", "inclTax") if tax in bound}
        return "NormalCost", {"exclTax": round(excl, 4), "inclTax": round(incl, 4)}

    def _begin_period(self) -> None:
        self.periods.append({"startPeriod": _written(self.at), "tariffId": self.tariff["tariffId"]})

    def _add(self, priced: str, amount: float) -> None:
        """Charge for so many kWh, minutes, or once, by the first price whose conditions hold."""
        prices = self.tariff.get(priced)
        if prices is None:
            return
        price = next((one for one in prices["prices"] if self._holds(one.get("conditions", {}))), None)
        cost = amount * next((price[name] for name in _PRICES if name in price), 0.0) if price else 0.0
        self.without_taxes[priced] += cost
        self.with_taxes[priced] += cost * _taxed(prices.get("taxRates", ()))

    def _holds(self, conditions: Payload) -> bool:
        day, time = f"{self.at:%Y-%m-%d}", f"{self.at:%H:%M}"
        start, end = conditions.get("startTimeOfDay", "00:00"), conditions.get("endTimeOfDay", "24:00")
        in_time = start <= time < end if start < end else time >= start or time < end
        return (
            in_time
            and f"{self.at:%A}" in conditions.get("dayOfWeek", (f"{self.at:%A}",))
            and conditions.get("validFromDate", day) <= day
            and (day < conditions["validToDate"] if "validToDate" in conditions else True)
            and conditions.get("evseKind", self.evse_kind) == self.evse_kind
            and not ("paymentBrand" in conditions or "paymentRecognition" in conditions)
            and all(
                conditions.get(f"min{name}", value) <= value < conditions.get(f"max{name}", value + 1)
                for name, value in self._measured()
            )
        )

    def _measured(self) -> Iterable[tuple[str, float]]:
        usage = self.usage
        return (
            ("Energy", usage.energy_wh),
            ("Power", usage.power_w),
            ("Current", usage.current_a),
            ("Time", usage.time_s),
            ("ChargingTime", usage.charging_s),
            ("IdleTime", usage.idle_now_s),
        )


def _taxed(rates: Iterable[Payload]) -> float:
    """By what an amount is multiplied: taxes of one stack add up, those of the next come on top."""
    by_stack: defaultdict[int, float] = defaultdict(float)
    for rate in rates:
        by_stack[rate.get("stack", 0)] += rate["tax"]
    factor = 1.0
    for stack in sorted(by_stack):
        factor *= 1 + by_stack[stack] / 100
    return factor


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
