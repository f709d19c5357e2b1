"""The console from the command line, in a real terminal: started, left, stopped, and over a recording."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from tests.wire.cli.conftest import Commands

_LINE = (
    '{"ts": "2026-11-21T01:43:09.363Z", "cp": "CP-7", "ver": "1.6", "direction": "cs->csms", '
    '"frame": [2, "1", "BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"}]}\n'
)


def _open(commands: Commands, *words: str) -> pexpect.spawn[str]:
    environ = {**commands.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    return pexpect.spawn(
        sys.executable, ["-m", "console", *words], env=environ, dimensions=(24, 80), timeout=60, encoding="utf-8"
    )


@pytest.fixture
def site(commands: Commands) -> Commands:
    """A profile that listens on a port of its own."""
    (commands.folder / "config").mkdir()
    (commands.folder / "config" / "default.toml").write_text('name = "Bench"\n[listen]\nhost = "127.0.0.1"\nport = 0\n')
    return commands


def test_a_service_is_started_left_running_and_stopped(site: Commands) -> None:
    first = _open(site)
    first.expect("Starting the service")
    first.expect("No station has connected")
    first.send("d")
    first.expect("The service goes on")
    first.expect(pexpect.EOF)
    assert site.ask("service", "status")["name"] == "Bench"
    second = _open(site)
    second.expect("No station has connected")
    second.send("q")
    second.expect("stop the service")
    second.send("s")
    second.expect("The service is stopped")
    second.expect(pexpect.EOF)
    second.close()
    assert second.exitstatus == 0
    assert site.run("service", "status").returncode == 3


def test_a_recording_is_opened_and_shown_in_its_own_time(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text(_LINE)
    console = _open(commands, "open", str(file))
    console.expect("0 of 1 frames")
    console.send(".")
    console.expect("CP-7")
    console.send("q")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 0


def test_a_recording_that_is_none_is_told(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text(_LINE + "nonsense\n")
    console = _open(commands, "open", str(file))
    console.expect("day.jsonl, line 2")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 2
