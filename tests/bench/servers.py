"""The servers that are compared: a bare echo, a plain CSMS as the ocpp package's README has it, and ours.

``python -m tests.bench.servers echo|plain`` prints the port it listens on and serves until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import websockets

MOST_STATIONS = 5000


async def echo() -> None:
    """Answer each frame with itself, websockets' defaults throughout."""

    async def handler(connection: websockets.ServerConnection) -> None:
        async for text in connection:
            await connection.send(text)

    await _serve(handler)


async def plain() -> None:
    """The central system of the ocpp package's README, with every Core action the load sends."""
    from ocpp.routing import on
    from ocpp.v16 import ChargePoint, call_result
    from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus

    logging.getLogger("ocpp").setLevel(logging.INFO)

    class CentralSystemStation(ChargePoint):  # type: ignore[misc]
        """Answers what the load sends; keeps nothing."""

        @on(Action.boot_notification)
        def on_boot(self, **_: Any) -> Any:
            return call_result.BootNotification(_now(), 10, RegistrationStatus.accepted)

        @on(Action.heartbeat)
        def on_heartbeat(self) -> Any:
            return call_result.Heartbeat(_now())

        @on(Action.status_notification)
        def on_status(self, **_: Any) -> Any:
            return call_result.StatusNotification()

        @on(Action.meter_values)
        def on_meters(self, **_: Any) -> Any:
            return call_result.MeterValues()

        @on(Action.start_transaction)
        def on_start(self, **_: Any) -> Any:
            return call_result.StartTransaction(1, {"status": AuthorizationStatus.accepted})

        @on(Action.stop_transaction)
        def on_stop(self, **_: Any) -> Any:
            return call_result.StopTransaction()

    async def handler(connection: websockets.ServerConnection) -> None:
        assert connection.request is not None
        station = CentralSystemStation(connection.request.path.rsplit("/", 1)[-1], connection)
        try:
            await station.start()
        except websockets.ConnectionClosed:
            return

    await _serve(handler, subprotocols=["ocpp1.6"])


def _now() -> str:
    return datetime.now(UTC).isoformat()


async def _serve(handler: Any, **options: Any) -> None:
    if "subprotocols" not in options:
        options["select_subprotocol"] = lambda _connection, offered: offered[0] if offered else None
    async with websockets.serve(handler, "127.0.0.1", 0, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"listening": [f"ws://127.0.0.1:{port}/"]}), flush=True)
        await asyncio.get_running_loop().create_future()


class Server:
    """A server process under test: its port and what the kernel says of it."""

    def __init__(self, name: str, process: subprocess.Popen[str], port: int) -> None:
        self.name, self.process, self.port = name, process, port

    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def memory_kib(self) -> int:
        """Resident memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Start one of the servers in a process of its own, and end it afterwards."""
    with TemporaryDirectory(prefix="bench") as folder:
        if name == "ours":
            command = [sys.executable, "-m", "console", "serve", "--data", folder, "--listen", "127.0.0.1:0", "--quiet"]
            command += ["--accept-unknown", "--json"]
        else:
            command = [sys.executable, "-m", "tests.bench.servers", name]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            (url,) = json.loads(process.stdout.readline())["listening"]
            if name == "ours":
                import_tags(folder)
            yield Server(name, process, int(url.rsplit(":", 1)[1].strip("/")))
        finally:
            process.terminate()
            process.wait(30)


def import_tags(folder: str) -> None:
    """Make the load's tags known to our service, so that its transactions are ordinary ones."""
    tags = Path(folder) / "tags.csv"
    tags.write_text("id_token\n" + "".join(f"TAG{number}\n" for number in range(MOST_STATIONS)))
    command = [sys.executable, "-m", "console", "tag", "import", str(tags), "--data", folder]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    asyncio.run({"echo": echo, "plain": plain}[sys.argv[1]]())
