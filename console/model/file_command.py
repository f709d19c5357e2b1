"""What an operator can ask about a station's files: logs out of it, firmware into it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from console.model.station_file import FileKind


class FileProtocol(StrEnum):
    """How a file comes or goes. AUTO: by HTTP, unless the station is known to speak FTP alone.

    HTTP is HTTPS for stations that connect by TLS. FTP is never encrypted.
    """

    AUTO = "auto"
    HTTP = "http"
    FTP = "ftp"


class _Command(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="command"):
    """Base of these commands; see ``command``."""


class FetchLog(_Command, frozen=True, tag="log.fetch"):
    """Have a station put a log into the drop box: all it has, or what is of a period.

    ``request_id``, ``location`` and ``as_log`` (1.6: ask with GetLog, not GetDiagnostics) are the service's to fill in.
    """

    station_id: str
    kind: FileKind = FileKind.DIAGNOSTICS
    since: datetime | None = None
    until: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    protocol: FileProtocol = FileProtocol.AUTO
    request_id: int = 0
    location: str = ""
    as_log: bool = False


class UpdateFirmware(_Command, frozen=True, tag="firmware.update"):
    """Have a station fetch firmware and install it.

    ``source`` is a URL, or the path of a file here, which the drop box then serves. ``retrieve_at`` None: now.
    ``signing_certificate`` (PEM) and ``signature`` (base64) belong together. ``request_id`` and ``location`` are the
    service's to fill in.
    """

    station_id: str
    source: str
    retrieve_at: datetime | None = None
    install_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    signing_certificate: str = ""
    signature: str = ""
    protocol: FileProtocol = FileProtocol.AUTO
    request_id: int = 0
    location: str = ""


class RemoveLog(_Command, frozen=True, tag="log.remove"):
    """Delete a file that a station has put into the drop box. ``file_id`` is ours."""

    station_id: str
    file_id: str


FileCommand = FetchLog | UpdateFirmware | RemoveLog
