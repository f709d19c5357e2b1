"""What a station shows on its display, and what an operator may ask about it (OCPP 2.x, block O)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from console.model.text import plain


class Priority(StrEnum):
    """How a message competes with others; the words people type."""

    NORMAL = "normal"
    IN_FRONT = "in-front"
    ALWAYS_FRONT = "always-front"


class ShownWhile(StrEnum):
    """The state of a station in which a message is shown; the last two came with 2.1."""

    CHARGING = "charging"
    FAULTED = "faulted"
    IDLE = "idle"
    UNAVAILABLE = "unavailable"
    SUSPENDED = "suspended"
    DISCHARGING = "discharging"


class TextFormat(StrEnum):
    """How the text is written. Pages and pictures (HTML, URI, QRCODE) are for ``station.call``."""

    UTF8 = "utf8"
    ASCII = "ascii"


#: How OCPP writes a priority.
WRITTEN_PRIORITIES = {
    Priority.NORMAL: "NormalCycle",
    Priority.IN_FRONT: "InFront",
    Priority.ALWAYS_FRONT: "AlwaysFront",
}


def priority_word(said: Mapping[str, Any]) -> str:
    """The priority of a message (MessageInfoType) as people write it; what is none, as the station wrote it."""
    written = plain(str(said.get("priority", "")))
    return next((str(each) for each, wire in WRITTEN_PRIORITIES.items() if wire == written), written)


def while_word(said: Mapping[str, Any]) -> str:
    """When a message is shown: in a state of the station, for one transaction, or always."""
    state = plain(str(said.get("state") or "")).lower()
    one = "one session" if said.get("transactionId") else ""
    return ", ".join(each for each in (state, one) if each) or "always"


class _Command(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="command"):
    """As the commands of ``command``."""


class ShowMessage(_Command, frozen=True, tag="display.show"):
    """Show a text on a station's display.

    ``message_id`` None lets the service choose one that is free there; the id of a message that is there replaces it.
    ``shown_while`` None: in every state. ``transaction_id`` "": whoever charges; the message ends with that one.
    """

    station_id: str
    text: str
    priority: Priority = Priority.NORMAL
    shown_while: ShownWhile | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    transaction_id: str = ""
    language: str = ""
    format: TextFormat = TextFormat.UTF8
    message_id: int | None = None


class ReadMessages(_Command, frozen=True, tag="display.read"):
    """Ask a station which messages it has. ``request_id`` is the service's to give."""

    station_id: str
    request_id: int = 0


class ClearMessage(_Command, frozen=True, tag="display.clear"):
    """Take a message off a station's display."""

    station_id: str
    message_id: int


DisplayCommand = ShowMessage | ReadMessages | ClearMessage
