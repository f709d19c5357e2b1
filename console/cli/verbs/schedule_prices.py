"""``schedule prices`` and ``schedule cheapest``: prices of energy, and the hours in which it costs least."""

from __future__ import annotations

from pathlib import Path

import click

from console.cli.carry_out import carry_out, carry_out_on
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, UsageError
from console.cli.output import Table, moment, say, say_json
from console.errors import ConsoleError
from console.model.command import PutPrices, SetChargingProfile
from console.model.schedule.draft import to_profile
from console.model.schedule.outlook import completed, electrics
from console.model.schedule.price_files import read_prices
from console.model.schedule.prices import Wish, cheapest
from console.model.schedule.profile import Unit
from console.model.when import parse_when


@click.command("prices")
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--unit", default="", help="As in EUR/MWh, where the file does not say.")
@verb
async def prices(call: Call, file: Path | None, unit: str) -> int:
    """Show the prices there are, or take them from FILE: CSV, JSON or ENTSO-E's XML."""
    if file is not None:
        return await carry_out(call, PutPrices(read_prices(_read(file), file.name, call.now(), unit)))
    async with call.backend(looking=True) as backend:
        curve = (await first_site(backend)).prices
    if curve is None:
        raise Refused("No prices are known.", "Say [prices] url in the profile, or name a file.")
    if call.as_json:
        say_json(curve)
    else:
        say(f"{curve.unit or 'no unit'}, from {curve.source}, read {moment(curve.read_at)}")
        for line in Table("FROM", ">PRICE").lines([(moment(one.start), f"{one.price:g}") for one in curve.slots]):
            say(line)
    return 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Name a file of prices.") from error


@click.command("cheapest")
@click.argument("station_id", metavar="STATION")
@click.argument("evse_id", metavar="EVSE", type=click.IntRange(0))
@click.option("--hours", type=click.FloatRange(0), default=0, help="At least so many.")
@click.option("--before", required=True, metavar="WHEN", help="07:00, tomorrow 8:00, +10h")
@click.option("--energy", "energy_kwh", type=click.FloatRange(0), default=0, metavar="KWH", help="At least so much.")
@click.option("--limit", type=click.FloatRange(0), default=16, help="In the hours chosen, in --unit.")
@click.option("--otherwise", type=click.FloatRange(0), default=0, help="In the others.")
@click.option("--unit", type=click.Choice([*map(str, Unit)]), default="A")
@verb
async def cheapest_(
    call: Call,
    station_id: str,
    evse_id: int,
    hours: float,
    before: str,
    energy_kwh: float,
    limit: float,
    otherwise: float,
    unit: str,
) -> int:
    """Charge in the cheapest hours before a time, by the prices there are."""
    until = parse_when(before, call.now())
    if until is None or not (hours or energy_kwh):
        raise UsageError("How much, until when?", "Say --before and one of --hours and --energy.")
    async with call.backend() as backend:
        site = await first_site(backend)
        if site.prices is None:
            raise Refused("No prices are known.", "See: ocpp-console schedule prices --help")
        voltage_v = electrics(site, station_id).voltage_v
        wish = Wish(until, hours, energy_kwh * 1000, limit, otherwise, Unit(unit), voltage_v)
        try:
            draft = cheapest(site.prices, wish, call.now())
        except ConsoleError as error:
            raise Refused(error.message, error.hint) from error
        profile = completed(site, station_id, to_profile(draft, evse_id, call.now(), None))
        return await carry_out_on(call, backend, SetChargingProfile(station_id, profile))
