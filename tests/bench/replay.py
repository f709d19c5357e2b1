"""The service's own CPU time a message, without sockets and in one process: for comparing two versions of it.

``python -m tests.bench.replay MIX MESSAGES`` prints one JSON object. A fake transport hands the load's frames to the
service (listener, link, dialect, CSMS, store on the disk, live hub) and takes its answers. The time is taken over many
short stretches, and the mean of the best quarter is given, for a machine that others use is slow most of the time. Run
two versions in turn, several times each, and compare the medians.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from console.csms.listener.gate import Gate
from console.model.change import TokenChanged
from console.model.token import Token
from console.service.runtime import Service
from console.service.settings import ServiceSettings
from tests.bench.loader import BOOT, TRANSACTION_ID, call, frame, requests

STATIONS = 500
FRAMES_A_TURN = 100
STRETCH = 1500
UPGRADE = (
    "GET /ocpp/BENCH-{} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)


class Wire(asyncio.Transport):
    """One station's transport: what the service writes is an answer, after which the station may send again."""

    def __init__(self, bench: Bench, number: int, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("127.0.0.1", number)})
        self.bench, self.number, self.protocol = bench, number, protocol
        self.requests = requests(bench.mix, number)
        self.transaction_id = b"1"
        self.count = 0
        self.answers = -2  # of the upgrade and the boot, which do not count

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take an answer."""
        self.answers += 1
        self.bench.answered += self.answers > 0
        self.bench.errors += b"[4," in data[:8]
        if (found := TRANSACTION_ID.search(data)) is not None:
            self.transaction_id = found[1]
        self.bench.ready.append(self)

    def next_frame(self) -> bytes:
        """The next request."""
        return self.frame(*next(self.requests))

    def frame(self, action: bytes, payload: bytes) -> bytes:
        """A request as bytes of a WebSocket."""
        self.count += 1
        return frame(call(self.number, self.count, action, payload, self.transaction_id))

    def is_closing(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Nothing to let go of."""

    abort = pause_reading = resume_reading = close


class Bench:
    """A service, its stations, and what they have been answered."""

    def __init__(self, mix: str) -> None:
        self.mix = mix
        self.ready: list[Wire] = []
        self.answered = self.errors = 0

    async def connect(self, service: Service) -> None:
        """Let every station connect and boot."""
        gate = service.settings.gates[0]
        service._csms.emit([TokenChanged(Token(f"TAG{number}")) for number in range(STATIONS)])
        for number in range(STATIONS):
            protocol = service._listener._entrance(gate)()
            assert isinstance(protocol, asyncio.Protocol)
            wire = Wire(self, number, protocol)
            protocol.connection_made(wire)
            protocol.data_received(UPGRADE.format(number).encode())
        upgraded, self.ready = self.ready, []
        for wire in upgraded:
            wire.protocol.data_received(wire.frame(b"BootNotification", BOOT))
        while len(self.ready) < STATIONS:  # noqa: ASYNC110  # an event would cost what is measured
            await asyncio.sleep(0.01)

    async def drive(self, count: int) -> tuple[float, float]:
        """Let so many be answered; the microseconds of CPU each: all threads, and the event loop's alone."""
        began, cpu_s, loop_s, made_s = self.answered, time.process_time(), time.thread_time(), 0.0
        while self.answered < began + count:
            if not self.ready:
                await asyncio.sleep(0.0005)
                continue
            before_s = time.thread_time()
            turn, self.ready = self.ready[:FRAMES_A_TURN], self.ready[FRAMES_A_TURN:]
            frames = [(wire.protocol.data_received, wire.next_frame()) for wire in turn]
            made_s += time.thread_time() - before_s
            for receive, data in frames:
                receive(data)
            await asyncio.sleep(0)
        each = 1e6 / (self.answered - began)
        return (time.process_time() - cpu_s - made_s) * each, (time.thread_time() - loop_s - made_s) * each


async def measure(mix: str, messages: int, folder: Path) -> dict[str, Any]:
    """Measure one version of the service, the one that is imported."""
    settings = ServiceSettings(data=folder, gates=(Gate("127.0.0.1", 0),), accept_unknown=True, quiet=True)
    service, bench = Service(settings), Bench(mix)
    await service.start()
    await bench.connect(service)
    await bench.drive(5 * STATIONS)
    stretches = [await bench.drive(STRETCH) for _ in range(max(4, messages // STRETCH))]
    cpu_us, loop_us = (_best([stretch[which] for stretch in stretches]) for which in (0, 1))
    return {"cpu_us": round(cpu_us, 1), "loop_us": round(loop_us, 1), "errors": bench.errors}


def _best(figures: Sequence[float]) -> float:
    quarter = sorted(figures)[: len(figures) // 4]
    return sum(quarter) / len(quarter)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.replay")
    parser.add_argument("mix", choices=["mix", "heartbeat", "meters"])
    parser.add_argument("messages", type=int)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory(prefix="replay") as folder, asyncio.Runner() as runner:
        found = runner.run(measure(args.mix, args.messages, Path(folder)))
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
