"""Columns, times and figures as they are printed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli.output import Table, cells, cut, energy, power, span
from console.model.text import plain


@given(st.lists(st.tuples(st.text(max_size=8), st.text("0123456789", max_size=8), st.text(max_size=8)), max_size=4))
def test_columns_stay_aligned_whatever_stands_in_them(rows: list[tuple[str, str, str]]) -> None:
    lines = Table("ONE", ">TWO", "THREE").lines(rows)
    assert len(lines) == len(rows) + 1
    width = max([3, *(cells(plain(row[0])) for row in rows)]) + 2
    for line, row in zip(lines[1:], rows, strict=True):
        assert "\n" not in line
        assert cells(line[: len(plain(row[0]))]) <= width


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (11_100, "3h 05m"),
        (86_400, "1d"),
        (900_000, "10d"),
    ],
)
def test_spans(seconds: int, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


def test_figures_have_units() -> None:
    assert (energy(None), energy(0), energy(5234), power(None), power(11040.0)) == (
        "-", "0.00 kWh", "5.23 kWh", "-", "11.0 kW",
    )  # fmt: skip


def test_wide_characters_take_two_cells() -> None:
    assert (cells("abc"), cells("充電"), cells("e\u0301")) == (3, 4, 1)


def test_a_line_is_cut_only_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    assert cut("x" * 20) == "x" * 20
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cut("x" * 20) == "x" * 9 + "…"
