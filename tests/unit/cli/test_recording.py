"""Recording messages into a file."""

from __future__ import annotations

from pathlib import Path

from console.backends import trace
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import MESSAGES, FakeBackend, message


def test_all_messages_are_saved_and_read_back(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    result = run("messages", "--save", str(file))
    assert result.stderr == f"12 frames are in {file}.\nLook at them: ocpp-console open {file}\n"
    lines = trace.read(file)
    assert [line.message for line in lines] == list(MESSAGES)
    assert {line.ocpp_version for line in lines} == {"1.6"}


def test_the_newest_are_saved_and_those_that_come(run: Run, backend: FakeBackend, tmp_path: Path) -> None:
    file = tmp_path / "now.jsonl"
    backend.batches = ((message(13),), (message(14),))
    result = run("messages", "--save", str(file), "--limit", "2", "--follow")
    assert len(trace.read(file)) == 4
    assert "recording until Ctrl-C" in result.stderr
    assert "4 frames are in" in result.stderr


def test_a_file_that_cannot_be_written(run: Run) -> None:
    result = run("messages", "--save", "/no/such/folder/x.jsonl")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        2,
        "/no/such/folder/x.jsonl cannot be written: No such file or directory.",
    )
