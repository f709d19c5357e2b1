"""What an operator gets wrong in a charging schedule: refused before anything is sent, changed, or warned of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.model.command import ClearChargingProfile, SetChargingProfile
from console.model.outcome import Outcome, Result
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.profiles import can, charging, profile, ready, relative, typed
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

V1, V2, ALL = ("1.6",), ("2.0.1", "2.1"), ("1.6", "2.0.1", "2.1")
MAXIMUM = profile(purpose=Purpose.STATION_MAX, evse_id=0)
OUTSIDE = profile(purpose=Purpose.EXTERNAL_CONSTRAINTS, evse_id=0)


def changed(of: ChargingProfile = profile(), **changes: Any) -> ChargingProfile:  # noqa: B008  # it is frozen
    return profile(**({"purpose": of.purpose, "evse_id": of.evse_id} | changes))


async def refused(bench: Bench, station: Station, wrong: ChargingProfile, text: str) -> Outcome:
    """The operator is told why, and the station hears nothing."""
    before = station.times("SetChargingProfile")
    outcome = await bench.run(SetChargingProfile(station.station_id, wrong))
    assert outcome.result is Result.NOT_POSSIBLE
    assert text in outcome.text
    assert station.times("SetChargingProfile") == before
    return outcome


@pytest.mark.conforms("DX-P01", "DX-P02", "DX-P03", "DX-P04", "DX-P05", "DX-P06", "DX-P07", "DX-P12", "DX-P13")
@pytest.mark.parametrize(
    ("version", "wrong", "text"),
    [
        pytest.param(version, wrong, text, id=f"{row}-{version}")
        for row, versions, wrong, text in (
            ("P01", ALL, profile(periods=(Period(60, 16.0),)), "the first period does not start at 0"),
            ("P02", ALL, profile(periods=(Period(60, 16.0), Period(0, 10.0))), "the periods are not in order"),
            ("P03", V1, relative(), "a TxProfile needs a running transaction"),
            ("P04", V1, changed(MAXIMUM, evse_id=1), "a maximum of the station is set on connector 0 only"),
            ("P05", V2, changed(MAXIMUM, kind=Kind.RELATIVE, start=None), "is never Relative"),
            ("P06", V2, profile(start=None), "Absolute needs a time from which it counts"),
            ("P07", V2, profile(kind=Kind.RELATIVE), "it has no start"),
            ("P12", V2, OUTSIDE, "comes from outside, never from a CSMS"),
            ("P13", V2, profile(periods=(Period(0, 16.0, 3, 1),)), "a phase is chosen where there is not one phase"),
        )
        for version in versions
    ],
)
async def test_refused(bench: Bench, connect: Connect, version: str, wrong: ChargingProfile, text: str) -> None:
    station = await ready(connect, bench, version)
    await refused(bench, station, wrong, text)
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    await station.heard("SetChargingProfile")


@pytest.mark.conforms("DX-P11")
@pytest.mark.parametrize("version", V2)
async def test_a_twin_is_refused(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version)
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    outcome = await refused(bench, station, profile(profile_id=8), "profile 7 has the same purpose and stack level")
    assert "Give it the id 7, or another stack level." in outcome.hint
    assert (await bench.run(SetChargingProfile(station.station_id, profile(profile_id=8, stack_level=2)))).ok
    assert (await station.heard("SetChargingProfile", 2))["chargingProfile"]["id"] == 8


def schedule_of(version: str, asked: Json) -> Json:
    """The schedule in a SetChargingProfile of any version."""
    found: Json = (
        asked["csChargingProfiles"]["chargingSchedule"]
        if version == "1.6"
        else asked["chargingProfile"]["chargingSchedule"][0]
    )
    return found


@pytest.mark.conforms("DX-P08", "DX-P09", "DX-P10")
@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("key", "value", "words", "problem", "cure", "sent"),
    [
        (
            "ChargingScheduleAllowedChargingRateUnit",
            "Current",
            ("--step", "0:00=11040W"),
            "the station takes no limits in W",
            "--convert",
            ("A", [16.0]),
        ),
        (
            "ChargingScheduleMaxPeriods",
            "2",
            ("--step", "0:00=6A", "--step", "6:00=10A", "--step", "20:00=6A"),
            "3 periods are more than the station takes, 2",
            "--merge",
            None,
        ),
        (
            "ChargeProfileMaxStackLevel",
            "3",
            ("--step", "0:00=16A", "--stack-level", "4"),
            "stack level 4 is above the station's highest, 3",
            "",
            None,
        ),
    ],
    ids=["P08", "P09", "P10"],
)
async def test_what_the_station_cannot_is_not_sent(
    bench: Bench,
    connect: Connect,
    version: str,
    key: str,
    value: str,
    words: tuple[str, ...],
    problem: str,
    cure: str,
    sent: tuple[str, list[float]] | None,
) -> None:
    station = await ready(connect, bench, version)
    await can(bench, station, key, value)
    done = await typed(bench, "set", station.station_id, "1", *words)
    assert done.returncode != 0
    assert f"Nothing was sent: {problem}" in done.stderr
    assert cure in done.stderr
    assert station.times("SetChargingProfile") == 0
    if not cure:
        return
    done = await typed(bench, "set", station.station_id, "1", *words, cure)
    assert done.returncode == 0, done.stderr
    schedule = schedule_of(version, await station.heard("SetChargingProfile"))
    periods = schedule["chargingSchedulePeriod"]
    if sent:
        assert (schedule["chargingRateUnit"], [each["limit"] for each in periods]) == sent
    else:
        assert len(periods) == int(value)


@pytest.mark.conforms("DX-P14")
@pytest.mark.parametrize("version", ALL)
async def test_where_a_station_computes_otherwise(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version)
    periods = (Period(0, 16.0),)
    assert (await bench.run(SetChargingProfile(station.station_id, profile(periods=periods)))).ok

    def composite(asked: Json) -> Json:
        told = [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 600, "limit": 12.0}]
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": told, "duration": asked["duration"]}
        start = "2026-11-26T10:00:00Z"
        if version == "1.6":
            where = {"connectorId": asked["connectorId"], "scheduleStart": start}
            return {"status": "Accepted", **where, "chargingSchedule": schedule}
        return {"status": "Accepted", "schedule": schedule | {"evseId": asked["evseId"], "scheduleStart": start}}

    station.answers["GetCompositeSchedule"] = composite
    done = await typed(bench, "show", station.station_id, "1", "--span", "1", "--ask", "--json")
    assert done.returncode == 0, done.stderr
    asked = await station.heard("GetCompositeSchedule")
    assert asked == {"connectorId" if version == "1.6" else "evseId": 1, "duration": 3600, "chargingRateUnit": "A"}
    (difference,) = json.loads(done.stdout)["differences"]
    assert difference == {"start_s": 600, "end_s": 3600, "computed": 16.0, "reported": 12.0}


@pytest.mark.conforms("DX-P15")
async def test_everything_is_cleared_only_when_that_was_said(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "1.6")
    outcome = await bench.run(ClearChargingProfile(station.station_id))
    assert outcome.result is Result.NOT_POSSIBLE
    assert "this would clear every profile" in outcome.text
    assert station.times("ClearChargingProfile") == 0
    assert (await bench.run(ClearChargingProfile(station.station_id, everything=True))).ok
    assert await station.heard("ClearChargingProfile") == {}


@pytest.mark.conforms("DX-P16")
@pytest.mark.parametrize("version", ALL)
async def test_a_limit_at_which_a_car_pauses_is_warned_of(bench: Bench, connect: Connect, version: str) -> None:
    station, _ = await charging(connect, bench, version, f"P16-{version}")
    done = await typed(bench, "set", station.station_id, "1", "--step", "0:00=5A")
    assert done.returncode == 0, done.stderr
    assert "elow 6 A a phase a car cannot charge: it pauses there" in done.stderr
    schedule = schedule_of(version, await station.heard("SetChargingProfile"))
    assert [each["limit"] for each in schedule["chargingSchedulePeriod"]] == [5.0]
