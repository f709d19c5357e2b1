"""A pytest plugin: which test proves which row of the conformance list, and what came of it.

A test says ``@pytest.mark.conforms("TC_001_CSMS", …)``. When a run has covered every row, the matrix is written to
``tests/wire/CONFORMANCE.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.not_applicable import NOT_APPLICABLE

TESTS = Path(__file__).parents[1]
LIST = TESTS / "data" / "conformance" / "csms-conformance.csv"
MATRIX = TESTS / "wire" / "CONFORMANCE.md"
_HEADER = """# Conformance

Which test proves which row of `tests/data/conformance/csms-conformance.csv`, and what came of it.
Written by the test run; do not edit.
"""


def rows() -> list[dict[str, str]]:
    """The list, in its order."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and collect what comes of the tests that bear it."""
    config.addinivalue_line("markers", "conforms(*ids): proves these rows of the conformance list")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Matrix(), "conformance-matrix")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let a test's report say which rows it proves; reports cross process borders, items do not."""
    for mark in item.iter_markers("conforms"):
        item.user_properties += [("conforms", row_id) for row_id in mark.args]


class Matrix:
    """Collects results, and writes the matrix at the end of a run that covered all rows."""

    def __init__(self) -> None:
        self._results: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst that came of each test."""
        test = report.nodeid.removeprefix("tests/wire/").partition("[")[0]
        for name, row_id in report.user_properties:
            if name == "conforms":
                tests = self._results.setdefault(str(row_id), {})
                if report.outcome != "passed":
                    tests[test] = report.outcome
                elif report.when == "call":
                    tests.setdefault(test, "passed")

    def pytest_sessionfinish(self) -> None:
        """Write the matrix if every row has its test."""
        if all(row["id"] in self._results or row["id"] in NOT_APPLICABLE for row in rows()):
            MATRIX.write_text(matrix(self._results), encoding="utf-8")


def matrix(results: Mapping[str, Mapping[str, str]]) -> str:
    """The matrix as Markdown: each row's tests and the worst result of them, or why it does not apply."""
    listed = rows()
    proved = [row for row in listed if row["id"] not in NOT_APPLICABLE]
    passed = sum(all(result == "passed" for result in results[row["id"]].values()) for row in proved)
    lines = [
        _HEADER,
        f"{len(listed)} rows: {len(proved)} tested, {passed} passed, {len(listed) - len(proved)} do not apply.",
        "",
        "| id | OCPP | what | test | result |",
        "|---|---|---|---|---|",
    ]
    for row in listed:
        row_id, title = row["id"], row["title"].replace("|", "/")
        if row_id in NOT_APPLICABLE:
            lines.append(f"| {row_id} | {row['version']} | {title} | | does not apply: {NOT_APPLICABLE[row_id]} |")
            continue
        tests = results[row_id]
        names = ", ".join(f"`{test}`" for test in sorted(tests))
        worst = next((result for result in tests.values() if result != "passed"), "passed")
        lines.append(f"| {row_id} | {row['version']} | {title} | {names} | {worst} |")
    return "\n".join(lines) + "\n"
