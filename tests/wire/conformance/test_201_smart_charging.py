"""OCPP 2.0.1, block K: charging profiles set, cleared and read, by a station on the plain `websockets` client."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from console.model.command import (
    CallStation,
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    SetChargingProfile,
    StartTransaction,
)
from console.model.outcome import Result
from console.model.schedule.installed import Source
from console.model.schedule.profile import ChargingProfile, Kind, Purpose, Recurrency, Unit
from console.model.schedule.reported import ReportedComposite
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, Charge, token
from tests.wire.conformance.profiles import PERIODS, START, START_TEXT, charging, profile, ready, relative, written
from tests.wire.conformance.site import Bench, Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAXIMUM = profile(purpose=Purpose.STATION_MAX, evse_id=0)


# ---- set


@pytest.mark.conforms("TC_K_01_CSMS", "TC_K_03_CSMS", "TC_K_10_CSMS", "TC_K_19_CSMS")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (profile(), written()),
        (
            profile(valid_from=START, valid_to=START + timedelta(days=1), duration_s=7200),
            written(validFrom=START_TEXT, validTo="2026-11-21T10:00:00.000Z", schedule={"duration": 7200}),
        ),
        (MAXIMUM, written("ChargingStationMaxProfile")),
        (profile(evse_id=0), written()),
        *(
            (
                profile(kind=Kind.RECURRING, recurrency=recurrency),
                written(kind="Recurring", recurrencyKind=str(recurrency)),
            )
            for recurrency in Recurrency
        ),
    ],
    ids=["K01", "K01-validity", "K03", "K10", "K19-daily", "K19-weekly"],
)
async def test_a_profile_is_set(bench: Bench, connect: Connect, wanted: ChargingProfile, expected: Json) -> None:
    station = await ready(connect, bench, "2.0.1")
    assert (await bench.run(SetChargingProfile(station.station_id, wanted))).ok
    assert await station.heard("SetChargingProfile") == {"evseId": wanted.evse_id, "chargingProfile": expected}
    assert await bench.until(lambda site: site.schedules_of(station.station_id).profiles) == (wanted,)


@pytest.mark.conforms("TC_K_02_CSMS")
async def test_a_profile_for_a_transaction_that_the_station_does_not_have(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    assert (await bench.run(SetChargingProfile(station.station_id, relative()))).result is Result.NOT_POSSIBLE
    assert station.times("SetChargingProfile") == 0
    # Who means it all the same can say it in OCPP's own words.
    station.answers["SetChargingProfile"] = {"status": "Rejected", "statusInfo": {"reasonCode": "TxNotFound"}}
    payload = {"evseId": 1, "chargingProfile": written("TxProfile", "Relative", transactionId="none")}
    outcome = await bench.run(CallStation(station.station_id, "SetChargingProfile", payload))
    assert await station.heard("SetChargingProfile") == payload
    assert outcome.result is Result.REJECTED
    assert outcome.text
    assert not bench.site.schedules_of(station.station_id).installed


@pytest.mark.conforms("TC_K_04_CSMS")
async def test_a_profile_is_replaced(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    first = profile(profile_id=0)
    lower = msgspec.structs.replace(first, periods=(msgspec.structs.replace(first.periods[0], limit=8.0),))
    for wanted in (first, lower):
        assert (await bench.run(SetChargingProfile(station.station_id, wanted))).ok
    one = (await station.heard("SetChargingProfile", 1))["chargingProfile"]
    other = (await station.heard("SetChargingProfile", 2))["chargingProfile"]
    assert one["id"] == other["id"]
    assert other["chargingSchedule"][0]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 8.0}]
    (held,) = await bench.until(lambda site: site.schedules_of(station.station_id).profiles)
    assert held.periods == lower.periods


@pytest.mark.conforms("TC_K_15_CSMS")
async def test_a_station_that_knows_no_profiles(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    station.answers["SetChargingProfile"] = lambda _asked: ["NotSupported", "no smart charging here"]
    outcome = await bench.run(SetChargingProfile(station.station_id, profile()))
    assert outcome.result is Result.ERROR
    assert "NotSupported" in outcome.text
    await station.call("Heartbeat")
    assert [payload["chargingProfile"] for _action, payload in station.asked] == [written()]


@pytest.mark.conforms("TC_K_60_CSMS")
@pytest.mark.parametrize("kind", [Kind.RELATIVE, Kind.ABSOLUTE])
async def test_a_profile_of_the_transaction_is_set(bench: Bench, connect: Connect, kind: Kind) -> None:
    station, transaction_id = await charging(connect, bench, "2.0.1", f"K60-{kind}")
    wanted = relative(kind=kind, start=None if kind is Kind.RELATIVE else START)
    assert (await bench.run(SetChargingProfile(station.station_id, wanted))).ok
    expected = written("TxProfile", str(kind), transactionId=transaction_id)
    assert await station.heard("SetChargingProfile") == {"evseId": 1, "chargingProfile": expected}


@pytest.mark.conforms("TC_K_70_CSMS")
async def test_several_profiles(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    several = [
        profile(profile_id=0),
        profile(profile_id=0, stack_level=2),
        profile(profile_id=0, purpose=Purpose.STATION_MAX, evse_id=0),
    ]
    for each in several:
        assert (await bench.run(SetChargingProfile(station.station_id, each))).ok
    sent = [payload["chargingProfile"] for _action, payload in station.asked]
    assert len({each["id"] for each in sent}) == 3
    assert [(each["chargingProfilePurpose"], each["stackLevel"]) for each in sent] == [
        ("TxDefaultProfile", 1), ("TxDefaultProfile", 2), ("ChargingStationMaxProfile", 1),
    ]  # fmt: skip
    await bench.until(lambda site: len(site.schedules_of(station.station_id).profiles) == 3)


@pytest.mark.conforms("TC_K_37_CSMS")
@pytest.mark.parametrize("kind", [Kind.RELATIVE, Kind.ABSOLUTE])
async def test_a_remote_start_with_a_profile(bench: Bench, connect: Connect, kind: Kind) -> None:
    tag = f"K37-{kind}"
    station = await ready(connect, bench, "2.0.1")
    await bench.add_tags(tag)
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    wanted = relative(kind=kind, start=None if kind is Kind.RELATIVE else START)
    assert (await bench.run(StartTransaction(station.station_id, 1, tag, wanted))).ok
    asked = await station.heard("RequestStartTransaction")
    assert asked == {
        "evseId": 1,
        "idToken": token(tag),
        "remoteStartId": asked["remoteStartId"],
        "chargingProfile": written("TxProfile", str(kind)),
    }
    await Charge(station, tag).started(tag, "RemoteStart")
    (held,) = await bench.until(lambda site: site.schedules_of(station.station_id).profiles)
    assert (held.purpose, held.transaction_id) == (Purpose.TX, tag)


# ---- clear


@pytest.mark.conforms("TC_K_05_CSMS", "TC_K_06_CSMS", "TC_K_08_CSMS")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"profile_id": 7}, {"chargingProfileId": 7}),
        (
            {"stack_level": 1, "purpose": Purpose.TX_DEFAULT},
            {"chargingProfileCriteria": {"stackLevel": 1, "chargingProfilePurpose": "TxDefaultProfile"}},
        ),
        ({"evse_id": 1}, {"chargingProfileCriteria": {"evseId": 1}}),
    ],
)
async def test_a_profile_is_cleared(bench: Bench, connect: Connect, given: dict[str, Any], expected: Json) -> None:
    station = await ready(connect, bench, "2.0.1")
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    assert (await bench.run(ClearChargingProfile(station.station_id, **given))).ok
    assert await station.heard("ClearChargingProfile") == expected
    await bench.until(lambda site: not site.schedules_of(station.station_id).profiles)
    station.answers["ClearChargingProfile"] = {"status": "Unknown"}
    outcome = await bench.run(ClearChargingProfile(station.station_id, **given))
    assert await station.heard("ClearChargingProfile", 2) == expected
    assert (outcome.result, outcome.text) == (Result.REJECTED, "the station has no charging profile that matches")


# ---- read


def report(request_id: int, evse_id: int, *profiles: Json, more: bool = False) -> Json:
    """A part of ReportChargingProfiles."""
    told: Json = {
        "requestId": request_id,
        "chargingLimitSource": "CSO",
        "evseId": evse_id,
        "chargingProfile": list(profiles),
    }
    return told | ({"tbc": True} if more else {})


@pytest.mark.conforms("TC_K_29_CSMS", "TC_K_30_CSMS", "TC_K_31_CSMS")
@pytest.mark.parametrize("evse_id", [0, 1, None])
async def test_profiles_are_read(bench: Bench, connect: Connect, evse_id: int | None) -> None:
    station = await ready(connect, bench, "2.0.1")
    reading = asyncio.create_task(bench.run(GetChargingProfiles(station.station_id, evse_id)))
    asked = await station.heard("GetChargingProfiles")
    where = {} if evse_id is None else {"evseId": evse_id}
    assert asked == {"requestId": asked["requestId"], "chargingProfile": {}} | where
    first, second = written(), written(id=8, stackLevel=2)
    number, place = asked["requestId"], evse_id or 0
    assert await station.call("ReportChargingProfiles", **report(number, place, first, more=True)) == {}
    assert not reading.done()
    assert await station.call("ReportChargingProfiles", **report(number, place, second)) == {}
    outcome = await reading
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "the station reported 2 profiles")
    held = await bench.until(lambda site: site.schedules_of(station.station_id).installed)
    assert [(each.profile.profile_id, each.source) for each in held] == [(7, Source.REPORTED), (8, Source.REPORTED)]


@pytest.mark.conforms("TC_K_32_CSMS", "TC_K_33_CSMS", "TC_K_34_CSMS", "TC_K_35_CSMS", "TC_K_36_CSMS")
@pytest.mark.parametrize(
    ("where", "criterion"),
    [
        ({}, {"chargingProfileId": [7]}),
        ({"evseId": 1}, {"stackLevel": 1}),
        ({"evseId": 1}, {"chargingLimitSource": ["CSO"]}),
        ({"evseId": 1}, {"chargingProfilePurpose": "TxDefaultProfile"}),
        ({"evseId": 1}, {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}),
    ],
    ids=["K32", "K33", "K34", "K35", "K36"],
)
async def test_profiles_are_read_by_a_criterion(bench: Bench, connect: Connect, where: Json, criterion: Json) -> None:
    station = await ready(connect, bench, "2.0.1")
    payload = {"requestId": 77, "chargingProfile": criterion, **where}
    assert (await bench.run(CallStation(station.station_id, "GetChargingProfiles", payload))).ok
    assert await station.heard("GetChargingProfiles") == payload
    assert await station.call("ReportChargingProfiles", **report(77, 1, written())) == {}
    (held,) = await bench.until(lambda site: site.schedules_of(station.station_id).installed)
    assert (held.profile, held.source, held.limit_source) == (profile(), Source.REPORTED, "CSO")


@pytest.mark.conforms("TC_K_52_CSMS")
async def test_a_limit_from_outside_is_shown_and_left_alone(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    outside = written("ChargingStationExternalConstraints", id=3)
    assert await station.call("ReportChargingProfiles", **report(9, 0, outside)) == {}
    (held,) = await bench.until(lambda site: site.schedules_of(station.station_id).installed)
    assert (held.profile.purpose, held.limit_source) == (Purpose.EXTERNAL_CONSTRAINTS, "CSO")
    outcome = await bench.run(SetChargingProfile(station.station_id, held.profile))
    assert outcome.result is Result.NOT_POSSIBLE
    assert station.times("SetChargingProfile") == 0
    assert (await bench.run(ClearChargingProfile(station.station_id, everything=True))).ok
    cleared = [payload["chargingProfileCriteria"] for _action, payload in station.asked]
    assert [each["chargingProfilePurpose"] for each in cleared] == [
        "TxProfile", "TxDefaultProfile", "ChargingStationMaxProfile",
    ]  # fmt: skip
    assert bench.site.schedules_of(station.station_id).installed == (held,)


@pytest.mark.conforms("TC_K_43_CSMS", "TC_K_44_CSMS")
@pytest.mark.parametrize(("evse_id", "unit"), [(1, Unit.A), (0, Unit.W)])
async def test_the_composite_schedule_is_read(bench: Bench, connect: Connect, evse_id: int, unit: Unit) -> None:
    station = await ready(connect, bench, "2.0.1")
    schedule = {
        "evseId": evse_id,
        "duration": 300,
        "scheduleStart": AT.format(0),
        "chargingRateUnit": str(unit),
        "chargingSchedulePeriod": PERIODS,
    }
    station.answers["GetCompositeSchedule"] = {"status": "Accepted", "schedule": schedule}
    outcome = await bench.run(GetCompositeSchedule(station.station_id, evse_id, 300, unit))
    expected = {"evseId": evse_id, "duration": 300, "chargingRateUnit": str(unit)}
    assert await station.heard("GetCompositeSchedule") == expected
    assert outcome.ok
    told = msgspec.convert(outcome.answer, ReportedComposite)
    assert (told.evse_id, told.duration_s, told.unit) == (evse_id, 300, unit)
    assert [(period.start_s, period.limit) for period in told.periods] == [(0, 16.0), (3600, 10.0)]


@pytest.mark.conforms("TC_K_51_CSMS")
async def test_a_limit_from_outside_ends_during_a_transaction(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    await bench.add_tags("K51")
    charge = Charge(station, "K51")
    await charge.started("K51")
    limit = {"chargingLimitSource": "EMS"}
    assert await station.call("NotifyChargingLimit", evseId=1, chargingLimit=limit) == {}
    assert await charge.tell("Updated", "ChargingRateChanged") == {}
    assert await station.call("ClearedChargingLimit", evseId=1, chargingLimitSource="EMS") == {}
    assert await charge.tell("Updated", "ChargingRateChanged") == {}
    await bench.until(lambda site: site.running(station.station_id, 1))
    assert station.asked == []
