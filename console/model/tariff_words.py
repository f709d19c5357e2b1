"""A station's tariff in words: one line, or all of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from console.errors import ConsoleError
from console.model.station_tariff import Conditions, Price, Prices, StationTariff, TaxRate, read_tariff
from console.model.text import plain

#: By OCPP's names: what is charged for, for how much of it, and how the short line calls it.
_PRICED = {
    "energy": ("energy", "/kWh", ""),
    "chargingTime": ("charging time", "/min", "charging"),
    "idleTime": ("idle time", "/min", "idle"),
    "fixedFee": ("fee", "", "fee"),
    "reservationTime": ("reserved time", "/min", "reserved"),
    "reservationFixed": ("reservation", "", "a reservation"),
}
UNKNOWN = "its prices are not known here"


def summary(tariff: StationTariff) -> str:
    """The prices in one line: "0.30 to 0.50 EUR/kWh, 1.00 EUR fee"."""
    said = [_range(name, prices, tariff.currency) for name, prices in tariff.priced]
    return ", ".join(said) or "no price at all"


def summary_of(payload: Any) -> str:
    """As ``summary``, of what may not be a tariff that can be read."""
    try:
        return summary(read_tariff(payload))
    except ConsoleError:
        return UNKNOWN


def _range(name: str, prices: Prices, currency: str) -> str:
    _, unit, word = _PRICED[name]
    amounts = sorted({each.price for each in prices.prices})
    shown = " to ".join(dict.fromkeys((amount(amounts[0]), amount(amounts[-1])))) if amounts else "nothing"
    return f"{shown} {plain(currency)}{unit} {word}".rstrip()


def lines(tariff: StationTariff) -> Iterator[tuple[str, str]]:
    """All that it says, as labels and texts; a label is "" where the line belongs to the one before."""
    for text in tariff.description:
        yield "called", plain(text.content) + (f" ({plain(text.language)})" if text.language else "")
    for name, prices in tariff.priced:
        yield from _price_lines(name, prices, plain(tariff.currency))
    for label, cost in (("at least", tariff.min_cost), ("at most", tariff.max_cost)):
        if cost is not None:
            yield label, f"{_cost(cost, plain(tariff.currency))} for a transaction"


def _price_lines(name: str, prices: Prices, currency: str) -> Iterator[tuple[str, str]]:
    label, unit, _ = _PRICED[name]
    for each in prices.prices:
        when = conditions(each.conditions)
        otherwise = "otherwise" if len(prices.prices) > 1 else ""
        yield label, f"{amount(each.price)} {currency}{unit}  {when or otherwise}".rstrip()
        label = ""
    if prices.tax_rates:
        yield "", f"and {_taxes(prices.tax_rates)} on top"


def _taxes(rates: tuple[TaxRate, ...]) -> str:
    told = (f"{plain(each.type)} {each.tax:g} %" for each in sorted(rates, key=lambda each: each.stack))
    return ", ".join(told)


def _cost(price: Price, currency: str) -> str:
    without, with_taxes = price.excl_tax, price.incl_tax
    if without is None or with_taxes is None or without == with_taxes:
        said = with_taxes if without is None else without
        if said is None:
            return "nothing said"
        return f"{amount(said)} {currency}" + (" with taxes" if without is None else "")
    return f"{amount(without)} {currency} ({amount(with_taxes)} with taxes)"


def conditions(held: Conditions) -> str:
    """When a price holds, "" for always."""
    days = ", ".join(plain(day)[:3] for day in held.day_of_week)
    told = (
        _between(held.start_time_of_day, held.end_time_of_day, "from {}", "until {}"),
        days,
        _between(held.valid_from_date, held.valid_to_date, "from {}", "before {}"),
        _spans(held.min_energy_wh, held.max_energy_wh, "kWh", 1000, ""),
        _spans(held.min_power_w, held.max_power_w, "kW", 1000, ""),
        _spans(held.min_current_a, held.max_current_a, "A", 1, ""),
        _spans(held.min_time_s, held.max_time_s, "min", 60, ""),
        _spans(held.min_charging_time_s, held.max_charging_time_s, "min", 60, " of charging"),
        _spans(held.min_idle_time_s, held.max_idle_time_s, "min", 60, " idle"),
        f"at {plain(held.evse_kind)} only" if held.evse_kind else "",
        f"paid by {plain(held.payment_brand)}" if held.payment_brand else "",
        f"paid as {plain(held.payment_recognition)}" if held.payment_recognition else "",
    )
    return ", ".join(each for each in told if each)


def _between(start: str, end: str, since: str, until: str) -> str:
    if start and end:
        return f"{plain(start)} to {plain(end)}"
    return since.format(plain(start)) if start else until.format(plain(end)) if end else ""


def _spans(least: float | None, most: float | None, unit: str, scale: int, of: str) -> str:
    """ "20 to 50 kWh", "from 15 min idle", "below 11 kW"."""
    low, high = (None if each is None else f"{each / scale:g}" for each in (least, most))
    if low is not None and high is not None:
        return f"{low} to {high} {unit}{of}"
    return f"from {low} {unit}{of}" if low is not None else f"below {high} {unit}{of}" if high is not None else ""


def amount(value: float) -> str:
    """An amount of money: two digits after the point, more where it has more."""
    whole, _, cents = f"{value:.6f}".rstrip("0").partition(".")
    return f"{whole}.{cents:<02}" if len(cents) < 2 else f"{whole}.{cents}"
