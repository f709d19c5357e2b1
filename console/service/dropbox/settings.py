"""Where the drop box listens, and how long it keeps what it got."""

from __future__ import annotations

import msgspec


class FilesSettings(msgspec.Struct, frozen=True):
    """``host`` "" is where the stations' first gate listens. ``port`` 0 is any free one.

    ``ftp_port`` None is no FTP; its data connections come in from the first to the last of ``ftp_passive_ports``, or at
    any port. ``public_url`` is what stations are told instead of the address that they have reached us at.
    """

    enabled: bool = True
    host: str = ""
    port: int = 0
    public_url: str = ""
    keep_days: int = 90
    ftp_port: int | None = None
    ftp_passive_ports: tuple[int, int] | None = None
