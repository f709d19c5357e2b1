"""What every door of the drop box does, whatever its protocol: finds the address, takes one file there, keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from console.errors import ConsoleError
from console.model.station_file import StationFile
from console.model.text import plain
from console.service.dropbox.folder import MOST_UPLOAD_BYTES, Draft, Folder
from console.service.dropbox.slots import Slot, Slots

#: A station that sends nothing for so long has gone; one that takes longer than this in all never ends.
SILENCE_S, LONGEST_S = 60.0, 3600.0
#: So many files are taken at once.
_MOST_AT_ONCE = 50
_LONGEST_NAME = 200
AGAIN = "Ask the station again: each address is for one file, for a while."


class FailedError(Exception):
    """A request is refused: with an HTTP status, the cause and the cure."""

    def __init__(self, status: int, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause
        self.cure = cure


class Host(Protocol):
    """Who keeps the box."""

    slots: Slots
    folder: Folder

    def now(self) -> datetime:
        """The instant, UTC."""
        ...

    def received(self, file: StationFile) -> None:
        """A file is here."""
        ...

    async def used(self) -> None:
        """An address has got its file."""
        ...

    def refused(self, address: str, request: str, station_id: str, failure: FailedError) -> None:
        """A request was turned away."""
        ...


class Reception:
    """Takes files for a host, and gives them. Everything here belongs to the event loop."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def slot(self, path: str) -> Slot:
        """The address that a path begins with, if there is one. Raises FailedError."""
        slot = self._host.slots.find(path)
        if slot is None:
            raise FailedError(404, "nobody was given this address", "Files are only taken where they were asked for.")
        return slot

    def check(self, slot: Slot) -> None:
        """Raises FailedError if an address does not count any more."""
        if slot.expires_at <= self._host.now():
            raise FailedError(410, "the address has expired", AGAIN)
        if slot.used:
            raise FailedError(410, "a file was put at this address already", AGAIN)

    def offered(self, slot: Slot) -> Path:
        """The file that is fetched at an address. Raises FailedError."""
        path = self._host.folder.offered_path(slot.offered)
        if not path.is_file():
            raise FailedError(410, "the file is not here any more", "Begin the update again.")
        return path

    @asynccontextmanager
    async def claimed(self, slot: Slot) -> AsyncIterator[None]:
        """The time of one upload. Raises FailedError if there is another one, or if there are too many."""
        self.claim(slot)
        try:
            yield
        finally:
            self._host.slots.release(slot)

    def claim(self, slot: Slot) -> None:
        """Begin an upload; who does so must ``release``. Raises FailedError."""
        self.check(self.slot(f"/{slot.token}"))  # as it is now: a session may have held it for long
        if self._host.slots.claimed >= _MOST_AT_ONCE:
            raise FailedError(503, "too many files are being taken at once", "The station may try again.")
        if not self._host.slots.claim(slot):
            raise FailedError(409, "another upload to this address is under way", AGAIN)

    def release(self, slot: Slot) -> None:
        """An upload has ended, well or badly."""
        self._host.slots.release(slot)

    async def begin(self) -> Draft:
        """What an upload is written to. Raises FailedError."""
        try:
            await asyncio.to_thread(self._host.folder.check_room)
            return await asyncio.to_thread(self._host.folder.draft, self._host.now())
        except (ConsoleError, OSError) as error:
            raise FailedError(507, "the disk is full", "Make room in the data folder.") from error

    async def keep(self, slot: Slot, draft: Draft, name: str, address: str) -> None:
        """All of a file is here: when this returns, it is for good. ``name`` is the station's, to be shown only."""
        if not draft.size_bytes:
            raise FailedError(400, "the upload is empty", "The station may have no log of that period.")
        shown = plain(name)[:_LONGEST_NAME]
        about = StationFile("", slot.station_id, slot.kind, slot.request_id, shown, 0, self._host.now(), address)
        try:
            file = await asyncio.to_thread(self._host.folder.keep, draft, about)
        except OSError as error:
            raise unwritten(error) from error
        self._host.slots.use(slot)
        await self._host.used()
        self._host.received(file)

    def refused(self, address: str, request: str, slot: Slot | None, failure: FailedError) -> None:
        """Say that somebody was turned away."""
        self._host.refused(address, request, slot.station_id if slot else "", failure)


def too_large() -> FailedError:
    """The refusal of a file that is longer than a log may be."""
    most = MOST_UPLOAD_BYTES >> 20
    return FailedError(413, f"the file is larger than {most} MiB", "Ask for the log of a shorter period.")


def unwritten(error: OSError) -> FailedError:
    """The refusal of a file that the disk does not take."""
    return FailedError(507, f"it cannot be written: {error.strerror}", "Mend the data folder.")


def without_token(path: str) -> str:
    """A path as an operator may see it: whoever reads it can put no file there."""
    shown = plain(path)[:60]
    return f"{shown[:9]}…" if len(shown) > 9 else shown
