"""Prices as they come: CSV, JSON, and the XML of ENTSO-E's day-ahead prices (Publication_MarketDocument)."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ET  # documents with a DTD are refused, and nothing else can expand
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from console.errors import ConsoleError
from console.model.schedule.prices import PriceCurve, PriceSlot

#: A day of quarter hours for half a year; more is no price list.
_MOST_SLOTS = 20_000
_STARTS = ("start", "starts_at", "startsat", "time_start", "time", "timestamp", "from", "hour", "datetime")
_PRICES = ("price", "price_eur_kwh", "price_eur_mwh", "value", "total", "eur_per_kwh", "sek_per_kwh", "marketprice")
_RESOLUTION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?")
_HINT = "A CSV has the columns start and price; JSON a list of objects with those; XML is ENTSO-E's."


def read_prices(content: bytes, source: str, now: datetime, unit: str = "") -> PriceCurve:
    """Read prices in whichever form they are. ``unit`` is what a form does not say. Raises ConsoleError."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").strip()
    try:
        if text.startswith("<"):
            slots, said = _xml(text)
        elif text.startswith(("{", "[")):
            slots, said = _json(json.loads(text))
        else:
            slots, said = _csv(text)
    except (AttributeError, ValueError, KeyError, TypeError, ET.ParseError, RecursionError) as error:
        raise ConsoleError(f"{source}: these are no prices: {error}.", _HINT) from error
    slots = sorted({slot.start: slot for slot in slots}.values(), key=lambda slot: slot.start)
    if not slots:
        raise ConsoleError(f"{source}: there are no prices in it.", _HINT)
    if len(slots) > _MOST_SLOTS or not all(math.isfinite(slot.price) for slot in slots):
        raise ConsoleError(f"{source}: these cannot be prices.", _HINT)
    return PriceCurve(tuple(slots), unit or said, _slot_s(slots), source, now)


def _slot_s(slots: list[PriceSlot]) -> int:
    """How long the last slot lasts: as long as the one before it, an hour where it is alone."""
    if len(slots) < 2:
        return 3600
    return int((slots[-1].start - slots[-2].start).total_seconds())


def _instant(text: Any) -> datetime:
    found = datetime.fromisoformat(str(text).strip())
    return (found if found.tzinfo else found.astimezone()).astimezone(UTC)


def _csv(text: str) -> tuple[list[PriceSlot], str]:
    separator = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=separator)
    names = [(name or "").strip().casefold() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    start, price = _column(names, _STARTS), _column(names, _PRICES)
    slots = [PriceSlot(_instant(row[start]), float((row[price] or "").replace(",", "."))) for row in rows]
    return slots, _unit(price)


def _json(found: Any) -> tuple[list[PriceSlot], str]:
    unit = ""
    if isinstance(found, dict):
        unit = str(found.get("unit") or found.get("currency") or "")
        lists = [value for value in found.values() if isinstance(value, list)]
        if not lists:
            raise ValueError("there is no list in it")
        found = max(lists, key=len)
    slots = []
    price = ""
    for each in found:
        row = {str(name).casefold(): value for name, value in each.items()}
        start, price = _column(row, _STARTS), _column(row, _PRICES)
        slots.append(PriceSlot(_instant(row[start]), float(row[price])))
    return slots, unit or _unit(price)


def _column(names: Iterable[str], wanted: tuple[str, ...]) -> str:
    held = list(names)
    found = next((name for name in wanted if name in held), None)
    if found is None:
        raise ValueError(f"there is no column {wanted[0]}")
    return found


def _unit(column: str) -> str:
    for word in ("mwh", "kwh"):
        if word in column:
            currency = next((part for part in column.split("_") if len(part) == 3 and part not in (word, "per")), "")
            return f"{currency.upper()}/{'MWh' if word == 'mwh' else 'kWh'}" if currency else ""
    return ""


def _xml(text: str) -> tuple[list[PriceSlot], str]:
    """A Publication_MarketDocument: positions that are left out repeat the price before (curve type A03)."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("a document with a DTD is not read")
    root = ET.fromstring(text)  # noqa: S314  # see above
    slots: list[PriceSlot] = []
    unit = ""
    for series in _all(root, "TimeSeries"):
        currency, measure = _text(series, "currency_Unit.name"), _text(series, "price_Measure_Unit.name")
        unit = f"{currency}/{measure.replace('MWH', 'MWh').replace('KWH', 'kWh')}" if currency and measure else unit
        for period in _all(series, "Period"):
            slots += _period(period)
    return slots, unit


def _period(period: ET.Element) -> list[PriceSlot]:
    interval = next(iter(_all(period, "timeInterval")))
    begin, end = _instant(_text(interval, "start")), _instant(_text(interval, "end"))
    match = _RESOLUTION.fullmatch(_text(period, "resolution"))
    step = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0)) if match else timedelta(0)
    if not step or (end - begin) / step > _MOST_SLOTS:
        raise ValueError("its resolution cannot be read")
    prices = {int(_text(point, "position")): float(_text(point, "price.amount")) for point in _all(period, "Point")}
    slots: list[PriceSlot] = []
    price = prices[min(prices)]
    for number in range(round((end - begin) / step)):
        price = prices.get(number + 1, price)
        slots.append(PriceSlot(begin + number * step, price))
    return slots


def _all(element: ET.Element, name: str) -> list[ET.Element]:
    """The elements of a name, whatever the namespace."""
    return [each for each in element.iter() if each.tag.rpartition("}")[2] == name]


def _text(element: ET.Element, name: str) -> str:
    found = next(iter(_all(element, name)), None)
    return (found.text or "").strip() if found is not None else ""
