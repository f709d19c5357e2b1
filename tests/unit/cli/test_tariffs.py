"""``tariff``: what it asks for, what it lists, what it refuses to send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, StationRecord
from console.model.station_tariff import ChangeTransactionTariff, ClearTariffs, ReadTariffs, SetTariff
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import FakeBackend, ago

DAY: dict[str, Any] = {"tariffId": "DAY", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.4}]}}


def record(tariff_id: str, *, standing: bool = True, **said: Any) -> StationRecord:
    details = {"tariffId": tariff_id, "tariffKind": "DefaultTariff"} | said
    return StationRecord("CP-01", RecordKind.TARIFF, tariff_id, ago(minutes=1), tariff_id, details, standing=standing)


@pytest.fixture
def day(tmp_path: Path) -> str:
    path = tmp_path / "day.json"
    path.write_text(json.dumps(DAY))
    return str(path)


def test_a_file_the_sites_prices_or_prices_in_words_are_set(run: Run, backend: FakeBackend, day: str) -> None:
    assert run("tariff", "set", "CP-01", day, "--evse", "2").exit_code == 0
    assert run("tariff", "set", "CP-01", "--site").exit_code == 0
    words = ("--kwh", "0.3", "--idle", "0.1", "--tax", "21", "--currency", "eur", "--id", "N", "--from", "2026-12-01")
    assert run("tariff", "set", "CP-01", *words).exit_code == 0
    made = {
        "tariffId": "N",
        "currency": "EUR",
        "validFrom": "2026-11-30T23:00:00Z",
        "energy": {"prices": [{"priceKwh": 0.3}], "taxRates": [{"type": "VAT", "tax": 21.0}]},
        "idleTime": {"prices": [{"priceMinute": 0.1}], "taxRates": [{"type": "VAT", "tax": 21.0}]},
    }
    assert backend.ran == [SetTariff("CP-01", DAY, 2), SetTariff("CP-01"), SetTariff("CP-01", made)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "By which tariff?"),
        (("--site", "--kwh", "1"), "By which tariff?"),
        (("--kwh", "1"), "In which currency?"),
        (("nowhere.json",), "cannot be read"),
    ],
)
def test_what_is_no_tariff_is_not_sent(run: Run, backend: FakeBackend, words: tuple[str, ...], said: str) -> None:
    result = run("tariff", "set", "CP-01", *words)
    assert (result.exit_code, backend.ran) == (2, [])
    assert said in result.output


def test_a_file_without_a_tariff_says_what_it_lacks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"tariffId": "X", "currency": "EUR", "energy": {"prices": [{}]}}')
    result = run("tariff", "set", "CP-01", str(path))
    assert result.exit_code == 2
    assert "priceKwh" in result.output


def test_tariffs_are_cleared_and_changed(run: Run, backend: FakeBackend, day: str) -> None:
    assert run("tariff", "clear", "CP-01", "--id", "DAY", "--id", "NIGHT").exit_code == 0
    assert run("tariff", "clear", "CP-01", "--evse", "1").exit_code == 0
    assert run("tariff", "clear", "CP-01").exit_code == 0
    assert run("tariff", "change", "7", day).exit_code == 0
    assert run("tariff", "change", "CP-01/7", "--site").exit_code == 0
    assert backend.ran == [
        ClearTariffs("CP-01", ("DAY", "NIGHT")),
        ClearTariffs("CP-01", evse_id=1),
        ClearTariffs("CP-01"),
        ChangeTransactionTariff("CP-01", "7", DAY),
        ChangeTransactionTariff("CP-01", "7"),
    ]
    result = run("tariff", "change", "99", "--site")
    assert (result.exit_code, len(backend.ran)) == (1, 5)


def test_what_a_station_has_is_listed_and_shown(run: Run, backend: FakeBackend) -> None:
    starts = datetime(2026, 12, 1, tzinfo=UTC).isoformat()
    backend.held_records = [
        record("DAY", evseIds=[1, 2], tariff=DAY),
        record("GUEST", tariffKind="DriverTariff", validFrom=starts),
        record("OLD", standing=False, tariff=DAY),
    ]
    result = run("tariff", "list", "CP-01")
    assert (result.exit_code, backend.ran) == (0, [ReadTariffs("CP-01")])
    lines = [line.split(maxsplit=3) for line in result.output.splitlines()]
    assert lines[1][:3] == ["DAY", "default", "1,"]
    assert "0.40 EUR/kWh" in result.output
    assert "not known here" in result.output
    assert "OLD" not in result.output
    assert run("tariff", "show", "CP-01", "DAY").output.split() == ["energy", "0.40", "EUR/kWh"]
    assert "not known" in run("tariff", "show", "CP-01", "GUEST").output
    assert run("tariff", "show", "CP-01", "NONE").exit_code == 2
    told = json.loads(run("tariff", "list", "CP-01", "--stored", "--json").output)
    assert [each["tariffId"] for each in told["tariffs"]] == ["DAY", "GUEST"]
    assert len(backend.ran) == 1


def test_a_station_that_does_not_answer_leaves_what_was_known(run: Run, backend: FakeBackend) -> None:
    backend.held_records = [record("DAY", tariff=DAY)]
    backend.outcomes[ReadTariffs] = Outcome(Result.OFFLINE, "CP-01 is offline")
    result = run("tariff", "list", "CP-01")
    assert result.exit_code == 4
    assert "CP-01 is offline. This is what is known" in result.output
    assert "DAY" in result.output
