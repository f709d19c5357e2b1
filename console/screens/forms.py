"""What each command needs to know before it can be sent, and the command made of it. Pure.

One table serves the keys, the palette and the ``:`` line: what the cursor or the line says is known, the rest is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from msgspec.structs import replace as changed

from console.errors import ConsoleError
from console.model import command as c
from console.model.catalogue import Target
from console.model.site import Site
from console.model.station import ConnectorStatus, Setting
from console.model.token import CardVerdict, Token, TokenStatus, token_key
from console.model.token_file import TOKEN_TYPES, make_token
from console.model.when import parse_when
from console.screens import words
from widgets.form import Field

Values = Mapping[str, str]

#: What TriggerMessage can ask for (1.6 §7.46 MessageTrigger), the commonest first.
TRIGGERS = (
    "StatusNotification",
    "MeterValues",
    "BootNotification",
    "Heartbeat",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
)
_WITH_EVSE = ("StatusNotification", "MeterValues")
_EXPIRY_HELP = "2026-12-31, +30d, mon 06:00, or never"
_MOST_CHOICES = 20
_FREE = (ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE, ConnectorStatus.CHARGING)


@dataclass(frozen=True, slots=True)
class Context:
    """What a form may look at: the site, what the cursor is on, and the time."""

    site: Site
    target: Target
    now: datetime
    zone: tzinfo | None = None
    settings: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Param:
    """One thing to know. ``known``: the cursor or the situation has said it, so that it need not be asked."""

    field: Field
    known: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """How a command is put together.

    ``subject`` are the fields of Target that the first words of a ``:`` line fill. ``rest`` lets the last parameter
    have all remaining words.
    """

    build: Callable[[Context, Values], c.Command]
    subject: tuple[str, ...] = ()
    params: Callable[[Context], Sequence[Param]] = lambda _context: ()
    rest: bool = False


def need_fields(params: Sequence[Param], asked: bool) -> list[Field]:
    """The fields to ask: none if all that is required is known, or was given in words (``asked`` false)."""
    missing = [each for each in params if not each.known and (each.field.required or asked)]
    return [each.field for each in params if not each.known or each.field.required] if missing else []


def with_words(params: Sequence[Param], given: Sequence[str], rest: bool) -> list[Param]:
    """The parameters with the words of a ``:`` line put into them, in order. Raises ConsoleError if one is wrong."""
    texts = list(given)
    if rest and len(texts) > len(params) > 0:
        texts[len(params) - 1 :] = [" ".join(texts[len(params) - 1 :])]
    if len(texts) > len(params):
        raise ConsoleError(f"{texts[len(params)]!r} is too much", "Press ? to see what the commands take.")
    filled = [_filled(each, text) for each, text in zip(params, texts, strict=False)]
    return filled + list(params[len(filled) :])


def _filled(param: Param, text: str) -> Param:
    field = param.field
    value = next((choice for choice in field.choices if choice.casefold() == text.casefold()), text)
    error = field.error(value)
    if error is not None:
        choices = ", ".join(field.choices[:_MOST_CHOICES])
        raise ConsoleError(f"{field.label} {text!r} {error}", f"Choose from {choices}." if choices else field.help)
    return Param(replace(field, value=value), known=True)


def station_field(candidates: Sequence[str]) -> Field:
    """The question for a station: from a list while that is short."""
    if len(candidates) <= _MOST_CHOICES:
        return Field("station_id", "station", candidates[0], choices=tuple(candidates), required=True)

    def known(text: str) -> str | None:
        return None if text in candidates else "is none of the stations this is possible with"

    return Field("station_id", "station", help=f"{len(candidates)} stations", required=True, validate=known)


# -- charging


def _start_params(context: Context) -> list[Param]:
    station = context.site.stations[context.target.station_id]
    busy = {each.evse_id for each in context.site.running(station.station_id)}
    free = {each.evse_id: None for each in station.connectors if each.status not in _FREE and each.evse_id not in busy}
    ready = [each.evse_id for each in station.connectors if each.status is ConnectorStatus.PREPARING]
    tag = Param(_tag_field(context))
    if context.target.evse_id or len(free) <= 1:
        evse_id = context.target.evse_id or next(iter(free), 0)
        return [Param(Field("evse_id", "connector", str(evse_id), validate=_number), known=True), tag]
    choices = tuple(str(evse_id) for evse_id in free)
    value = next((str(evse_id) for evse_id in ready if evse_id in free), choices[0])
    return [Param(Field("evse_id", "connector", value, choices=choices, required=True), known=False), tag]


def _tag_field(context: Context) -> Field:
    good = [each for each in context.site.tokens.values() if each.status_at(context.now) is TokenStatus.ACCEPTED]
    good.sort(key=lambda each: each.last_seen_at or each.created_at or context.now, reverse=True)
    names = ", ".join(f"{each.id_token} ({each.label})" if each.label else each.id_token for each in good[:4])
    value = good[0].id_token if len(good) == 1 else ""
    return Field("id_token", "tag", value, help=f"Known: {names}" if names else "The tag to charge with", required=True)


def find_tag(site: Site, text: str) -> str:
    """The tag meant: one of that id, else the only one whose label begins so, else the text itself."""
    known = site.tokens.get(token_key(text))
    if known is not None:
        return known.id_token
    start = text.strip().casefold()
    labelled = [each.id_token for each in site.tokens.values() if start and each.label.casefold().startswith(start)]
    return labelled[0] if len(labelled) == 1 else text.strip()


def _start(context: Context, values: Values) -> c.Command:
    tag = find_tag(context.site, values["id_token"])
    return c.StartTransaction(context.target.station_id, int(values["evse_id"]), tag)


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


def _stop(context: Context, values: Values) -> c.Command:
    target = context.target
    station_id = target.station_id
    if target.transaction_key:
        station_id = context.site.transactions[target.transaction_key].station_id
    return c.StopTransaction(station_id, values["transaction_id"])


# -- the station


def _number(text: str) -> str | None:
    return None if text.isdecimal() and len(text) < 6 else "is no number"


def _json_object(text: str) -> str | None:
    try:
        return None if isinstance(json.loads(text), dict) else "is no JSON object"
    except ValueError as error:
        return f"is no JSON: {error}"


def _choice(name: str, label: str, choices: tuple[str, ...], help: str = "") -> Param:
    return Param(Field(name, label, choices[0], help, choices, required=True))


def _text(name: str, label: str, value: str = "", help: str = "", required: bool = False) -> Param:
    return Param(Field(name, label, value, help, required=required))


def _reset_params(_context: Context) -> list[Param]:
    told = "soft ends transactions in order; hard is like cutting the power"
    return [_choice("kind", "how", ("soft", "hard"), told)]


def _availability_params(context: Context) -> list[Param]:
    station = context.site.stations[context.target.station_id]
    evse_id = context.target.evse_id
    out = [each.evse_id for each in station.connectors if each.status is ConnectorStatus.UNAVAILABLE]
    is_out = evse_id in out if evse_id else len(out) == len(station.connectors) > 0
    choices = ("in service", "out of service") if is_out else ("out of service", "in service")
    return [_choice("operative", f"connector {evse_id}" if evse_id else "whole station", choices)]


def _trigger_params(_context: Context) -> list[Param]:
    return [_choice("message", "message", TRIGGERS)]


def _trigger(context: Context, values: Values) -> c.Command:
    message = values["message"]
    evse_id = context.target.evse_id if message in _WITH_EVSE else None
    return c.TriggerMessage(context.target.station_id, message, evse_id or None)


def _transfer_params(_context: Context) -> list[Param]:
    return [
        _text("vendor_id", "vendor id", help="Reversed domain name, as in com.example", required=True),
        _text("message_id", "message id"),
        _text("data", "data"),
    ]


def _call_params(_context: Context) -> list[Param]:
    action = _text("action", "action", help="As OCPP spells it: GetConfiguration, Reset, …", required=True)
    payload = Field("payload", "payload", "{}", 'JSON, as in {"type": "Soft"}', required=True, validate=_json_object)
    return [action, Param(payload)]


def _add_params(_context: Context) -> list[Param]:
    return [
        _text("id", "station id", help="As the station sends it at the end of its URL", required=True),
        Param(Field("password", "password", help="Empty: the station needs none", password=True)),
        _text("note", "note", help="Where it stands, whose it is"),
    ]


def _add(_context: Context, values: Values) -> c.Command:
    password = values.get("password", "")
    return c.AddStation(values["id"].strip(), password, int(bool(password)), values.get("note", ""))


def _setting_params(context: Context) -> list[Param]:
    target = context.target
    held = context.settings.get(target.station_id, {}).get(target.setting_key)
    value = (held.value or "") if held else ""
    return [Param(Field("value", "value", value, "Lists are separated by commas", password=bool(held and held.secret)))]


# -- tags


def _token(context: Context) -> Token:
    return context.site.tokens[context.target.token_key]


def _expiry_error(context: Context) -> Callable[[str], str | None]:
    def error(text: str) -> str | None:
        try:
            parse_when(text, context.now, context.zone, end_of_day=True)
        except ConsoleError as wrong:
            return wrong.message
        return None

    return error


def _token_params(context: Context) -> list[Param]:
    held = context.site.tokens.get(context.target.token_key, Token(""))
    expires = words.expiry(held.expires_at, context.zone)
    return [
        _text("group", "group", held.group_id, "Tags of one group may stop each other's transactions"),
        Param(Field("expires", "expires", expires, _EXPIRY_HELP, validate=_expiry_error(context))),
        _text("label", "label", held.label, "Whose tag it is"),
    ]


def _new_token_params(context: Context) -> list[Param]:
    return [
        _text("id_token", "tag", help="As the reader sends it, such as 04A2C19B", required=True),
        *_token_params(Context(context.site, Target(), context.now, context.zone)),
        Param(Field("type", "type", TOKEN_TYPES[0], "Almost every card is ISO14443", TOKEN_TYPES)),
    ]


def _new_token(context: Context, values: Values) -> c.Command:
    token = make_token(dict(values), context.now, context.zone)
    if token.key in context.site.tokens:
        raise ConsoleError(f"{token.id_token} is a tag already", "Select it and press e to edit it.")
    return c.PutToken(changed(token, created_at=context.now))


def _edit_token(context: Context, values: Values) -> c.Command:
    held = _token(context)
    record = {"id_token": held.id_token, "type": held.token_type} | dict(values)
    token = make_token(record, context.now, context.zone)
    return c.PutToken(changed(held, group_id=token.group_id, expires_at=token.expires_at, label=token.label))


def _settle(verdict: CardVerdict) -> Form:
    return Form(lambda context, _values: c.SettleCard(context.target.card_id, verdict), ("card_id",))


def _on_station(build: Callable[[str], c.Command]) -> Form:
    return Form(lambda context, _values: build(context.target.station_id), ("station_id",))


_STATION, _EVSE, _TOKEN = ("station_id",), ("station_id", "evse_id"), ("token_key",)

FORMS: dict[str, Form] = {
    "station.accept": _on_station(c.AcceptStation),
    "station.reject": _on_station(c.RejectStation),
    "card.once": _settle(CardVerdict.ONCE),
    "card.always": _settle(CardVerdict.ALWAYS),
    "card.refuse": _settle(CardVerdict.REFUSE),
    "transaction.start": Form(_start, _EVSE, _start_params),
    "transaction.stop": Form(_stop, _EVSE, _stop_params),
    "station.reset": Form(
        lambda context, values: c.ResetStation(context.target.station_id, values["kind"] == "hard"),
        _STATION,
        _reset_params,
    ),
    "connector.unlock": Form(
        lambda context, _values: c.UnlockConnector(context.target.station_id, context.target.evse_id or 1), _EVSE
    ),
    "station.availability": Form(
        lambda context, values: c.ChangeAvailability(
            context.target.station_id, context.target.evse_id or 0, values["operative"].startswith("in")
        ),
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
    "station.call": Form(
        lambda context, values: c.CallStation(
            context.target.station_id, values["action"].strip(), json.loads(values["payload"])
        ),
        _STATION,
        _call_params,
        rest=True,
    ),
    "station.disconnect": _on_station(c.DisconnectStation),
    "station.add": Form(_add, (), _add_params, rest=True),
    "station.remove": _on_station(c.RemoveStation),
    "settings.read": _on_station(c.ReadSettings),
    "settings.change": Form(
        lambda context, values: c.ChangeSetting(context.target.station_id, context.target.setting_key, values["value"]),
        ("station_id", "setting_key"),
        _setting_params,
        rest=True,
    ),
    "token.add": Form(_new_token, (), _new_token_params),
    "token.edit": Form(_edit_token, _TOKEN, _token_params),
    "token.block": Form(
        lambda context, _values: c.PutToken(changed(_token(context), blocked=not _token(context).blocked)), _TOKEN
    ),
    "token.expire": Form(lambda context, _values: c.PutToken(changed(_token(context), expires_at=context.now)), _TOKEN),
    "token.remove": Form(lambda context, _values: c.RemoveToken(_token(context).id_token), _TOKEN),
    "token.learn": Form(lambda context, _values: c.LearnCard(on=not learning(context.site, context.now))),
}


def learning(site: Site, now: datetime) -> bool:
    """Whether the next card will be learned."""
    return site.learning_until is not None and site.learning_until > now


def candidates(site: Site, why_not: Callable[[Site, Target], str | None]) -> list[str]:
    """The stations that a command is possible with."""
    return [station_id for station_id in site.stations if why_not(site, Target(station_id=station_id)) is None]
