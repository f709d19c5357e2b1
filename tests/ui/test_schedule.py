"""Charging schedules from the keyboard: drawn, checked, sent, and held against what the station says and does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.model import command as c
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.schedule.installed import Installed, StationSchedules
from console.model.schedule.prices import PriceCurve, PriceSlot
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from console.model.schedule.reported import ReportedComposite
from console.model.site import Site
from console.model.station import Setting
from tests.support.staged import StagedBackend
from tests.ui.driving import Driver, driving
from tests.ui.sites import NOW, charging_curve, depot, scheduled


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCPP_CONSOLE_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


@asynccontextmanager
async def at_schedules(backend: StagedBackend, *keys: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driver]:
    """The schedule screen of the first connector of CP-01; ``keys`` are pressed at the station before."""
    async with driving(backend, size) as driver:
        await driver.press("enter")
        await driver.sees("CONN")
        await driver.press(*keys, "P")
        await driver.sees("in effect")
        yield driver


def sent(backend: StagedBackend) -> ChargingProfile:
    command = next(one for one in reversed(backend.commands) if isinstance(one, c.SetChargingProfile))
    return command.profile


def staged(site: Site | None = None) -> StagedBackend:
    return StagedBackend(site or depot())


async def send(driver: Driver, backend: StagedBackend) -> None:
    """Press what sends, and agree."""
    await driver.press("s")
    await driver.sees("Send this schedule")
    await driver.press("y")
    await driver.until(lambda: any(isinstance(one, c.SetChargingProfile) for one in backend.commands), "the command")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_eleven_kilowatts_at_night_and_six_amperes_by_day_monday_to_friday(size: tuple[int, int]) -> None:
    """With nothing but keys that the screen shows at the moment when they are needed."""
    backend = staged()
    async with at_schedules(backend, size=size) as driver:
        await driver.sees("f kind", "s send")
        await driver.press("f")
        await driver.sees("What this schedule is")
        await driver.press("right", "ctrl+s")
        await driver.sees("every week", "c copy day", "w in kW", "enter type")
        await driver.press("w", "enter")
        await driver.type("11 kW")
        await driver.press("enter")
        await driver.sees("a add step")
        for when, limit in (("mon 06:00", "6 A"), ("mon 22:00", "11 kW")):
            await driver.press("a")
            await driver.type(when)
            await driver.press("enter")
            await driver.press("enter")
            await driver.type(limit)
            await driver.press("enter")
        await driver.press("c")
        await driver.sees("copy mon to")
        await driver.type("tue-fri")
        await driver.press("enter")
        await driver.sees("mon copied to tue-fri")
        await send(driver, backend)
    made = sent(backend)
    assert (made.kind, made.recurrency, made.unit, made.evse_id) == (Kind.RECURRING, Recurrency.WEEKLY, Unit.W, 1)
    limits = [(each.start_s // 60 % 1440, round(each.limit, -2)) for each in made.periods]
    assert limits == [(0, 11_000.0), *[(360, 4100.0), (1320, 11_000.0)] * 5]
    assert made.start is not None
    assert made.start.isoformat() == "2026-11-15T23:00:00+00:00"  # Monday's midnight in Stockholm


async def test_what_is_installed_is_shown_and_edited() -> None:
    backend = staged(scheduled())
    async with at_schedules(backend) as driver:
        await driver.sees("daily: 00:00 16 A, 06", "station max", "profile 1")
        assert "12.0" in driver.line(">  00:00")  # what comes of it, under the maximum of the station
        await driver.press("up")
        await send(driver, backend)
    made = sent(backend)
    assert (made.profile_id, [each.limit for each in made.periods]) == (1, [17.0, 6.0, 16.0])


async def test_the_whole_station_has_schedules_of_its_own() -> None:
    backend = staged(scheduled())
    async with at_schedules(backend, "end") as driver:
        await driver.sees("whole station")
        await driver.sees("station max, the station and all its connectors")
        await send(driver, backend)
    assert (sent(backend).purpose, sent(backend).evse_id) == (Purpose.STATION_MAX, 0)


async def test_what_the_specification_forbids_is_said_and_not_sent() -> None:
    site = depot()
    running = {key: one for key, one in site.transactions.items() if one.station_id != "CP-01"}
    backend = staged(msgspec.structs.replace(site, transactions=running))
    async with at_schedules(backend) as driver:
        await driver.press("f", "down", "right", "ctrl+s")
        await driver.sees("a TxProfile needs a running transaction")
        await driver.press("s")
        await driver.sees("FAIL send: a TxProfile needs a running transaction")
    assert backend.commands == []


async def test_what_the_station_cannot_is_mended_on_request() -> None:
    backend = staged()
    backend.held_settings["CP-01"] = [Setting("CP-01", "ChargingScheduleAllowedChargingRateUnit", "Power")]
    async with at_schedules(backend) as driver:
        await driver.sees("the station takes no limits in A")
        await driver.press("s")
        await driver.sees("mended: convert the unit")
        await driver.press("ctrl+s")
        await driver.until(lambda: bool(backend.commands), "the command")
    assert sent(backend).unit is Unit.W


def told(*limits: tuple[int, float]) -> Outcome:
    answer = ReportedComposite(1, NOW, 86_400, Unit.A, ())
    periods = [{"start_s": start, "limit": limit} for start, limit in limits]
    return Outcome(Result.ACCEPTED, "told", elapsed_s=0.4, answer=msgspec.to_builtins(answer) | {"periods": periods})


def answering(composite: Outcome) -> Any:
    def answer(command: Command) -> Outcome:
        return composite if isinstance(command, c.GetCompositeSchedule) else Outcome(Result.ACCEPTED, "accepted")

    return answer


async def test_what_the_station_says_is_drawn_and_the_differences_are_named() -> None:
    backend = staged(scheduled())
    backend.answer = answering(told((0, 6.0), (28_669, 48.0)))
    async with at_schedules(backend, size=(120, 40)) as driver:
        await driver.press("g")
        await driver.sees("station says", "the station says otherwise: 22:00-06:00: computed 12, station 48 A")
        asked = backend.commands[-1]
        assert isinstance(asked, c.GetCompositeSchedule)
        assert (asked.evse_id, asked.unit) == (1, Unit.A)


def two_defaults() -> Site:
    own = ChargingProfile(1, 1, 0, Purpose.TX_DEFAULT, Kind.ABSOLUTE, Unit.A, (Period(0, 10.0),), start=NOW)
    wide = ChargingProfile(2, 0, 5, Purpose.TX_DEFAULT, Kind.ABSOLUTE, Unit.A, (Period(0, 20.0),), start=NOW)
    return with_version("1.6", own, wide)


async def test_the_reading_that_the_station_follows_is_found_and_shown() -> None:
    backend = staged(two_defaults())
    backend.answer = answering(told((0, 10.0)))
    async with at_schedules(backend) as driver:
        assert "20.0" in driver.line("[   10.0 A]")  # by the usual reading the higher stack level counts
        await driver.sees("hidden by profile 2")
        await driver.press("g")
        await driver.sees("the station says the same", "read with a connector's own default first")
        assert "20.0" not in driver.line("[   10.0 A]")
        await driver.sees_no("hidden by profile 2")
        await driver.sees("it hides profile 2")


async def test_the_reading_is_switched_by_hand_and_said_before_sending() -> None:
    async with at_schedules(staged(two_defaults())) as driver:
        await driver.press("i")
        await driver.sees("read with a connector's own default first", "whatever their stack levels")
        await driver.press("s")
        await driver.sees("- a connector's own default counts before the station's")
        await driver.press("escape", "i", "i", "i")
        await driver.sees_no("read with")


async def test_after_sending_the_station_is_asked_what_it_will_do() -> None:
    backend = staged()
    backend.answer = answering(told((0, 16.0)))
    async with at_schedules(backend) as driver:
        await send(driver, backend)
        await driver.sees("station says", "the station says the same as was computed")
    kinds = [type(one) for one in backend.commands]
    assert kinds == [c.SetChargingProfile, c.GetCompositeSchedule]


async def test_a_difference_of_the_whole_window_is_said_so() -> None:
    backend = staged()
    backend.answer = answering(told((0, 13.0)))
    async with at_schedules(backend) as driver:
        await driver.sees("No charging profiles are known here.")
        await driver.press("g")
        await driver.sees("throughout: no limit here, its own maximum is 13 A")


async def test_accepted_is_not_obeyed() -> None:
    backend = staged(scheduled())
    running = next(one for one in depot().transactions.values() if one.station_id == "CP-01")
    curve = charging_curve("CP-01", 1, running.transaction_id)
    backend.meters[running.key] = backend.meters["CP-01\n#1"] = curve
    async with at_schedules(backend) as driver:
        await driver.sees("NOT OBEYED: 11.0 kW measured at 14:01:11, 4.1 kW allowed", "measured")


async def test_a_profile_is_cleared_after_a_question() -> None:
    backend = staged(scheduled())
    async with at_schedules(backend) as driver:
        await driver.press("delete")
        await driver.sees("Clear profile 1 (default, connector 1) from CP-01?")
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands), "the command")
    assert backend.commands[0] == c.ClearChargingProfile("CP-01", profile_id=1)


async def test_a_template_is_begun_with_changed_and_saved(config: Path) -> None:
    backend = staged()
    async with at_schedules(backend) as driver:
        await driver.press("T")
        await driver.sees("night-only: 16 A from 22:00 to 06:00")
        await driver.press("right", "ctrl+s")
        await driver.sees("22:00", "below 6 A a phase a car cannot charge")
        await driver.press("up", "S")
        await driver.sees("Save as a template")
        await driver.type("mine")
        await driver.press("tab")
        await driver.type("Mine alone")
        await driver.press("ctrl+s")
        await driver.sees("saved as")
    text = (config / "charging" / "mine.toml").read_text()
    assert 'title = "Mine alone"' in text
    assert "limit = 17" in text


async def test_1_6_cannot_say_what_is_installed() -> None:
    async with at_schedules(staged(scheduled())) as driver:
        await driver.press("r")
        await driver.sees("OCPP 1.6 cannot say")


async def test_the_cheapest_hours_are_proposed_and_can_be_edited() -> None:
    first = NOW.replace(minute=0, second=0)
    slots = tuple(PriceSlot(first + timedelta(hours=number), (7 * number) % 11 + 1.0) for number in range(24))
    backend = staged(msgspec.structs.replace(depot(), prices=PriceCurve(slots, "EUR/MWh", source="x")))
    async with at_schedules(backend) as driver:
        await driver.sees("price", "h cheap")
        await driver.press("h")
        await driver.sees("The cheapest hours")
        await driver.press("ctrl+s")
        await driver.sees("the cheapest hours until 2026-11-22 07:00", "once")
        await driver.press("up")
        await send(driver, backend)
    made = sent(backend)
    assert made.kind is Kind.ABSOLUTE
    assert made.start == NOW.replace(second=0)
    assert made.duration_s == 16 * 3600 + 58 * 60
    assert {each.limit for each in made.periods} <= {0.0, 1.0, 16.0, 17.0}


async def test_without_prices_there_are_no_cheap_hours() -> None:
    async with at_schedules(staged()) as driver:
        await driver.press("h")
        await driver.sees("no prices are known")


def with_version(version: str, *held: ChargingProfile) -> Site:
    site = depot()
    station = msgspec.structs.replace(site.stations["CP-01"], ocpp_version=version)
    schedules = StationSchedules("CP-01", tuple(Installed(one) for one in held))
    return msgspec.structs.replace(site, stations=site.stations | {"CP-01": station}, schedules={"CP-01": schedules})


async def test_a_dynamic_schedule_is_updated_in_place() -> None:
    held = ChargingProfile(5, 1, 2, Purpose.TX_DEFAULT, Kind.DYNAMIC, Unit.A, (Period(0, 10.0),))
    backend = staged(with_version("2.1", held))
    async with at_schedules(backend) as driver:
        await driver.sees("from now on, updated in place")
        await driver.press("up", "s")
        await driver.sees("Send this schedule")
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands), "the command")
    assert backend.commands[0] == c.UpdateDynamicSchedule("CP-01", 5, 11.0)


async def test_priority_is_given_and_taken() -> None:
    backend = staged(with_version("2.1"))
    async with at_schedules(backend) as driver:
        await driver.press("V")
        await driver.until(lambda: bool(backend.commands), "the command")
    assert backend.commands == [c.UsePriorityCharging("CP-01", "814")]
    async with at_schedules(staged()) as driver:
        await driver.press("V")
        await driver.sees("priority charging came with OCPP 2.1")
