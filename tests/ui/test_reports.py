"""Alarms and reports: the list of the site, of one station, the detail, and the line at the station."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from console.backends.base import RecordQuery
from console.errors import ConsoleError
from console.model.change import RecordGone, RecordKept, StationChanged
from console.model.command import DismissReport
from console.model.record import RecordKind, Severity, StationRecord
from console.screens.device.record_rows import record_query
from tests.support.staged import StagedBackend
from tests.ui.driving import Driver, driving
from tests.ui.sites import NOW, ago, depot, records


@pytest.fixture
def backend() -> StagedBackend:
    staged = StagedBackend(depot())
    staged.held_records = {each.id: each for each in records()}
    return staged


def summaries(driver: Driver) -> list[str]:
    """The rows of the list, in order."""
    return [line[52:].strip() for line in driver.lines() if line[:2] in ("> ", "  ") and ":" in line[2:14]]


async def test_the_newest_stand_first_and_what_comes_in_is_put_on_top(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("5")
        await driver.sees("TamperDetection")
        assert summaries(driver)[0] == "EMS EVSE 1: 16 A"
        new = StationRecord("CP-07", RecordKind.EVENT, "Fan", NOW, "Fan stands still", severity=Severity.WARNING)
        backend.push(RecordKept(new))
        await driver.sees("Fan stands still")
        assert summaries(driver)[0] == "Fan stands still"
        backend.push(RecordKept(replace(new, summary="Fan turns")), RecordGone("CP-01", RecordKind.LOG, "2"))
        await driver.sees("Fan turns")
        await driver.sees_no("Uploaded")


async def test_the_filter_finds_by_station_kind_and_words(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("5", "slash")
        await driver.type("alarms now")
        await driver.press("enter")
        await driver.sees("CoolingFan", "1 report")
        # What does not match does not come in either.
        backend.push(RecordKept(StationRecord("CP-07", RecordKind.LOG, "9", NOW, "Uploading", standing=True)))
        backend.push(RecordKept(StationRecord("CP-07", RecordKind.EVENT, "a", NOW, "Lid", {}, 0, Severity.BAD, True)))
        await driver.sees("Lid", "2 reports")
        assert "Uploading" not in driver.text()
        await driver.press("escape")
        await driver.sees("Uploaded")


async def test_a_station_has_its_own_and_escape_leads_back_to_it(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "i")
        await driver.sees("3 reports", "CP-01")
        await driver.press("down", "enter")
        await driver.sees('"requestId": 3', "Downloading")
        held = next(each for each in records() if each.key == "3")
        backend.push(RecordKept(replace(held, summary="Installed", standing=False)))
        await driver.sees("Installed")
        await driver.press("escape")
        await driver.sees("3 reports")
        await driver.press("escape")
        await driver.sees("Terra AC")


async def test_an_alarm_is_dismissed_and_the_station_shows_how_many_stand(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.push(StationChanged(replace(backend.site.stations["CP-01"], alarms=2)))
        await driver.sees("2 alarms")
        await driver.press("5")
        await driver.sees("CoolingFan")
        await driver.press("down", "down", "delete")
        await driver.until(lambda: bool(backend.commands))
        assert backend.commands == [DismissReport("CP-03", RecordKind.EVENT, "Fan")]
        await driver.press("down", "delete")
        await driver.sees("dismiss: it stands no more")


async def test_the_station_says_what_matters_now(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter")
        await driver.sees("charging limit: EMS EVSE 1: 16 A  firmware: Downloading")
        alarm = StationRecord("CP-01", RecordKind.EVENT, "Lock", NOW, "Lock", severity=Severity.BAD, standing=True)
        backend.push(RecordKept(alarm))
        await driver.sees("! event: Lock")
        needs = StationRecord("CP-01", RecordKind.CHARGING_NEEDS, "1", NOW, "EVSE 1: DC, 22 kWh", evse_id=1)
        old = StationRecord("CP-01", RecordKind.CHARGING_NEEDS, "2", ago(days=3), "EVSE 2: of yesterday", evse_id=2)
        limit = RecordGone("CP-01", RecordKind.CHARGING_LIMIT, "EMS 1")
        backend.push(RecordKept(replace(alarm, standing=False)), limit, RecordKept(needs), RecordKept(old))
        await driver.sees("charging needs: EVSE 1: DC, 22 kWh  firmware")
        assert "! event" not in driver.text()
        assert "of yesterday" not in driver.text()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", RecordQuery()),
        ("CP-01", RecordQuery(station_id="CP-01")),
        ("cp-0 alarms", RecordQuery(station="cp-0", alarms=True)),
        ("station:CP-0 now", RecordQuery(station="CP-0", standing=True)),
        ("event door open", RecordQuery(kind=RecordKind.EVENT, text="door open")),
        ("kind:sec", RecordQuery(kind=RecordKind.SECURITY_EVENT)),
    ],
)
def test_what_a_filter_means(text: str, query: RecordQuery) -> None:
    assert record_query(text, ["CP-01", "CP-10"]) == query


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(ConsoleError, match="there is no kind weather"):
        record_query("kind:weather", [])
