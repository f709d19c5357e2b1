"""A real service in a process of its own, and real verbs against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_TIMEOUT_S = 60


@dataclass
class Commands:
    """Runs ``ocpp-console`` with folders of the test's own."""

    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "OCPP_CONSOLE_CONFIG": str(self.folder / "config"),
            "OCPP_CONSOLE_DATA": str(self.folder / "d"),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a verb that goes on."""
        command = [sys.executable, "-m", "console", *words]
        return subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        command = [sys.executable, "-m", "console", *words]
        return subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )

    def ask(self, *words: str) -> Any:
        """Run a verb that must succeed, and return what it says to scripts."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@dataclass
class Served:
    """A service that runs: its process, and where stations connect."""

    process: subprocess.Popen[str]
    url: str


@pytest.fixture
def served(commands: Commands) -> Iterator[Served]:
    process = commands.start("serve", "--listen", "127.0.0.1:0", "--json")
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line, process.communicate()[1]
            yield Served(process, json.loads(line)["listening"][0])
        finally:
            process.kill()
            process.communicate(timeout=_TIMEOUT_S)
