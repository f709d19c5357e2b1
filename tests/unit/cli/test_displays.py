"""``display``: what it asks for, and what it lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.model.display import ClearMessage, Priority, ReadMessages, ShowMessage, ShownWhile, TextFormat
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, StationRecord
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import NOW, FakeBackend, ago


def record(number: int, text: str, **said: Any) -> StationRecord:
    details = {"id": number, "priority": "NormalCycle", "message": {"format": "UTF8", "content": text}} | said
    return StationRecord("CP-01", RecordKind.DISPLAY_MESSAGE, f"message {number}", ago(minutes=1), text, details)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ((), ShowMessage("CP-01", "Hello")),
        (("--priority", "always-front"), ShowMessage("CP-01", "Hello", Priority.ALWAYS_FRONT)),
        (("--while", "charging"), ShowMessage("CP-01", "Hello", shown_while=ShownWhile.CHARGING)),
        (("--until", "+2h"), ShowMessage("CP-01", "Hello", ends_at=NOW + timedelta(hours=2))),
        (
            ("--from", "2026-12-01 08:00"),
            ShowMessage("CP-01", "Hello", starts_at=datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ),
        (("--transaction", "7"), ShowMessage("CP-01", "Hello", transaction_id="7")),
        (
            ("--language", "sv", "--format", "ascii"),
            ShowMessage("CP-01", "Hello", language="sv", format=TextFormat.ASCII),
        ),
        (("--replace", "4"), ShowMessage("CP-01", "Hello", message_id=4)),
    ],
)
def test_a_message_is_shown(run: Run, backend: FakeBackend, words: tuple[str, ...], command: ShowMessage) -> None:
    assert run("display", "show", "CP-01", "Hello", *words).exit_code == 0
    assert backend.ran == [command]


@pytest.mark.parametrize(
    "words", [("--until", "soon"), ("--priority", "highest"), ("--while", "asleep"), ("--replace", "first")]
)
def test_what_cannot_be_read_is_not_sent(run: Run, backend: FakeBackend, words: tuple[str, ...]) -> None:
    assert run("display", "show", "CP-01", "Hello", *words).exit_code == 2
    assert backend.ran == []


def test_messages_are_listed_and_cleared(run: Run, backend: FakeBackend) -> None:
    backend.held_records = [record(7, "Welcome"), record(12, "Closed", state="Idle", endDateTime="2026-12-01T00:00Z")]
    result = run("display", "list", "CP-01")
    assert (result.exit_code, backend.ran) == (0, [ReadMessages("CP-01")])
    assert ["7", "normal", "always", "Welcome"] in [line.split() for line in result.output.splitlines()]
    assert ["12", "normal", "idle", "2026-12-01T00:00Z", "Closed"] in [
        line.split() for line in result.output.splitlines()
    ]
    told = json.loads(run("display", "list", "CP-01", "--stored", "--json").output)
    assert [each["id"] for each in told["messages"]] == [7, 12]
    assert run("display", "clear", "CP-01", "7").exit_code == 0
    assert backend.ran == [ReadMessages("CP-01"), ClearMessage("CP-01", 7)]
    assert run("display", "clear", "CP-01", "seven").exit_code == 2


def test_a_station_that_does_not_answer_leaves_what_was_known(run: Run, backend: FakeBackend) -> None:
    backend.outcomes[ReadMessages] = Outcome(Result.NOT_POSSIBLE, "OCPP 1.6 knows no such thing")
    result = run("display", "list", "CP-01")
    assert result.exit_code == 1
    assert "This is what is known" in result.output
    assert "No messages of CP-01 are known" in result.output
