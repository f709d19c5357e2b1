"""What is said of a profile before it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.model.schedule.capabilities import Capabilities, capabilities
from console.model.schedule.checks import Cure, Level, Surroundings, check, refusals, start_refusals
from console.model.schedule.installed import Installed, StationSchedules
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from console.model.station import Setting
from tests.unit.schedule.samples import T0, profile, relative


def at(version: str = "1.6", *held: ChargingProfile, **more: Any) -> Surroundings:
    """A station with these profiles."""
    schedules = StationSchedules("CP1", tuple(Installed(one) for one in held))
    return Surroundings(**({"version": version, "schedules": schedules, "now": T0} | more))


def tx(**more: Any) -> ChargingProfile:
    return relative(purpose=Purpose.TX, **({"transaction_id": "7"} | more))


RUNNING = ((1, "7"),)
MAX = {"purpose": Purpose.STATION_MAX, "evse_id": 0}
PRIORITY = {"purpose": Purpose.PRIORITY_CHARGING}
DYNAMIC = {"kind": Kind.DYNAMIC, "recurrency": None, "start": None}


@pytest.mark.parametrize(
    ("found", "station", "said"),
    [
        (profile(), at(), None),
        (relative(), at(), None),
        (tx(), at(running=RUNNING), None),
        (profile(**MAX), at(), None),
        (profile(periods=()), at(), "needs a period"),
        (profile((60, 6.0)), at(), "does not start at 0"),
        (profile((0, 6.0), (60, 7.0), (30, 8.0)), at(), "not in order"),
        (profile((0, 6.0), (60, 7.0), (60, 8.0)), at(), "not in order"),
        (profile((0, -1.0)), at(), "below 0"),
        (profile(duration_s=0), at(), "duration is not above 0"),
        (tx(evse_id=0), at(running=RUNNING), "never set on connector 0"),
        (tx(), at(), "none runs there"),
        (tx(transaction_id="8"), at(running=RUNNING), "transaction 8 does not run there"),
        (tx(transaction_id=""), at(running=RUNNING), None),
        (tx(transaction_id=""), at("2.0.1", running=RUNNING), "needs its transaction's id"),
        (profile(transaction_id="7"), at(running=RUNNING), "only a TxProfile belongs"),
        (profile(**(MAX | {"evse_id": 1})), at(), "on connector 0 only"),
        (relative(**MAX), at(), "never Relative"),
        (profile(start=None), at(), "needs a time from which"),
        (relative(start=T0), at(), "Relative counts from the transaction"),
        (profile(recurrency=None), at(), "daily or weekly goes with Recurring"),
        (profile(valid_from=T0, valid_to=T0), at(), "valid until before"),
        (profile(purpose=Purpose.EXTERNAL_CONSTRAINTS), at("2.1"), "comes from outside"),
        (profile(purpose=Purpose.LOCAL_GENERATION), at("2.1"), "comes from outside"),
        (profile(profile_id=2), at("2.0.1", profile()), "profile 1 has the same purpose and stack level"),
        (profile(), at("2.0.1", profile()), None),
        (profile(profile_id=2), at("1.6", profile()), None),
        (profile(profile_id=2, valid_from=T0), at("2.0.1", profile(valid_to=T0)), None),
        (tx(profile_id=2), at("2.0.1", tx(), running=RUNNING), "profile 1 has the same purpose"),
        (profile(**PRIORITY), at(), "OCPP 1.6 has no PriorityCharging"),
        (profile(**PRIORITY), at("2.0.1"), "came with OCPP 2.1"),
        (profile(**PRIORITY), at("2.1"), None),
        (profile(duration_s=60, **PRIORITY), at("2.1"), "has no duration"),
        (profile(**DYNAMIC), at("2.0.1"), "came with OCPP 2.1"),
        (profile(**DYNAMIC), at("2.1"), None),
        (profile((0, 6.0), (60, 7.0), **DYNAMIC), at("2.1"), "has one period"),
        (profile(periods=(Period(0, 6.0, 3, 1),)), at("2.1"), "not one phase"),
        (profile(periods=(Period(0, 6.0, 1, 1),)), at(), "OCPP 1.6 cannot choose a phase"),
        (profile(), at("2.1", capabilities=Capabilities(max_external_id=10)), "ids up to 10 are for limits from"),
    ],
)  # fmt: skip
def test_what_the_specification_forbids_is_refused(
    found: ChargingProfile, station: Surroundings, said: str | None
) -> None:
    texts = [finding.text for finding in refusals(found, station)]
    assert (not texts) if said is None else any(said in text for text in texts), texts


CAN = Capabilities(
    max_stack_level=2,
    units=frozenset({Unit.A}),
    max_periods=2,
    max_installed=1,
    phases_3to1=False,
    phase_switching=False,
)


@pytest.mark.parametrize(
    ("found", "held", "said"),
    [
        (profile(stack_level=3), (), "stack level 3 is above"),
        (profile(unit=Unit.W), (), "no limits in W"),
        (profile((0, 6.0), (1, 7.0), (2, 8.0)), (), "3 periods are more than the station takes, 2"),
        (profile(profile_id=2, stack_level=1), (profile(),), "holds its 1 profiles already"),
        (profile(periods=(Period(0, 6.0, 1, 1),)), (), "cannot choose a phase"),
    ],
)
def test_what_the_station_cannot_is_said(found: ChargingProfile, held: tuple[ChargingProfile, ...], said: str) -> None:
    version = "2.1" if found.periods[0].phase_to_use else "1.6"
    told = check(found, at(version, *held, capabilities=CAN))
    assert [said in finding.text for finding in told if finding.level is Level.CANNOT] == [True]


def test_what_can_be_mended_says_how() -> None:
    found = profile((0, 6.0), (1, 7.0), (2, 8.0), unit=Unit.W)
    cures = {finding.cure for finding in check(found, at(capabilities=CAN))}
    assert {Cure.CONVERT, Cure.MERGE} <= cures


@pytest.mark.parametrize(
    ("found", "held", "said"),
    [
        (profile((0, 5.0)), (), "below 6 A a phase a car cannot charge"),
        (profile((0, 0.0)), (), "below 6 A a phase a car cannot charge"),
        (profile((0, 4000.0), unit=Unit.W), (), "below 6 A a phase a car cannot charge"),
        (profile(profile_id=2), (profile(stack_level=1),), "it is hidden by profile 1"),
        (profile(profile_id=2, stack_level=3), (profile(),), "it hides profile 1"),
        (profile(profile_id=2), (profile(),), "takes the place of profile 1"),
        (profile(valid_to=T0), (), "not valid any more"),
        (profile(duration_s=100_000), (), "lasts longer than its recurrence"),
        (profile((0, 6.0), (90_000, 7.0)), (), "never run"),
        (
            profile(kind=Kind.ABSOLUTE, recurrency=None, start=T0 - timedelta(days=2), duration_s=60),
            (),
            "its time is over already",
        ),
    ],
)
def test_what_may_not_be_meant_is_a_warning(
    found: ChargingProfile, held: tuple[ChargingProfile, ...], said: str
) -> None:
    told = [finding.text for finding in check(found, at("1.6", *held)) if finding.level is Level.WARNING]
    assert any(said in text for text in told), told


@pytest.mark.parametrize(
    "held",
    [
        (profile(stack_level=1, duration_s=3600),),  # leaves a gap every day
        (profile(stack_level=1, valid_to=T0 + timedelta(days=1)),),
        (profile(stack_level=1, evse_id=2),),
        (profile(stack_level=1, **MAX),),
    ],
)
def test_what_leaves_room_hides_nothing(held: tuple[ChargingProfile, ...]) -> None:
    told = check(profile(profile_id=2), at("1.6", *held))
    assert not any("hid" in finding.text for finding in told)


def test_a_start_carries_a_profile_of_a_transaction_that_is_not_there_yet() -> None:
    assert not start_refusals(tx(transaction_id=""), at())
    assert "names no transaction" in start_refusals(tx(), at())[0].text
    assert "only a TxProfile" in start_refusals(profile(), at())[0].text


OLD = {
    "ChargeProfileMaxStackLevel": "8",
    "ChargingScheduleAllowedChargingRateUnit": "Current, Power",
    "ChargingScheduleMaxPeriods": "24",
    "MaxChargingProfilesInstalled": "10",
    "ConnectorSwitch3to1PhaseSupported": "true",
}
NEW = {
    "SmartChargingCtrlr/ProfileStackLevel": "8",
    "SmartChargingCtrlr/RateUnit": "A,W",
    "SmartChargingCtrlr/PeriodsPerSchedule": "24",
    "SmartChargingCtrlr/Phases3to1": "true",
}


@pytest.mark.parametrize("told", [OLD, NEW])
def test_capabilities_are_read_from_the_settings_of_every_version(told: dict[str, str]) -> None:
    most = Setting("CP1", "SmartChargingCtrlr/Entries#ChargingProfiles", "2", max_limit=10)  # two are there
    found = capabilities([*(Setting("CP1", key, value) for key, value in told.items()), most])
    assert found == Capabilities(
        max_stack_level=8, units=frozenset(Unit), max_periods=24, max_installed=10, phases_3to1=True
    )


def test_settings_that_make_no_sense_are_not_known() -> None:
    told = {"ChargeProfileMaxStackLevel": "many", "ChargingScheduleAllowedChargingRateUnit": "furlongs"}
    assert capabilities(Setting("CP1", key, value) for key, value in told.items()) == Capabilities()


def test_a_recurrence_that_fills_its_round_hides_for_ever() -> None:
    upper = profile(stack_level=1, recurrency=Recurrency.DAILY, duration_s=86_400)
    assert any("hidden" in finding.text for finding in check(profile(profile_id=2), at("1.6", upper)))
