"""``demo``: a throw-away site with simulated stations, and the console over it. It ends when the console is left."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import click
import msgspec

from console.backends.service import ServiceBackend
from console.cli.context import Call, verb
from console.cli.output import say_json, warn
from console.cli.signals import until_told
from console.cli.verbs.opening import needs_terminal, show
from console.errors import ConsoleError

#: A demo that does not end by itself within this time is left to end alone.
_END_S = 30.0


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the keeper says, once: where its site is, or what went wrong."""

    data: str = ""
    socket: str = ""
    url: str = ""
    message: str = ""
    hint: str = ""


class DemoBackend(ServiceBackend):
    """The demo's service: it ends with the console, so nobody needs to be asked about it."""

    def why_not(self, command_id: str) -> str | None:
        """As any service, but that it is not stopped by itself."""
        if command_id == "service.stop":
            return "the demo ends when it is left"
        return super().why_not(command_id)


@click.command("demo")
@click.option("--stations", default=12, show_default=True, type=click.IntRange(1, 1000), metavar="N", help="How many.")
@click.option("--headless", is_flag=True, help="No console: say where the site is, and keep it until Ctrl-C.")
@verb
async def demo(call: Call, stations: int, headless: bool) -> None:
    """Try it out: a site with simulated stations that charge, fault and leave. Nothing of it is kept."""
    if not headless:
        needs_terminal()
        warn(f"Starting a demo site with {stations} stations …")
    # A session of its own: what ends the console must not end this before it has cleaned up.
    keeper = subprocess.Popen(  # noqa: ASYNC220, S603  # ourselves; starting takes no time
        [sys.executable, "-m", "console.cli.demo_keeper", str(stations)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        report = await asyncio.to_thread(_report, keeper)
        if headless:
            say_json(report)
            await until_told()
        else:
            await show(DemoBackend(report.socket), "cyan")
    finally:
        await asyncio.to_thread(_end, keeper)
    warn("The demo is over; nothing of it is kept.")


def _report(keeper: subprocess.Popen[bytes]) -> Report:
    assert keeper.stdout is not None  # noqa: S101  # narrows: it was asked for
    line = keeper.stdout.readline()
    if not line:
        raise ConsoleError("The demo did not start.", "ocpp-console doctor may say why.")
    report = msgspec.json.decode(line, type=Report)
    if report.message:
        raise ConsoleError(report.message, report.hint)
    return report


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """Let go of the keeper, and wait until it has cleaned up."""
    assert keeper.stdin is not None  # noqa: S101  # narrows: it was asked for
    assert keeper.stdout is not None  # noqa: S101
    keeper.stdin.close()
    keeper.stdout.close()
    try:
        keeper.wait(_END_S)
    except subprocess.TimeoutExpired:
        warn("The demo takes long to end; it will, by itself.")
