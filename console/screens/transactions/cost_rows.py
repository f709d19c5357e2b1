"""What a transaction costs, in lines: by the site's prices, by the station itself, and by which tariff. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from console.model.record import RecordKind, StationRecord
from console.model.site import Site
from console.model.tariff_words import amount, summary_of
from console.model.text import plain
from console.model.transaction import Transaction
from console.screens.frame import words
from widgets.row_line import Part

#: The parts of costDetails, and how they are called.
_PARTS = {
    "fixed": "fee",
    "energy": "energy",
    "chargingTime": "charging",
    "idleTime": "idle",
    "reservationTime": "reserved",
    "reservationFixed": "reservation",
}
_BOUNDS = {"MinCost": "the least it can be", "MaxCost": "the most it can be"}


def cost_lines(site: Site, one: Transaction, records: Iterable[StationRecord], now: datetime) -> list[list[Part]]:
    """Lines of a label and a text; none where nothing is known of what it costs."""
    held = {(each.kind, each.key): each for each in records}
    told = held.get((RecordKind.COST, one.transaction_id))
    said = told.details if told is not None else {}
    name = plain(str(said.get("tariffId", "")))
    theirs = _theirs(said)
    rows = [("Cost", words.join(theirs, _ours(site, one, name, now, short=bool(theirs)), _told(said), by="; "))]
    if name:
        known = held.get((RecordKind.TARIFF, name))
        rows.append(("Tariff", words.join(name, summary_of(known.details.get("tariff")) if known else "", by=": ")))
    alarm = told is not None and told.alarm
    return [[(f" {label:<9}", "muted"), (text, "warn" if alarm else "")] for label, text in rows if text]


def _ours(site: Site, one: Transaction, name: str, now: datetime, *, short: bool) -> str:
    """By the site's own prices, where the transaction goes by them."""
    if site.tariff is None or not site.tariff.is_called(name):
        return ""
    cost = site.tariff.cost(one, now)
    if cost is None:
        return ""
    return f"{cost:.2f} by ours" if short else words.join(f"{cost:.2f}", site.tariff.currency, "by our prices", by=" ")


def _theirs(said: dict[str, Any]) -> str:
    """As the station reckons, with its parts."""
    total = said.get("totalCost")
    cost = _with_taxes(total.get("total")) if isinstance(total, dict) else None
    if cost is None or not isinstance(total, dict):
        return ""
    parts = [f"{word} {part:.2f}" for name, word in _PARTS.items() if (part := _with_taxes(total.get(name)))]
    bound = _BOUNDS.get(str(total.get("typeOfCost")), "")
    more = words.join(bound, ", ".join(parts) if len(parts) > 1 else "")
    return f"{cost:.2f} {plain(str(total.get('currency', '')))} by the station" + (f" ({more})" if more else "")


def _told(said: dict[str, Any]) -> str:
    told = said.get("told")
    return f"{amount(told)} told to the station" if isinstance(told, int | float) else ""


def _with_taxes(price: Any) -> float | None:
    """An amount with its taxes where they are said."""
    if not isinstance(price, dict):
        return None
    found = price.get("inclTax", price.get("exclTax"))
    return float(found) if isinstance(found, int | float) else None
