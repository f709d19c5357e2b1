"""A file that a station has put into the drop box."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class FileKind(StrEnum):
    """What a file is."""

    DIAGNOSTICS = "diagnostics"
    SECURITY = "security"


class StationFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file. ``file_id`` is ours; ``name`` is what the station calls it: to be shown, never a path.

    ``request_id`` is the number of the request that it answers, ``address`` where it came from.
    """

    file_id: str
    station_id: str
    kind: FileKind
    request_id: int
    name: str
    size_bytes: int
    received_at: datetime
    address: str = ""
