"""The drop box's folder and addresses: names of our own, bounds, and what is kept for how long."""

from __future__ import annotations

import os
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.model.station_file import FileKind, StationFile
from console.service.dropbox import folder as folder_module
from console.service.dropbox.folder import Folder
from console.service.dropbox.slots import Slots

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "files")
    made.prepare()
    return made


def keep(folder: Folder, content: bytes = b"log", at: datetime = NOW, station_id: str = "CP-1") -> StationFile:
    draft = folder.draft(at)
    draft.write(content)
    return folder.keep(draft, StationFile("", station_id, FileKind.DIAGNOSTICS, 7, "../../x", 0, at))


def test_a_received_file_has_a_name_of_ours_and_nobody_else_may_look(folder: Folder, tmp_path: Path) -> None:
    about = keep(folder)
    path = folder.path_of(about.file_id)
    assert path is not None
    assert path.read_bytes() == b"log"
    assert about.size_bytes == 3
    for made in (path, path.with_suffix(".json")):
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
    for made in (tmp_path / "files", path.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert folder.received("CP-1") == [about]
    assert folder.received("CP-2") == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_what_is_kept_is_durable_with_the_words_about_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []

    def fsync(descriptor: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)

    monkeypatch.setattr(folder_module.os, "fsync", fsync)
    about = keep(folder)
    assert synced[0] == f"{about.file_id}.part"
    assert synced[1].startswith(about.file_id)
    assert synced[1] != synced[0]
    assert synced[-1] == "received"


def test_what_a_crash_left_is_cleared_away(folder: Folder, tmp_path: Path) -> None:
    about = keep(folder)
    received, offered = tmp_path / "files" / "received", tmp_path / "files" / "offered"
    lost = "20261121-120000-00000001"
    for left in (
        received / f"{lost}.part",
        received / f"{lost}.json",
        received / "20261121-120000-00000002.data",
        received / "20261121-120000-00000003.0a1b.part",
        offered / "firmware.data.part",
        tmp_path / "files" / "addresses.0a1b.part",
    ):
        left.write_bytes(b"{}")
    folder.prepare()
    assert {path.stem for path in received.iterdir()} == {about.file_id}
    assert folder.received() == [about]
    assert not list((tmp_path / "files").rglob("*.part"))


@pytest.mark.parametrize("file_id", ["", "..", "../received/x", "20261121-120000-0000000g", "/etc/passwd"])
def test_an_id_is_never_a_path(folder: Folder, file_id: str) -> None:
    assert folder.path_of(file_id) is None
    folder.remove(file_id)


def test_old_files_go_and_the_oldest_of_too_many(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    old, newer, newest = (keep(folder, b"12345", NOW + day * timedelta(days=1)) for day in (-40, -2, -1))
    folder.tidy(NOW, 30, ())
    assert folder.received() == [newest, newer]
    assert folder.path_of(old.file_id) is None
    monkeypatch.setattr(folder_module, "_MOST_BYTES", 8)
    folder.tidy(NOW, 30, ())
    assert folder.received() == [newest]


def test_what_was_being_written_when_the_service_died_is_cleared_away(folder: Folder, tmp_path: Path) -> None:
    draft = folder.draft(NOW)
    draft.write(b"half")
    draft.close()
    Folder(tmp_path / "files").prepare()
    assert [path.name for path in (tmp_path / "files" / "received").iterdir()] == []


def test_firmware_is_copied_and_goes_when_nobody_fetches_it_any_more(folder: Folder, tmp_path: Path) -> None:
    source = tmp_path / "firmware.bin"
    source.write_bytes(b"code")
    name = folder.offer(source)
    source.write_bytes(b"other")
    assert folder.offered_path(name).read_bytes() == b"code"
    slots = Slots()
    slots.open("CP-1", NOW + HOUR, NOW, offered=name)
    folder.tidy(NOW, 30, slots.all())
    assert folder.offered_path(name).is_file()
    folder.tidy(NOW + 2 * HOUR, 30, slots.all())
    assert not folder.offered_path(name).exists()


def test_what_is_no_firmware_is_refused(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for source in (tmp_path, tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(ConsoleError):
            folder.offer(source)


def test_a_full_disk_is_left_to_the_database(folder: Folder) -> None:
    with pytest.raises(ConsoleError, match="full"):
        folder.check_room(1 << 60)


def test_addresses_outlive_the_service(folder: Folder) -> None:
    slots = Slots()
    slot = slots.open("CP-1", NOW + HOUR, NOW, kind=FileKind.SECURITY, request_id=3)
    slots.use(slot)
    folder.save_slots(slots.all())
    found = Slots(folder.load_slots()).find(f"/{slot.token}/log")
    assert found is not None
    assert (found.used, found.kind, found.request_id) == (True, FileKind.SECURITY, 3)


def test_an_address_is_found_whatever_a_station_puts_around_it() -> None:
    slots = Slots()
    slot = slots.open("CP-1", NOW + HOUR, NOW)
    for path in (f"/{slot.token}", f"/{slot.token}/", f"//{slot.token}//a/../b", f"/{slot.token}log.txt",
                 f"/{slot.token.upper()}/x"):  # fmt: skip
        assert slots.find(path) == slot
    for path in ("", "/", "/x", f"/a/{slot.token}", f"/{slot.token[:-1]}", f"/{'0' * 32}"):
        assert slots.find(path) is None


def test_addresses_are_bounded_and_forgotten() -> None:
    slots = Slots()
    for _ in range(20):
        slots.open("CP-1", NOW + HOUR, NOW)
    with pytest.raises(ConsoleError, match="Too many"):
        slots.open("CP-1", NOW + HOUR, NOW)
    slots.open("CP-2", NOW + HOUR, NOW)
    slots.open("CP-1", NOW + 3 * HOUR, NOW + 2 * HOUR)
    slots.sweep(NOW + timedelta(days=10))
    assert slots.all() == ()
