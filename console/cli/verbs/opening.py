"""``ocpp-console`` and ``open``: the console over a service, which is started if need be, or over a recording."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from console.actions.saved import SavedRequests
from console.backends.base import Backend
from console.cli.context import Call, verb
from console.cli.exits import UsageError
from console.cli.output import warn
from console.cli.requests import saved_requests
from console.errors import ConsoleError


@click.command("open")
@click.argument("what", required=False, metavar="[PROFILE|FILE.jsonl]")
@click.option("--read-only", is_flag=True, help="Look, and change nothing.")
@click.option("--quiet", is_flag=True, help="A service that is started asks stations nothing that nobody asked for.")
@verb
async def open_(call: Call, what: str | None = None, read_only: bool = False, quiet: bool = False) -> None:
    """Open the console on a profile's site (whose service is started if it does not run), or on a recording.

    A recording is a file that `messages --save FILE` or the messages screen wrote.
    """
    needs_terminal()
    if what is not None and is_recording(what):
        await _open_recording(Path(what))
        return
    if what is not None:
        call = Call(call.world, call.as_json, what, call.data)
    await _open_service(call, read_only, quiet)


def is_recording(what: str) -> bool:
    """Whether a word means a file rather than a profile."""
    return what.endswith((".jsonl", ".json")) or os.sep in what


def needs_terminal() -> None:
    """The console is for a person at a terminal. Raises UsageError where there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The console needs a terminal.", "For scripts there is: ocpp-console stations --json")


async def _open_service(call: Call, read_only: bool, quiet: bool) -> None:
    from console.app import ExitChoice
    from console.backends.service import ServiceBackend
    from console.cli.services import service_settings
    from console.service import lifecycle

    place = call.place
    running = lifecycle.find_running(place.data)
    if running is None:
        warn(f"Starting the service on {place.data} …")
        settings = service_settings(place)
        settings = msgspec.structs.replace(settings, quiet=settings.quiet or quiet)
        running = await asyncio.to_thread(lifecycle.start_child, settings)
    read_only = read_only or place.profile.settings.read_only
    backend = ServiceBackend(running.socket, read_only=read_only)
    choice = await show(backend, place.profile.settings.colour, requests=saved_requests(call))
    if choice is ExitChoice.STOP_SERVICE:
        await asyncio.to_thread(lifecycle.stop_running, place.data)
        warn("The service is stopped.")
    elif lifecycle.find_running(place.data) is not None:
        warn("The service goes on.", f"To stop it: {call.again('service stop')}")


async def _open_recording(path: Path) -> None:
    from console.backends.recording import RecordingBackend

    backend = RecordingBackend(path)
    # A recording is seen with its own time: "12 s ago" is 12 s before the frame that it stands at.
    await show(backend, now=lambda: backend.position().at or datetime.now(UTC))


async def show(
    backend: Backend,
    colour: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    requests: SavedRequests | None = None,
) -> str:
    """Run the console over a backend until the person leaves, and say what they chose."""
    from console.app import ConsoleApp, ExitChoice

    await backend.open()
    # Over SSH marking text with the mouse is worth more than clicking.
    mouse = not os.environ.get("SSH_CONNECTION")
    app = ConsoleApp(backend, now=now, colour=colour, requests=requests)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, app.exit, ExitChoice.DETACH)
    try:
        choice = await app.run_async(mouse=mouse)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        await backend.close()
    if app.return_code:
        raise ConsoleError("The console ended with an error (see above).", "The service is not touched by that.")
    return choice or ExitChoice.DETACH
