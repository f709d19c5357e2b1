"""The forms of the commands about logs and firmware. Pure but for reading a signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from console.errors import ConsoleError
from console.model.command import Command
from console.model.file_command import FetchLog, FileProtocol, RemoveLog, UpdateFirmware
from console.model.station_file import FileKind
from console.model.when import parse_when
from console.screens.asking.certificate_forms import read_pem
from console.screens.asking.form import Context, Form, Param, Values, text
from widgets.form import Field

_STATION = ("station_id",)
_URL = "://"
#: Of retries, and of seconds between them.
_MOST = 86_400


def _fetch_params(context: Context) -> list[Param]:
    choices = tuple(kind.value for kind in FileKind)
    when = _time(context, past=True)
    return [
        Param(Field("kind", "log", choices[0], "What the station did, or who tried what", choices, required=True)),
        Param(Field("since", "since", "", "-2d, yesterday, 2026-11-21 13:00; empty: all it has", validate=when)),
        Param(Field("until", "until", "", "Empty: now", validate=when)),
        *_travel(),
    ]


def _travel() -> list[Param]:
    """How the file comes or goes."""
    protocols = tuple(each.value for each in FileProtocol)
    return [
        Param(Field("retries", "retries", "", "How often the station tries again", validate=_whole)),
        Param(Field("interval", "retry after", "", "Seconds between its tries", validate=_whole)),
        Param(Field("by", "by", protocols[0], "auto: HTTP(S), or FTP if it knows no other", protocols, required=True)),
    ]


def _whole(written: str) -> str | None:
    good = written.strip().isascii() and written.strip().isdecimal() and int(written) <= _MOST
    return None if good else f"is no whole number from 0 to {_MOST}"


def _number(values: Values, name: str) -> int | None:
    written = values.get(name, "").strip()
    return int(written) if written else None


def _fetch(context: Context, values: Values) -> Command:
    return FetchLog(
        context.target.station_id,
        FileKind(values["kind"]),
        _read(context, values.get("since", ""), past=True),
        _read(context, values.get("until", ""), past=True),
        _number(values, "retries"),
        _number(values, "interval"),
        FileProtocol(values.get("by", FileProtocol.AUTO)),
    )


def _update_params(context: Context) -> list[Param]:
    when = _time(context, past=False)
    return [
        Param(Field("source", "firmware", "", "A file of this computer, or a URL", required=True, validate=_source)),
        Param(Field("at", "fetch at", "now", "now, +2h, tomorrow 3:00", validate=when)),
        Param(Field("install", "install at", "", "Empty: when it has it (1.6: only signed firmware)", validate=when)),
        text("signature", "signature", help="Only signed firmware: a file, base64"),
        text("certificate", "certificate", help="Only signed firmware: who signed it, a file in PEM"),
        *_travel(),
    ]


def _update(context: Context, values: Values) -> Command:
    source = values["source"].strip()
    signature, certificate = values.get("signature", "").strip(), values.get("certificate", "").strip()
    return UpdateFirmware(
        context.target.station_id,
        source if _URL in source else str(Path(source).expanduser().absolute()),
        _read(context, values.get("at", ""), past=False),
        _read(context, values.get("install", ""), past=False),
        _number(values, "retries"),
        _number(values, "interval"),
        protocol=FileProtocol(values.get("by", FileProtocol.AUTO)),
        signature="".join(read_pem(signature).split()) if signature else "",
        signing_certificate=read_pem(certificate) if certificate else "",
    )


def _source(written: str) -> str | None:
    if _URL in written or Path(written.strip()).expanduser().is_file():
        return None
    return "is no file of this computer, and no URL"


def _time(context: Context, *, past: bool) -> Callable[[str], str | None]:
    def check(written: str) -> str | None:
        try:
            _read(context, written, past=past)
        except ConsoleError as error:
            return f"is no time. {error.hint}"
        return None

    return check


def _read(context: Context, written: str, *, past: bool) -> datetime | None:
    return parse_when(written, context.now, context.zone, past=past) if written.strip() else None


FILE_FORMS: dict[str, Form] = {
    "log.fetch": Form(_fetch, _STATION, _fetch_params),
    "log.remove": Form(lambda context, _values: RemoveLog(context.target.station_id, context.target.file_id)),
    "firmware.update": Form(_update, _STATION, _update_params),
}
