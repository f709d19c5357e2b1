"""What the owner of a site decides about its service: made from a profile and the command line, handed to a child."""

from __future__ import annotations

from pathlib import Path

import msgspec

from console.csms.listener.gate import Gate
from console.model.tariff import Tariff
from console.service.dropbox.settings import FilesSettings


class ServiceSettings(msgspec.Struct, frozen=True):
    """The settings of one service.

    ``data`` is the folder that it alone uses. Stations connect to the ``gates`` (port 0: a free one). ``quiet``:
    nothing is sent to a station that no operator asked for. ``read_only``: nobody can change anything. ``database``
    is the URL of another database than the data folder's own. Prices are fetched from ``prices_url``, if there is one.
    ``tariff`` is what charging costs, None if nobody says. ``files`` is the drop box.
    """

    data: Path
    name: str = ""
    gates: tuple[Gate, ...] = (Gate("0.0.0.0", 9000),)  # noqa: S104  # stations are other computers
    accept_unknown: bool = False
    read_only: bool = False
    production: bool = False
    quiet: bool = False
    card_wait_s: float = 20.0
    pending_interval_s: int = 30
    heartbeat_interval_s: int = 300
    organization: str = ""
    call_timeout_s: float = 30.0
    ping_interval_s: float = 20.0
    messages_days: int = 30
    meter_values_days: int = 400
    tariff: Tariff | None = None
    database: str = ""
    files: FilesSettings = FilesSettings()
    prices_url: str = ""
    prices_every_s: float = 3600.0
    prices_unit: str = ""
