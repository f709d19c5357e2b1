"""The logs of one station: fetched, followed, read and saved; and firmware for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from console.model.change import RecordKept
from console.model.file_command import FetchLog, FileProtocol, RemoveLog, UpdateFirmware
from console.model.station_file import FileKind
from tests.support.staged import StagedBackend, only
from tests.ui.driving import driving
from tests.ui.sites import depot, log_files, log_jobs


@pytest.fixture
def backend() -> StagedBackend:
    return StagedBackend(depot())


async def test_a_log_is_fetched_and_opens_when_it_arrives(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "L")
        await driver.sees("f fetches one")
        await driver.press("f")
        await driver.sees("diagnostics")
        await driver.press("right", "enter", *"-2d", "enter", "enter", "3", "enter", *"60", "enter", "left", "ctrl+s")
        await driver.until(lambda: bool(backend.commands))
        command = only(backend.commands)
        assert isinstance(command, FetchLog)
        assert (command.station_id, command.kind, command.until) == ("CP-01", FileKind.SECURITY, None)
        assert command.since is not None
        assert (command.retries, command.retry_interval_s, command.protocol) == (3, 60, FileProtocol.FTP)
        under_way, arrived = log_jobs()
        backend.push(RecordKept(under_way))
        await driver.sees("Uploading")
        backend.held_files = log_files()
        backend.push(RecordKept(replace(arrived, key=under_way.key)))
        await driver.sees("== var/log/station.log", "motor blocked")


async def test_a_log_that_others_fetched_is_listed_and_does_not_get_in_the_way(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "L")
        await driver.sees("f fetches one")
        backend.held_files = log_files()
        backend.push(RecordKept(log_jobs()[1]))
        await driver.sees("diag_CP-01.zip", "48.2 kB")
        await driver.sees_no("motor blocked")


async def test_a_log_is_read_searched_and_saved(backend: StagedBackend, tmp_path: Path) -> None:
    backend.held_files = log_files()
    async with driving(backend) as driver:
        await driver.press("enter", "L")
        await driver.sees("diag_CP-01.zip")
        await driver.press("enter")
        await driver.sees("== var/log/network.log", "eth0 up")
        await driver.press("slash", *"blocked")
        await driver.sees("1 line found")
        await driver.press("enter", "escape", "w")
        await driver.sees("CP_01-diagnostics.zip")
        await driver.press("ctrl+u")
        await driver.type(str(tmp_path / "saved.zip"))
        await driver.press("enter")
        await driver.sees("wrote 48.2 kB")
        assert (tmp_path / "saved.zip").read_bytes() == backend.held_files[0][1]
        await driver.press("escape")
        await driver.sees("security.bin")
        await driver.press("down", "enter")
        await driver.sees("no text: 2048 bytes")


async def test_a_log_is_deleted_after_a_question(backend: StagedBackend) -> None:
    backend.held_files = log_files()
    async with driving(backend) as driver:
        await driver.press("enter", "L")
        await driver.sees("diag_CP-01.zip")
        await driver.press("delete")
        await driver.sees("deleted for good")
        await driver.press("n")
        await driver.sees("left undone")
        assert not backend.commands
        await driver.press("delete")
        await driver.sees("deleted for good")
        about, _ = backend.held_files.pop(0)
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == RemoveLog("CP-01", about.file_id)
        await driver.sees_no("diag_CP-01.zip")


async def test_firmware_is_installed_after_a_question(backend: StagedBackend, tmp_path: Path) -> None:
    source = tmp_path / "firmware.bin"
    source.write_bytes(b"code")
    async with driving(backend) as driver:
        await driver.press("enter", "F")
        await driver.sees("A file of this computer, or a URL")
        await driver.press(*"/no/such")
        await driver.press("enter", "ctrl+s")
        await driver.sees("is no file of this computer")
        await driver.press("ctrl+u")
        await driver.type(str(source))
        await driver.press("tab", "tab", "tab", "tab", "tab", "2", "tab", "x", "ctrl+s")
        await driver.sees("is no whole number")
        await driver.press("backspace", *"90", "ctrl+s")
        await driver.sees("UpdateFirmware", '"retries": 2', '"retryInterval": 90')
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands))
        command = only(backend.commands)
        assert isinstance(command, UpdateFirmware)
        assert (command.source, command.install_at, command.signature) == (str(source), None, "")
        assert command.retrieve_at is not None
        assert (command.retries, command.retry_interval_s) == (2, 90)
