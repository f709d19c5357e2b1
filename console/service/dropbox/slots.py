"""One-time addresses: each for one station and one file, for a while. Pure, but for where randomness comes from."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from console.errors import ConsoleError
from console.model.station_file import FileKind

#: 128 bits that nobody guesses, in letters that every station leaves as they are.
_TOKEN_BYTES = 16
_TOKEN = re.compile(r"/+([0-9a-f]{32})", re.IGNORECASE)
_MOST, _MOST_OF_A_STATION = 2000, 20
#: For so long an address that was used, or has expired, is still known, so that who comes late is told why.
_REMEMBERED = timedelta(days=2)


class Slot(msgspec.Struct, frozen=True, omit_defaults=True):
    """One address. ``offered`` is the name of the box's own file that is fetched there, "" where one is put.

    ``kind`` and ``request_id`` say what was asked for. ``used``: a file was put there.
    """

    token: str
    station_id: str
    expires_at: datetime
    kind: FileKind = FileKind.DIAGNOSTICS
    request_id: int = 0
    offered: str = ""
    used: bool = False


class Slots:
    """All addresses that there are."""

    def __init__(self, known: Sequence[Slot] = ()) -> None:
        self._slots = {slot.token: slot for slot in known}
        self._claimed: set[str] = set()

    def all(self) -> tuple[Slot, ...]:
        """Every one, for keeping."""
        return tuple(self._slots.values())

    def open(
        self,
        station_id: str,
        expires_at: datetime,
        now: datetime,
        *,
        kind: FileKind = FileKind.DIAGNOSTICS,
        request_id: int = 0,
        offered: str = "",
    ) -> Slot:
        """A new address. Raises ConsoleError if there are too many that still count."""
        self.sweep(now)
        waiting = [slot for slot in self._slots.values() if not slot.used and slot.expires_at > now]
        if len(waiting) >= _MOST or sum(slot.station_id == station_id for slot in waiting) >= _MOST_OF_A_STATION:
            raise ConsoleError(
                "Too many files are waited for already.", "Wait until they have come, or until their time is over."
            )
        slot = Slot(secrets.token_hex(_TOKEN_BYTES), station_id, expires_at, kind, request_id, offered)
        self._slots[slot.token] = slot
        return slot

    def find(self, path: str) -> Slot | None:
        """The address that a request's path begins with. What follows it is of no meaning."""
        match = _TOKEN.match(path)
        return self._slots.get(match[1].lower()) if match else None

    def claim(self, slot: Slot) -> bool:
        """An upload to it begins; False if one is under way already, by whatever protocol."""
        if slot.token in self._claimed:
            return False
        self._claimed.add(slot.token)
        return True

    def release(self, slot: Slot) -> None:
        """The upload is over, well or badly."""
        self._claimed.discard(slot.token)

    @property
    def claimed(self) -> int:
        """How many uploads are under way."""
        return len(self._claimed)

    def use(self, slot: Slot) -> None:
        """It has its file."""
        self._slots[slot.token] = msgspec.structs.replace(slot, used=True)

    def forget(self, token: str) -> None:
        """It was never told, or is wanted no more."""
        self._slots.pop(token, None)

    def sweep(self, now: datetime) -> None:
        """Forget those that are long over."""
        over = [slot.token for slot in self._slots.values() if slot.expires_at + _REMEMBERED < now]
        for token in over:
            del self._slots[token]
