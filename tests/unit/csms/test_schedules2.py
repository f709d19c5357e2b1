"""Charging profiles over OCPP 2.x: reports in parts, clearing by criteria, dynamic schedules, priority."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.csms.dialects.ocpp2.charging import write_profile
from console.model import command as commands
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.schedule.installed import Source, StationSchedules
from console.model.schedule.profile import ChargingProfile, Kind, Purpose
from tests.unit.csms.rig import Charger, Rig
from tests.unit.schedule.samples import profile

DYNAMIC = profile(profile_id=3, kind=Kind.DYNAMIC, recurrency=None, start=None, stack_level=3)


class Bench:
    """A station of 2.1, or of 2.0.1."""

    def __init__(self, version: str = "2.1") -> None:
        self.rig = Rig(store=False)
        self.charger: Charger = self.rig.charger("CP1", version)
        self.say("Accepted", "SetChargingProfile", "ClearChargingProfile", "GetChargingProfiles")
        self.say("Accepted", "UpdateDynamicSchedule", "UsePriorityCharging")

    def say(self, status: str, *actions: str) -> None:
        self.charger.session.says.update({action: {"status": status} for action in actions})

    async def run(self, command: Command) -> Outcome:
        return await self.rig.csms.execute(command)

    async def put(self, *profiles: ChargingProfile) -> None:
        for one in profiles:
            outcome = await self.run(commands.SetChargingProfile("CP1", one))
            assert outcome.ok, outcome

    def report(self, request_id: int, *profiles: ChargingProfile, more: bool = False) -> None:
        self.charger.ask(
            "ReportChargingProfiles",
            {
                "requestId": request_id,
                "chargingLimitSource": "CSO",
                "evseId": 1,
                "chargingProfile": [write_profile(one) for one in profiles],
                "tbc": more,
            },
        )

    async def reading(self, **more: Any) -> tuple[asyncio.Task[Outcome], int]:
        """A read that is under way, and its number."""
        task = asyncio.create_task(self.run(commands.GetChargingProfiles("CP1", **more)))
        for _turn in range(4):  # until it has gone out and was answered
            await asyncio.sleep(0)
        return task, self.charger.session.calls[-1][1]["requestId"]

    @property
    def held(self) -> StationSchedules:
        return self.rig.journal.site.schedules_of("CP1")

    @property
    def ids(self) -> list[int]:
        return [one.profile_id for one in self.held.profiles]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_report_in_parts_takes_the_place_of_the_record(bench: Bench) -> None:
    await bench.put(profile(profile_id=1), profile(profile_id=2, stack_level=1))
    task, number = await bench.reading()
    bench.report(number, profile(profile_id=2, stack_level=1), more=True)
    assert bench.ids == [1, 2]
    bench.report(number, profile(profile_id=9, stack_level=2))
    outcome = await task
    assert (outcome.ok, outcome.text) == (True, "the station reported 2 profiles")
    assert bench.ids == [2, 9]
    assert {held.source for held in bench.held.installed} == {Source.REPORTED}
    assert {held.limit_source for held in bench.held.installed} == {"CSO"}
    assert bench.held.read_at == bench.rig.clock.now()


async def test_a_report_that_never_ends_is_kept_as_far_as_it_came(bench: Bench) -> None:
    await bench.put(profile(profile_id=1))
    task, number = await bench.reading()
    bench.report(number, profile(profile_id=2, stack_level=1), more=True)
    bench.rig.clock.advance(31)
    outcome = await task
    assert outcome.result is Result.TIMED_OUT
    assert bench.ids == [1, 2]
    assert bench.held.read_at is None
    assert bench.rig.clock.timers == 0


async def test_a_station_without_profiles_has_none(bench: Bench) -> None:
    await bench.put(profile(profile_id=1))
    bench.say("NoProfiles", "GetChargingProfiles")
    outcome = await bench.run(commands.GetChargingProfiles("CP1"))
    assert (outcome.ok, bench.ids) == (True, [])


async def test_what_was_not_asked_about_stays(bench: Bench) -> None:
    await bench.put(profile(profile_id=1), profile(profile_id=2, evse_id=2))
    task, number = await bench.reading(evse_id=1)
    bench.report(number, profile(profile_id=7))
    await task
    assert bench.ids == [2, 7]


async def test_a_report_that_nobody_asked_for_adds_to_the_record(bench: Bench) -> None:
    await bench.put(profile(profile_id=1))
    bench.report(77, profile(profile_id=2, stack_level=1))
    assert "nobody waits for report 77" in bench.charger.problem
    assert bench.ids == [1, 2]


@pytest.mark.parametrize(("version", "count"), [("2.0.1", 3), ("2.1", 4)])
async def test_everything_is_cleared_purpose_by_purpose(version: str, count: int) -> None:
    bench = Bench(version)
    await bench.put(profile(profile_id=1), profile(profile_id=2, evse_id=0, purpose=Purpose.STATION_MAX))
    outcome = await bench.run(commands.ClearChargingProfile("CP1", everything=True))
    sent = [payload for action, payload in bench.charger.session.calls if action == "ClearChargingProfile"]
    assert len(sent) == count
    assert all(payload["chargingProfileCriteria"] for payload in sent)
    assert (outcome.ok, bench.ids) == (True, [])
    bench.say("Unknown", "ClearChargingProfile")
    assert (await bench.run(commands.ClearChargingProfile("CP1", everything=True))).ok


async def test_a_dynamic_schedule_is_updated_in_place_and_pulled(bench: Bench) -> None:
    await bench.put(DYNAMIC)
    assert (await bench.run(commands.UpdateDynamicSchedule("CP1", 3, 9.5))).ok
    assert bench.held.profiles[0].periods[0].limit == 9.5
    pulled = bench.charger.ask("PullDynamicScheduleUpdate", {"chargingProfileId": 3})
    assert pulled == {"status": "Accepted", "scheduleUpdate": {"limit": 9.5}}
    unknown = bench.charger.ask("PullDynamicScheduleUpdate", {"chargingProfileId": 4})
    assert unknown == {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}


async def test_priority_is_known_whoever_asked_for_it(bench: Bench) -> None:
    assert (await bench.run(commands.UsePriorityCharging("CP1", "tx-1"))).ok
    assert bench.held.priority == ("tx-1",)
    bench.charger.ask("NotifyPriorityCharging", {"transactionId": "tx-1", "activated": False})
    assert bench.held.priority == ()
    assert any("priority no longer" in text for text in bench.rig.journal.texts())


async def test_2_0_1_knows_nothing_of_what_came_later() -> None:
    bench = Bench("2.0.1")
    for command in (commands.UpdateDynamicSchedule("CP1", 1, 5.0), commands.UsePriorityCharging("CP1", "x")):
        assert (await bench.run(command)).result is Result.NOT_POSSIBLE
    bench.charger.refused("PullDynamicScheduleUpdate", {"chargingProfileId": 3})
