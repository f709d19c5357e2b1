from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.columns import GAP, Column, place_columns
from widgets.row_line import changed_width

COLUMN = st.builds(
    Column,
    key=st.uuids().map(str),
    title=st.just("T"),
    width=st.integers(1, 20),
    min_total_width=st.sampled_from([0, 80, 120]),
)


@given(st.lists(COLUMN, max_size=8), st.integers(0, 200), st.integers(0, 8))
def test_a_flexible_column_fills_the_line(columns: list[Column], total: int, place: int) -> None:
    columns.insert(place, Column("flex", "F", 5, flex=True))
    placed = place_columns(columns, total)
    taken = sum(item.width for item in placed) + GAP * (len(placed) - 1)
    assert taken >= total
    assert all(item.width >= item.column.width for item in placed)
    assert all(item.width == item.column.width for item in placed if not item.column.flex)
    assert taken == total or all(item.width == item.column.width for item in placed)
    assert [item.column for item in placed] == [c for c in columns if c.min_total_width <= total]


RUNS = st.lists(st.tuples(st.text("a充", min_size=1, max_size=3), st.sampled_from(["red", "bold"])), max_size=4)


def _strip(runs: list[tuple[str, str]]) -> Strip:
    segments = [Segment(text, Style.parse(style)) for text, style in runs]
    return Strip(segments).extend_cell_length(60).simplify()


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    return [(char, segment.style) for segment in strip for char in segment.text]


@given(RUNS, RUNS, RUNS)
@example([("a", "red")], [("a", "bold")], [])
def test_changed_width_reaches_the_last_difference(
    old: list[tuple[str, str]], new: list[tuple[str, str]], end: list[tuple[str, str]]
) -> None:
    before, after = _strip(old + end), _strip(new + end)
    changed = changed_width(before, after)
    assert _cells(before.crop(changed, 60)) == _cells(after.crop(changed, 60))
    assert (changed == 0) == (_cells(before) == _cells(after))
