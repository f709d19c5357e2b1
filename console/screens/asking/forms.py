"""Every command's form: what the cursor or a typed line says is known, the rest is asked. Pure.

One table serves the keys, the palette and the ``:`` line.
"""

from __future__ import annotations

from collections.abc import Callable

from console.actions.saved import read_file
from console.actions.texts import Reading
from console.model import command as c
from console.model.make import Tolerance
from console.model.record import RecordKind
from console.model.site import Site
from console.model.spec import Target
from console.model.station import ConnectorStatus
from console.model.token import CardVerdict
from console.model.transaction_limit import TransactionLimit
from console.screens.asking.certificate_forms import CERTIFICATE_FORMS
from console.screens.asking.device_forms import DEVICE_FORMS
from console.screens.asking.display_forms import DISPLAY_FORMS
from console.screens.asking.file_forms import FILE_FORMS
from console.screens.asking.form import Context, Form, Param, Values, text
from console.screens.asking.reservation_forms import LIST_FORMS, reserve, reserve_params
from console.screens.asking.start_form import find_tag, start, start_params, tag_field
from console.screens.asking.tariff_forms import TARIFF_FORMS
from console.screens.asking.token_forms import TOKEN_FORMS
from console.screens.frame import words
from console.screens.requests.requests import read_call
from widgets.form import Field

#: What TriggerMessage can ask for (2.0.1 MessageTriggerEnumType), the commonest first.
TRIGGERS_2 = (
    "StatusNotification",
    "MeterValues",
    "TransactionEvent",
    "BootNotification",
    "Heartbeat",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "PublishFirmwareStatusNotification",
    "SignChargingStationCertificate",
    "SignV2GCertificate",
    "SignCombinedCertificate",
)
#: The same in 1.6 (§7.46 MessageTrigger).
TRIGGERS = (
    "StatusNotification",
    "MeterValues",
    "BootNotification",
    "Heartbeat",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
)
_WITH_EVSE = ("StatusNotification", "MeterValues", "TransactionEvent")
_WHOLE = "whole station"


# -- charging


def _running(context: Context) -> dict[str, str]:
    """The transactions that could be meant: id by id, with where they run."""
    target = context.target
    if target.transaction_key:
        one = context.site.transactions[target.transaction_key]
        return {one.transaction_id: f"connector {one.evse_id}"}
    running = context.site.running(target.station_id, target.evse_id or None)
    return {each.transaction_id: f"connector {each.evse_id}, {words.energy(each.energy_wh)}" for each in running}


def _stop_params(context: Context) -> list[Param]:
    running = _running(context)
    told = "; ".join(f"{key}: {where}" for key, where in running.items())
    field = Field("transaction_id", "transaction", next(iter(running)), told, tuple(running), required=True)
    return [Param(field, known=len(running) == 1)]


def _stop(context: Context, values: Values) -> c.StopTransaction:
    target = context.target
    station_id = target.station_id
    if target.transaction_key:
        station_id = context.site.transactions[target.transaction_key].station_id
    return c.StopTransaction(station_id, values["transaction_id"])


_LIMITS = ("energy in kWh", "time in minutes", "cost")


def _limit_params(context: Context) -> list[Param]:
    told = "The station hears of it with the transaction's next event"
    what = Field("what", "limit", _LIMITS[0], choices=_LIMITS, required=True)
    amount = Field("amount", "at most", help=told, required=True, validate=_amount)
    return [*_stop_params(context), Param(what), Param(amount)]


def _amount(text: str) -> str | None:
    try:
        return None if 0 < float(text) < 1e9 else "is no amount"
    except ValueError:
        return "is no number"


def _limit(context: Context, values: Values) -> c.Command:
    stop, amount = _stop(context, values), float(values["amount"])
    limit = {
        _LIMITS[0]: TransactionLimit(max_energy_wh=round(amount * 1000)),
        _LIMITS[1]: TransactionLimit(max_time_s=round(amount * 60)),
        _LIMITS[2]: TransactionLimit(max_cost=amount),
    }[values["what"]]
    return c.LimitTransaction(stop.station_id, stop.transaction_id, limit)


# -- the station


def _choice(name: str, label: str, choices: tuple[str, ...], help: str = "") -> Param:
    return Param(Field(name, label, choices[0], help, choices, required=True))


def _speaks_2(context: Context) -> bool:
    return context.site.stations[context.target.station_id].ocpp_version.startswith("2")


def _several_connectors(context: Context) -> bool:
    """Whether the selected EVSE has more connectors than one."""
    station = context.site.stations[context.target.station_id]
    return sum(each.evse_id == context.target.evse_id for each in station.connectors) > 1


def _reset_params(context: Context) -> list[Param]:
    told = "soft ends transactions in order; hard is like cutting the power"
    if not _speaks_2(context):
        return [_choice("kind", "how", ("soft", "hard"), told)]
    told = "soft waits until nobody charges; hard ends transactions at once"
    evses = sorted({each.evse_id for each in context.site.stations[context.target.station_id].connectors})
    places = (_WHOLE, *(f"EVSE {evse_id}" for evse_id in evses)) if len(evses) > 1 else (_WHOLE,)
    return [_choice("kind", "how", ("soft", "hard"), told), Param(Field("place", "what", _WHOLE, choices=places))]


def _reset(context: Context, values: Values) -> c.Command:
    place = values.get("place", _WHOLE)
    evse_id = 0 if place == _WHOLE else int(place.removeprefix("EVSE "))
    return c.ResetStation(context.target.station_id, values["kind"] == "hard", evse_id)


def _availability_params(context: Context) -> list[Param]:
    station = context.site.stations[context.target.station_id]
    evse_id = context.target.evse_id
    out = [each.evse_id for each in station.connectors if each.status is ConnectorStatus.UNAVAILABLE]
    is_out = evse_id in out if evse_id else len(out) == len(station.connectors) > 0
    choices = ("in service", "out of service") if is_out else ("out of service", "in service")
    return [_choice("operative", f"connector {evse_id}" if evse_id else _WHOLE, choices)]


def _availability(context: Context, values: Values) -> c.Command:
    """One connector of an EVSE that has several, else the EVSE as a whole."""
    target = context.target
    connector_id = target.connector_id if _several_connectors(context) else 0
    return c.ChangeAvailability(
        target.station_id, target.evse_id or 0, values["operative"].startswith("in"), connector_id
    )


def _trigger_params(context: Context) -> list[Param]:
    return [_choice("message", "message", TRIGGERS_2 if _speaks_2(context) else TRIGGERS)]


def _trigger(context: Context, values: Values) -> c.Command:
    message = values["message"]
    evse_id = context.target.evse_id if message in _WITH_EVSE else None
    named = evse_id and message == "StatusNotification" and _speaks_2(context)
    connector_id = context.target.connector_id if named else 0
    return c.TriggerMessage(context.target.station_id, message, evse_id or None, connector_id)


def _transfer_params(_context: Context) -> list[Param]:
    return [
        text("vendor_id", "vendor id", help="Reversed domain name, as in com.example", required=True),
        text("message_id", "message id"),
        text("data", "data"),
    ]


def _call_params(_context: Context) -> list[Param]:
    return [text("request", "request", help='As in Reset type=Soft, or Reset {"type": "Soft"}', required=True)]


def _call(context: Context, values: Values) -> c.Command:
    reading = Reading(context.now, context.zone, read_file)
    return read_call(context.site, context.target.station_id, values["request"], reading)


def _tolerance_params(context: Context) -> list[Param]:
    now = context.site.stations[context.target.station_id].tolerance
    choices = (str(now), *(str(each) for each in Tolerance if each is not now))
    told = "strict: nothing; profile: what its make is known for; lenient: all that can be understood"
    return [_choice("tolerance", "tolerance", choices, told)]


def _add_params(_context: Context) -> list[Param]:
    return [
        text("id", "station id", help="As the station sends it at the end of its URL", required=True),
        Param(Field("password", "password", help="Empty: the station needs none", password=True)),
        text("note", "note", help="Where it stands, whose it is"),
    ]


def _add(_context: Context, values: Values) -> c.Command:
    password = values.get("password", "")
    return c.AddStation(values["id"].strip(), password, int(bool(password)), values.get("note", ""))


def _settle(verdict: CardVerdict) -> Form:
    return Form(lambda context, _values: c.SettleCard(context.target.card_id, verdict), ("card_id",))


def _dismiss(context: Context, _values: Values) -> c.Command:
    kind, _, key = context.target.record_key.partition("\n")
    return c.DismissReport(context.target.station_id, RecordKind(kind), key)


def _on_station(build: Callable[[str], c.Command]) -> Form:
    return Form(lambda context, _values: build(context.target.station_id), ("station_id",))


_STATION, _EVSE, _TOKEN = ("station_id",), ("station_id", "evse_id"), ("token_key",)

FORMS: dict[str, Form] = {
    "station.accept": _on_station(c.AcceptStation),
    "station.reject": _on_station(c.RejectStation),
    "card.once": _settle(CardVerdict.ONCE),
    "card.always": _settle(CardVerdict.ALWAYS),
    "card.refuse": _settle(CardVerdict.REFUSE),
    "transaction.start": Form(start, _EVSE, start_params),
    "transaction.stop": Form(_stop, _EVSE, _stop_params),
    "transaction.limit": Form(_limit, _EVSE, _limit_params),
    "station.reset": Form(
        _reset,
        _STATION,
        _reset_params,
    ),
    "connector.unlock": Form(
        lambda context, _values: c.UnlockConnector(
            context.target.station_id, context.target.evse_id or 1, context.target.connector_id or 1
        ),
        _EVSE,
    ),
    "station.availability": Form(
        _availability,
        _EVSE,
        _availability_params,
        rest=True,
    ),
    "station.trigger": Form(_trigger, _EVSE, _trigger_params),
    "station.clear_cache": _on_station(c.ClearCache),
    "station.data_transfer": Form(
        lambda context, values: c.TransferData(context.target.station_id, **values),
        _STATION,
        _transfer_params,
        rest=True,
    ),
    "station.call": Form(_call, _STATION, _call_params, rest=True),
    "station.disconnect": _on_station(c.DisconnectStation),
    "station.tolerance": Form(
        lambda context, values: c.SetTolerance(context.target.station_id, Tolerance(values["tolerance"])),
        _STATION,
        _tolerance_params,
        rest=True,
    ),
    "station.add": Form(_add, (), _add_params, rest=True),
    "station.remove": _on_station(c.RemoveStation),
    "reservation.make": Form(
        reserve(lambda context, text: find_tag(context.site, text)), _EVSE, reserve_params(tag_field)
    ),
    "report.dismiss": Form(_dismiss, ()),
    **CERTIFICATE_FORMS,
    **DEVICE_FORMS,
    **DISPLAY_FORMS,
    **FILE_FORMS,
    **LIST_FORMS,
    **TARIFF_FORMS,
    **TOKEN_FORMS,
}


def candidates(site: Site, why_not: Callable[[Site, Target], str | None]) -> list[str]:
    """The stations that a command is possible with."""
    return [station_id for station_id in site.stations if why_not(site, Target(station_id=station_id)) is None]
