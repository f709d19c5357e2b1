"""Every row of the conformance list has a test that bears its id, or a reason why it does not apply."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.conformance import matrix, rows
from tests.support.not_applicable import NOT_APPLICABLE


def marked() -> set[str]:
    """The ids in the markers of all tests over the wire."""
    found: set[str] = set()
    for path in Path(__file__).parents[1].rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "conforms":
                found |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def test_every_mark_is_a_row() -> None:
    assert marked() <= {row["id"] for row in rows()}


def test_what_does_not_apply_is_not_tested() -> None:
    assert not marked() & NOT_APPLICABLE.keys()


def test_the_matrix_shows_the_worst_result_of_a_row() -> None:
    results = {row["id"]: {"test_a.py::test_b": "passed"} for row in rows() if row["id"] not in NOT_APPLICABLE}
    results["TC_001_CSMS"] = {"test_a.py::test_b": "passed", "test_a.py::test_c": "failed"}
    text = matrix(results)
    assert "| TC_001_CSMS | 1.6 | Cold boot | `test_a.py::test_b`, `test_a.py::test_c` | failed |" in text
    assert text.count("| passed |") == len(results) - 1


def test_every_row_has_its_test_or_its_reason() -> None:
    assert {row["id"] for row in rows()} == marked() | NOT_APPLICABLE.keys()


def test_few_rows_do_not_apply() -> None:
    assert len(NOT_APPLICABLE) < 20
    assert all(len(reason) > 30 for reason in NOT_APPLICABLE.values())
