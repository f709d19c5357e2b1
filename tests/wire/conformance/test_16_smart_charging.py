"""OCPP 1.6 Smart Charging, case by case, by a station on the plain `websockets` client."""

from __future__ import annotations

import msgspec
import pytest

from console.model.command import ClearChargingProfile, GetCompositeSchedule, SetChargingProfile, StartTransaction
from console.model.outcome import Result
from console.model.schedule.profile import Purpose
from console.model.schedule.reported import ReportedComposite
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.profiles import PERIODS, START_TEXT, charging, profile, ready, relative
from tests.wire.conformance.site import Bench, Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

ABSOLUTE = {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS, "startSchedule": START_TEXT}
RELATIVE = {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}


def written(purpose: str, kind: str, schedule: Json, **more: int) -> Json:
    return {
        "chargingProfileId": 7,
        "stackLevel": 1,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule,
        **more,
    }


@pytest.mark.conforms("TC_056_CSMS")
async def test_a_default_is_set(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "1.6")
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    asked = await station.heard("SetChargingProfile")
    assert asked == {"connectorId": 1, "csChargingProfiles": written("TxDefaultProfile", "Absolute", ABSOLUTE)}
    held = await bench.until(lambda site: site.schedules_of(station.station_id).profiles)
    assert held == (profile(),)


@pytest.mark.conforms("TC_057_CSMS")
async def test_a_profile_of_the_transaction_is_set(bench: Bench, connect: Connect) -> None:
    station, transaction_id = await charging(connect, bench, "1.6", "057")
    assert (await bench.run(SetChargingProfile(station.station_id, relative()))).ok
    expected = written("TxProfile", "Relative", RELATIVE, transactionId=int(transaction_id))
    assert await station.heard("SetChargingProfile") == {"connectorId": 1, "csChargingProfiles": expected}


@pytest.mark.conforms("TC_059_CSMS")
async def test_a_remote_start_with_a_profile(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "1.6")
    await bench.add_tags("059")
    station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StartTransaction(station.station_id, 1, "059", relative()))).ok
    expected = {"connectorId": 1, "idTag": "059", "chargingProfile": written("TxProfile", "Relative", RELATIVE)}
    assert await station.heard("RemoteStartTransaction") == expected


@pytest.mark.conforms("TC_066_CSMS")
async def test_the_composite_schedule_is_read(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "1.6")
    schedule = RELATIVE | {"duration": 300}
    answer = {"status": "Accepted", "connectorId": 1, "scheduleStart": START_TEXT, "chargingSchedule": schedule}
    station.answers["GetCompositeSchedule"] = answer
    outcome = await bench.run(GetCompositeSchedule(station.station_id, 1, 300))
    assert await station.heard("GetCompositeSchedule") == {"connectorId": 1, "duration": 300}
    assert outcome.ok
    told = msgspec.convert(outcome.answer, ReportedComposite)
    assert (told.evse_id, told.duration_s, told.unit) == (1, 300, "A")
    assert [(period.start_s, period.limit) for period in told.periods] == [(0, 16.0), (3600, 10.0)]


@pytest.mark.conforms("TC_067_CSMS")
async def test_profiles_are_cleared(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "1.6")
    name = station.station_id
    set_ = [
        profile(profile_id=1),
        profile(profile_id=2, stack_level=2),
        profile(profile_id=3, purpose=Purpose.STATION_MAX, evse_id=0),
    ]
    for each in set_:
        assert (await bench.run(SetChargingProfile(name, each))).ok
    ways: list[tuple[ClearChargingProfile, Json, list[int]]] = [
        (ClearChargingProfile(name, profile_id=1), {"id": 1}, [2, 3]),
        (ClearChargingProfile(name, evse_id=1, stack_level=2), {"connectorId": 1, "stackLevel": 2}, [3]),
        (
            ClearChargingProfile(name, evse_id=0, purpose=Purpose.STATION_MAX),
            {"connectorId": 0, "chargingProfilePurpose": "ChargePointMaxProfile"},
            [],
        ),
    ]
    for count, (command, expected, left) in enumerate(ways, 1):
        assert (await bench.run(command)).ok
        assert await station.heard("ClearChargingProfile", count) == expected
        await bench.until(
            lambda site, left=left: [each.profile_id for each in site.schedules_of(name).profiles] == left
        )
    station.answers["ClearChargingProfile"] = {"status": "Unknown"}
    outcome = await bench.run(ClearChargingProfile(name, profile_id=1))
    assert (outcome.result, outcome.answer) == (Result.REJECTED, {"status": "Unknown"})
    assert outcome.text
