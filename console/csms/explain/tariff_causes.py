"""Why a station did not take a tariff (2.1), by what its TariffCostCtrlr says that it can."""

from __future__ import annotations

from typing import Any

from console.csms.explain.causes import evse_of, switched_off
from console.csms.explain.facts import Facts
from console.csms.explain.words import Words
from console.errors import ConsoleError
from console.model.station_tariff import StationTariff, read_tariff
from console.model.text import plain

Payload = dict[str, Any]

_MOST = "TariffCostCtrlr/MaxElements#Tariff"
_CONDITIONS = "TariffCostCtrlr/ConditionsSupported#Tariff"
_CURRENCY = "TariffCostCtrlr/Currency"


def tariff(request: Payload, status: str, facts: Facts) -> Words | None:
    """SetDefaultTariff, ChangeTransactionTariff."""
    try:
        asked = read_tariff(request.get("tariff"))
    except ConsoleError:
        return None
    if status == "TooManyElements":
        return _too_many(asked, facts)
    if status == "ConditionNotSupported" and facts.value(_CONDITIONS).casefold() == "false":
        return Words(f"{_CONDITIONS} is false", "Send one price of each kind, without conditions.")
    if status == "DuplicateTariffId":
        step = "Clear that one first, or choose another id: a tariff cannot be changed under its own."
        return Words(plain(asked.tariff_id)[:40], step)
    return _rejected(request, asked, facts) if status == "Rejected" else None


def _too_many(asked: StationTariff, facts: Facts) -> Words | None:
    most = facts.number(_MOST)
    over = next(((name, len(each.prices)) for name, each in asked.priced if most and len(each.prices) > most), None)
    if over is None:
        return None
    return Words(f"{over[0]} has {over[1]} prices, {_MOST} is {most}", "Merge prices that differ little.")


def _rejected(request: Payload, asked: StationTariff, facts: Facts) -> Words | None:
    off = switched_off("tariffs", facts)
    if off is not None:
        return off
    numbers = sorted({held.evse_id for held in facts.station.connectors})
    if numbers and evse_of(request) not in (0, *numbers):
        return Words("the station has no such EVSE", f"It has: {', '.join(map(str, numbers[:8]))}.")
    if not list(asked.priced):
        return Words("it has no price", "Give it one at least: for energy, time or as a fee.")
    currency = facts.value(_CURRENCY)
    if currency and currency.casefold() != asked.currency.casefold():
        text = f"it is in {plain(asked.currency)}, the station's {_CURRENCY} is {plain(currency)[:10]}"
        return Words(text, "Use the station's currency.")
    return None
