"""``schedule send|rollouts|give-up``: one schedule to many stations."""

from __future__ import annotations

import click

from console.cli.carry_out import carry_out, carry_out_on, sentence
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused
from console.cli.output import Table, moment, say, say_json, warn
from console.cli.schedule_source import make_profile, options, source_of
from console.model.command import GiveUpRollout, RolloutJob, StartRollout
from console.model.schedule.many import fit_all, stations_meant
from console.model.schedule.outlook import surroundings
from console.model.schedule.rollout import Rollout


@click.command("send")
@click.argument("stations", metavar="STATION...", nargs=-1, required=True)
@click.option("--evse", "evse_id", type=click.IntRange(0), default=0, help="Connector; 0, the default: all of them.")
@options
@click.option("--mend", is_flag=True, help="Convert the unit and merge periods where a station needs it.")
@verb
async def send(call: Call, stations: tuple[str, ...], evse_id: int, mend: bool, **said: object) -> int:
    """Send one schedule to many stations: names, or patterns such as 'CP-*'.

    Those that are offline get it when they are back; see: ocpp-console schedule rollouts
    """
    source = source_of(said, call.now())
    profile = make_profile(source, evse_id, call.now())
    async with call.backend() as backend:
        site = await first_site(backend)
        meant = stations_meant(site, stations)
        if not meant:
            raise Refused("No station is meant by that.", "See: ocpp-console stations")
        held = {each: surroundings(site, each, await backend.settings(each), call.now()) for each in meant}
        shares = fit_all(profile, held, mend=mend)
        for share in shares:
            for finding in share.findings:
                warn(f"{share.station_id}: {finding.text}.", finding.hint)
        jobs = tuple(RolloutJob(share.station_id, share.profile) for share in shares if share.profile is not None)
        title = source.template or (source.file.stem if source.file else "steps")
        return await carry_out_on(call, backend, StartRollout(title, jobs))


@click.command("rollouts")
@click.argument("rollout_id", metavar="[ID]", required=False)
@verb
async def rollouts(call: Call, rollout_id: str | None) -> int:
    """Show what is on its way to many stations, or what came of one at each of them."""
    async with call.backend(looking=True) as backend:
        held = (await first_site(backend)).rollouts
    if rollout_id is None:
        _show_all(call, list(held.values()))
        return 0
    if rollout_id not in held:
        raise Refused(f"There is no rollout {rollout_id}.", "See: ocpp-console schedule rollouts")
    one = held[rollout_id]
    if call.as_json:
        say_json(one)
        return 0
    say(f"{one.title}: {one.summary()}")
    rows = [(job.station_id, str(job.state), moment(job.at), job.text) for job in one.jobs]
    for line in Table("STATION", "STATE", "AT", "").lines(rows):
        say(line)
    return 0


def _show_all(call: Call, held: list[Rollout]) -> None:
    if call.as_json:
        for one in held:
            say_json(one)
        return
    if not held:
        say("Nothing is, or was, on its way to many stations.")
        return
    rows = [(one.rollout_id, moment(one.started_at), one.title, sentence(one.summary())) for one in held]
    for line in Table("ID", "SINCE", "WHAT", "").lines(rows):
        say(line)


@click.command("give-up")
@click.argument("rollout_id", metavar="ID")
@click.argument("station_id", metavar="[STATION]", default="")
@verb
async def give_up(call: Call, rollout_id: str, station_id: str) -> int:
    """Try no more to send a rollout, to one station or to all that have not got it yet."""
    return await carry_out(call, GiveUpRollout(rollout_id, station_id))
