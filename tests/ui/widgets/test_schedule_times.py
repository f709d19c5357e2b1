from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.schedule_times import (
    DAY_MINUTES,
    WEEK_MINUTES,
    EntryError,
    Span,
    parse_days,
    parse_minute,
    show_days,
    show_length,
    show_minute,
)

LENGTHS: dict[Span, int] = {"day": DAY_MINUTES, "week": WEEK_MINUTES, "duration": 3 * WEEK_MINUTES}
MINUTE = st.sampled_from(sorted(LENGTHS)).flatmap(lambda span: st.tuples(st.just(span), st.integers(0, LENGTHS[span])))


@given(MINUTE, st.integers(0, DAY_MINUTES), st.booleans())
def test_what_is_shown_is_read_back(span_and_minute: tuple[Span, int], base: int, after: bool) -> None:
    span, minute = span_and_minute
    assert parse_minute(show_minute(minute, span), span, base=base, after=after) == minute


@given(st.integers(0, WEEK_MINUTES - 1), st.integers(0, DAY_MINUTES - 1))
def test_a_time_without_a_day_is_on_the_same_day_or_the_first_one_after(base: int, minute: int) -> None:
    text = show_minute(minute, "day")
    assert parse_minute(text, "week", base=base) == base // DAY_MINUTES * DAY_MINUTES + minute
    later = parse_minute(text, "week", base=base, after=True)
    assert base < later <= base + DAY_MINUTES
    assert later % DAY_MINUTES == minute


@pytest.mark.parametrize(
    ("text", "span", "minute"),
    [
        ("22:00", "day", 1320),
        (" 22.30 ", "day", 1350),
        ("6", "day", 360),
        ("6am", "day", 360),
        ("6:15 PM", "day", 1095),
        ("12am", "day", 0),
        ("12pm", "day", 720),
        ("noon", "day", 720),
        ("24:00", "day", 1440),
        ("+2h", "day", 220),
        ("-30m", "day", 70),
        ("+1h30", "day", 190),
        ("+0", "day", 100),
        ("mon 06:00", "week", 360),
        ("Tuesday 6 am", "week", 1800),
        ("we 0:00", "week", 2880),
        ("sun", "week", 8640),
        ("7:00", "week", 420),
        ("+1d", "week", 1540),
        ("+2h", "duration", 120),
        ("2h", "duration", 120),
        ("+90m", "duration", 90),
        ("1d 2h 3min", "duration", 1563),
        ("0", "duration", 0),
        ("-1h", "duration", -60),
    ],
)
def test_times_as_people_write_them(text: str, span: Span, minute: int) -> None:
    assert parse_minute(text, span, base=100) == minute


@pytest.mark.parametrize("span", LENGTHS)
@pytest.mark.parametrize("text", ["", "x", "25:00", "22:60", "24:01", "13pm", "0am", "+", "+x", "+5", "ever", "1" * 99])
def test_what_is_no_time_says_what_is(text: str, span: Span) -> None:
    with pytest.raises(EntryError) as caught:
        parse_minute(text, span)
    assert caught.value.hint.startswith("write ")
    assert len(str(caught.value)) < 120


def test_a_day_is_no_part_of_a_plan_that_is_the_same_every_day() -> None:
    with pytest.raises(EntryError, match="same every day"):
        parse_minute("mon 06:00", "day")
    with pytest.raises(EntryError, match=r"\+2h"):
        parse_minute("22:00", "duration")


@given(st.text(max_size=60), st.sampled_from(sorted(LENGTHS)))
def test_any_text_is_a_minute_or_an_error(text: str, span: Span) -> None:
    with suppress(EntryError):
        assert isinstance(parse_minute(text, span), int)


def test_shown_with_the_zone() -> None:
    assert show_minute(1320, "day", "CET") == "22:00 CET"
    assert show_minute(WEEK_MINUTES, "week") == "sun 24:00"
    assert [show_length(minutes) for minutes in (0, 45, 120, 150)] == ["0h", "45m", "2h", "2h30m"]


@given(st.sets(st.integers(0, 6), min_size=1))
def test_days_are_read_back(days: set[int]) -> None:
    assert set(parse_days(show_days(tuple(days)))) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("tue-fri", (1, 2, 3, 4)),
        ("Tue – Fri", (1, 2, 3, 4)),
        ("tuesday to friday", (1, 2, 3, 4)),
        ("sat-mon", (0, 5, 6)),
        ("mon, wed,fri", (0, 2, 4)),
        ("weekdays", (0, 1, 2, 3, 4)),
        ("weekend", (5, 6)),
        ("all", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_days_as_people_write_them(text: str, days: tuple[int, ...]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", " ", "someday", "mon-xx", "-", "t", "\x00"])
def test_what_is_no_day_says_what_is(text: str) -> None:
    with pytest.raises(EntryError, match="tue-fri"):
        parse_days(text)
