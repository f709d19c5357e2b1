"""The demo in a real terminal: from opening to a started and a stopped transaction, and out."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.terminal import Terminal

DEMO = [sys.executable, "-m", "console", "demo", "--stations", "6"]


def test_a_session_is_started_and_stopped_from_the_keyboard(tmp_path: Path) -> None:
    with Terminal(DEMO, env={"OCPP_CONSOLE_CONFIG": str(tmp_path)}) as terminal:
        terminal.see(r"^> CP-01 ")
        terminal.see(r" 6 online")
        # In one piece, as a slow link delivers it. Nothing befalls this station while it is looked at.
        terminal.type("/cp-01\r")
        terminal.see(r"1 of \d+ stations")
        terminal.see(r"^> CP-01 ")
        terminal.type("\r")
        terminal.see(r"Demo site > CP-01")
        terminal.see(r"^> 1 ")
        _start_when_free(terminal)
        running = terminal.see(r"Transaction (\d+)  tag SPARE01")
        terminal.type("t")
        terminal.see(r"ok   .*(stop|ended)")
        terminal.type("2")
        terminal.see(rf"(?s)Demo site > transactions.*SPARE01.*Remote|{running[1]}.*Remote")
        terminal.type("q")
        terminal.see(r"(?i)stop")
        terminal.type("\r")
        assert terminal.ended() == 0


def _start_when_free(terminal: Terminal) -> None:
    """Start with a tag; the demo's own drivers may have been first, then their session is stopped before."""
    found = terminal.see(r"^> 1 +(available|preparing|charging|suspended|finishing)")
    if found[1] in ("charging", "suspended"):
        terminal.type("t")
        terminal.see(r"^> 1 +(available|preparing|finishing)")
    terminal.type("s")
    terminal.see(r"tag \*")
    terminal.type("SPARE01\r\r")  # a tag that no driver of the demo carries, and no schedule
