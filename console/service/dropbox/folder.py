"""The drop box's folder: files under names of our own, for their owner's eyes only, as many as there is room for."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from console.errors import ConsoleError
from console.model.station_file import StationFile
from console.service.dropbox.slots import Slot

_LOG = logging.getLogger(__name__)
#: The largest log, the largest firmware, and all files together; so much of the disk is left to the site's data.
MOST_UPLOAD_BYTES = 256 << 20
MOST_FIRMWARE_BYTES = 1 << 30
_MOST_BYTES = 4 << 30
_MOST_FILES = 5000
LEAST_FREE_BYTES = 256 << 20
_FILE_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
_SLOTS = "addresses.json"
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class Draft:
    """A file being written. Blocks: use it from a thread."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Add to it."""
        self._file.write(data)
        self.size_bytes += len(data)

    def close(self) -> None:
        """All of it is there, and outlives a power failure."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def drop(self) -> None:
        """Throw it away."""
        with contextlib.suppress(OSError):  # what is not written yet need not be
            self._file.close()
        self.path.unlink(missing_ok=True)


class Folder:
    """Received files, each beside a few words about it; and files that stations fetch. Blocks: use it from a thread."""

    def __init__(self, path: Path) -> None:
        self._received = path / "received"
        self._offered = path / "offered"
        self._path = path

    def prepare(self) -> None:
        """Make the folder; clear away what was being written when the service died. Raises ConsoleError.

        No station was told that such a file is here: it sends it again.
        """
        try:
            for folder in (self._path, self._received, self._offered):
                folder.mkdir(mode=0o700, exist_ok=True)
                for left in folder.glob("*.part"):
                    left.unlink(missing_ok=True)
            for path in self._received.glob("*.*"):
                if not path.with_suffix({".data": ".json", ".json": ".data"}.get(path.suffix, path.suffix)).exists():
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise ConsoleError(
                f"The drop box {self._path} cannot be made: {error.strerror}.", "Mend the data folder's rights."
            ) from error

    # --- received files ---

    def draft(self, now: datetime) -> Draft:
        """Begin a received file under a name of ours."""
        file_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        return _begin(self._received / f"{file_id}.part")

    def keep(self, draft: Draft, about: StationFile) -> StationFile:
        """A received file is complete: from now on it is here for good, and so are the words about it."""
        draft.close()
        file_id = draft.path.stem
        about = msgspec.structs.replace(about, file_id=file_id, size_bytes=draft.size_bytes)
        _write(self._received / f"{file_id}.json", msgspec.json.encode(about))
        draft.path.rename(self._received / f"{file_id}.data")
        _sync(self._received)
        return about

    def received(self, station_id: str = "") -> list[StationFile]:
        """The files of a station, or of all, newest first."""
        found = [about for about in self._all() if not station_id or about.station_id == station_id]
        return sorted(found, key=lambda about: about.file_id, reverse=True)

    def _all(self) -> Iterator[StationFile]:
        for path in self._received.glob("*.json"):
            try:
                about = msgspec.json.decode(path.read_bytes(), type=StationFile)
            except (OSError, msgspec.MsgspecError) as error:
                _LOG.warning("%s cannot be read: %s", path, error)
                continue
            if about.file_id == path.stem and self.path_of(about.file_id) is not None:
                yield about

    def path_of(self, file_id: str) -> Path | None:
        """Where a received file is, None if there is none of that id."""
        path = self._received / f"{file_id}.data"
        return path if _FILE_ID.fullmatch(file_id) and path.is_file() else None

    def remove(self, file_id: str) -> None:
        """Throw a received file away."""
        if _FILE_ID.fullmatch(file_id):
            for suffix in ("data", "json"):
                (self._received / f"{file_id}.{suffix}").unlink(missing_ok=True)

    def remove_of(self, file_id: str, station_id: str) -> bool:
        """Throw away a file of this station; False if there is none."""
        if not any(about.file_id == file_id for about in self.received(station_id)):
            return False
        self.remove(file_id)
        return True

    # --- firmware ---

    def offer(self, source: Path) -> str:
        """Copy a file of this computer into the box; its name there. Raises ConsoleError."""
        try:
            size = source.stat().st_size
            if not source.is_file() or not 0 < size <= MOST_FIRMWARE_BYTES:
                most = MOST_FIRMWARE_BYTES >> 20
                raise ConsoleError(f"{source} is no firmware file.", f"It must be a file of 1 byte to {most} MiB.")
            self.check_room(size)
            name = f"{secrets.token_hex(8)}.data"
            draft = _begin(self._offered / f"{name}.part")
            with source.open("rb") as file:
                while data := file.read(1 << 20):
                    draft.write(data)
            draft.close()
            draft.path.rename(self._offered / name)
            _sync(self._offered)
        except OSError as error:
            raise ConsoleError(
                f"{source} cannot be read: {error.strerror}.", "Mind its path and its rights."
            ) from error
        return name

    def offered_path(self, name: str) -> Path:
        """Where a file is that stations fetch."""
        return self._offered / Path(name).name

    # --- upkeep ---

    def check_room(self, size: int = 0) -> None:
        """Raises ConsoleError if the disk has too little room."""
        if shutil.disk_usage(self._path).free - size < LEAST_FREE_BYTES:
            raise ConsoleError("The disk is nearly full: no files are taken.", "Make room in the data folder.")

    def tidy(self, now: datetime, days: int, slots: Sequence[Slot]) -> None:
        """Remove what is too old, what is too much, and firmware that no station fetches any more."""
        files = self.received()
        total = 0
        for number, about in enumerate(files):
            total += about.size_bytes
            if about.received_at < now - timedelta(days=days) or total > _MOST_BYTES or number >= _MOST_FILES:
                self.remove(about.file_id)
        wanted = {slot.offered for slot in slots if slot.expires_at > now}
        for path in self._offered.glob("*.data"):
            if path.name not in wanted:
                path.unlink(missing_ok=True)

    def save_slots(self, slots: Sequence[Slot]) -> None:
        """Keep the addresses: a station may come for its firmware after the service was restarted."""
        _write(self._path / _SLOTS, msgspec.json.encode(slots))

    def load_slots(self) -> tuple[Slot, ...]:
        """The addresses that were kept."""
        try:
            return msgspec.json.decode((self._path / _SLOTS).read_bytes(), type=tuple[Slot, ...])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.MsgspecError) as error:
            _LOG.warning("the drop box's addresses are lost: %s", error)
            return ()


def _begin(path: Path) -> Draft:
    """A new file, readable by its owner and executable by nobody."""
    return Draft(path, os.fdopen(os.open(path, _FLAGS, 0o600), "wb"))


def _write(path: Path, data: bytes) -> None:
    """Write a small file whole, or not at all."""
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")
    draft = _begin(part)
    draft.write(data)
    draft.close()
    part.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make durable what names a folder holds."""
    if os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
