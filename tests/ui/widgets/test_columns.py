from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
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


@given(st.text("ab充", max_size=12), st.text("ab充", max_size=12), st.text("ab充", max_size=12))
def test_changed_width_reaches_the_last_difference(old: str, new: str, end: str) -> None:
    width = 24
    before = Strip([Segment(old + end)]).extend_cell_length(width)
    after = Strip([Segment(new + end)]).extend_cell_length(width)
    changed = changed_width(before, after)
    assert before.crop(changed, before.cell_length).text == after.crop(changed, after.cell_length).text or (
        before.cell_length != after.cell_length
    )
    assert (changed == 0) == (before.text == after.text)
