"""Reports in parts: in any order, with parts missing, begun anew, and without end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.csms.records import assembly
from console.csms.records.assembly import Assembler, joined


def test_a_report_is_complete_with_its_last_part() -> None:
    parts: Assembler[str] = Assembler()
    first = parts.add("CP1", 7, 0, True, "a")
    assert (first.parts, first.ended, first.complete) == (["a"], False, False)
    last = parts.add("CP1", 7, 1, False, "b")
    assert (last.parts, last.missing, last.complete) == (["a", "b"], 0, True)


@given(st.permutations(range(6)))
def test_dx_d06_parts_in_any_order_come_to_the_same(order: list[int]) -> None:
    parts: Assembler[int] = Assembler()
    for number in order:
        report = parts.add("CP1", 7, number, number < 5, number)
    assert report.parts == list(range(6))
    assert report.complete


def test_a_missing_part_is_counted_and_may_still_come() -> None:
    parts: Assembler[str] = Assembler()
    parts.add("CP1", 7, 0, True, "a")
    report = parts.add("CP1", 7, 2, False, "c")
    assert (report.parts, report.ended, report.missing, report.complete) == (["a", "c"], True, 1, False)
    assert parts.add("CP1", 7, 1, True, "b").parts == ["a", "b", "c"]


def test_parts_without_numbers_follow_one_another() -> None:
    parts: Assembler[str] = Assembler()
    parts.add("CP1", 7, None, True, "a")
    assert parts.add("CP1", 7, None, False, "b").parts == ["a", "b"]
    assert parts.add("CP1", 7, None, False, "c").parts == ["c"]  # another report of the same number


def test_a_report_that_begins_anew_replaces_the_one_before() -> None:
    parts: Assembler[str] = Assembler()
    parts.add("CP1", 7, 0, True, "old")
    parts.add("CP1", 7, 1, True, "old")
    parts.add("CP1", 7, 0, True, "new")
    assert parts.add("CP1", 7, 1, False, "newer").parts == ["new", "newer"]


def test_reports_and_stations_stand_apart() -> None:
    parts: Assembler[str] = Assembler()
    parts.add("CP1", 7, 0, True, "a")
    assert parts.add("CP1", 8, 0, False, "b").parts == ["b"]
    assert parts.add("CP2", 7, 0, False, "c").parts == ["c"]


def test_parts_reports_and_bytes_are_bounded() -> None:
    parts: Assembler[str] = Assembler()
    for number in range(assembly.MOST_PARTS + 5):
        report = parts.add("CP1", 0, number, True, "x")
    assert len(report.parts) == assembly.MOST_PARTS
    assert parts.add("CP1", 0, assembly.MOST_PARTS + 6, False, "x").complete is False
    large = parts.add("CP1", 1, 0, False, "x" * (assembly.MOST_BYTES + 1))
    assert (large.parts, large.overflowed) == ([], True)
    for request in range(2, 2 + assembly.MOST_UNDER_WAY):
        parts.add("CP1", request, 0, True, "x")
    assert parts.add("CP1", 0, 5, True, "y").parts == ["y"]  # the longest untouched one made room


def test_lists_of_parts_are_joined() -> None:
    assert joined([{"found": [1]}, {}, {"found": [2, 3]}], "found") == [1, 2, 3]


def test_parts_that_come_again_and_larger_are_bounded_too() -> None:
    parts: Assembler[str] = Assembler()
    for number in range(1, 20):
        parts.add("CP1", 7, number, True, "a")
    for number in range(1, 20):
        report = parts.add("CP1", 7, number, True, "b" * (assembly.MOST_BYTES // 4))
    assert report.overflowed
    assert sum(map(len, report.parts)) <= assembly.MOST_BYTES


def test_a_part_that_comes_again_and_again_is_counted_once() -> None:
    parts: Assembler[str] = Assembler()
    for _time in range(20):
        report = parts.add("CP1", 7, 1, True, "b" * (assembly.MOST_BYTES // 4))
    assert not report.overflowed
