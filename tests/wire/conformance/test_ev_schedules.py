"""Cars that ask for schedules over ISO 15118, in OCPP 2.0.1 and 2.1: they get what an operator has set."""

from __future__ import annotations

from typing import Any

import pytest

from console.model.command import CallStation, SetChargingProfile
from console.model.schedule.profile import Kind, Period, Unit
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT
from tests.wire.conformance.profiles import charging, profile, ready, relative, written
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

AC = {"energyAmount": 20000, "evMinCurrent": 6, "evMaxCurrent": 32, "evMaxVoltage": 400}
DEPARTURES = ("2026-11-21T06:00:00Z", "2026-11-21T09:00:00Z")


async def needs(station: Station, transfer: str = "AC_three_phase", **more: Any) -> Json:
    """Tell what the car needs; return the answer."""
    wanted = {"requestedEnergyTransfer": transfer, "acChargingParameters": AC, "departureTime": DEPARTURES[0], **more}
    return await station.call("NotifyEVChargingNeeds", evseId=1, chargingNeeds=wanted)


async def plans(station: Station, *periods: tuple[int, float]) -> Json:
    """Tell what the car means to do; return the answer."""
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "duration": 7200,
        "chargingSchedulePeriod": [{"startPeriod": start, "limit": limit} for start, limit in periods],
    }
    return await station.call("NotifyEVChargingSchedule", timeBase=AT.format(0), evseId=1, chargingSchedule=schedule)


async def schedule_sent(station: Station, count: int) -> Json:
    """Wait until the station was sent so many profiles; return the last."""
    payload = await station.heard("SetChargingProfile", count)
    assert payload["evseId"] == 1
    found: Json = payload["chargingProfile"]
    return found


@pytest.mark.conforms("TC_K_53_CSMS", "TC_K_57_CSMS", "TC_K_115_CSMS", "TC_K_117_CSMS")
@pytest.mark.parametrize(
    ("version", "more"), [("2.0.1", {}), ("2.1", {}), ("2.1", {"controlMode": "DynamicControl"})]
)  # fmt: skip
async def test_a_car_gets_the_usual_schedule(bench: Bench, connect: Connect, version: str, more: Json) -> None:
    station, transaction_id = await charging(connect, bench, version, f"K53-{version}{'-dynamic' if more else ''}")
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    assert await needs(station, **more) == {"status": "Accepted"}
    sent = await schedule_sent(station, 2)
    assert sent == written("TxProfile", id=sent["id"], transactionId=transaction_id)
    assert sent["id"] != 7
    assert await plans(station, (0, 16), (3600, 10)) == {"status": "Accepted"}
    # It thinks of something else, and asks again: the same profile takes its own place.
    assert await needs(station, departureTime=DEPARTURES[1], **more) == {"status": "Accepted"}
    assert await schedule_sent(station, 3) == sent
    assert await plans(station, (0, 16), (3600, 10)) == {"status": "Accepted"}
    assert station.times("SetChargingProfile") == 3


@pytest.mark.conforms("TC_K_55_CSMS")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_car_that_plans_more_than_it_may(bench: Bench, connect: Connect, version: str) -> None:
    station, transaction_id = await charging(connect, bench, version, f"K55-{version}")
    wanted = relative(kind=Kind.ABSOLUTE, start=profile().start)
    assert (await bench.run(SetChargingProfile(station.station_id, wanted))).ok
    expected = written("TxProfile", transactionId=transaction_id)
    for count in (2, 3, 4):
        assert (await plans(station, (0, 16), (3600, 11)))["status"] == "Rejected"
        assert await schedule_sent(station, count) == expected
    # Who never learns is told no, and not sent the same for ever.
    assert (await plans(station, (0, 32)))["status"] == "Rejected"
    assert await plans(station, (0, 8), (600, 16), (3600, 10)) == {"status": "Accepted"}
    assert station.times("SetChargingProfile") == 4


@pytest.mark.conforms("TC_K_58_CSMS", "TC_K_59_CSMS", "TC_K_113_CSMS")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_an_operator_gives_a_car_another_schedule(bench: Bench, connect: Connect, version: str) -> None:
    station, transaction_id = await charging(connect, bench, version, f"K58-{version}")
    for limit in (16.0, 8.0):
        wanted = relative(periods=(Period(0, limit),))
        assert (await bench.run(SetChargingProfile(station.station_id, wanted))).ok
    lower = {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}]}
    expected = written("TxProfile", "Relative", transactionId=transaction_id, schedule=lower)
    assert await schedule_sent(station, 2) == expected
    assert await plans(station, (0, 8)) == {"status": "Accepted"}
    assert await needs(station) == {"status": "Accepted"}
    assert await schedule_sent(station, 3) == expected
    assert await plans(station, (0, 8)) == {"status": "Accepted"}


@pytest.mark.conforms("TC_K_126_CSMS")
@pytest.mark.parametrize(("version", "status"), [("2.0.1", "Rejected"), ("2.1", "NoChargingProfile")])
async def test_where_nothing_is_set_there_is_no_schedule(
    bench: Bench, connect: Connect, version: str, status: str
) -> None:
    station, _ = await charging(connect, bench, version, f"K126-{version}")
    assert (await needs(station))["status"] == status
    assert await plans(station, (0, 32)) == {"status": "Accepted"}
    idle = await ready(connect, bench, version)
    assert (await bench.run(SetChargingProfile(idle.station_id, profile()))).ok
    assert (await needs(idle))["status"] == status
    await idle.call("Heartbeat")
    assert (station.times("SetChargingProfile"), idle.times("SetChargingProfile")) == (0, 1)


@pytest.mark.conforms("TC_K_114_CSMS", "TC_Q_103_CSMS")
async def test_power_is_given_back_only_where_an_operator_allows_it(bench: Bench, connect: Connect) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", "Q103")
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    v2x = {"maxChargePower": 11000, "maxDischargePower": 11000}
    answer = await needs(station, "AC_BPT", v2xChargingParameters=v2x)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NotEnabled")
    await bench.until(lambda site: any("wants to give power back (AC_BPT)" in each.text for each in site.notices))
    assert await needs(station) == {"status": "Accepted"}
    await schedule_sent(station, 2)
    station.answers["NotifyAllowedEnergyTransfer"] = {"status": "Accepted"}
    payload = {"transactionId": transaction_id, "allowedEnergyTransfer": ["AC_BPT"]}
    assert (await bench.run(CallStation(station.station_id, "NotifyAllowedEnergyTransfer", payload))).ok
    assert await station.heard("NotifyAllowedEnergyTransfer") == payload
    assert await needs(station, "AC_BPT", v2xChargingParameters=v2x) == {"status": "Accepted"}
    sent = await schedule_sent(station, 3)
    assert (sent["chargingProfilePurpose"], sent["transactionId"]) == ("TxProfile", transaction_id)
    assert len(sent["chargingSchedule"]) == 1


@pytest.mark.conforms("TC_K_114_CSMS")
async def test_what_only_an_operator_can_write_is_not_sent_in_part(bench: Bench, connect: Connect) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", "K114")
    period = {"startPeriod": 0, "limit": 11000, "setpoint": -5000, "operationMode": "ExternalSetpoint"}
    schedule = {"chargingRateUnit": str(Unit.W), "chargingSchedulePeriod": [period]}
    own = written("TxProfile", transactionId=transaction_id, schedule=schedule)
    payload = {"evseId": 1, "chargingProfile": own}
    assert (await bench.run(CallStation(station.station_id, "SetChargingProfile", payload))).ok
    assert await needs(station) == {"status": "Processing"}
    await bench.until(lambda site: any("a car waits for its schedule" in each.text for each in site.notices))
    assert (await bench.run(CallStation(station.station_id, "SetChargingProfile", payload))).ok
    assert await schedule_sent(station, 2) == own
