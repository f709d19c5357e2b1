"""The words of OCPP 2.0.1 and 2.1 for charging profiles: schema-valid, and read back as they were written."""

from __future__ import annotations

from typing import Any

import pytest

from console.csms.dialects import schemas
from console.csms.dialects.charging import PriorityChanged, ProfilesCleared, ProfileSet, ValuesUpdated
from console.csms.dialects.ocpp2 import charging
from console.csms.said.reports import DynamicAnswer, DynamicPull, PriorityReport
from console.errors import ConsoleError
from console.model import command as commands
from console.model.command import Command
from console.model.schedule.installed import Criteria
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from tests.unit.schedule.samples import T0, profile, relative

PROFILES = [
    profile((0, 6.0), (3600, 16.1), duration_s=7200, valid_from=T0, valid_to=T0.replace(year=2027)),
    profile(kind=Kind.RECURRING, recurrency=Recurrency.WEEKLY, unit=Unit.W, min_charging_rate=6.0),
    relative((0, 8.0), purpose=Purpose.TX, transaction_id="tx-1"),
    profile(periods=(Period(0, 10.0, 1, 2),), purpose=Purpose.STATION_MAX, evse_id=0),
]
ONLY_21 = [
    profile(kind=Kind.DYNAMIC, recurrency=None, start=None, update_interval_s=30),
    profile(purpose=Purpose.PRIORITY_CHARGING),
]


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("held", PROFILES + ONLY_21)
def test_a_profile_is_read_as_it_was_written(held: ChargingProfile, version: str) -> None:
    if held in ONLY_21 and version != "2.1":
        return
    wire = charging.CALLS[commands.SetChargingProfile](commands.SetChargingProfile("CP1", held))
    assert schemas.checker(version, wire.action).accepts(wire.payload)
    effect = charging.Charging(version).effect(wire.action, wire.payload, {"status": "Accepted"})
    values = {"limit": held.periods[0].limit} if held.kind is Kind.DYNAMIC else {}
    assert effect == ProfileSet(held, values)
    assert charging.Charging(version).effect(wire.action, wire.payload, {"status": "Rejected"}) is None


@pytest.mark.parametrize(
    ("command", "sent", "criteria"),
    [
        (
            commands.ClearChargingProfile("CP1", profile_id=4, evse_id=1),
            {"chargingProfileId": 4},
            Criteria(profile_id=4),
        ),
        (
            commands.ClearChargingProfile("CP1", evse_id=0, purpose=Purpose.TX_DEFAULT, stack_level=2),
            {
                "chargingProfileCriteria": {
                    "evseId": 0,
                    "chargingProfilePurpose": "TxDefaultProfile",
                    "stackLevel": 2,
                }
            },
            Criteria(None, 0, Purpose.TX_DEFAULT, 2),
        ),
    ],
)
@pytest.mark.parametrize("status", ["Accepted", "Unknown"])
def test_profiles_are_cleared(command: Command, sent: dict[str, Any], criteria: Criteria, status: str) -> None:
    wire = charging.CALLS[type(command)](command)
    assert wire.payload == sent
    assert schemas.checker("2.0.1", wire.action).accepts(sent)
    assert charging.Charging("2.1").effect(wire.action, sent, {"status": status}) == ProfilesCleared(criteria)


def test_never_everything_by_accident() -> None:
    command = commands.ClearChargingProfile("CP1", everything=True)
    with pytest.raises(ConsoleError):
        charging.CALLS[type(command)](command)


@pytest.mark.parametrize(
    ("command", "sent", "effect"),
    [
        (
            commands.UpdateDynamicSchedule("CP1", 3, 9.55),
            {"chargingProfileId": 3, "scheduleUpdate": {"limit": 9.5}},
            ValuesUpdated(3, {"limit": 9.5}),
        ),
        (
            commands.UsePriorityCharging("CP1", "tx-1"),
            {"transactionId": "tx-1", "activate": True},
            PriorityChanged("tx-1", active=True),
        ),
        (
            commands.GetCompositeSchedule("CP1", 1, 600, Unit.A),
            {"evseId": 1, "duration": 600, "chargingRateUnit": "A"},
            None,
        ),
        (
            commands.GetChargingProfiles("CP1", 2, 7),
            {"requestId": 7, "evseId": 2, "chargingProfile": {}},
            None,
        ),
    ],
)
def test_what_else_is_asked(command: Command, sent: dict[str, Any], effect: object) -> None:
    wire = charging.CALLS[type(command)](command)
    assert wire.payload == sent
    assert schemas.checker("2.1", wire.action).accepts(sent)
    assert charging.Charging("2.1").effect(wire.action, sent, {"status": "Accepted"}) == effect


def test_a_composite_is_read() -> None:
    schedule = {
        "evseId": 1,
        "duration": 600,
        "scheduleStart": "2026-11-21T12:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16, "numberPhases": 3}],
    }
    told = charging.Charging("2.0.1").composite({"evseId": 1}, {"status": "Accepted", "schedule": schedule})
    assert told is not None
    assert (told.evse_id, told.duration_s, told.unit, told.periods[0].limit) == (1, 600, Unit.A, 16)
    assert charging.Charging("2.0.1").composite({}, {"status": "Accepted"}) is None
    assert charging.Charging("2.0.1").composite({}, {"status": "Accepted", "schedule": {"duration": 1}}) is None


def test_a_report_is_read_and_what_cannot_be_read_of_it_is_said() -> None:
    good = charging.write_profile(PROFILES[0])
    problems: list[str] = []
    wire = {
        "requestId": 7,
        "chargingLimitSource": "CSO",
        "evseId": 1,
        "tbc": True,
        "chargingProfile": [good, {**good, "chargingProfilePurpose": "Whim"}],
    }
    report = charging.profiles_report(wire, problems)
    assert (report.request_id, report.more, report.limit_source) == (7, True, "CSO")
    assert report.profiles == (PROFILES[0],)
    assert len(problems) == 1


def test_what_2_1_stations_ask_and_tell() -> None:
    assert charging.dynamic_pull({"chargingProfileId": 4}, []) == DynamicPull(4)
    assert charging.priority_report({"transactionId": "x", "activated": True}, []) == PriorityReport("x", active=True)
    for answer in (DynamicAnswer({"limit": 9.0, "setpoint_L2": -4.5}), DynamicAnswer({})):
        written = charging.write_dynamic(answer)
        assert schemas.checker("2.1", "PullDynamicScheduleUpdate", answer=True).accepts(written)
