"""A2: stations that answer no pings, come back in odd ways, or take nothing for a while."""

from __future__ import annotations

import asyncio

import pytest
from websockets.frames import Opcode

from console.csms.link.repeats import Memory
from console.csms.listener.pulse import Pulse
from console.model import command as commands
from tests.wire.quirks.conftest import ID, TAG, Odd, Scene, Start

PING_S = 0.05


class Mute:
    """Takes note of pings, and answers none: what the vendor says of its stations."""

    def __init__(self, station: Odd) -> None:
        protocol = station.connection.protocol
        usual = protocol.recv_frame
        self.pings = 0

        def take(frame: object) -> None:
            if getattr(frame, "opcode", None) is Opcode.PING:
                self.pings += 1
                return
            usual(frame)  # type: ignore[arg-type]

        protocol.recv_frame = take  # type: ignore[method-assign,assignment]


@pytest.mark.parametrize("vendor", ["EVduty", "EN+"])
async def test_quirks_15_and_16_who_answers_no_pings_gets_none(begin: Start, vendor: str) -> None:
    scene: Scene = await begin(ping_interval_s=PING_S)
    station = await scene.station()
    mute = Mute(station)
    await station.boot_as(vendor)
    await scene.sees(lambda site: site.stations[ID].profiles)
    before = mute.pings
    await asyncio.sleep(6 * PING_S)  # nothing happens, and that is what is looked for
    assert mute.pings == before
    assert (await station.call("Heartbeat"))["currentTime"]
    assert (await scene.known()).online


async def test_quirk_15_who_is_not_known_for_it_is_cut_off_once_and_then_left_alone(begin: Start) -> None:
    scene: Scene = await begin(ping_interval_s=PING_S)
    first = await scene.station()
    Mute(first)
    await first.connection.wait_closed()
    assert "no sign of life" in await scene.notice("disconnected (1006")
    second = await scene.station()
    Mute(second)
    await second.boot_as("Acme")
    await asyncio.sleep(4 * PING_S)  # longer than the first one was borne
    assert (await second.call("Heartbeat"))["currentTime"]


def test_quirk_17_silence_is_borne_for_three_heartbeats() -> None:
    memory = Memory()
    memory.is_pinged, memory.silence_s = False, 3 * 60.0
    pulse = Pulse(20.0, memory)
    pulse.heard = False
    assert [pulse.tick() for _ in range(9)] == [True] * 8 + [False]
    pulse = Pulse(20.0, memory)
    pulse.heard = False
    for _ in range(7):
        assert pulse.tick()
    pulse.heard = True  # any frame will do
    assert all(pulse.tick() for _ in range(9))


async def test_quirk_17_the_heartbeat_decides_how_long(begin: Start) -> None:
    scene: Scene = await begin(heartbeat_interval_s=3600)
    station = await scene.station()
    await station.boot_as("MENNEKES", "AMTRON 4You")
    session = scene.service._listener.sessions[ID]
    assert session._memory.silence_s == 3 * 3600  # type: ignore[attr-defined]


def test_quirk_18_one_missed_pong_is_nothing() -> None:
    pulse = Pulse(20.0, Memory())
    pulse.heard = False
    assert pulse.tick()
    assert not pulse.tick()


async def test_quirks_20_and_21_the_newcomer_takes_the_place_and_transactions_go_on(scene: Scene) -> None:
    await scene.know(TAG)
    old = await scene.station()
    await old.boot()
    transaction_id = await old.start(TAG, 1000)
    new = await scene.station()
    await old.connection.wait_closed()
    assert old.connection.close_code == 4000
    assert await new.stop(transaction_id, 3000) == {}
    (held,) = await scene.transactions()
    assert (held.energy_wh, held.flags) == (2000, ())
    await scene.sees(lambda site: site.stations[ID].online)


async def test_quirk_22_a_station_that_does_not_boot_again_can_be_used(scene: Scene) -> None:
    first = await scene.station()
    await first.boot_as("Ocular", "IQ", firmwareVersion="1.2")
    await first.connection.close()
    again = await scene.station()
    assert (await again.call("Heartbeat"))["currentTime"]
    again.answers["ClearCache"] = {"status": "Accepted"}
    assert (await scene.run(commands.ClearCache(ID))).ok
    await scene.sees(lambda site: site.stations[ID].vendor == "Ocular")
    assert (await scene.known()).firmware_version == "1.2"
    assert [action for action, _ in again.asked] == ["ClearCache"]


async def test_quirk_23_who_only_sends_heartbeats_is_online_and_unresponsive(begin: Start) -> None:
    scene: Scene = await begin(call_timeout_s=0.1)
    station = await scene.station()
    await station.boot_as("Ocular", "LTE Plus")

    async def ignore(_frame: object) -> None:
        """The request is read, and that is all."""

    station._answer = ignore  # type: ignore[method-assign,assignment]
    for _ in range(2):
        assert "no answer to ClearCache" in (await scene.run(commands.ClearCache(ID))).text
    await scene.sees(lambda site: site.stations[ID].unresponsive)
    assert (await station.call("Heartbeat"))["currentTime"]
    assert (await scene.known()).online


async def test_quirk_25_nothing_is_triggered_by_itself(begin: Start) -> None:
    scene: Scene = await begin(accept_unknown=False)
    station = await scene.station()
    assert (await station.boot_as("StarCharge"))[2]["status"] == "Pending"
    outcome = await scene.run(commands.AcceptStation(ID))
    assert outcome.ok
    assert (await station.boot_as("StarCharge"))[2]["status"] == "Accepted"
    await station.status("Available")
    assert station.asked == []


async def test_quirk_26_nothing_is_asked_before_the_boot_was_answered(scene: Scene) -> None:
    first = await scene.station()
    await first.boot_as("Wall Box Chargers", "Pulsar")
    await first.connection.close()
    await scene.sees(lambda site: not site.stations[ID].online)
    station = await scene.station()
    station.answers["ClearCache"] = {"status": "Accepted"}
    asked = asyncio.create_task(scene.run(commands.ClearCache(ID)))
    await station.call("Heartbeat")
    assert station.asked == []
    assert (await station.boot_as("Wall Box Chargers", "Pulsar"))[2]["status"] == "Accepted"
    assert (await asked).ok
