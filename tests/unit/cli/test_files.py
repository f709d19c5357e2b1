"""``logs`` and ``firmware``: asked for, waited for, written; the exit code says how it ended."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.model.change import RecordKept
from console.model.file_command import FetchLog, RemoveLog, UpdateFirmware
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, Severity, StationRecord
from console.model.station_file import FileKind, StationFile
from tests.unit.cli.conftest import Run, runner
from tests.unit.cli.fake import NOW, FakeBackend

FILE = StationFile("20261121-120000-0a1b2c3d", "CP-01", FileKind.DIAGNOSTICS, 7, "../x.zip", 5, NOW)


@dataclass
class Boxed(FakeBackend):
    """A fake site with a drop box."""

    async def files(self, station_id: str = "") -> Sequence[StationFile]:
        return [FILE]

    async def file_content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        assert file_id == FILE.file_id
        yield b"he"
        yield b"llo"


def told(
    kind: RecordKind, summary: str, *, standing: bool = False, bad: bool = False, file: bool = False
) -> RecordKept:
    details = {"file": {"id": FILE.file_id}} if file else {}
    severity = Severity.BAD if bad else Severity.INFO
    return RecordKept(StationRecord("CP-01", kind, "7", NOW, summary, details, 0, severity, standing))


@pytest.fixture
def boxed() -> Boxed:
    return Boxed(outcome=Outcome(Result.ACCEPTED, "on its way", answer={"job": "7"}), ends=False)


@pytest.fixture
def run(boxed: Boxed) -> Run:
    return runner(boxed)


def test_a_log_is_fetched_and_written(run: Run, boxed: Boxed, tmp_path: Path) -> None:
    boxed.updates = [
        (told(RecordKind.LOG, "Uploading", standing=True),),
        (told(RecordKind.LOG, "Uploaded (5 bytes are here)", file=True),),
    ]
    output = tmp_path / "log.zip"
    result = run("logs", "fetch", "CP-01", "--security", "--since", "-2d", "--output", str(output))
    assert result.exit_code == 0, result.output
    assert output.read_bytes() == b"hello"
    assert "Uploading" in result.stderr
    (command,) = boxed.ran
    assert isinstance(command, FetchLog)
    assert command.kind is FileKind.SECURITY
    assert command.since is not None
    assert run("logs", "fetch", "CP-01", "--output", str(output)).exit_code == 2, "nothing is overwritten"


def test_a_failed_upload_is_exit_code_1(run: Run, boxed: Boxed) -> None:
    boxed.updates = [(told(RecordKind.LOG, "UploadFailure", bad=True),)]
    result = run("logs", "fetch", "CP-01", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "UploadFailure"


def test_what_is_never_told_times_out(run: Run, boxed: Boxed) -> None:
    assert run("logs", "fetch", "CP-01", "--wait", "1").exit_code == 5
    assert run("logs", "fetch", "CP-01", "--wait", "0").exit_code == 0


def test_logs_are_listed_and_saved(run: Run, tmp_path: Path) -> None:
    assert FILE.file_id in run("logs", "list").stdout
    assert json.loads(run("logs", "list", "--json").stdout)["files"][0]["file_id"] == FILE.file_id
    assert run("logs", "save", FILE.file_id, str(tmp_path / "x")).exit_code == 0
    assert (tmp_path / "x").read_bytes() == b"hello"
    assert run("logs", "save", "other", str(tmp_path / "y")).exit_code == 1


@pytest.mark.parametrize(
    ("summary", "bad", "code"),
    [("Installed", False, 0), ("InstallVerificationFailed", True, 1), ("AcceptedCanceled", False, 1)],
)
def test_an_update_ends_as_the_station_says(
    run: Run, boxed: Boxed, tmp_path: Path, summary: str, bad: bool, code: int
) -> None:
    boxed.updates = [(told(RecordKind.FIRMWARE, summary, bad=bad),)]
    (tmp_path / "s.sig").write_text("QUJD\nRA==\n")
    (tmp_path / "c.pem").write_text("PEM")
    words = ("--signature", str(tmp_path / "s.sig"), "--certificate", str(tmp_path / "c.pem"), "--at", "+2h")
    assert run("firmware", "update", "CP-01", "fw.bin", *words).exit_code == code
    (command,) = boxed.ran
    assert isinstance(command, UpdateFirmware)
    assert command.source == str(Path("fw.bin").absolute())
    assert (command.signature, command.signing_certificate) == ("QUJDRA==", "PEM")
    assert command.retrieve_at is not None


def test_a_log_is_deleted(run: Run, boxed: Boxed) -> None:
    assert run("logs", "delete", FILE.file_id).exit_code == 0
    assert boxed.ran == [RemoveLog(FILE.station_id, FILE.file_id)]
    assert run("logs", "delete", "other").exit_code == 1
