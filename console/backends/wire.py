"""What crosses the operator link, as typed JSON. The one place that both ends of it share.

``GET /v1/site`` and the WebSockets speak these; queries are URL parameters named like the fields of the query structs.
A watcher gets one frame, answers ``TAKEN`` when it has taken it, and only then gets the next: a console whose terminal
stands still costs the service nothing, and finds no queue of old news when it comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from console.errors import ConsoleError
from console.model.change import Audited, Change, Notice
from console.model.command import Command
from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.export import Cell, Row
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.outcome import Outcome
from console.model.record import StationRecord
from console.model.site import Site
from console.model.station import Setting
from console.model.station_file import StationFile
from console.model.transaction import Transaction

#: Grows when one end would misunderstand the other. Names of new fields and routes alone do not count.
PROTOCOL = 1
#: What a watcher sends when it has taken a frame.
TAKEN = "taken"
#: Who asks, for the audit. Required of every command that changes something.
OPERATOR_HEADER = "operator"

Struct = TypeVar("Struct", bound=msgspec.Struct)


class Info(msgspec.Struct, frozen=True):
    """Who serves. ``listening`` is where stations connect, without their identity: ``ws://10.0.0.5:9000/``."""

    protocol: int
    version: str
    name: str
    pid: int
    started_at: datetime
    read_only: bool
    production: bool
    listening: tuple[str, ...]


class WholeSite(msgspec.Struct, frozen=True, tag_field="frame", tag="site"):
    """Everything: the first frame of a watch, and again whenever that is the shorter way to say what changed."""

    site: Site


class SomeChanges(msgspec.Struct, frozen=True, tag_field="frame", tag="changes"):
    """What changed since the frame before."""

    changes: tuple[Change, ...]


class Frames(msgspec.Struct, frozen=True, tag_field="frame", tag="messages"):
    """Messages that match, oldest first; ``dropped`` of them before these there was no room for."""

    messages: tuple[Message, ...]
    dropped: int = 0


class Trouble(msgspec.Struct, frozen=True):
    """An error of the operator link itself, in words."""

    message: str
    hint: str = ""


class MeterQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which meter values: those of a transaction, or those of an EVSE since an instant."""

    station: str
    transaction: str = ""
    evse: int = 0
    since: datetime | None = None


class SettingsQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose settings."""

    station: str


class FilesQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which received files: a station's, or all; or the content of one."""

    station: str = ""
    file: str = ""


class SnapshotQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which snapshots: a station's, all, or the one of an id."""

    station: str = ""
    snapshot: str = ""


class WritesQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which changes of settings: a station's newest."""

    station: str
    limit: int = 200


class AuditQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which audited commands: the newest, oldest first."""

    station: str = ""
    limit: int = 200


class NoticeQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which notices: the newest, or the newest that are warnings or bad; oldest first."""

    alarms: bool = False
    limit: int = 200


class MeterExportQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which meter values to export: of stations whose identity holds a text, taken in a period."""

    station: str = ""
    since: datetime | None = None
    until: datetime | None = None


encode = msgspec.json.Encoder().encode
decode_info = msgspec.json.Decoder(Info).decode
decode_site = msgspec.json.Decoder(Site).decode
decode_live = msgspec.json.Decoder(WholeSite | SomeChanges).decode
decode_frames = msgspec.json.Decoder(Frames).decode
decode_command = msgspec.json.Decoder(Command).decode
decode_outcome = msgspec.json.Decoder(Outcome).decode
decode_trouble = msgspec.json.Decoder(Trouble).decode
decode_transactions = msgspec.json.Decoder(list[Transaction]).decode
decode_meter_values = msgspec.json.Decoder(list[MeterValue]).decode
decode_messages = msgspec.json.Decoder(list[Message]).decode
decode_settings = msgspec.json.Decoder(list[Setting]).decode
decode_files = msgspec.json.Decoder(tuple[StationFile, ...]).decode
decode_records = msgspec.json.Decoder(list[StationRecord]).decode
decode_monitors = msgspec.json.Decoder(list[Monitor]).decode
decode_snapshots = msgspec.json.Decoder(list[Snapshot]).decode
decode_snapshot = msgspec.json.Decoder(Snapshot | None).decode
decode_setting_writes = msgspec.json.Decoder(list[SettingWrite]).decode
decode_audit = msgspec.json.Decoder(list[Audited]).decode
decode_notices = msgspec.json.Decoder(list[Notice]).decode
_decode_cells = msgspec.json.Decoder(dict[str, Cell]).decode


def decode_row(line: str) -> Row:
    """A line of an export in JSON as the row it was made of."""
    return tuple(_decode_cells(line).values())


def to_parameters(query: msgspec.Struct) -> dict[str, str]:
    """A query as URL parameters; what has its default is left out."""
    fields: dict[str, Any] = msgspec.to_builtins(query)
    return {name: _as_text(value) for name, value in fields.items() if value is not None}


def _as_text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def from_parameters(kind: type[Struct], parameters: Mapping[str, str]) -> Struct:
    """Read URL parameters as a query. Raises ConsoleError that names the parameter."""
    known = kind.__struct_fields__
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise ConsoleError(f"There is no parameter {unknown[0]} here.", f"There are: {', '.join(known)}.")
    try:
        return msgspec.convert(dict(parameters), kind, strict=False)
    except msgspec.ValidationError as error:
        raise ConsoleError(f"A parameter is wrong: {error}.", f"There are: {', '.join(known)}.") from error
