"""How a station comes up: connecting, boot, status, heartbeat, and what happens when it is not wanted."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.host import StationStopped
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ALFEN_NG910, Registration, Verdict
from tests.wire.simulator.central import NOW, SILENCE, Central, Refusal
from tests.wire.simulator.conftest import MakeStation


def boot_as(status: str, interval: int = 30) -> Callable[[dict[str, Any]], Any]:
    return lambda _: {"status": status, "currentTime": NOW, "interval": interval}


async def test_boot_then_status_of_every_connector(central: Central, make_station: MakeStation) -> None:
    station = make_station(profile=ALFEN_NG910)
    await station.start()
    await station.booted()
    assert central.actions() == ["BootNotification"] + ["StatusNotification"] * 3
    assert [one.payload["connectorId"] for one in central.received[1:]] == [0, 1, 2]
    boot = await central.expect("BootNotification")
    assert boot["chargePointVendor"] == "Alfen BV"
    assert boot["chargePointModel"] == "NG910-60023"
    assert boot["firmwareVersion"]


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_only_boot_until_accepted_at_the_interval_asked_for(
    central: Central, make_station: MakeStation, clock: ManualClock, status: str
) -> None:
    central.answers["BootNotification"] = boot_as(status, interval=20)
    station = make_station()
    await station.start()
    await station.wait_for(lambda s: s.registration is Registration(status))
    await station.plug_in(1, Car())
    assert await station.swipe(1, "04A2C19B") is Verdict.INVALID
    clock.advance(19)
    assert central.actions() == ["BootNotification"]
    central.answers["BootNotification"] = boot_as("Accepted")
    clock.advance(1)
    await station.booted()
    assert central.actions() == ["BootNotification"] * 2 + ["StatusNotification"] * 2


async def test_a_pending_station_sends_what_it_is_triggered_to(central: Central, make_station: MakeStation) -> None:
    central.answers["BootNotification"] = boot_as("Pending")
    station = make_station()
    await station.start()
    await station.wait_for(lambda s: s.registration is Registration.PENDING)
    answer = await central.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)
    assert answer == {"status": "Accepted"}
    assert (await central.expect("StatusNotification"))["connectorId"] == 1
    assert await central.call("RemoteStartTransaction", idTag="A", connectorId=1) == {"status": "Rejected"}
    central.answers["BootNotification"] = boot_as("Accepted")
    await central.call("TriggerMessage", requestedMessage="BootNotification")
    await station.booted()


async def test_a_rejected_station_does_not_respond(
    central: Central, make_station: MakeStation, clock: ManualClock
) -> None:
    central.answers["BootNotification"] = boot_as("Rejected", interval=5)
    station = make_station()
    await station.start()
    await station.wait_for(lambda s: s.registration is Registration.REJECTED)
    unanswered = asyncio.create_task(central.call("GetConfiguration"))
    central.answers["BootNotification"] = boot_as("Accepted")
    await asyncio.sleep(0)
    clock.advance(5)
    await station.booted()
    assert "configurationKey" in await central.call("GetConfiguration")
    assert not unanswered.done()
    unanswered.cancel()


@pytest.mark.parametrize(
    "nonsense",
    [
        Refusal("InternalError"),
        {"status": "Perhaps", "currentTime": NOW, "interval": 1},
        {"status": "Accepted", "currentTime": "banana", "interval": 1},
        {},
        [],
    ],
)
async def test_boot_is_tried_again_after_a_nonsensical_answer(
    central: Central, make_station: MakeStation, clock: ManualClock, nonsense: Any
) -> None:
    central.answers["BootNotification"] = lambda _: nonsense
    station = make_station(check_schemas=False)
    await station.start()
    await central.expect("BootNotification")
    central.answers["BootNotification"] = boot_as("Accepted")
    booting = asyncio.create_task(station.booted())
    while not booting.done():
        clock.advance(1)
        await asyncio.sleep(0)
    await booting


async def test_heartbeat_at_the_interval_of_the_boot_answer_and_of_the_configuration(
    central: Central, make_station: MakeStation, clock: ManualClock
) -> None:
    central.answers["BootNotification"] = boot_as("Accepted", interval=45)
    station = make_station()
    await station.start()
    await station.booted()
    clock.advance(44)
    assert (await central.call("GetConfiguration", key=["HeartbeatInterval"]))["configurationKey"][0]["value"] == "45"
    assert "Heartbeat" not in central.actions()
    clock.advance(1)
    await central.expect("Heartbeat")
    await central.call("ChangeConfiguration", key="HeartbeatInterval", value="5")
    clock.advance(5)
    await central.expect("Heartbeat")


async def test_a_real_time_station_takes_over_the_central_systems_time(
    central: Central, make_station: MakeStation
) -> None:
    station = make_station(clock=None)
    await station.start()
    await station.booted()
    assert station.clock.utc().isoformat().startswith("2026-03-14T09:00:")


async def test_basic_authentication_and_an_identity_that_needs_encoding(
    central: Central, make_station: MakeStation
) -> None:
    station = make_station("Åby/CP 1", password="naïve secret")
    await station.start()
    await station.booted()
    (request,) = central.requests
    assert request.path == "/ocpp/%C3%85by%2FCP%201"
    credentials = base64.b64decode(request.headers["Authorization"].removeprefix("Basic "))
    assert credentials == "Åby/CP 1:naïve secret".encode()
    assert request.headers["Sec-WebSocket-Protocol"] == "ocpp1.6"


async def test_a_refused_handshake_is_logged_once_and_tried_again(
    central: Central, make_station: MakeStation, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    central.refuse_with = (401, "wrong password\n")
    caplog.set_level(logging.WARNING, logger="console.simulator.link")
    station = make_station()
    await station.start()
    await station.wait_for(lambda s: s.refusal != "")
    assert station.refusal == "HTTP 401 wrong password"
    booting = asyncio.create_task(station.booted())
    while len(central.requests) < 3:
        clock.advance(1)
        await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records] == [
        f"CP-1: no connection to {central.url}/CP-1: HTTP 401 wrong password"
    ]
    central.refuse_with = None
    while not booting.done():
        clock.advance(1)
        await asyncio.sleep(0)
    assert station.refusal == ""


class HurryingClock(ManualClock):
    """A clock that does not make anybody wait, but remembers how long they would have."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.pauses_s: list[float] = []
        self.enough = asyncio.Event()
        self._wanted = enough

    async def sleep_until(self, elapsed_s: float) -> None:
        self.pauses_s.append(elapsed_s - self.elapsed_s)
        if len(self.pauses_s) >= self._wanted:
            self.enough.set()
        self.advance(elapsed_s - self.elapsed_s)
        await asyncio.sleep(0)


async def test_pauses_between_attempts_double_up_to_a_minute(central: Central) -> None:
    central.refuse_with = (503, "")
    clock = HurryingClock(enough=9)
    station = SimulatedStation(central.url, "CP-1", clock=clock)
    await station.start()
    await clock.enough.wait()
    await station.stop()
    for attempt, pause_s in enumerate(clock.pauses_s[:9]):
        expected_s = min(60.0, 2.0**attempt)
        assert 0.8 * expected_s <= pause_s <= 1.2 * expected_s


async def test_a_server_that_does_not_speak_the_version(clock: ManualClock) -> None:
    central = Central(subprotocols=())
    async with central.listening():
        station = SimulatedStation(central.url, "CP-1", clock=clock)
        await station.start()
        await station.wait_for(lambda s: s.refusal != "")
        assert station.refusal == "the server does not speak ocpp1.6"
        await station.stop()


async def test_a_server_that_is_not_there_yet(clock: ManualClock) -> None:
    central = Central()
    async with central.listening() as server:
        port = server.sockets[0].getsockname()[1]
    station = SimulatedStation(central.url, "CP-1", clock=clock)
    await station.start()
    await station.wait_for(lambda s: s.refusal != "")
    assert "refused" in station.refusal.lower() or "connect" in station.refusal.lower()
    async with central.listening(port):
        clock.advance(60)
        await station.booted()
        await station.stop()


async def test_stop_ends_whoever_waits_and_closes_the_connection(central: Central, make_station: MakeStation) -> None:
    central.answers["BootNotification"] = lambda _: SILENCE
    station = make_station()
    await station.start()
    booting = asyncio.create_task(station.booted())
    await central.expect("BootNotification")
    await station.stop()
    with pytest.raises(StationStopped):
        await booting
    assert central.connection is not None
    await central.connection.wait_closed()


async def test_a_failure_inside_the_station_is_not_hidden(central: Central, station: SimulatedStation) -> None:
    def broken(_: float) -> None:
        raise ArithmeticError("broken on purpose")

    station.connector(1).advance = broken  # type: ignore[method-assign]
    with pytest.raises(StationStopped):
        await asyncio.gather(
            station.wait_for(lambda s: False), central.call("TriggerMessage", requestedMessage="MeterValues")
        )
    with pytest.raises(ExceptionGroup) as failure:
        await station.stop()
    assert failure.group_contains(ArithmeticError, match="broken on purpose", depth=1)
