"""What a station shows on its display: read, shown and cleared from its screen."""

from __future__ import annotations

from msgspec.structs import replace

from console.model.change import TransactionChanged
from console.model.display import ClearMessage, Priority, ReadMessages, ShowMessage
from console.model.record import RecordKind, StationRecord
from tests.support.staged import StagedBackend, only
from tests.ui.driving import driving
from tests.ui.sites import NOW, ago, depot


def staged(version: str) -> StagedBackend:
    site = depot()
    stations = site.stations | {"CP-01": replace(site.stations["CP-01"], ocpp_version=version)}
    backend = StagedBackend(replace(site, stations=stations))
    said = {"id": 7, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Welcome"}}
    held = StationRecord("CP-01", RecordKind.DISPLAY_MESSAGE, "message 7", ago(minutes=2), "Welcome", said)
    backend.held_records = {held.id: held}
    return backend


async def test_messages_are_read_and_cleared() -> None:
    backend = staged("2.0.1")
    async with driving(backend) as driver:
        await driver.press("enter", "M")
        await driver.sees("Welcome", "normal")
        await driver.press("r")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == ReadMessages("CP-01")
        await driver.press("delete")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands[-1] == ClearMessage("CP-01", 7)
        await driver.command("show CP-01 Hello in-front")
        await driver.until(lambda: len(backend.commands) == 3)
        assert backend.commands[-1] == ShowMessage("CP-01", "Hello", Priority.IN_FRONT)


async def test_a_station_of_1_6_has_no_such_screen() -> None:
    async with driving(staged("1.6")) as driver:
        await driver.press("enter", "M")
        await driver.sees("OCPP 1.6 knows no display messages")


async def test_a_message_is_for_a_transaction_that_runs_and_over_with_it() -> None:
    backend = staged("2.1")
    said = {"id": 8, "priority": "InFront", "transactionId": "814", "message": {"format": "UTF8", "content": "Yours"}}
    past = {"id": 9, "priority": "InFront", "endDateTime": "2026-11-21T12:00:00Z", "message": {}}
    for each, text in ((said, "Yours"), (past, "Past")):
        held = StationRecord("CP-01", RecordKind.DISPLAY_MESSAGE, f"message {each['id']}", ago(minutes=2), text, each)
        backend.held_records[held.id] = held
    async with driving(backend) as driver:
        await driver.press("enter", "M")
        await driver.sees("one session", "Past")
        assert sum("over" in line for line in driver.lines()) == 1
        running = backend.site.transactions["CP-01\n814"]
        backend.push(TransactionChanged(replace(running, ended_at=NOW)))
        await driver.until(lambda: sum("over" in line for line in driver.lines()) == 2)
    backend = staged("2.1")
    async with driving(backend) as driver:
        await driver.press("enter", "M", "a")
        await driver.type("Hello")
        await driver.press(*("tab",) * 5, "right", "ctrl+s")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == ShowMessage("CP-01", "Hello", transaction_id="814")
