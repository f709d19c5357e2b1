"""Where the drop box listens, and how long it keeps what it got."""

from __future__ import annotations

import msgspec


class FilesSettings(msgspec.Struct, frozen=True):
    """``host`` "" is where the stations' first gate listens. ``port`` 0 is any free one.

    ``public_url`` is what stations are told instead of the address that they have reached us at.
    """

    enabled: bool = True
    host: str = ""
    port: int = 0
    public_url: str = ""
    keep_days: int = 90
