"""The forms of the commands about tariffs. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from console.actions.saved import read_file
from console.actions.words import json_object
from console.errors import ConsoleError
from console.model.command import Command
from console.model.station_tariff import (
    ChangeTransactionTariff,
    ClearTariffs,
    PlainPrices,
    ReadTariffs,
    SetTariff,
    named,
    payload_of,
    read_tariff,
)
from console.model.when import parse_when
from console.screens.asking.form import Context, Form, Param, Values, text
from widgets.form import Field

_STATION = ("station_id",)
_ALL = "all"
_CURRENCY = "TariffCostCtrlr/Currency"
_PRICES = ("per_kwh", "per_minute", "per_idle_minute", "per_session", "tax_percent")


def _params(context: Context) -> list[Param]:
    """A file, or prices; the site's own are filled in."""
    site = context.site.tariff
    prices = site.plain_prices if site else PlainPrices()
    told = "The site's own; change what shall be otherwise" if site else "Without taxes, as in 0.39; empty: free"
    return [
        Param(Field("file", "file", help="JSON of a TariffType, for all that prices below cannot say", validate=_file)),
        _price("per_kwh", "1 kWh", prices.per_kwh, told),
        _price("per_minute", "minute", prices.per_minute, "While the car charges"),
        _price("per_idle_minute", "idle minute", prices.per_idle_minute, "While it does not"),
        _price("per_session", "session", prices.per_session, "However short"),
        _price("tax_percent", "VAT in %", prices.tax_percent, "On top of the prices"),
        Param(Field("currency", "currency", _currency(context), "Three letters, as in EUR", validate=_code)),
    ]


def _price(name: str, label: str, value: float, help: str) -> Param:
    return Param(Field(name, label, f"{value:g}" if value else "", help, validate=_amount))


def _currency(context: Context) -> str:
    """The site's, else what the station is set to."""
    if context.site.tariff and context.site.tariff.currency:
        return context.site.tariff.currency
    held = context.settings.get(context.target.station_id, {})
    return next((each.value or "" for key, each in held.items() if key.casefold() == _CURRENCY.casefold()), "")


def _set_params(context: Context) -> list[Param]:
    station = context.site.stations.get(context.target.station_id)
    evses = sorted({str(each.evse_id) for each in station.connectors}) if station else []
    starts = Param(Field("starts", "from", "", "2027-01-01, tomorrow 8:00; empty: now", validate=_when_error(context)))
    return [
        *_params(context),
        starts,
        text("id", "name", help="What the station calls it; empty: a name is made"),
        Param(Field("evse", "EVSE", _ALL, "Where it holds", (_ALL, *evses))),
    ]


def _set(context: Context, values: Values) -> Command:
    evse = values.get("evse", _ALL)
    return SetTariff(context.target.station_id, _tariff(context, values), 0 if evse == _ALL else int(evse))


def _tariff(context: Context, values: Values) -> dict[str, Any] | None:
    """The tariff that is meant; None: the site's own prices, as they were filled in. Raises ConsoleError."""
    name = values.get("file", "").strip()
    if name:
        payload = json_object(read_file(name))
        read_tariff(payload)
        return payload
    prices = PlainPrices(**{each: float(values.get(each, "").strip() or 0) for each in _PRICES})
    currency, tariff_id = values.get("currency", "").strip().upper(), values.get("id", "").strip()
    starts, site = _when(context, values.get("starts", "")), context.site.tariff
    if site and prices == site.plain_prices and currency in ("", site.currency) and not (tariff_id or starts):
        return None
    if not currency:
        raise ConsoleError("No currency was given.", "Write three letters, as in EUR.")
    return payload_of(prices.tariff(tariff_id or named(context.now), currency, starts))


def _change_params(context: Context) -> list[Param]:
    running = context.site.running(context.target.station_id, context.target.evse_id or None)
    if context.target.transaction_key:
        return _params(context)
    ids = tuple(each.transaction_id for each in running)
    told = "; ".join(f"{each.transaction_id}: EVSE {each.evse_id}" for each in running)
    field = Field("transaction_id", "transaction", ids[0] if ids else "", told, ids, required=True)
    return [*_params(context)[:1], Param(field, known=len(ids) == 1), *_params(context)[1:]]


def _change(context: Context, values: Values) -> Command:
    held = context.site.transactions.get(context.target.transaction_key)
    tariff = _tariff(context, values)
    if held is not None:
        return ChangeTransactionTariff(held.station_id, held.transaction_id, tariff)
    return ChangeTransactionTariff(context.target.station_id, values["transaction_id"], tariff)


def _clear(context: Context, _values: Values) -> Command:
    if not context.target.tariff_id:
        raise ConsoleError("No tariff is selected.", "Press r to ask which the station has.")
    return ClearTariffs(context.target.station_id, (context.target.tariff_id,))


# --- what can be written ---


def _amount(written: str) -> str | None:
    try:
        return None if 0 <= float(written.strip() or 0) < 1e6 else "is no price"
    except ValueError:
        return "is no number"


def _code(written: str) -> str | None:
    code = written.strip()
    return None if not code or (len(code) == 3 and code.isascii() and code.isalpha()) else "has not three letters"


def _file(written: str) -> str | None:
    if not written.strip():
        return None
    try:
        read_tariff(json_object(read_file(written)))
    except ConsoleError as error:
        return f"will not do: {error.message}"
    return None


def _when(context: Context, written: str) -> datetime | None:
    return parse_when(written, context.now, context.zone) if written.strip() else None


def _when_error(context: Context) -> Callable[[str], str | None]:
    def error(written: str) -> str | None:
        try:
            _when(context, written)
        except ConsoleError as wrong:
            return wrong.message
        return None

    return error


TARIFF_FORMS: dict[str, Form] = {
    "tariff.read": Form(lambda context, _values: ReadTariffs(context.target.station_id), _STATION),
    "tariff.set": Form(_set, _STATION, _set_params),
    "tariff.clear": Form(_clear, ("station_id", "tariff_id")),
    "tariff.clear_all": Form(lambda context, _values: ClearTariffs(context.target.station_id), _STATION),
    "tariff.change": Form(_change, _STATION, _change_params),
}
