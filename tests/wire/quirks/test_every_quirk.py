"""Every quirk of the list has a test that is named by its number."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
LIST = HERE.parents[1] / "data" / "quirks.md"
_LISTED = re.compile(r"^(?:(\d+)\. \*\*|(B\d+) )", re.MULTILINE)


def _listed_numbers() -> set[str]:
    """The numbers of the list: "31", "B4"."""
    return {number or name for number, name in _LISTED.findall(LIST.read_text("utf-8"))}


def _tested() -> set[str]:
    """The numbers in the names of the tests here: ``test_quirk_31_…``, ``test_quirks_15_and_16_…``."""
    found: set[str] = set()
    for path in HERE.glob("test_*.py"):
        for name in re.findall(r"def test_quirks?_(\w+)", path.read_text("utf-8")):
            for part in name.split("_"):
                if re.fullmatch(r"b?\d+", part):
                    found.add(part.upper())
                elif part != "and":
                    break
    return found


def test_the_list_is_read() -> None:
    assert {"1", "31", "86", "B1", "B25"} <= _listed_numbers()
    assert len(_listed_numbers()) > 80


def test_every_quirk_has_a_test() -> None:
    assert _listed_numbers() - _tested() == set()


def test_no_test_is_of_a_quirk_that_is_not_listed() -> None:
    assert _tested() - _listed_numbers() == set()
