"""Exports from the command line."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cli.context import Call, World
from console.cli.verbs.export import _write
from console.cli.verbs.parquet import ParquetFile
from console.model.export import METER_VALUE_COLUMNS, Row
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import FakeBackend


def test_transactions_as_csv(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("export", "transactions").stdout)))
    assert [(row["transaction_id"], row["ended_at"]) for row in rows] == [("7", ""), ("6", "2026-11-18T05:30:00.000Z")]


def test_meter_values_as_json(run: Run) -> None:
    lines = run("export", "meter-values", "--format", "json", "--transaction", "7").stdout.splitlines()
    assert [json.loads(line)["value"] for line in lines] == [5100.0, 230.0, 5230.0]
    assert run("export", "meter-values", "--format", "json", "--transaction", "8").stdout == ""


def test_meter_values_outside_transactions_too(run: Run, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def rows(station: str, since: object, until: object) -> AsyncIterator[Row]:
        asked.append((station, since is not None, until))
        yield ("CP-01", 0, "", "2026-11-18T05:00:00.000Z", "Voltage", 231.0, "V", "", "Sample.Clock", "", "")

    monkeypatch.setattr(backend, "meter_value_rows", rows, raising=False)
    monkeypatch.setattr(backend, "alarms", print, raising=False)
    lines = run("export", "meter-values", "--station", "CP", "--since", "-1d", "--format", "json").stdout.splitlines()
    assert [(json.loads(line)["measurand"], json.loads(line)["transaction_id"]) for line in lines] == [("Voltage", "")]
    assert asked == [("CP", True, None)]


async def test_a_reader_that_has_enough_closes_what_is_behind_the_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = []

    async def rows() -> AsyncGenerator[Row, None]:
        try:
            while True:
                yield ("CP-01", *[""] * (len(METER_VALUE_COLUMNS) - 1))
        finally:
            closed.append(True)

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Full())

    with pytest.raises(BrokenPipeError):
        await _write(Call(World(), False, "", None), METER_VALUE_COLUMNS, rows(), "json", None)
    assert closed == [True]


def test_messages_between_two_instants(run: Run) -> None:
    lines = run("export", "messages", "--since", "-95s", "--until", "-92s", "--format", "json").stdout.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [5, 6, 7]


def test_into_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    result = run("export", "transactions", "--output", str(file))
    assert (result.stdout, result.stderr) == ("", f"2 rows are in {file}.\n")
    assert file.read_text().count("\n") == 3
    told = run("export", "transactions", "--output", str(file), "--json")
    assert json.loads(told.stdout) == {"file": str(file), "rows": 2}


@pytest.mark.parametrize("name", ["out.json", "out.jsonl", "OUT.JSON"])
def test_a_file_s_name_says_how_it_is_written(run: Run, tmp_path: Path, name: str) -> None:
    run("export", "transactions", "--output", str(tmp_path / name))
    assert [json.loads(line)["energy_wh"] for line in (tmp_path / name).read_text().splitlines()] == [5230, 12000]


def test_for_scripts_it_is_json_without_being_asked_twice(run: Run) -> None:
    lines = run("export", "transactions", "--json").stdout.splitlines()
    assert [json.loads(line)["transaction_id"] for line in lines] == ["7", "6"]


def test_parquet_has_typed_columns(run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow on this computer")
    file = tmp_path / "out.parquet"
    assert run("export", "transactions", "--output", str(file)).exit_code == 0
    rows = parquet.read_table(file).to_pylist()
    assert [(row["transaction_id"], row["energy_wh"], row["ended_at"]) for row in rows] == [
        ("7", 5230, None),
        ("6", 12000, datetime(2026, 11, 18, 5, 30, tzinfo=UTC)),
    ]
    assert run("export", "meter-values", "--transaction", "8", "--output", str(file)).exit_code == 0
    assert parquet.read_table(file).num_rows == 0
    assert "cannot be written" in run("export", "transactions", "--output", "/no/such/folder/x.parquet").stderr


def test_a_parquet_file_that_was_not_finished_is_none(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="no pyarrow on this computer")
    with pytest.raises(ZeroDivisionError), ParquetFile(tmp_path / "out.parquet", ("at", "value")) as file:
        file.write(("2026-11-18T05:30:00.000Z", 1 / 0))
    assert not (tmp_path / "out.parquet").exists()


def test_without_pyarrow_that_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("export", "transactions", "--format", "parquet", "--output", str(tmp_path / "x"))
    assert result.exit_code == 2
    assert "pipx inject ocpp-console pyarrow" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--since soon", "is not a time"),
        ("--since 2026-12-02 --until 2026-12-01", "--until is before --since"),
        ("--format xml", "is not one of"),
        ("--format parquet", "Say --output FILE"),
        ("--output /no/such/folder/x", "cannot be written"),
    ],
)
def test_mistakes(run: Run, words: str, said: str) -> None:
    result = run("export", "transactions", *words.split())
    assert said in result.stderr
    assert result.exit_code == 2
