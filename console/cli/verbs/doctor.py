"""``doctor``: what in this environment would bite, and how to mend it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import click

from console.cli import checks
from console.cli.check_certificates import certificates
from console.cli.checks import Finding, Level
from console.cli.context import Call, verb
from console.cli.exits import REFUSED
from console.cli.output import say, say_json
from console.cli.place import Place
from console.cli.services import gates_of
from console.cli.verbs.check_database import database
from console.errors import ConsoleError
from console.service.lifecycle import find_running
from console.service.places import socket_path
from profiles import loader
from profiles.makes import load_makes, own_folder
from profiles.schema import Profile

_MARKS = {Level.OK: "ok  ", Level.NOTE: "note", Level.PROBLEM: "BAD "}


@click.command("doctor")
@verb
async def doctor(call: Call) -> int:
    """Look at terminal, profile, data folder, port, keyring and clock, and say how to mend what is wrong."""
    findings = await asyncio.to_thread(lambda: list(_examine(call)))
    if call.as_json:
        say_json({"findings": findings})
    for finding in () if call.as_json else findings:
        say(f"{_MARKS[finding.level]}  {finding.subject}: {finding.text}")
        if finding.cure:
            say(f"      {finding.cure}")
    return REFUSED if any(finding.level is Level.PROBLEM for finding in findings) else 0


def _examine(call: Call) -> Iterator[Finding]:
    yield checks.python()
    yield from checks.terminal(os.environ)
    yield from checks.remote(os.environ, checks.ask_tmux)
    yield checks.clock(call.now(), checks.ask_time_sync)
    yield checks.open_files()
    yield checks.keyring_there()
    place = None
    try:
        place = call.place
        where = str(place.profile.path) if place.profile.path else "defaults, there is no file"
        yield Finding("profile", f"{place.profile.profile_id} ({where})")
    except ConsoleError as error:
        yield Finding("profile", error.message, error.hint, Level.PROBLEM)
    yield _makes()
    yield from _site(place or _fallback(call))


def _makes() -> Finding:
    """Whether the vendor profiles can be read: without them no service starts."""
    try:
        known, own = len(load_makes()), len(list(own_folder().glob("*.toml")))
    except ConsoleError as error:
        return Finding("makes", error.message, error.hint, Level.PROBLEM)
    return Finding("makes", f"{known} vendor profiles, {own} of your own in {own_folder()}")


def _fallback(call: Call) -> Place:
    """The place as far as it can be known where its profile cannot be read."""
    profile = Profile(loader.DEFAULT, None, loader.parse("", ""))
    return Place(profile, (call.data or loader.data_folder(profile)).absolute())


def _site(place: Place) -> Iterator[Finding]:
    yield from checks.data_folder(place.data)
    if place.profile.settings.database is not None:
        yield database(place.profile.settings.database)
    yield checks.socket_length(place.data, socket_path(place.data))
    running = None
    with suppress(ConsoleError):
        running = find_running(place.data)
    settings = place.profile.settings
    if running is not None:
        yield Finding("service", f"runs, pid {running.pid}")
    else:
        yield Finding("service", "does not run", f"Start it: {place.again()}, or {place.again('serve')}", Level.NOTE)
        for listen in (settings.listen, *settings.listen_also):
            yield checks.port(listen.host, listen.port)
    for gate in gates_of(place):
        yield from certificates(gate, datetime.now(UTC))
    yield checks.drop_box(settings.files, settings.listen.host, running=running is not None)
    yield checks.ftp(settings.files, settings.listen.host, running=running is not None)
