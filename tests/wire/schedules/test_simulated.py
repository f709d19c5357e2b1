"""Our service and simulated stations of every version: what was computed is what the station says, and what it does."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest

from console.backends.service import ServiceBackend
from console.model.command import GetChargingProfiles, GetCompositeSchedule, PutToken, SetChargingProfile
from console.model.outcome import Result
from console.model.schedule.installed import Source
from console.model.schedule.outlook import Window, expected
from console.model.schedule.profile import Kind, Unit
from console.model.schedule.reported import ReportedComposite, differences
from console.model.site import Site
from console.model.token import Token
from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ConnectorState
from tests.support.services import console, running_service, site_when, until
from tests.wire.schedules.test_day import integral_wh, profiles

DAY_S = 86_400


@asynccontextmanager
async def simulated(version: str, url: str, clock: ManualClock) -> AsyncIterator[SimulatedStation]:
    """A station that is booted; its clock is the test's."""
    station = SimulatedStation(url, "SIM-1", clock=clock, ocpp=version)
    await station.start()
    try:
        await station.booted()
        yield station
    finally:
        await station.stop()


async def installed(backend: ServiceBackend, kind: Kind) -> Site:
    for profile in profiles(kind, 1):  # whose default counts, a connector's or the station's, differs by the station
        outcome = await backend.run(SetChargingProfile("SIM-1", profile))
        assert outcome.ok, outcome
    return await site_when(backend.watch(), lambda site: len(site.schedules_of("SIM-1").installed) == 3)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("kind", [Kind.ABSOLUTE, Kind.RECURRING])
async def test_the_station_says_what_was_computed(tmp_path: Path, version: str, kind: Kind) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with (
        running_service(tmp_path) as service,
        console(tmp_path, operator="me") as backend,
        simulated(version, service.info.listening[0], clock),
    ):
        await site_when(backend.watch(), lambda site: "SIM-1" in site.stations and site.stations["SIM-1"].online)
        site = await installed(backend, kind)
        outcome = await backend.run(GetCompositeSchedule("SIM-1", 1, DAY_S, Unit.W))
        told = msgspec.convert(outcome.answer, ReportedComposite)
        assert told.start is not None
        computed = expected(site, "SIM-1", Window(1, told.start, DAY_S, Unit.W))
        found = [each for each in differences(computed, told.periods, DAY_S) if each.disagrees]
        assert [each for each in found if each.end_s - each.start_s > 1] == []
        read = await backend.run(GetChargingProfiles("SIM-1"))
        if version == "1.6":
            assert read.result is Result.NOT_POSSIBLE
        else:
            assert read.text == "the station reported 3 profiles"
            held = await site_when(backend.watch(), lambda site: site.schedules_of("SIM-1").read_at is not None)
            assert {one.source for one in held.schedules_of("SIM-1").installed} == {Source.REPORTED}
            assert held.schedules_of("SIM-1").profiles == site.schedules_of("SIM-1").profiles


CAR_W = 22_000.0


def obeys(station: SimulatedStation, power_w: float) -> bool:
    """Whether a station has got as far as its clock, and allows so much from now on."""
    limit, state = station.connector(1).limit, station.connector(1).state
    if (state is ConnectorState.CHARGING) is not (power_w > 0):
        return False
    return abs(min(CAR_W, limit.as_power_w(phases=limit.phases or 3)) - power_w) <= 2


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("kind", [Kind.ABSOLUTE, Kind.RECURRING, Kind.RELATIVE])
async def test_a_day_delivers_the_integral_of_the_composite(tmp_path: Path, version: str, kind: Kind) -> None:
    begin = datetime.now(UTC).replace(microsecond=0)
    clock = ManualClock(begin)
    async with (
        running_service(tmp_path) as service,
        console(tmp_path, operator="me") as backend,
        simulated(version, service.info.listening[0], clock) as station,
    ):
        await backend.run(PutToken(Token("A")))
        await site_when(backend.watch(), lambda site: "SIM-1" in site.stations and site.stations["SIM-1"].online)
        await installed(backend, kind)
        car = Car(battery_wh=900_000.0, max_ac_power_w=CAR_W, soc_percent=20.0, ramp_w_per_s=math.inf)
        await station.plug_in(1, car)
        await station.swipe(1, "A")
        site = await site_when(backend.watch(), lambda site: bool(site.running("SIM-1", 1)))
        start = clock.utc()
        before_wh = station.connector(1).meter.energy_wh
        composite = expected(site, "SIM-1", Window(1, start, DAY_S, Unit.W))
        assert len(composite) > 2
        ends = [period.start_s for period in composite[1:]] + [DAY_S]
        for period, end_s in zip(composite, ends, strict=True):
            power_w = CAR_W if period.limit is None else min(CAR_W, period.limit)
            await until(partial(obeys, station, power_w))
            clock.advance(end_s - period.start_s)
        assert (await backend.run(GetCompositeSchedule("SIM-1", 1, 60, Unit.W))).ok  # it has got as far as its clock
        delivered_wh = station.connector(1).meter.energy_wh - before_wh
    assert delivered_wh == pytest.approx(integral_wh(composite, DAY_S, CAR_W), abs=10)
