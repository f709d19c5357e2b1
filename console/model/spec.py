"""One command as a person meets it: its key, its words, where it works, how much it can hurt."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, StrEnum

import msgspec

from console.model.certificate import CertificateHash
from console.model.site import Site


class Danger(IntEnum):
    """How much a command can hurt, and so how it is confirmed."""

    READ = 0  # changes nothing: never confirmed, allowed in read-only mode
    REVERSIBLE = 1  # can be undone by another command: done at once, or a one-line question
    DISRUPTIVE = 2  # interrupts somebody: a dialog that names the station and what runs on it


class Place(StrEnum):
    """The screens a key works on."""

    EVERYWHERE = "everywhere"
    STATIONS = "stations"
    STATION = "station"
    TRANSACTIONS = "transactions"
    TRANSACTION = "transaction"
    TOKENS = "tokens"
    MESSAGES = "messages"
    ACTIONS = "actions"
    REQUEST = "request"
    SETTINGS = "settings"
    LOCAL_LISTS = "local lists"
    REPORTS = "reports"
    SCHEDULE = "schedule"
    SCHEDULES = "schedules"
    CERTIFICATES = "certificates"
    DISPLAY = "display"
    TARIFFS = "tariffs"
    LOGS = "logs"
    LOG = "log"


class Target(msgspec.Struct, frozen=True):
    """What the cursor is on when a key is pressed; "" and None where it is on nothing of the kind.

    ``connector_id`` tells the connectors of one EVSE apart (2.x; 0: none in particular).
    """

    station_id: str = ""
    evse_id: int | None = None
    transaction_key: str = ""
    token_key: str = ""
    card_id: str = ""
    setting_key: str = ""
    record_key: str = ""
    certificate: CertificateHash | None = None
    monitor_id: int | None = None
    message_id: int | None = None
    connector_id: int = 0
    tariff_id: str = ""
    file_id: str = ""


class Spec(msgspec.Struct, frozen=True):
    """One command as a person meets it.

    ``key`` is a plain letter (or a Textual key name) on the screens in ``places``. ``why_not`` says why it is not
    possible now, or None if it is.
    """

    id: str
    key: str
    title: str
    help: str
    places: tuple[Place, ...]
    danger: Danger = Danger.READ
    why_not: Callable[[Site, Target], str | None] = lambda _site, _target: None
