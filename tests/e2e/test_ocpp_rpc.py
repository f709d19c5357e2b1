"""An independent station, the npm package ocpp-rpc in strict mode, against the real service and command line."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "rpc_station"
WAIT_S = 60

pytestmark = pytest.mark.node


@pytest.fixture(scope="session")
def rpc_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The station's folder with its package installed from the npm registry."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail("Node.js and npm are needed in CI")
        pytest.skip("Node.js and npm are not installed")
    folder = tmp_path_factory.mktemp("rpc")
    for name in ("package.json", "station.js"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)
    return folder


class RpcStation:
    """The station process: what it says arrives in order."""

    def __init__(self, folder: Path, url: str, identity: str, password: str = "") -> None:
        self._process = subprocess.Popen(
            ["node", "station.js", url, identity, *([password] if password else [])],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self.calls: queue.Queue[dict[str, Any]] = queue.Queue()
        self.invalid: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if said["event"] == "called":
                self.calls.put(said)
            elif said["event"] == "invalid":
                self.invalid.append(said)
            else:
                self._said.put(said)

    def expect(self, event: str) -> dict[str, Any]:
        """The next thing the station says, which must be of this kind."""
        said = self._said.get(timeout=WAIT_S)
        assert said["event"] == event, said
        return said

    def tell(self, **order: Any) -> None:
        """Give the station an order."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a request as the station; return the answer's payload."""
        self.tell(do="call", action=action, payload=payload)
        answer: dict[str, Any] = self.expect("answer")["payload"]
        return answer

    def close(self) -> None:
        """Let the station go."""
        if self._process.poll() is None:
            self.tell(do="close")
        self._process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


Verb = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Verb]]:
    """A service of its own, as ``ocpp-console serve`` starts it, and the command line over it."""
    env = {**os.environ, "OCPP_CONSOLE_DATA": str(tmp_path / "data"), "OCPP_CONSOLE_CONFIG": str(tmp_path / "config")}
    base = [sys.executable, "-m", "console"]
    service = subprocess.Popen(
        [*base, "serve", "--listen", "127.0.0.1:0", "--quiet", "--json"], env=env, stdout=subprocess.PIPE, text=True
    )
    assert service.stdout is not None
    (url,) = json.loads(service.stdout.readline())["listening"]

    def verb(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*base, *words], env=env, capture_output=True, text=True, timeout=WAIT_S)

    yield f"{url}ocpp", verb
    service.terminate()
    assert service.wait(WAIT_S) == 0
    service.stdout.close()


def boot(station: RpcStation) -> dict[str, Any]:
    """Send BootNotification."""
    return station.call("BootNotification", {"chargePointVendor": "RPC", "chargePointModel": "Node"})


def test_a_stranger_is_let_in_charges_and_obeys(rpc_station: Path, site: tuple[str, Verb]) -> None:
    url, verb = site
    station = RpcStation(rpc_station, url, "RPC-1")
    try:
        assert station.expect("open")["protocol"] == "ocpp1.6"
        assert boot(station)["status"] == "Pending"
        assert verb("station", "accept", "RPC-1").returncode == 0
        assert station.calls.get(timeout=WAIT_S)["payload"] == {"requestedMessage": "BootNotification"}
        assert boot(station)["status"] == "Accepted"
        assert verb("tag", "add", "CARD1").returncode == 0
        station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"})
        assert station.call("Authorize", {"idTag": "card1"})["idTagInfo"]["status"] == "Accepted"

        began = {"connectorId": 1, "idTag": "card1", "meterStart": 1000, "timestamp": "2026-11-21T10:00:00Z"}
        started = station.call("StartTransaction", began)
        assert started["idTagInfo"]["status"] == "Accepted"
        assert station.call("StartTransaction", began) == started, "a retried start is the same transaction"
        station.call(
            "MeterValues",
            {
                "connectorId": 1,
                "transactionId": started["transactionId"],
                "meterValue": [{"timestamp": "2026-11-21T10:05:00Z", "sampledValue": [{"value": "1500"}]}],
            },
        )
        running = json.loads(verb("transactions", "--json").stdout)
        assert [entry["transaction_id"] for entry in running["transactions"]] == [str(started["transactionId"])]

        stop = verb("stop", str(started["transactionId"]))
        assert stop.returncode == 0, stop.stderr
        assert station.calls.get(timeout=WAIT_S) == {
            "event": "called",
            "action": "RemoteStopTransaction",
            "payload": {"transactionId": started["transactionId"]},
        }
        ended = {"transactionId": started["transactionId"], "meterStop": 3500, "timestamp": "2026-11-21T10:30:00Z"}
        station.call("StopTransaction", {**ended, "reason": "Remote"})
        (past,) = json.loads(verb("transactions", "--json").stdout)["transactions"]
        assert (past["energy_wh"], past["stop_reason"]) == (2500, "Remote")
        assert station.invalid == []
    finally:
        station.close()


REQUESTS = [
    ("RemoteStartTransaction", 0, "start", "RPC-2", "1", "--tag", "CARD1"),
    ("Reset", 1, "reset", "RPC-2"),
    ("UnlockConnector", 1, "unlock", "RPC-2", "1"),
    ("ChangeAvailability", 0, "availability", "RPC-2", "1", "--off"),
    ("ChangeConfiguration", 0, "settings", "set", "RPC-2", "HeartbeatInterval", "60"),
    ("ClearCache", 0, "clear-cache", "RPC-2"),
    ("TriggerMessage", 1, "trigger", "RPC-2", "Heartbeat"),
    ("DataTransfer", 1, "call", "RPC-2", "DataTransfer", '{"vendorId": "x"}'),
    ("GetLocalListVersion", 1, "call", "RPC-2", "GetLocalListVersion"),
]


def test_every_request_reaches_a_strict_station(rpc_station: Path, site: tuple[str, Verb]) -> None:
    url, verb = site
    assert verb("station", "add", "RPC-2", "--password", "0123456789abcdef").returncode == 0
    station = RpcStation(rpc_station, url, "RPC-2", "0123456789abcdef")
    try:
        station.expect("open")
        assert boot(station)["status"] == "Accepted"
        for action, exit_code, *words in REQUESTS:
            done = verb(*words)
            assert done.returncode == exit_code, done.stdout + done.stderr
            assert station.calls.get(timeout=WAIT_S)["action"] == action
        assert station.invalid == []
    finally:
        station.close()


def test_a_wrong_password_is_refused_with_its_cause(rpc_station: Path, site: tuple[str, Verb]) -> None:
    url, verb = site
    assert verb("station", "add", "RPC-3", "--password", "0123456789abcdef").returncode == 0
    station = RpcStation(rpc_station, url, "RPC-3", "wrong")
    try:
        station.expect("closed")
    finally:
        station.close()
    assert "RPC-3" in verb("messages").stdout
    assert "password" in verb("messages").stdout
