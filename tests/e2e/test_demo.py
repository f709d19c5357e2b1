"""The demo in a real terminal, from opening to a started and a stopped transaction, and out."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.terminal import Terminal


def test_a_session_is_started_and_stopped_from_the_keyboard(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "console", "demo", "--stations", "6"]
    with Terminal(command, env={"OCPP_CONSOLE_CONFIG": str(tmp_path)}) as terminal:
        terminal.see(r"\d+ online")
