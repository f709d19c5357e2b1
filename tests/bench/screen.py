"""What the screen costs: key to paint, bytes to the terminal and CPU, with few and with very many stations."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import pexpect

SETTLE_S = 3.0
MEASURE_S = 5.0
KEYS = 20


class _Screen:
    """The benchmark's app in a pty; what it writes is counted, not interpreted."""

    def __init__(self, stations: int, kind: str) -> None:
        command = ["-m", "tests.bench.screen_app", str(stations), kind]
        self.child = pexpect.spawn(sys.executable, command, dimensions=(24, 80), timeout=None)
        self.began = time.perf_counter()

    def read(self, seconds: float) -> bytes:
        """What is written within so many seconds."""
        written = b""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            try:
                written += self.child.read_nonblocking(65536, timeout=left)
            except pexpect.TIMEOUT:
                break
        return written

    def wait_for(self, mark: bytes) -> float:
        """Seconds until the mark is written."""
        began, written = time.perf_counter(), b""
        while mark not in written:
            written = written[-64:] + self.child.read_nonblocking(65536, timeout=60)
        return time.perf_counter() - began

    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


def _one(stations: int, kind: str) -> str:
    screen = _Screen(stations, kind)
    try:
        first_paint_s = screen.wait_for(b"CP-00000")
        screen.read(SETTLE_S)
        before = screen.cpu_s()
        written = len(screen.read(MEASURE_S))
        cpu = (screen.cpu_s() - before) / MEASURE_S
        keys = []
        for number in range(KEYS):
            screen.read(0.05)
            screen.child.send("j" if number % 2 == 0 else "k")
            keys.append(screen.wait_for(b">") * 1000)
    finally:
        screen.child.close(force=True)
    return (
        f"| {stations:,} | {kind} | {first_paint_s:.1f} s | {statistics.median(keys):.0f} ms | {max(keys):.0f} ms "
        f"| {written / MEASURE_S:,.0f} | {cpu:.0%} |"
    )


def measure() -> None:
    """Print the table."""
    print("\n## The stations screen at 80x24, changes four times a second\n")
    print("| stations | what changes | first paint | key to paint p50 | max | bytes/s to the terminal | CPU |")
    print("|---|---|---|---|---|---|---|")
    for kind in ("hidden", "all"):
        for stations in (10, 1000, 10_000):
            print(_one(stations, kind), flush=True)
