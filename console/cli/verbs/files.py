"""``logs …`` and ``firmware …``: files out of a station, and into it; waits until the station has told how it ended."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

import click

from console.backends.base import Backend, Files, RecordQuery, Stream, Update
from console.cli.carry_out import ask, carry_out_on, sentence, show_outcome, yes_option
from console.cli.context import Call, verb
from console.cli.exits import Refused, TimedOut, UsageError
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.cli.verbs.groups import Group
from console.errors import ConsoleError
from console.model.change import RecordKept
from console.model.file_command import FetchLog, FileProtocol, RemoveLog, UpdateFirmware
from console.model.outcome import EXIT_CODE
from console.model.record import RecordKind, Severity, StationRecord
from console.model.station_file import FileKind, StationFile
from console.model.when import parse_when

_station = click.argument("station_id", metavar="STATION")
_retries = click.option("--retries", type=click.IntRange(0, 100), help="How often the station tries again.")
_interval = click.option("--retry-interval", type=click.IntRange(0, 86_400), metavar="SECONDS", help="Between tries.")
_protocol = click.option(
    "--protocol", type=click.Choice(list(FileProtocol)), default=FileProtocol.AUTO, show_default=True,
    help="How the file travels. auto: by HTTP(S), or by FTP where the station says that it knows no other.",
)  # fmt: skip
_wait = click.option(
    "--wait", "wait_s", default=3600, show_default=True, type=click.IntRange(0), metavar="SECONDS",
    help="For its end; 0: not at all.",
)  # fmt: skip


@click.group("logs", cls=Group)
def logs() -> None:
    """Fetch a station's logs; list, save and delete those that came."""


@logs.command("fetch")
@_station
@click.option("--security", is_flag=True, help="The security log instead of the diagnostics.")
@click.option("--since", metavar="WHEN", help="Only from then on: -2d, yesterday, 2026-11-21 13:00.")
@click.option("--until", metavar="WHEN", help="Only until then.")
@_retries
@_interval
@_protocol
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the file here as well.")
@_wait
@verb
async def fetch(
    call: Call,
    station_id: str,
    security: bool,
    since: str | None,
    until: str | None,
    retries: int | None,
    retry_interval: int | None,
    protocol: str,
    output: Path | None,
    wait_s: int,
) -> int:
    """Have a station put a log into the drop box, and wait until it is here."""
    _check_new(output)
    command = FetchLog(
        station_id,
        FileKind.SECURITY if security else FileKind.DIAGNOSTICS,
        _past(call, since),
        _past(call, until),
        retries,
        retry_interval,
        FileProtocol(protocol),
    )
    async with call.backend() as backend:
        ended = await _carried_out(call, backend, command, RecordKind.LOG, wait_s)
        if isinstance(ended, int):
            return ended
        file = await _file_of(backend, ended)
        if file is not None and output is not None:
            await _write(backend, file, output)
    where = f"{file.size_bytes} bytes" + (f" in {output}" if output else f", file {file.file_id}") if file else ""
    fields = {
        "station_id": station_id,
        "status": ended.summary,
        "file": file,
        "output": str(output) if output else None,
    }
    good = file is not None and ended.severity is Severity.INFO
    if call.as_json or good:
        call.show(fields, f"{station_id}: the {command.kind} log is here: {where}.")
    else:
        _warn(station_id, ended)
    return 0 if good else 1


@logs.command("list")
@click.argument("station_id", metavar="[STATION]", default="")
@verb
async def list_(call: Call, station_id: str) -> None:
    """The files that came, newest first."""
    async with call.backend(looking=True) as backend:
        found = await _box(backend).files(station_id)
    if call.as_json:
        say_json({"files": found})
    elif found:
        for line in Table("RECEIVED", "STATION", "KIND", ">BYTES", "FILE", "NAMED").lines([_row(one) for one in found]):
            say(cut(line))
    else:
        warn("No station has sent a file.", f"To fetch one: {call.again('logs fetch STATION')}")


def _row(one: StationFile) -> tuple[str, ...]:
    return moment(one.received_at), one.station_id, str(one.kind), str(one.size_bytes), one.file_id, one.name


@logs.command("save")
@click.argument("file_id", metavar="FILE-ID")
@click.argument("output", type=click.Path(path_type=Path), metavar="FILE")
@verb
async def save(call: Call, file_id: str, output: Path) -> None:
    """Write a file that came elsewhere, as it is."""
    _check_new(output)
    async with call.backend(looking=True) as backend:
        found = next((one for one in await _box(backend).files() if one.file_id == file_id), None)
        if found is None:
            raise Refused(f"There is no file {file_id}.", "See: ocpp-console logs list")
        await _write(backend, found, output)
    call.show({"file": found, "output": str(output)}, f"Wrote {found.size_bytes} bytes to {output}.")


@logs.command("delete")
@click.argument("file_id", metavar="FILE-ID")
@yes_option
@verb
async def delete(call: Call, file_id: str, yes: bool) -> int:
    """Delete a file that came. Those that are too old go by themselves (files.keep_days in the profile)."""
    async with call.backend() as backend:
        found = next((one for one in await _box(backend).files() if one.file_id == file_id), None)
        if found is None:
            raise Refused(f"There is no file {file_id}.", "See: ocpp-console logs list")
        return await carry_out_on(call, backend, RemoveLog(found.station_id, file_id), yes=yes)


@click.group("firmware", cls=Group)
def firmware() -> None:
    """Have a station install firmware."""


@firmware.command("update")
@_station
@click.argument("source", metavar="FILE|URL")
@click.option("--at", metavar="WHEN", help="When it is fetched: +2h, tomorrow 3:00. Now if nothing is said.")
@click.option("--install", metavar="WHEN", help="When it is installed (not in plain OCPP 1.6).")
@click.option(
    "--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Who signed it (PEM)."
)
@click.option(
    "--signature", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its signature (base64)."
)
@_retries
@_interval
@_protocol
@_wait
@yes_option
@verb
async def update(
    call: Call,
    station_id: str,
    source: str,
    at: str | None,
    install: str | None,
    certificate: Path | None,
    signature: Path | None,
    retries: int | None,
    retry_interval: int | None,
    protocol: str,
    wait_s: int,
    yes: bool,
) -> int:
    """Have a station fetch firmware and install it: a FILE of this computer, or whatever is at a URL."""
    command = UpdateFirmware(
        station_id,
        _absolute(source),
        _future(call, at),
        _future(call, install),
        retries,
        retry_interval,
        _text(certificate),
        "".join(_text(signature).split()),
        FileProtocol(protocol),
    )
    async with call.backend() as backend:
        ended = await _carried_out(call, backend, command, RecordKind.FIRMWARE, wait_s, yes=yes)
    if isinstance(ended, int):
        return ended
    good = ended.severity is Severity.INFO and not ended.summary.startswith("AcceptedCanceled")
    if call.as_json or good:
        call.show({"station_id": station_id, "status": ended.summary}, f"{station_id}: {ended.summary}.")
    else:
        _warn(station_id, ended)
    return 0 if good else 1


def _warn(station_id: str, ended: StationRecord) -> None:
    """Say how it failed, and what that means."""
    means = ended.details.get("means")
    text = f"{ended.summary}: {means}" if isinstance(means, str) else f"{ended.summary}."
    warn(f"{station_id}: {text}", "See what was said: ocpp-console messages")


async def _carried_out(
    call: Call,
    backend: Backend,
    command: FetchLog | UpdateFirmware,
    kind: RecordKind,
    wait_s: int,
    *,
    yes: bool = False,
) -> StationRecord | int:
    """Have it asked for, show how it goes, and return how it ended; an exit code where it never began."""
    async with aclosing(backend.watch()) as updates:
        await anext(updates)  # from here on nothing is missed
        outcome = await ask(backend, command, yes=yes)
        if not outcome.ok or not wait_s:
            show_outcome(call, command, outcome)
            return EXIT_CODE[outcome.result]
        warn(f"{sentence(outcome.text)}. Ctrl-C stops waiting, not the station.")
        station_id, key = command.station_id, str((outcome.answer or {}).get("job", ""))
        try:
            async with asyncio.timeout(wait_s):
                return await _ended(backend, updates, station_id, kind, key)
        except TimeoutError:
            raise TimedOut(f"{station_id} has not told the end within {wait_s} s.", "It may still come.") from None


async def _ended(
    backend: Backend, updates: Stream[Update], station_id: str, kind: RecordKind, key: str
) -> StationRecord:
    """Follow a job to its end, telling each step."""
    told = ""
    newest = {one.key: one for one in await backend.records(RecordQuery(station_id, kind=kind))}.get(key)
    while True:
        if newest is not None and newest.summary != told:
            told = newest.summary
            warn(f"{moment(newest.at)}  {told}")
        if newest is not None and not newest.standing:
            return newest
        update = await anext(updates)
        for change in update if isinstance(update, tuple) else ():
            if isinstance(change, RecordKept) and _is(change.record, station_id, kind, key):
                newest = change.record


def _is(record: StationRecord, station_id: str, kind: RecordKind, key: str) -> bool:
    return (record.station_id, record.kind, record.key) == (station_id, kind, key)


async def _file_of(backend: Backend, record: StationRecord) -> StationFile | None:
    facts = record.details.get("file")
    file_id = facts.get("id") if isinstance(facts, dict) else None
    return next((one for one in await _box(backend).files(record.station_id) if one.file_id == file_id), None)


async def _write(backend: Backend, file: StationFile, output: Path) -> None:
    try:
        with await asyncio.to_thread(output.open, "xb") as writing:
            async for piece in _box(backend).file_content(file.file_id):
                await asyncio.to_thread(writing.write, piece)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.", "Choose another --output.") from error


def _check_new(output: Path | None) -> None:
    if output is not None and output.exists():
        raise UsageError(f"{output} exists already.", "Choose another name.")


def _absolute(source: str) -> str:
    """A path as the service understands it, which works in another folder; a URL as it is."""
    return source if "://" in source else str(Path(source).expanduser().absolute())


def _box(backend: Backend) -> Files:
    if not isinstance(backend, Files):
        raise ConsoleError("There are no files of stations here.", "They are in a service's drop box.")
    return backend


def _past(call: Call, text: str | None) -> datetime | None:
    return parse_when(text, call.now(), past=True) if text else None


def _future(call: Call, text: str | None) -> datetime | None:
    return parse_when(text, call.now()) if text else None


def _text(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as text: {error}.", "The signature must be base64, not binary."
        ) from error
