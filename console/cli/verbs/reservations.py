"""``reserve``, ``reservations`` and ``cancel-reservation``: a connector kept free for a tag."""

from __future__ import annotations

import click

from console.cli.carry_out import carry_out, carry_out_on, describe
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, UsageError
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.model.device_command import CancelReservation, ReserveConnector
from console.model.reservation import Reservation
from console.model.token_file import check_id
from console.model.when import parse_when

_station = click.argument("station_id", metavar="STATION")


@click.command("reserve", help=f"{describe('reservation.make')} EVSE 0 is any; that is not for every station.")
@_station
@click.argument("evse_id", metavar="EVSE", type=click.IntRange(0))
@click.option("--tag", "id_token", required=True, metavar="TAG", help="For whom.")
@click.option("--until", default="+30m", show_default=True, metavar="WHEN", help="22:00, +2h, tomorrow 8:00, …")
@click.option("--connector-type", default="", metavar="TYPE", help="2.x: any EVSE with such a plug, as in cCCS2.")
@verb
async def reserve(call: Call, station_id: str, evse_id: int, id_token: str, until: str, connector_type: str) -> int:
    end = parse_when(until, call.now())
    if end is None:
        raise UsageError("A reservation ends.", "Write --until 22:00 or --until +2h")
    command = ReserveConnector(station_id, evse_id, check_id(id_token), end, connector_type)
    return await carry_out(call, command)


@click.command("reservations")
@click.argument("station_id", metavar="[STATION]", default="")
@verb
async def reservations(call: Call, station_id: str) -> None:
    """The reservations that run, of a station or of all."""
    async with call.backend(looking=True) as backend:
        held = (await first_site(backend)).reservations.values()
    found = sorted((each for each in held if station_id in ("", each.station_id)), key=lambda each: each.until)
    if call.as_json:
        say_json({"reservations": found})
    elif found:
        for line in Table(">NUMBER", "STATION", ">EVSE", "TAG", "UNTIL").lines([_row(each) for each in found]):
            say(cut(line))
    else:
        warn("Nothing is reserved.")


def _row(each: Reservation) -> tuple[str, ...]:
    evse = str(each.evse_id) if each.evse_id else "any"
    return str(each.reservation_id), each.station_id, evse, each.id_token, moment(each.until)


@click.command("cancel-reservation", help=f"{describe('reservation.cancel')} Without NUMBER, the station's only one.")
@_station
@click.argument("number", metavar="[NUMBER]", type=int, required=False, default=None)
@verb
async def cancel(call: Call, station_id: str, number: int | None) -> int:
    async with call.backend() as backend:
        if number is None:
            held = (await first_site(backend)).reserved(station_id)
            if not held:
                raise Refused(f"Nothing is reserved at {station_id}.", "See: ocpp-console reservations")
            if len(held) > 1:
                numbers = ", ".join(str(each.reservation_id) for each in held)
                raise UsageError(f"{station_id} has {len(held)} reservations.", f"Name one of {numbers}.")
            number = held[0].reservation_id
        return await carry_out_on(call, backend, CancelReservation(station_id, number))
