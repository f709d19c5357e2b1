"""One schedule to many stations: progress, outcomes, and what waits for those that were offline."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from console.csms.ports import CallEnd
from console.model import command as commands
from console.model.outcome import Result
from console.model.schedule.rollout import JobState, Rollout
from tests.unit.csms.rig import Charger, Rig
from tests.unit.schedule.samples import profile

ACCEPTED = {"SetChargingProfile": {"status": "Accepted"}}


def job(station_id: str) -> commands.RolloutJob:
    return commands.RolloutJob(station_id, profile(profile_id=0))


def rollout(rig: Rig) -> Rollout:
    (held,) = rig.journal.site.rollouts.values()
    return held


async def settle(rig: Rig) -> None:
    """Let what is under way come to its end, and be told."""
    for _turn in range(60):
        await asyncio.sleep(0)
    rig.clock.advance(1)


def accepting(rig: Rig, station_id: str) -> Charger:
    charger = rig.charger(station_id)
    charger.session.says.update(ACCEPTED)
    return charger


async def begun(rig: Rig, *station_ids: str) -> Rollout:
    outcome = await rig.csms.execute(commands.StartRollout("night", tuple(job(each) for each in station_ids)))
    assert outcome.ok
    await settle(rig)
    return rollout(rig)


async def test_each_station_has_its_outcome_and_the_offline_one_waits() -> None:
    rig = Rig(store=False)
    accepting(rig, "CP1")
    rig.charger("CP2").session.says["SetChargingProfile"] = {"status": "Rejected"}
    away = accepting(rig, "CP3")
    away.disconnect()
    held = await begun(rig, "CP1", "CP2", "CP3", "CP9")
    assert [one.state for one in held.jobs] == [JobState.DONE, JobState.REFUSED, JobState.WAITING, JobState.REFUSED]
    assert held.summary() == "1 of 4 accepted, 2 refused, 1 waiting"
    assert held.open
    away.connect()
    away.session.says.update(ACCEPTED)
    away.boot()
    await settle(rig)
    held = rollout(rig)
    assert (held.jobs[2].state, held.open) == (JobState.DONE, False)
    assert rig.journal.site.schedules_of("CP3").installed
    assert any("night: 2 of 4 accepted, 2 refused" in text for text in rig.journal.texts())


async def test_what_waits_survives_a_restart() -> None:
    rig = Rig(store=False)
    away = accepting(rig, "CP1")
    away.disconnect()
    await begun(rig, "CP1")
    rig.restart()
    away.connect()
    away.session.says.update(ACCEPTED)
    away.boot()
    await settle(rig)
    assert rollout(rig).jobs[0].state is JobState.DONE


async def test_a_station_that_does_not_answer_is_asked_again_when_it_is_heard() -> None:
    rig = Rig(store=False)
    charger = rig.charger("CP1")  # says nothing to it: the time is over
    held = await begun(rig, "CP1")
    assert held.jobs[0].state is JobState.WAITING
    charger.session.says.update(ACCEPTED)
    rig.clock.advance(2)
    charger.ask("Heartbeat", {})
    await settle(rig)
    assert rollout(rig).jobs[0].state is JobState.DONE


async def test_it_can_be_given_up() -> None:
    rig = Rig(store=False)
    away = accepting(rig, "CP1")
    away.disconnect()
    held = await begun(rig, "CP1")
    assert (await rig.csms.execute(commands.GiveUpRollout(held.rollout_id))).ok
    assert rollout(rig).jobs[0].state is JobState.GIVEN_UP
    away.connect()
    away.session.says.update(ACCEPTED)
    away.boot()
    await settle(rig)
    assert away.session.calls == []
    again = await rig.csms.execute(commands.GiveUpRollout(held.rollout_id))
    assert again.result is Result.NOT_POSSIBLE


async def test_nobody_and_nothing() -> None:
    rig = Rig(store=False)
    assert (await rig.csms.execute(commands.StartRollout("x", ()))).result is Result.NOT_POSSIBLE
    assert (await rig.csms.execute(commands.GiveUpRollout("x"))).result is Result.NOT_POSSIBLE


async def test_many_stations_are_told_of_in_few_changes() -> None:
    rig = Rig(store=False)
    names = [f"CP{number}" for number in range(60)]
    for name in names:
        accepting(rig, name)
    held = await begun(rig, *names)
    await settle(rig)
    held = rollout(rig)
    assert held.count(JobState.DONE) == 60
    told = [change for change in rig.journal.changes if type(change).__name__ == "RolloutChanged"]
    assert len(told) < 6
    assert msgspec.json.decode(msgspec.json.encode(held), type=Rollout) == held


async def test_one_station_that_makes_the_service_fail_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(store=False)
    odd, good = accepting(rig, "CP1"), accepting(rig, "CP2")

    async def fail(_action: str, _payload: object, _timeout_s: float) -> CallEnd:
        raise RuntimeError("an answer that nobody thought of")

    monkeypatch.setattr(odd.session, "call", fail)
    held = await begun(rig, "CP1", "CP2")
    assert [one.state for one in held.jobs] == [JobState.REFUSED, JobState.DONE]
    assert not held.open
    assert [action for action, _ in good.session.calls] == ["SetChargingProfile"]


async def test_what_waits_for_a_station_that_is_removed_is_given_up() -> None:
    rig = Rig(store=False)
    for station_id in ("CP1", "CP2"):
        accepting(rig, station_id).disconnect()
    assert (await begun(rig, "CP1", "CP2")).summary() == "0 of 2 accepted, 2 waiting"
    assert (await rig.csms.execute(commands.RemoveStation("CP1"))).ok
    await settle(rig)
    assert [one.state for one in rollout(rig).jobs] == [JobState.GIVEN_UP, JobState.WAITING]
    accepting(rig, "CP1")
    await settle(rig)
    assert rollout(rig).jobs[0].state is JobState.GIVEN_UP
