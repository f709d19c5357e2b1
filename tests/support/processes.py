"""Services in processes of their own, ended for certain when the test is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from console.service.lifecycle import Running, find_running, start_child
from console.service.settings import ServiceSettings
from tests.support.services import settings

PATIENCE_S = 30.0


class Services:
    """Starts detached services and remembers their data folders."""

    def __init__(self) -> None:
        self._folders: set[Path] = set()

    def start(self, data: Path, **changed: object) -> Running:
        """Start one as the console does."""
        self._folders.add(data)
        return start_child(settings(data, **changed))

    def note(self, data: Path) -> None:
        """Remember a folder whose service was started otherwise."""
        self._folders.add(data)

    def end(self) -> None:
        """End whatever still runs."""
        for data in self._folders:
            running = find_running(data)
            if running is not None:
                kill(running.pid)


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal and wait until the process is gone."""
    os.kill(pid, number)
    deadline = time.monotonic() + PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} does not end"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that has ended and that nobody has asked after does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # gone meanwhile, or a system without /proc, where it is as the signal said
        return not Path("/proc").exists()


def foreground(given: ServiceSettings) -> list[str]:
    """A command that serves in the foreground and prints one line when it is ready."""
    program = (
        "import sys; from pathlib import Path; from console.service.logs import log_to_stderr;"
        "from console.service.process import serve; from tests.support.processes import read_settings;"
        "log_to_stderr(); serve(read_settings(sys.argv[1]), lambda info: print(*info.listening, flush=True))"
    )
    return [sys.executable, "-c", program, msgspec.json.encode(given, enc_hook=str).decode()]


def read_settings(text: str) -> ServiceSettings:
    """What ``foreground`` wrote."""
    return msgspec.json.decode(text, type=ServiceSettings, dec_hook=lambda _kind, value: Path(value))


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a piece of Python to its end."""
    command: Sequence[str] = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
