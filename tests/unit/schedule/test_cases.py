"""Every worked case: transcribed from libocpp's tests, from the specification, or derived from a cited rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.errors import ConsoleError
from console.model.schedule.cases import as_json, compute

FILE = Path(__file__).parents[2] / "data" / "schedules" / "composite-cases.json"
CASES = {case["name"]: case for case in json.loads(FILE.read_text())["cases"]}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    result = as_json(compute(json.dumps({"cases": [case]}).encode()))
    assert result["cases"] == [{"name": name, "periods": case["expected"]}], case.get("notes", case["source"])


@pytest.mark.parametrize("text", [b"", b"[]", b'{"cases": [{}]}', b'{"cases": [{"name": "x", "profiles": 1}]}'])
def test_a_file_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(ConsoleError, match="no file of composite cases"):
        compute(text)
