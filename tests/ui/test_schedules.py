"""One schedule to many stations, from the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.model import command as c
from console.model.station import Setting
from tests.support.staged import StagedBackend
from tests.ui.driving import driving
from tests.ui.sites import depot, on_its_way


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCPP_CONSOLE_CONFIG", str(tmp_path / "config"))


async def test_a_template_goes_to_the_stations_that_are_meant() -> None:
    backend = StagedBackend(depot())
    backend.held_settings["CP-02"] = [Setting("CP-02", "ChargingScheduleAllowedChargingRateUnit", "Power")]
    async with driving(backend) as driver:
        await driver.press("4")
        await driver.sees("night-only", "Nothing was sent to many stations yet")
        await driver.press("down", "down", "s")
        await driver.sees("Send night-only to many stations")
        await driver.press("ctrl+u", "backspace")
        await driver.type("cp-0[1-4]")
        await driver.press("ctrl+s")
        await driver.sees("Send night-only to 4 stations?", "1 station offline: sent when back", "below 6 A")
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands), "the command")
    (command,) = backend.commands
    assert isinstance(command, c.StartRollout)
    assert [(job.station_id, str(job.profile.unit)) for job in command.jobs] == [
        ("CP-01", "A"), ("CP-02", "W"), ("CP-03", "A"), ("CP-04", "A"),
    ]  # fmt: skip


async def test_progress_is_shown_and_can_be_given_up() -> None:
    backend = StagedBackend(on_its_way())
    async with driving(backend) as driver:
        await driver.press("4")
        await driver.sees("1 of 4 accepted, 1 refused, 1 waiting, 1 to send")
        await driver.sees("CP-04", "waits for the station", "the station refused the schedule")
        await driver.press("x")
        await driver.sees("Give up sending night-only to 2 stations?")
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands), "the command")
    assert backend.commands == [c.GiveUpRollout("r1")]


async def test_a_template_of_prices_says_where_it_can_be_used() -> None:
    async with driving(StagedBackend(depot())) as driver:
        await driver.press("4")
        await driver.sees("cheap-hours")
        await driver.press("down", "s")
        await driver.sees("cheap-hours is made of prices: P at a station")
