from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.schedule_limits import MOST, Supply, Unit, convert, formula, parse_limit, show_aligned, show_limit
from widgets.schedule_times import EntryError

SUPPLY = st.builds(Supply, st.floats(20, 2000), st.none() | st.integers(1, 3))
PHASES = st.none() | st.integers(1, 3)
AC, DC = Supply(), Supply(400, None)


@given(st.integers(0, 10_000), SUPPLY, PHASES)
def test_amperes_to_watts_and_back_is_the_identity(tenths: int, supply: Supply, phases: int | None) -> None:
    limit_a = tenths / 10
    limit_w = convert(limit_a, "A", "W", supply, phases)
    assert limit_w == int(limit_w)
    assert convert(limit_w, "W", "A", supply, phases) == limit_a


@given(st.floats(0, 1e6), SUPPLY, PHASES)
def test_watts_are_kept_in_amperes(limit_w: float, supply: Supply, phases: int | None) -> None:
    limit_a = convert(limit_w, "W", "A", supply, phases)
    assert limit_a * supply.factor(phases) <= limit_w + 0.5 + 1e-6 * limit_w
    assert (limit_a + 0.1) * supply.factor(phases) >= limit_w - 1e-6 * limit_w


@given(st.integers(0, 100_000), st.sampled_from(["A", "W"]))
def test_what_is_shown_is_read_back(value: int, unit: Unit) -> None:
    limit = value / 10 if unit == "A" else float(value)
    for text in (show_limit(limit, unit), show_aligned(limit, unit)):
        read, read_unit = parse_limit(text, unit)
        assert read == pytest.approx(limit)
        assert read_unit == unit
    assert parse_limit(show_limit(None, unit), unit) == (None, unit)


@pytest.mark.parametrize(
    ("text", "unit", "limit"),
    [
        ("16", "A", (16.0, "A")),
        ("16 A", "W", (16.0, "A")),
        ("6amps", "W", (6.0, "A")),
        ("7,4 kW", "A", (7400.0, "W")),
        ("11kw", "W", (11000.0, "W")),
        ("11000", "W", (11000.0, "W")),
        (".5 MW", "W", (500000.0, "W")),
        ("0", "W", (0.0, "W")),
        ("None", "A", (None, "A")),
        ("-", "W", (None, "W")),
    ],
)
def test_limits_as_people_write_them(text: str, unit: Unit, limit: tuple[float | None, Unit]) -> None:
    assert parse_limit(text, unit) == limit


@pytest.mark.parametrize("text", ["", "A", "-5", "11 kWh", "1e3", "nan", "16 A 3", "9" * 30, "99999 MW"])
@pytest.mark.parametrize("unit", ["A", "W"])
def test_what_is_no_limit_says_what_is(text: str, unit: Unit) -> None:
    with pytest.raises(EntryError) as caught:
        parse_limit(text, unit)
    assert caught.value.hint.startswith("write ")


def test_eleven_of_what_is_asked_where_limits_are_in_watts() -> None:
    with pytest.raises(EntryError, match="write 11 kW or 11 W"):
        parse_limit("11", "W")


@given(st.text(max_size=30), st.sampled_from(["A", "W"]))
def test_any_text_is_a_limit_or_an_error(text: str, unit: Unit) -> None:
    try:
        limit, _ = parse_limit(text, unit)
    except EntryError:
        return
    assert limit is None or 0 <= limit <= MOST


def test_the_formula_says_how() -> None:
    assert formula(16, "A", AC, None) == "16 A x 230 V x 3 = 11.04 kW"
    assert formula(16, "A", AC, 1) == "16 A x 230 V x 1 = 3.68 kW"
    assert formula(11000, "W", AC, None) == "11 kW / (230 V x 3) = 15.9 A"
    assert formula(50, "A", DC, None) == "50 A x 400 V = 20 kW"
    assert formula(20000, "W", DC, None) == "20 kW / 400 V = 50 A"


def test_limits_in_few_digits_and_under_one_another() -> None:
    assert [show_limit(value, "W") for value in (0, 230, 7400, 10971)] == ["0 W", "230 W", "7.4 kW", "10.971 kW"]
    assert [show_limit(value, "A") for value in (0, 6, 15.9, None)] == ["0 A", "6 A", "15.9 A", "no limit"]
    assert [show_aligned(value, "W") for value in (230, 11000)] == ["0.230 kW", "11.000 kW"]
    assert show_aligned(6, "A") == "6.0 A"


@pytest.mark.parametrize("voltage_v", [0, 5, 5000, float("nan")])
def test_a_supply_has_a_voltage(voltage_v: float) -> None:
    with pytest.raises(ValueError, match="no supply"):
        Supply(voltage_v)
