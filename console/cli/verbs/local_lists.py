"""``local-list …``: the tags that stations know by themselves, and whether they are those that are here."""

from __future__ import annotations

import click

from console.cli.carry_out import carry_out, carry_out_on, describe
from console.cli.context import Call, first_site, verb
from console.cli.exits import UsageError
from console.cli.output import Table, cut, moment, record, say, say_json, warn
from console.cli.verbs.groups import Group
from console.model.command import Command
from console.model.device_command import ReadLocalList, SendLocalList
from console.model.local_list import LocalList, digest, entries_of, standing


@click.group("local-list", cls=Group)
def local_list() -> None:
    """The tags that stations know by themselves, for when they are offline."""


@local_list.command("status")
@click.argument("station_id", metavar="[STATION]", default="")
@verb
async def status(call: Call, station_id: str) -> int:
    """Ask a STATION for its list's version and compare; or say of every station how its list stands, by our record."""
    if station_id:
        return await carry_out(call, ReadLocalList(station_id))
    async with call.backend(looking=True) as backend:
        site = await first_site(backend)
    now = digest(entries_of(site.tokens.values(), call.now()))
    held = {key: site.local_lists.get(key) for key in site.stations}
    if call.as_json:
        say_json({"local_lists": [record(one or LocalList(key)) | {"standing": standing(one, now)}
                                  for key, one in held.items()]})  # fmt: skip
    elif held:
        rows = [
            (key, standing(one, now), str(one.version) if one else "-", str(one.count) if one else "-",
             moment(one.sent_at) if one else "-")
            for key, one in held.items()
        ]  # fmt: skip
        for line in Table("STATION", "LIST", ">VERSION", ">TAGS", "SENT").lines(rows):
            say(cut(line))
    else:
        warn("No station is known.")
    return 0


@local_list.command("send", help=f"{describe('local_list.send')} Only what differs, unless --full.")
@click.argument("station_ids", nargs=-1, metavar="STATION...")
@click.option("--full", is_flag=True, help="All of it, in place of what the station has.")
@click.option("--all", "everywhere", is_flag=True, help="To every station that is online and has had a list.")
@verb
async def send(call: Call, station_ids: tuple[str, ...], full: bool, everywhere: bool) -> int:
    if bool(station_ids) == everywhere:
        raise UsageError("To which stations?", "Name them, or say --all.")
    worst = 0
    async with call.backend() as backend:
        if everywhere:
            site = await first_site(backend)
            listed = (key for key, one in site.local_lists.items() if one.version)
            station_ids = tuple(key for key in listed if key in site.stations and site.stations[key].online)
            if not station_ids:
                warn("No station that is online has had a list yet.", "Name the stations.")
        for station_id in station_ids:
            if len(station_ids) > 1 and not call.as_json:
                warn(f"{station_id}:")
            command: Command = SendLocalList(station_id, full)
            worst = max(worst, await carry_out_on(call, backend, command))
    return worst
