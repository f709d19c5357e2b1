"""The load: many stations in one process, each sending its next request when the last was answered.

Frames are masked with a zero key, so the loader pays no masking while the server unmasks as always. Run as
``python -m tests.bench.loader PORT STATIONS SECONDS MIX`` it prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TRANSACTION_ID = re.compile(rb'"transactionId":\s*(\d+)')
MEASURANDS = [
    ("Energy.Active.Import.Register", "Wh", None),
    ("Power.Active.Import", "W", None),
    *(
        (name, unit, phase)
        for name, unit in (("Current.Import", "A"), ("Voltage", "V"))
        for phase in ("L1", "L2", "L3")
    ),
    *(("Power.Active.Import", "W", phase) for phase in ("L1", "L2", "L3")),
    ("SoC", "Percent", None),
    ("Temperature", "Celsius", None),
    ("Frequency", None, None),
    ("Power.Offered", "W", None),
    ("Current.Offered", "A", None),
]


def encoded(payload: dict[str, object]) -> bytes:
    """JSON without blanks."""
    return json.dumps(payload, separators=(",", ":")).encode()


def meter_value() -> bytes:
    """Sixteen samples as a three-phase station sends them; the time and the energy register are still to be put in."""
    values = []
    for measurand, unit, phase in MEASURANDS:
        sample = {"value": "%d" if measurand.startswith("Energy") else "230.5", "measurand": measurand}
        if unit:
            sample["unit"] = unit
        if phase:
            sample["phase"] = phase
        values.append(sample)
    return encoded({"timestamp": "%b", "sampledValue": values})


def frame(text: bytes) -> bytes:
    """A whole masked text frame, with a mask of zeros."""
    size = len(text)
    if size < 126:
        return bytes((0x81, 0x80 | size)) + b"\0\0\0\0" + text
    return b"\x81\xfe" + size.to_bytes(2, "big") + b"\0\0\0\0" + text


METER_VALUE = meter_value()  # the large one is written once, and filled in
BOOT = encoded({"chargePointVendor": "Bench", "chargePointModel": "Loader"})


def requests(mix: str, station: int) -> Iterator[tuple[bytes, bytes]]:
    """The endless requests of one station, action and payload; the transaction's id is put in when it is sent."""
    step = 0
    while True:
        at = (EPOCH + timedelta(seconds=step * 10)).strftime("%Y-%m-%dT%H:%M:%SZ")
        energy = step * 100
        value = METER_VALUE % (at.encode(), energy + 40)
        if mix == "heartbeat":
            yield b"Heartbeat", b"{}"
        elif mix == "meters":
            yield b"MeterValues", b'{"connectorId":1,"meterValue":[%b]}' % value
        else:
            yield b"Heartbeat", b"{}"
            yield (
                b"StatusNotification",
                encoded({"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": at}),
            )
            yield (
                b"StartTransaction",
                encoded({"connectorId": 1, "idTag": f"TAG{station}", "meterStart": energy, "timestamp": at}),
            )
            yield b"MeterValues", b'{"connectorId":1,"transactionId":-1,"meterValue":[%b]}' % value
            yield b"StopTransaction", encoded({"transactionId": -1, "meterStop": energy + 50, "timestamp": at})
        step += 1


def call(station: int, count: int, action: bytes, payload: bytes, transaction_id: bytes) -> bytes:
    """A CALL; what names a transaction names the station's newest."""
    if b'"transactionId":-1' in payload:
        payload = payload.replace(b'"transactionId":-1', b'"transactionId":' + transaction_id)
    return b'[2,"%d-%d","%b",%b]' % (station, count, action, payload)


class Station(asyncio.Protocol):
    """One station: upgrade, boot, then one request after another until the time is over."""

    def __init__(self, run: Run, number: int) -> None:
        self.run, self.number = run, number
        self.upgraded = self.booted = False
        self.buffer = b""
        self.requests = requests(run.mix, number)
        self.transaction_id = b"1"
        self.sent_at = 0.0
        self.count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self.transport.write(
            f"GET /ocpp/BENCH-{self.number} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.run.failed += 1
                self.transport.close()
                return
            self.upgraded, self.buffer = True, rest
            self.send(b"BootNotification", BOOT)
        while (text := self._next_frame()) is not None:
            self._answered(text)

    def _next_frame(self) -> bytes | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        if len(buffer) < start + size:
            return None
        self.buffer = buffer[start + size :]
        if buffer[0] == 0x89:  # a ping
            self.transport.write(bytes((0x8A, 0x80 | size)) + b"\0\0\0\0" + buffer[start : start + size])
            return self._next_frame()
        return buffer[start : start + size]

    def _answered(self, text: bytes) -> None:
        now = time.perf_counter()
        if not self.booted:
            self.booted = True
            self.run.boot_done(self)
            return
        self.run.done += 1
        if self.count % 16 == 0:
            self.run.latencies.append(now - self.sent_at)
        if text.startswith(b"[4"):
            self.run.errors += 1
        if (found := TRANSACTION_ID.search(text)) is not None:
            self.transaction_id = found[1]
        if now < self.run.ends_at:
            self.next()

    def next(self) -> None:
        """Send the next request."""
        action, payload = next(self.requests)
        self.send(action, payload)

    def send(self, action: bytes, payload: bytes) -> None:
        self.count += 1
        self.sent_at = time.perf_counter()
        self.transport.write(frame(call(self.number, self.count, action, payload, self.transaction_id)))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.booted:
            self.run.boot_done(self)
            self.run.failed += 1
        elif time.perf_counter() < self.run.ends_at:
            self.run.lost += 1


class Run:
    """One measurement."""

    def __init__(self, port: int, stations: int, seconds: float, mix: str) -> None:
        self.port, self.stations, self.seconds, self.mix = port, stations, seconds, mix
        self.done = self.errors = self.failed = self.lost = 0
        self.ends_at = float("inf")
        self.latencies: list[float] = []
        self.waiting = stations
        self.all_booted = asyncio.Event()

    def boot_done(self, _station: Station) -> None:
        self.waiting -= 1
        if self.waiting == 0:
            self.all_booted.set()

    async def storm(self) -> tuple[list[Station], float]:
        """Connect everybody at once; return the stations and the seconds until the last was booted."""
        loop = asyncio.get_running_loop()
        made: list[Station] = []

        def make(number: int) -> Station:
            station = Station(self, number)
            made.append(station)
            return station

        began = time.perf_counter()

        async def connect(number: int) -> None:
            try:
                await loop.create_connection(lambda: make(number), "127.0.0.1", self.port)
            except OSError:
                self.failed += 1
                self.waiting -= 1
                if self.waiting == 0:
                    self.all_booted.set()

        await asyncio.gather(*(connect(number) for number in range(self.stations)))
        try:
            await asyncio.wait_for(self.all_booted.wait(), 120)
        except TimeoutError:
            self.failed += self.waiting
        return made, time.perf_counter() - began

    async def measure(self) -> dict[str, object]:
        made, storm_s = await self.storm()
        if self.seconds == 0:
            print(json.dumps({"storm_s": storm_s, "failed": self.failed}), flush=True)
            await asyncio.get_running_loop().run_in_executor(None, input)  # the parent reads memory meanwhile
            return {}
        began = time.perf_counter()
        cpu = _cpu_s()
        self.ends_at = began + self.seconds
        for station in made:
            if station.booted and not station.transport.is_closing():
                station.next()
        await asyncio.sleep(self.seconds)
        took = time.perf_counter() - began
        ranked = sorted(self.latencies) or [0.0]
        return {
            "storm_s": storm_s,
            "failed": self.failed,
            "lost": self.lost,
            "errors": self.errors,
            "messages": self.done,
            "per_s": self.done / took,
            "p50_ms": ranked[len(ranked) // 2] * 1000,
            "p99_ms": ranked[int(len(ranked) * 0.99)] * 1000,
            "loader_cpu": (_cpu_s() - cpu) / took,
        }


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Run one measurement and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("stations", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("mix", choices=["mix", "heartbeat", "meters"])
    args = parser.parse_args()

    async def run() -> None:
        result = await Run(args.port, args.stations, args.seconds, args.mix).measure()
        if result:
            print(json.dumps(result), flush=True)

    import uvloop

    uvloop.run(run())


if __name__ == "__main__":
    main()
