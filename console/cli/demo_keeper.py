"""The demo's site, in a process of its own: a service, simulated stations, and the end of both.

It lives as long as its standard input is open. Whoever started it may end in any way, killed even: the kernel closes
the pipe, and the service, the stations and the folder go. Run as ``python -m console.cli.demo_keeper STATIONS``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec

from console.backends.service import ServiceBackend
from console.cli.verbs.demo import Report
from console.csms.listener.gate import Gate
from console.errors import ConsoleError
from console.model.command import AddStation, Command, PutToken
from console.model.tariff import Tariff
from console.model.token import Token
from console.service.lifecycle import start_child, stop_running
from console.service.settings import ServiceSettings
from console.simulator import demo_cards, demo_site, run_demo

_LOG = logging.getLogger(__name__)
#: What charging costs at the demo.
_PRICES = Tariff(per_kwh=Decimal("0.39"), per_session=Decimal("0.50"), currency="EUR")


async def keep(stations: int) -> None:
    """Run the site until standard input ends."""
    over = _end_of_input()
    data = Path(tempfile.mkdtemp(prefix="ocpp-demo-"))
    try:
        report = await _set_up(data, stations)
        _tell(report)
        await _run_stations(report.url, stations, over)
    except ConsoleError as error:
        _tell(Report(message=error.message, hint=error.hint))
    finally:
        await asyncio.to_thread(stop_running, data)
        await asyncio.to_thread(shutil.rmtree, data, ignore_errors=True)


def _end_of_input() -> asyncio.Event:
    """Set once standard input has ended, or somebody asks this process to."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            over.set()

    loop.add_reader(sys.stdin.fileno(), read)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)
    return over


async def _set_up(data: Path, stations: int) -> Report:
    """Start the service, and let it know the stations and the cards."""
    gates = (Gate("127.0.0.1", 0),)
    settings = ServiceSettings(data=data, name="Demo site", gates=gates, heartbeat_interval_s=60, tariff=_PRICES)
    running = await asyncio.to_thread(start_child, settings)
    backend = ServiceBackend(running.socket, operator="demo")
    await backend.open()
    try:
        commands: list[Command] = [AddStation(one.station_id) for one in demo_site(stations) if one.approved]
        commands += [PutToken(Token(tag, label=who)) for tag, who in demo_cards(stations).items()]
        for command in commands:
            outcome = await backend.run(command)
            if not outcome.ok:
                raise ConsoleError(f"The demo's service refused {command}: {outcome.text}.", outcome.hint)
        return Report(str(data), running.socket, backend.station_urls()[0])
    finally:
        await backend.close()


async def _run_stations(url: str, stations: int, over: asyncio.Event) -> None:
    """Run the stations until it is over. Should they fail, the site stays to be looked at."""
    fleet = asyncio.create_task(run_demo(url, stations, seed=os.getpid()))
    fleet.add_done_callback(_log_failure)
    await over.wait()
    fleet.cancel()
    await asyncio.wait({fleet})


def _log_failure(fleet: asyncio.Task[None]) -> None:
    if not fleet.cancelled() and fleet.exception() is not None:
        _LOG.error("the simulated stations failed", exc_info=fleet.exception())


def _tell(report: Report) -> None:
    """Say it and close: nobody reads any further."""
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    asyncio.run(keep(int(sys.argv[1])))
