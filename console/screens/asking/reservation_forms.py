"""What the commands about reservations and local lists need to know. Pure."""

from __future__ import annotations

from collections.abc import Callable

from console.errors import ConsoleError
from console.model import command as c
from console.model import device_command as d
from console.model.when import parse_when
from console.screens.asking.form import Context, Form, Param, Values
from widgets.form import Field

_SOON = "+30m"


def _until_error(context: Context) -> Callable[[str], str | None]:
    def error(written: str) -> str | None:
        try:
            until = parse_when(written, context.now, context.zone)
        except ConsoleError as wrong:
            return wrong.message
        return None if until is not None and until > context.now else "is not later than now"

    return error


def reserve_params(tag: Callable[[Context], Field]) -> Callable[[Context], list[Param]]:
    """For whom, and until when; ``tag`` makes the field that a tag is asked with."""

    def params(context: Context) -> list[Param]:
        told = "22:00, +2h, tomorrow 8:00"
        until = Field("until", "until", _SOON, told, required=True, validate=_until_error(context))
        return [Param(tag(context)), Param(until)]

    return params


def reserve(find_tag: Callable[[Context, str], str]) -> Callable[[Context, Values], c.Command]:
    """The command; ``find_tag`` tells which tag is meant."""

    def build(context: Context, values: Values) -> c.Command:
        until = parse_when(values["until"], context.now, context.zone)
        if until is None:
            raise ConsoleError("a reservation ends", "Write 22:00 or +2h.")
        target = context.target
        return d.ReserveConnector(target.station_id, target.evse_id or 0, find_tag(context, values["id_token"]), until)

    return build


def _held(context: Context) -> dict[str, str]:
    """The reservations that could be meant: number by number, with what they are."""
    target = context.target
    held = context.site.reserved(target.station_id, target.evse_id) or context.site.reserved(target.station_id)
    return {str(each.reservation_id): f"connector {each.evse_id or 'any'}, {each.id_token}" for each in held}


def _cancel_params(context: Context) -> list[Param]:
    held = _held(context)
    told = "; ".join(f"{number}: {what}" for number, what in held.items())
    field = Field("number", "reservation", next(iter(held)), told, tuple(held), required=True)
    return [Param(field, known=len(held) == 1)]


_STATION, _EVSE = ("station_id",), ("station_id", "evse_id")

LIST_FORMS: dict[str, Form] = {
    "reservation.cancel": Form(
        lambda context, values: d.CancelReservation(context.target.station_id, int(values["number"])),
        _EVSE,
        _cancel_params,
    ),
    "local_list.status": Form(lambda context, _values: d.ReadLocalList(context.target.station_id), _STATION),
    "local_list.send": Form(lambda context, _values: d.SendLocalList(context.target.station_id), _STATION),
    "local_list.full": Form(lambda context, _values: d.SendLocalList(context.target.station_id, full=True), _STATION),
}
