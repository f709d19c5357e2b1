"""``serve`` and ``service …``: the service alone, in the foreground; whether one runs; stopping it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
import msgspec

from console.backends.base import Listening
from console.cli.carry_out import confirm, yes_option
from console.cli.context import Call, call_of, guarded, site_options, verb
from console.cli.exits import NO_SERVICE, UsageError
from console.cli.output import say, say_json, warn
from console.cli.verbs.groups import Group
from console.service import lifecycle
from console.service.settings import ServiceSettings


@click.command("serve")
@click.option("--listen", metavar="HOST:PORT", help="Where stations connect, instead of what the profile says.")
@click.option("--accept-unknown", is_flag=True, help="Let in every station that connects. For the lab.")
@click.option(
    "--quiet",
    is_flag=True,
    help="Send stations only what an operator asks for. Without it the settings of new ones are read, once.",
)
@click.option("--read-only", is_flag=True, help="Nobody can change anything.")
@click.option("--json", "as_json", is_flag=True, help="Print where it listens as JSON.")
@site_options
@click.pass_context
def serve(
    context: click.Context,
    listen: str | None,
    accept_unknown: bool,
    quiet: bool,
    read_only: bool,
    as_json: bool,
    profile_id: str | None,
    data: Path | None,
) -> None:
    """Run the service in the foreground, without a console (for systemd). SIGTERM or Ctrl-C ends it."""

    def work() -> int:
        call = call_of(context, as_json, profile_id, data)
        settings = _settings(call, listen, accept_unknown=accept_unknown, quiet=quiet, read_only=read_only)
        _serve(call, settings)
        return 0

    context.exit(guarded(work))


def _settings(call: Call, listen: str | None, **asked: bool) -> ServiceSettings:
    """The profile's settings, with what was asked for on the command line."""
    from console.cli.services import service_settings

    settings = service_settings(call.place)
    changes: dict[str, object] = {name: True for name, wanted in asked.items() if wanted}
    if listen is not None:
        first, *others = settings.gates
        host, port = parse_listen(listen, first.host)
        changes["gates"] = (msgspec.structs.replace(first, host=host, port=port), *others)
    return msgspec.structs.replace(settings, **changes)


def parse_listen(text: str, host: str) -> tuple[str, int]:
    """Read HOST:PORT, [IPV6]:PORT, :PORT or PORT. Port 0 takes a free one. Raises UsageError."""
    before, _, number = text.rpartition(":")
    before = before.removeprefix("[").removesuffix("]")
    if not (number.isascii() and number.isdigit() and int(number) <= 65535):
        raise UsageError(f"{text} is no address to listen on.", "Write HOST:PORT, such as 0.0.0.0:9000.")
    return before or host, int(number)


def _serve(call: Call, settings: ServiceSettings) -> None:
    # Here, not above: a database and a web server, which saying --help or stopping does not need.
    from console.backends.wire import Info
    from console.service.logs import log_to_stderr
    from console.service.process import serve as run

    def ready(info: Info) -> None:
        if call.as_json:
            say_json(info)
        else:
            places = ", ".join(f"{url}STATION-ID" for url in info.listening)
            say(f"{info.name} (pid {info.pid}): stations connect to {places}")
        sys.stdout.flush()

    log_to_stderr()
    run(settings, ready)


@click.group("service", cls=Group)
def service() -> None:
    """Say whether the service runs, or stop it."""


@service.command("status")
@verb
async def status(call: Call) -> int:
    """Whether a service runs, and where stations connect."""
    running = lifecycle.find_running(call.place.data)
    if running is None:
        call.show({"running": False, "data": str(call.place.data)}, f"No service runs on {call.place.data}.")
        return NO_SERVICE
    async with call.backend(looking=True) as backend:
        urls = list(backend.station_urls()) if isinstance(backend, Listening) else []
        fields = {
            "running": True,
            "pid": running.pid,
            "name": backend.name,
            "data": str(call.place.data),
            "station_urls": urls,
        }
        text = f"{backend.name} runs (pid {running.pid}) on {call.place.data}."
        call.show(fields, "\n".join([text, *(f"Stations connect to {url}STATION-ID" for url in urls)]))
    return 0


@service.command("stop")
@yes_option
@verb
async def stop(call: Call, yes: bool) -> int:
    """Stop the service. Stations are disconnected; they come back when it runs again."""
    place = call.place
    running = lifecycle.find_running(place.data)
    if running is None:
        warn(f"No service runs on {place.data}.")
        return NO_SERVICE
    if place.profile.settings.production and not yes:
        confirm(place.profile.title, "stop")
    await asyncio.to_thread(lifecycle.stop_running, place.data)
    call.show({"stopped": True, "pid": running.pid}, f"The service (pid {running.pid}) is stopped.")
    return 0
