"""``schedule …``: charging profiles, and what they come to. ``composite`` and ``templates`` need no service."""

from __future__ import annotations

from pathlib import Path

import click

from console.cli.context import Call, verb
from console.cli.output import Table, say, say_json
from console.cli.verbs import schedule_many, schedule_prices, schedule_station
from console.cli.verbs.groups import Group
from console.errors import ConsoleError
from console.model.schedule.cases import as_json, compute
from console.model.schedule.composite import CompositePeriod


@click.group("schedule", cls=Group)
def schedule() -> None:
    """Charging schedules: set, shown, cleared, and what they come to when a station obeys all of them."""


for _verb in (
    schedule_station.show,
    schedule_station.set_,
    schedule_station.simulate,
    schedule_station.clear,
    schedule_station.read,
    schedule_station.update,
    schedule_station.priority,
    schedule_station.templates,
    schedule_many.send,
    schedule_many.rollouts,
    schedule_many.give_up,
    schedule_prices.prices,
    schedule_prices.cheapest_,
):
    schedule.add_command(_verb)


@schedule.command("composite")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@verb
async def composite(call: Call, file: Path) -> None:
    """Compute the composite schedules of FILE: cases of profiles and a request each, as JSON."""
    results = compute(_read(file))
    if call.as_json:
        say_json(as_json(results))
        return
    for name, periods in results:
        say(name)
        for line in Table("FROM", "LIMIT", "PHASES").lines([_row(period) for period in periods]):
            say(f"  {line}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConsoleError(f"{file} cannot be read: {error.strerror}.", "Name a file of composite cases.") from error


def _row(period: CompositePeriod) -> tuple[str, str, str]:
    hours, seconds = divmod(period.start_s, 3600)
    limit = "none" if period.limit is None else f"{period.limit:g}"
    return f"+{hours}:{seconds // 60:02}:{seconds % 60:02}", limit, str(period.phases or "")
