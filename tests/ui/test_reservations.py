"""Reservations and stations' local lists from the keyboard, and how they are shown."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from console.model import device_command as d
from console.model.change import LocalListChanged, ReservationChanged, ReservationEnded
from console.model.local_list import LocalList, digest, entries_of, standing
from console.model.reservation import Reservation
from tests.support.staged import StagedBackend, only
from tests.ui.devices import local_lists
from tests.ui.driving import driving
from tests.ui.sites import NOW, depot

HELD = Reservation("CP-02", 77, "77AA01C2", NOW + timedelta(hours=2), 1)


@pytest.fixture
def backend() -> StagedBackend:
    site = depot()
    return StagedBackend(msgspec.structs.replace(site, local_lists=local_lists(site)))


async def test_a_connector_is_reserved_with_one_key(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter", "N")
        await driver.sees("Keep a connector free for a tag", "+30m")
        await driver.type("77AA01C2")
        await driver.press("enter", "ctrl+s")
        await driver.until(lambda: bool(backend.commands))
        until = NOW + timedelta(minutes=30)
        assert only(backend.commands) == d.ReserveConnector("CP-02", 1, "77AA01C2", until)


async def test_a_time_that_is_over_is_not_taken(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.command("reserve CP-02 2 77AA01C2 -30m")
        await driver.sees("is not later than now")
        await driver.command("reserve CP-02 2 77AA01C2 +2h")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == d.ReserveConnector("CP-02", 2, "77AA01C2", NOW + timedelta(hours=2))


async def test_a_reservation_is_shown_where_it_is_and_let_go_with_one_key(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter", "Z")
        await driver.sees("nothing is reserved here")
        backend.push(ReservationChanged(HELD))
        await driver.sees(
            "available, reserved for", "Reserved  connector 1 for 77AA01C2 (Van 5) until 16:02 (number 77)"
        )
        await driver.press("Z")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == d.CancelReservation("CP-02", 77)
        backend.push(ReservationEnded("CP-02", 77))
        await driver.sees_no("number 77")


async def test_which_of_several_is_asked(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter")
        other = msgspec.structs.replace(HELD, reservation_id=78, evse_id=0, id_token="DE4410FF")
        backend.push(ReservationChanged(msgspec.structs.replace(HELD, evse_id=0)), ReservationChanged(other))
        await driver.sees("any connector for 77AA01C2", "any connector for DE4410FF")
        await driver.press("Z")
        await driver.sees("77: connector any, 77AA01C2")
        await driver.press("right", "enter")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == d.CancelReservation("CP-02", 78)


async def test_b_on_a_station_sends_its_list(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "b")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == d.SendLocalList("CP-01")


async def test_how_every_stations_list_stands(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("3", "s")
        await driver.sees("tags", "lists", "IT SAYS")
        assert "up to date" in driver.line("CP-01")
        assert "differs" in driver.line("CP-02")
        assert "another list" in driver.line("CP-03") and "version 31" in driver.line("CP-03")  # noqa: PT018  # one row
        assert "offline" in driver.line("CP-04")
        assert "not supported" in driver.line("CP-05")
        assert "never sent" in driver.line("CP-06")
        await driver.press("down", "B")
        await driver.until(lambda: bool(backend.commands))
        await driver.press("r")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands == [d.SendLocalList("CP-02", full=True), d.ReadLocalList("CP-02")]
        now = digest(entries_of(backend.site.tokens.values(), NOW))
        backend.push(LocalListChanged(LocalList("CP-02", 3, 6, now, NOW, 3, NOW)))
        await driver.until(lambda: "up to date" in driver.line("CP-02"))


def test_a_list_that_was_never_asked_about() -> None:
    assert standing(None, "x") == standing(LocalList("CP-1"), "x") == "never sent"
    assert standing(LocalList("CP-1", 2, digest="x", reported_version=2), "x") == "up to date"
    assert standing(LocalList("CP-1", 2, digest="y"), "x") == "differs"
