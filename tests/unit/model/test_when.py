"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.model.when import parse_when

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: A Wednesday, 14:30 in Stockholm.
NOW = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-18 13:30"),
        ("+30d", "2026-12-18 13:30"),
        ("+2h", "2026-11-18 15:30"),
        ("+1d 12h", "2026-11-20 01:30"),
        ("-90m", "2026-11-18 12:00"),
        ("+5 min", "2026-11-18 13:35"),
        ("2026-12-31", "2026-12-30 23:00"),
        ("2026-12-31 22:00", "2026-12-31 21:00"),
        ("2026-12-31T22:00:05Z", "2026-12-31 22:00:05"),
        ("2026-07-01 12:00", "2026-07-01 10:00"),
        ("2026-12-31 22:00+05:00", "2026-12-31 17:00"),
        ("22:00", "2026-11-18 21:00"),
        ("14:00", "2026-11-19 13:00"),
        ("mon 06:00", "2026-11-23 05:00"),
        ("Monday 6:00", "2026-11-23 05:00"),
        ("wed 14:00", "2026-11-25 13:00"),
        ("wed 15:00", "2026-11-18 14:00"),
        ("tomorrow 8:00", "2026-11-19 07:00"),
        ("yesterday", "2026-11-16 23:00"),
        ("today", "2026-11-17 23:00"),
        ("  Fri  ", "2026-11-19 23:00"),
    ],
)
def test_reads_what_people_write(text: str, expected: str) -> None:
    assert parse_when(text, NOW, STOCKHOLM) == utc(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:00", "2026-11-18 13:00"),
        ("15:00", "2026-11-17 14:00"),
        ("wed", "2026-11-17 23:00"),
        ("-7d", "2026-11-11 13:30"),
    ],
)
def test_looks_back_for_a_beginning_in_the_past(text: str, expected: str) -> None:
    assert parse_when(text, NOW, STOCKHOLM, past=True) == utc(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31", "2026-12-31 23:00"),
        ("today", "2026-11-18 23:00"),
        ("fri", "2026-11-20 23:00"),
        ("wed", "2026-11-18 23:00"),
        ("2026-12-31 00:00", "2026-12-30 23:00"),
    ],
)
def test_a_day_is_good_until_its_end(text: str, expected: str) -> None:
    assert parse_when(text, NOW, STOCKHOLM, end_of_day=True) == utc(expected)


@pytest.mark.parametrize("text", ["never", "Never", " none ", "-"])
def test_never_is_none(text: str) -> None:
    assert parse_when(text, NOW, STOCKHOLM) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "22:61",
        "mo 06:00",
        "monkey",
        "2026-13-01",
        "2026-02-30",
        "+",
        "30d",
        "+9999999999d",
        "mon 6",
        "+-2h",
    ],
)
def test_says_what_to_write_instead(text: str) -> None:
    with pytest.raises(ConsoleError, match="is not a time") as caught:
        parse_when(text, NOW, STOCKHOLM)
    assert "+30d" in caught.value.hint


def test_a_wall_clock_time_keeps_across_the_change_of_summer_time() -> None:
    before_the_change = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert parse_when("sun 22:00", before_the_change, STOCKHOLM) == utc("2026-10-25 21:00")


def test_the_machine_has_a_time_zone_of_its_own() -> None:
    here = parse_when("2026-12-31 22:00", NOW)
    assert here is not None
    assert here.astimezone().strftime("%Y-%m-%d %H:%M") == "2026-12-31 22:00"


day = datetime.fromisoformat
moments = st.datetimes(day("2000-01-01"), day("2100-01-01"), timezones=st.just(UTC))
zones = st.sampled_from([UTC, STOCKHOLM, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Chatham")])


@given(text=st.text(max_size=30), now=moments, zone=zones, past=st.booleans())
def test_any_text_is_a_time_or_an_error(text: str, now: datetime, zone: ZoneInfo, past: bool) -> None:
    try:
        result = parse_when(text, now, zone, past=past)
    except ConsoleError:
        return
    assert result is None or result.tzinfo is UTC


@given(now=moments, zone=zones, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_time_of_day_is_within_about_a_day_on_the_right_side(
    now: datetime, zone: ZoneInfo, hour: int, minute: int
) -> None:
    text = f"{hour}:{minute:02}"
    ahead, behind = parse_when(text, now, zone), parse_when(text, now, zone, past=True)
    assert ahead is not None
    assert behind is not None
    assert now < ahead <= now + timedelta(hours=26)
    assert now - timedelta(hours=26) <= behind <= now


@given(moment=moments, zone=zones)
def test_what_is_printed_reads_back(moment: datetime, zone: ZoneInfo) -> None:
    assert parse_when(moment.astimezone(zone).isoformat(), NOW, zone) == moment
