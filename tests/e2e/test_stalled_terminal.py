"""A terminal that takes no more output freezes its console, and nothing else: stations are answered as before."""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.terminal import Terminal

ROUNDS = 1500
STATES = itertools.cycle(["Available", "Preparing", "Charging", "Finishing"])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[str]:
    """A service of its own; its URL."""
    command = [sys.executable, "-m", "console", "serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0", "--quiet"]
    process = subprocess.Popen([*command, "--accept-unknown", "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["listening"][0]
    process.terminate()
    assert process.wait(60) == 0
    process.stdout.close()


def ask(station: ClientConnection, number: int, action: str, payload: dict[str, object]) -> float:
    """Send a request; return the seconds until its answer."""
    began = time.perf_counter()
    station.send(json.dumps([2, f"m{number}", action, payload]))
    assert json.loads(station.recv())[0] == 3
    return time.perf_counter() - began


def latencies(station: ClientConnection, numbers: Iterator[int]) -> list[float]:
    """Heartbeat latencies, while the station's state changes on every screen."""
    found = []
    for _ in range(ROUNDS):
        status = {"connectorId": 1, "errorCode": "NoError", "status": next(STATES)}
        ask(station, next(numbers), "StatusNotification", status)
        found.append(ask(station, next(numbers), "Heartbeat", {}))
    return sorted(found)


def test_a_terminal_that_does_not_read_delays_no_station(service: str, tmp_path: Path) -> None:
    numbers = itertools.count()
    console = [sys.executable, "-m", "console", "--data", str(tmp_path)]
    with connect(f"{service}CP-01", subprotocols=["ocpp1.6"]) as station:  # type: ignore[list-item]
        ask(station, next(numbers), "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        before = latencies(station, numbers)
        with Terminal(console, env={"OCPP_CONSOLE_CONFIG": str(tmp_path)}, columns=200, rows=60) as terminal:
            terminal.see("CP-01")
            terminal.type("m")  # each change of this screen is kilobytes, and soon the line is full
            terminal.see("Heartbeat")
            # From here on nobody reads what the console writes.
            stalled = latencies(station, numbers)
            assert terminal.child.isalive()
    assert statistics.median(stalled) < 5 * statistics.median(before)
    assert stalled[int(ROUNDS * 0.95)] < 5 * before[int(ROUNDS * 0.95)]
