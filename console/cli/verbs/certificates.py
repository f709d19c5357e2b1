"""``certificate …``: what is installed at a station, what it asks to have signed, and the site's own authority."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from console.backends.base import Backend, RecordQuery
from console.cli.carry_out import ask, carry_out, carry_out_on, describe, show_outcome, yes_option
from console.cli.context import Call, verb
from console.cli.exits import Refused, UsageError
from console.cli.output import Table, cut, say, say_json, warn
from console.cli.verbs.groups import Group
from console.model import certificate as c
from console.model.certificate import CertificateHash, CertificateUse, OwnCertificate, mended_pem
from console.model.outcome import EXIT_CODE
from console.model.record import RecordKind, StationRecord

_station = click.argument("station_id", metavar="STATION")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_USES = click.Choice([use.value for use in CertificateUse])


@click.group("certificate", cls=Group)
def certificate() -> None:
    """List, install and delete certificates of stations; sign what they ask for."""


@certificate.command("list")
@_station
@click.option("--stored", is_flag=True, help="As they were last read; ask the station nothing.")
@verb
async def list_(call: Call, station_id: str, stored: bool) -> int:
    """Which certificates a station has, until when they are good, and what waits to be signed."""
    async with call.backend() as backend:
        code = 0
        if not stored:
            command = c.ReadCertificates(station_id)
            outcome = await ask(backend, command)
            code = EXIT_CODE[outcome.result]
            if not outcome.ok and not call.as_json:
                warn(f"{outcome.text}. This is what is known:", outcome.hint)
        held = [*await _records(backend, station_id, RecordKind.CERTIFICATE_REQUEST)]
        held += await _records(backend, station_id, RecordKind.CERTIFICATE)
        if call.as_json:
            say_json({"station_id": station_id, "certificates": held})
        elif held:
            table = Table("KIND", "ID", "", "WHAT")
            for line in table.lines([_row(one) for one in held]):
                say(cut(line))
        else:
            warn(f"No certificates of {station_id} are known.")
        return code


@certificate.command("install", help=describe("certificate.install"))
@_station
@click.argument("use", type=_USES)
@click.argument("file", type=_FILE)
@verb
async def install(call: Call, station_id: str, use: str, file: Path) -> int:
    return await carry_out(call, c.InstallCertificate(station_id, CertificateUse(use), _read(file)))


@certificate.command("delete", help=f"{describe('certificate.delete')} ID is its serial number, as in the list.")
@_station
@click.argument("serial", metavar="ID")
@yes_option
@verb
async def delete(call: Call, station_id: str, serial: str, yes: bool) -> int:
    async with call.backend() as backend:
        held = await _records(backend, station_id, RecordKind.CERTIFICATE)
        wanted = serial.casefold().removeprefix("serial ").lstrip("0")
        for one in held:
            reported = one.details.get("certificateHashData")
            if one.key == f"serial {wanted}" and isinstance(reported, dict):
                named = msgspec.convert(reported, CertificateHash)
                return await carry_out_on(call, backend, c.DeleteCertificate(station_id, named), yes=yes)
        raise Refused(
            f"{station_id} has reported no certificate {serial}.", f"See: ocpp-console certificate list {station_id}"
        )


@certificate.command("request", help="Print the request that waits to be signed, for an authority elsewhere.")
@_station
@verb
async def request(call: Call, station_id: str) -> None:
    async with call.backend(looking=True) as backend:
        held = await _records(backend, station_id, RecordKind.CERTIFICATE_REQUEST)
        waiting = [one for one in held if one.standing]
        if not waiting:
            raise Refused(
                f"{station_id} waits for no certificate.",
                f"Ask it for a request: ocpp-console certificate renew {station_id}",
            )
        pem = mended_pem(str(waiting[0].details.get("csr", "")))
        call.show({"station_id": station_id, "key": waiting[0].key, "request": pem}, pem.rstrip())


@certificate.command("sign", help=f"{describe('certificate.sign')} Without --chain the site's own authority signs.")
@_station
@click.option(
    "--chain",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Signed elsewhere: PEM, its own first.",
)
@click.option("--request", "key", default="", metavar="KEY", help="Which request, where several wait.")
@verb
async def sign(call: Call, station_id: str, chain: Path | None, key: str) -> int:
    return await carry_out(call, c.SignCertificate(station_id, key, _read(chain) if chain else ""))


@certificate.command("renew", help=describe("certificate.renew"))
@_station
@click.option(
    "--what",
    type=click.Choice([each.value for each in OwnCertificate]),
    default="station",
    show_default=True,
    help="The one that it shows us, or one that it shows to cars.",
)
@verb
async def renew(call: Call, station_id: str, what: str) -> int:
    return await carry_out(call, c.RenewCertificate(station_id, OwnCertificate(what)))


@certificate.command("authority")
@verb
async def authority(call: Call) -> int:
    """Print the root certificate of the site's own authority; it is made if there is none."""
    async with call.backend() as backend:
        command = c.ShowAuthority()
        outcome = await ask(backend, command)
        if outcome.ok and outcome.answer and not call.as_json:
            say(str(outcome.answer["certificate"]).rstrip())
        else:
            show_outcome(call, command, outcome)
        return EXIT_CODE[outcome.result]


async def _records(backend: Backend, station_id: str, kind: RecordKind) -> list[StationRecord]:
    return [*await backend.records(RecordQuery(station_id=station_id, kind=kind))]


def _row(record: StationRecord) -> tuple[str, ...]:
    mark = "!" if record.alarm else ""
    return record.kind.words, record.key.removeprefix("serial "), mark, record.summary


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read.", "It must be a certificate in PEM.") from error
