"""``schedule composite FILE`` computes without a service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli.main import main
from console.cli.schedule_output import _limit
from console.model.schedule.profile import Unit

CASES = Path(__file__).parents[2] / "data" / "schedules" / "composite-cases.json"


def test_every_case_of_a_file_is_printed_as_one_object() -> None:
    done = CliRunner().invoke(main, ["schedule", "composite", str(CASES), "--json"])
    assert done.exit_code == 0, done.output
    printed = {case["name"]: case["periods"] for case in json.loads(done.output)["cases"]}
    assert printed == {case["name"]: case["expected"] for case in json.loads(CASES.read_text())["cases"]}


def test_people_get_times_and_limits() -> None:
    done = CliRunner().invoke(main, ["schedule", "composite", str(CASES)])
    assert "spec16_daily_6kW" in done.output
    assert "+12:30:00" in done.output


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "x.json"
    wrong.write_text("{}")
    done = CliRunner().invoke(main, ["schedule", "composite", str(wrong)])
    assert done.exit_code == 2
    assert CliRunner().invoke(main, ["schedule", "composite", str(tmp_path / "none")]).exit_code == 2


@pytest.mark.parametrize(
    ("limit", "unit", "words"),
    [(15.9305, Unit.A, "15.93 A"), (16.0, Unit.A, "16 A"), (0.0, Unit.A, "0 A"), (1_500_000.4, Unit.W, "1500000 W")],
)
def test_limits_are_as_fine_as_they_matter(limit: float, unit: Unit, words: str) -> None:
    assert _limit(limit, unit) == words
