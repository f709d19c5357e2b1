"""``make bench``: our service beside a bare echo and a plain CSMS, in turn and in one run; prints Markdown tables.

Absolute figures depend on the machine; quote the ratios. The servers take turns (A B C A B C …) so that a machine that
slows down slows all of them, and medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.bench import schedules, screen
from tests.bench.servers import Server, running

SERVERS = ("ours", "echo", "plain")


def load(server: Server, stations: int, seconds: float, mix: str) -> dict[str, Any]:
    """Run the load against a server from a process of its own, and add the server's CPU time a message."""
    before = server.cpu_s()
    command = [sys.executable, "-m", "tests.bench.loader", str(server.port), str(stations), str(seconds), mix]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    result: dict[str, Any] = json.loads(done.stdout)
    result["cpu_us"] = (server.cpu_s() - before) / max(result["messages"], 1) * 1e6
    return result


def storm(server: Server, stations: int) -> dict[str, Any]:
    """Connect everybody at once, and read the server's memory before and with them."""
    before = server.memory_kib()
    command = [sys.executable, "-m", "tests.bench.loader", str(server.port), str(stations), "0", "mix"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        result: dict[str, Any] = json.loads(process.stdout.readline())
        result["kib_each"] = (server.memory_kib() - before) / stations
        process.communicate("\n", timeout=60)
    return result


def in_turn(rounds: int, names: tuple[str, ...], measure: Callable[[Server], dict[str, Any]]) -> dict[str, Any]:
    """Measure each server in each round; the median of every figure by server."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            with running(name) as server:
                results[name].append(measure(server))
    return {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]} for name, found in results.items()
    }


def throughput(rounds: int, seconds: float, stations: int, mix: str) -> None:
    """Messages a second, closed loop."""
    print(f"\n## Messages per second: {mix}, {stations} stations, {seconds:g} s, median of {rounds}\n")
    print("| server | messages/s | server CPU µs | p50 ms | p99 ms | errors | lost | loader CPU | ours / this |")
    print("|---|---|---|---|---|---|---|---|---|")
    found = in_turn(rounds, SERVERS, lambda server: load(server, stations, seconds, mix))
    for name, one in found.items():
        ratio = found["ours"]["per_s"] / one["per_s"]
        print(
            f"| {name} | {one['per_s']:,.0f} | {one['cpu_us']:.1f} | {one['p50_ms']:.1f} | {one['p99_ms']:.1f} "
            f"| {one['errors']:g} | {one['lost']:g} | {one['loader_cpu']:.0%} | {ratio:.2f} |",
            flush=True,
        )


def storms(rounds: int, stations: int, names: tuple[str, ...]) -> None:
    """Everybody connects at once: TCP, upgrade and an answered BootNotification."""
    print(f"\n## Connect storm: {stations:,} at once, median of {rounds}\n")
    print("| server | seconds | stations/s | not answered | KiB a station | this / ours |")
    print("|---|---|---|---|---|---|")
    found = in_turn(rounds, names, lambda server: storm(server, stations))
    for name, one in found.items():
        ratio = one["storm_s"] / found["ours"]["storm_s"]
        print(
            f"| {name} | {one['storm_s']:.2f} | {stations / one['storm_s']:,.0f} | {one['failed']:g} "
            f"| {one['kib_each']:.0f} | {ratio:.1f} |",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", choices=["throughput", "storm", "screen", "schedules"])
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if args.only in (None, "throughput"):
        throughput(args.rounds, args.seconds, 1000, "mix")
        throughput(args.rounds, args.seconds, 100, "mix")
        throughput(args.rounds, args.seconds, 1000, "heartbeat")
        throughput(args.rounds, args.seconds, 1000, "meters")
    if args.only in (None, "storm"):
        storms(args.rounds, 1000, SERVERS)
        storms(1, 5000, ("ours", "plain"))  # the echo loses minutes to its short backlog
    if args.only in (None, "screen"):
        screen.measure()
    if args.only in (None, "schedules"):
        print("\n## Composite schedules of 8 profiles\n")
        print("\n".join(schedules.table(max(args.rounds, 20))))


if __name__ == "__main__":
    main()
