"""Charging profiles over OCPP 1.6: what goes out, what came of it, and that the record of them stays right."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from console.csms.dialects import schemas
from console.model import command as commands
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.schedule.installed import Criteria, Source
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from console.model.schedule.reported import ReportedComposite
from tests.unit.csms.rig import Charger, Rig
from tests.unit.schedule.samples import profile, relative

FULL = profile(
    (0, 6.0),
    (3600, 16.1),
    profile_id=4,
    stack_level=2,
    recurrency=Recurrency.WEEKLY,
    duration_s=7200,
    valid_from=datetime(2026, 11, 1, tzinfo=UTC),
    valid_to=datetime(2026, 12, 1, tzinfo=UTC),
    min_charging_rate=6.0,
)
WIRE = {
    "chargingProfileId": 4,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Weekly",
    "validFrom": "2026-11-01T00:00:00.000Z",
    "validTo": "2026-12-01T00:00:00.000Z",
    "chargingSchedule": {
        "startSchedule": "2026-11-21T00:00:00.000Z",
        "duration": 7200,
        "chargingRateUnit": "A",
        "minChargingRate": 6.0,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}, {"startPeriod": 3600, "limit": 16.1}],
    },
}


class Bench:
    """A station that accepts what it is asked."""

    def __init__(self) -> None:
        self.rig = Rig(store=False)
        self.charger: Charger = self.rig.charger()
        self.say(SetChargingProfile="Accepted", ClearChargingProfile="Accepted", RemoteStartTransaction="Accepted")

    def say(self, **statuses: str) -> None:
        self.charger.session.says.update({action: {"status": status} for action, status in statuses.items()})

    def run(self, command: Command) -> Outcome:
        return asyncio.run(self.rig.csms.execute(command))

    def put(self, *profiles: ChargingProfile) -> None:
        for one in profiles:
            outcome = self.run(commands.SetChargingProfile("CP1", one))
            assert outcome.ok, outcome

    @property
    def held(self) -> list[ChargingProfile]:
        return list(self.rig.journal.site.schedules_of("CP1").profiles)

    @property
    def ids(self) -> list[int]:
        return [one.profile_id for one in self.held]

    @property
    def asked(self) -> tuple[str, dict[str, Any]]:
        return self.charger.session.calls[-1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_profile_goes_out_with_all_it_says(bench: Bench) -> None:
    bench.put(FULL)
    assert bench.asked == ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": WIRE})
    assert bench.held == [FULL]
    installed = bench.rig.journal.site.schedules_of("CP1").installed[0]
    assert (installed.source, installed.at) == (Source.SET, bench.rig.clock.now())


def test_what_is_not_there_is_left_out_and_limits_are_never_rounded_up(bench: Bench) -> None:
    bench.put(relative((0, 10.19), profile_id=1))
    schedule = bench.asked[1]["csChargingProfiles"]["chargingSchedule"]
    assert schedule == {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.1}]}


@pytest.mark.parametrize("tenths", range(0, 640, 7))
def test_every_limit_of_one_decimal_keeps_the_schema(tenths: int) -> None:
    bench = Bench()
    bench.put(profile((0, tenths / 10)))
    assert schemas.checker("1.6", "SetChargingProfile").accepts(bench.asked[1])


def test_a_time_in_another_zone_goes_out_in_utc(bench: Bench) -> None:
    bench.put(msgspec.structs.replace(FULL, start=datetime.fromisoformat("2026-11-21T01:00:00+01:00")))
    assert bench.asked[1]["csChargingProfiles"]["chargingSchedule"]["startSchedule"] == "2026-11-21T00:00:00.000Z"


def test_a_profile_of_a_running_transaction_gets_its_id_and_ends_with_it(bench: Bench) -> None:
    started = bench.charger.start()
    bench.put(profile(profile_id=1), relative((0, 8.0), purpose=Purpose.TX, profile_id=0))
    assert bench.asked[1]["csChargingProfiles"]["transactionId"] == started["transactionId"]
    assert bench.ids == [1, 2]
    bench.charger.stop(started["transactionId"])
    assert bench.ids == [1]


def test_what_the_specification_forbids_is_not_sent(bench: Bench) -> None:
    calls = len(bench.charger.session.calls)
    outcome = bench.run(commands.SetChargingProfile("CP1", relative((0, 8.0), purpose=Purpose.TX)))
    assert outcome.result is Result.NOT_POSSIBLE
    assert "none runs there" in outcome.text
    assert len(bench.charger.session.calls) == calls
    assert bench.held == []


def test_what_was_refused_is_not_on_record(bench: Bench) -> None:
    bench.say(SetChargingProfile="Rejected")
    outcome = bench.run(commands.SetChargingProfile("CP1", profile()))
    assert (outcome.result, bench.held) == (Result.REJECTED, [])
    assert "stack level" in outcome.hint.casefold()


def test_an_id_is_chosen_that_replaces_what_it_must(bench: Bench) -> None:
    bench.put(profile(profile_id=7), profile(profile_id=0, stack_level=1))
    assert bench.ids == [7, 8]
    bench.put(profile((0, 20.0), profile_id=0))
    assert sorted(bench.ids) == [7, 8]
    bench.put(profile(profile_id=30))  # another id, the same place
    assert sorted(bench.ids) == [8, 30]


@pytest.mark.parametrize(
    ("command", "sent", "left"),
    [
        (commands.ClearChargingProfile("CP1", profile_id=2), {"id": 2}, [1, 3]),
        (commands.ClearChargingProfile("CP1", evse_id=1), {"connectorId": 1}, [2, 3]),
        (commands.ClearChargingProfile("CP1", evse_id=0), {"connectorId": 0}, [1, 2]),
        (commands.ClearChargingProfile("CP1", stack_level=1), {"stackLevel": 1}, [1, 3]),
        (
            commands.ClearChargingProfile("CP1", purpose=Purpose.STATION_MAX),
            {"chargingProfilePurpose": "ChargePointMaxProfile"},
            [1, 2],
        ),
        (commands.ClearChargingProfile("CP1", everything=True), {}, []),
    ],
)
@pytest.mark.parametrize("status", ["Accepted", "Unknown"])
def test_profiles_are_cleared_by_id_or_criteria(
    bench: Bench, command: Command, sent: dict[str, Any], left: list[int], status: str
) -> None:
    bench.put(
        profile(profile_id=1),
        profile(profile_id=2, evse_id=2, stack_level=1),
        profile(profile_id=3, evse_id=0, purpose=Purpose.STATION_MAX),
    )
    bench.say(ClearChargingProfile=status)
    outcome = bench.run(command)
    assert bench.asked == ("ClearChargingProfile", sent)
    assert outcome.ok is (status == "Accepted")
    assert bench.ids == left  # unknown to the station: it was not there


def test_never_everything_by_accident(bench: Bench) -> None:
    bench.put(profile())
    outcome = bench.run(commands.ClearChargingProfile("CP1"))
    assert outcome.result is Result.NOT_POSSIBLE
    assert bench.asked[0] == "SetChargingProfile"
    assert bench.ids == [1]


def test_what_was_set_by_a_call_of_its_own_is_on_record_too(bench: Bench) -> None:
    bench.run(commands.CallStation("CP1", "SetChargingProfile", {"connectorId": 1, "csChargingProfiles": WIRE}))
    assert bench.held == [FULL]
    bench.run(commands.CallStation("CP1", "ClearChargingProfile", {}))
    assert bench.held == []


def test_a_remote_start_carries_a_profile_and_its_transaction_has_it(bench: Bench) -> None:
    own = relative((0, 8.0), purpose=Purpose.TX, profile_id=0)
    outcome = bench.run(commands.StartTransaction("CP1", 1, "TAG1", own))
    assert outcome.ok
    sent = bench.asked[1]["chargingProfile"]
    assert (sent["chargingProfilePurpose"], "transactionId" in sent) == ("TxProfile", False)
    assert bench.held == []
    started = bench.charger.start(tag="TAG1")
    assert [(one.transaction_id, one.evse_id) for one in bench.held] == [(str(started["transactionId"]), 1)]


def test_a_remote_start_carries_nothing_but_a_profile_for_it(bench: Bench) -> None:
    outcome = bench.run(commands.StartTransaction("CP1", 1, "TAG1", profile()))
    assert outcome.result is Result.NOT_POSSIBLE
    assert bench.charger.session.calls == []


def test_a_composite_schedule_is_told_in_our_terms(bench: Bench) -> None:
    bench.charger.session.says["GetCompositeSchedule"] = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": "2026-11-21T12:00:00Z",
        "chargingSchedule": {
            "duration": 600,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000, "numberPhases": 3}],
        },
    }
    outcome = bench.run(commands.GetCompositeSchedule("CP1", 1, 600, Unit.W))
    assert bench.asked == ("GetCompositeSchedule", {"connectorId": 1, "duration": 600, "chargingRateUnit": "W"})
    told = msgspec.convert(outcome.answer, ReportedComposite)
    assert (told.evse_id, told.duration_s, told.unit) == (1, 600, Unit.W)
    assert [(each.start_s, each.limit, each.phases) for each in told.periods] == [(0, 11_000, 3)]


@pytest.mark.parametrize("answer", [{"status": "Accepted"}, {"status": "Accepted", "chargingSchedule": {}}])
def test_a_composite_that_tells_nothing_is_none(bench: Bench, answer: dict[str, Any]) -> None:
    bench.charger.session.says["GetCompositeSchedule"] = answer
    assert bench.run(commands.GetCompositeSchedule("CP1", 1)).answer is None


@pytest.mark.parametrize(
    "command",
    [
        commands.GetChargingProfiles("CP1"),
        commands.UpdateDynamicSchedule("CP1", 1, 10.0),
        commands.UsePriorityCharging("CP1", "1"),
        commands.SetChargingProfile("CP1", profile(kind=Kind.DYNAMIC, recurrency=None, start=None)),
    ],
)
def test_what_1_6_cannot_say_is_not_sent(bench: Bench, command: Command) -> None:
    assert bench.run(command).result is Result.NOT_POSSIBLE
    assert bench.charger.session.calls == []


def test_the_record_survives_a_restart_and_goes_with_the_station(bench: Bench) -> None:
    bench.put(FULL)
    bench.rig.restart()
    bench.charger.connect()
    bench.say(ClearChargingProfile="Accepted")
    bench.run(commands.ClearChargingProfile("CP1", profile_id=4))
    assert bench.held == []
    bench.say(SetChargingProfile="Accepted")
    bench.put(FULL)
    bench.charger.disconnect()
    bench.run(commands.RemoveStation("CP1"))
    assert bench.held == []


def test_an_id_alone_decides() -> None:
    assert Criteria(profile_id=4, evse_id=9).fit(FULL)
    assert not Criteria(evse_id=9).fit(FULL)
    assert Period(0, 1.0) == Period(0, 1.0, None, None)
