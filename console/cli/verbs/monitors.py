"""``monitor …``: what a 2.x station watches on its own variables, and tells of as events."""

from __future__ import annotations

import click

from console.cli.carry_out import ask, carry_out, describe, show_outcome, yes_option
from console.cli.context import Call, verb
from console.cli.output import Table, cut, say, say_json, warn
from console.cli.verbs.groups import Group
from console.model.device import Monitor
from console.model.device_command import (
    ClearMonitors,
    ReadMonitors,
    SetMonitor,
    SetMonitoringBase,
    SetMonitoringLevel,
)
from console.model.outcome import EXIT_CODE

#: MonitorEnumType; the last two are of 2.1.
KINDS = ("UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned", "TargetDelta",
         "TargetDeltaRelative")  # fmt: skip
_station = click.argument("station_id", metavar="STATION")
_severity = click.IntRange(0, 9)


@click.group("monitor", cls=Group)
def monitor() -> None:
    """Monitors on a station's variables (OCPP 2.x): list, set, clear."""


@monitor.command("list")
@_station
@click.option("--read", "anew", is_flag=True, help="Ask the station for them first.")
@verb
async def list_(call: Call, station_id: str, anew: bool) -> int:
    """A station's monitors as last read."""
    code = 0
    async with call.backend(looking=not anew) as backend:
        if anew:
            command = ReadMonitors(station_id)
            outcome = await ask(backend, command)
            code = EXIT_CODE[outcome.result]
            if not outcome.ok:
                show_outcome(call, command, outcome)
        found = await backend.monitors(station_id)
    if call.as_json:
        say_json({"station_id": station_id, "monitors": found})
    elif found:
        for line in Table(">ID", "VARIABLE", "KIND", ">VALUE", ">SEVERITY", "").lines([_row(each) for each in found]):
            say(cut(line))
    else:
        warn(f"No monitors of {station_id} are known.", "To read them: add --read")
    return code


def _row(each: Monitor) -> tuple[str, ...]:
    when = "while charging" if each.transaction else ""
    return str(each.monitor_id), each.key, each.kind, f"{each.value:g}", str(each.severity), when


@monitor.command("set", help=f"{describe('monitor.set')} VALUE is the threshold, the delta, or a period's seconds.")
@_station
@click.argument("key", metavar="VARIABLE")
@click.argument("kind", type=click.Choice(KINDS, case_sensitive=False))
@click.argument("value", type=float)
@click.option("--severity", type=_severity, default=5, show_default=True, help="0 danger to 9 debug.")
@click.option("--transaction", is_flag=True, help="Only while a transaction runs.")
@click.option("--id", "monitor_id", type=int, help="Change this one instead of adding one.")
@verb
async def set_(
    call: Call,
    station_id: str,
    key: str,
    kind: str,
    value: float,
    severity: int,
    transaction: bool,
    monitor_id: int | None,
) -> int:
    return await carry_out(call, SetMonitor(station_id, key, kind, value, severity, transaction, monitor_id))


@monitor.command("clear", help=describe("monitor.clear"))
@_station
@click.argument("monitor_ids", nargs=-1, required=True, type=int, metavar="ID...")
@yes_option
@verb
async def clear(call: Call, station_id: str, monitor_ids: tuple[int, ...], yes: bool) -> int:
    return await carry_out(call, ClearMonitors(station_id, monitor_ids), yes=yes)


@monitor.command("base")
@_station
@click.argument("base", type=click.Choice(["All", "FactoryDefault", "HardWiredOnly"], case_sensitive=False))
@yes_option
@verb
async def base(call: Call, station_id: str, base: str, yes: bool) -> int:
    """Put a station back to a set of monitors: All, FactoryDefault or HardWiredOnly."""
    return await carry_out(call, SetMonitoringBase(station_id, base), yes=yes)


@monitor.command("level")
@_station
@click.argument("severity", type=_severity)
@verb
async def level(call: Call, station_id: str, severity: int) -> int:
    """Hear only of events up to a SEVERITY: 0 danger to 9 debug."""
    return await carry_out(call, SetMonitoringLevel(station_id, severity))
