"""Prices read in every form, and the cheapest hours of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.model.schedule.draft import Every
from console.model.schedule.price_files import read_prices
from console.model.schedule.prices import PriceCurve, PriceSlot, Wish, cheapest, price_steps
from console.model.schedule.profile import Unit

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = NOW.replace(minute=0)


def curve(*prices: float) -> PriceCurve:
    return PriceCurve(tuple(PriceSlot(FIRST + HOUR * number, price) for number, price in enumerate(prices)), "EUR/MWh")


XML = """<?xml version="1.0"?><Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3">
<TimeSeries><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>
<curveType>A03</curveType><Period><timeInterval><start>2026-11-25T23:00Z</start><end>2026-11-26T03:00Z</end>
</timeInterval>
<resolution>PT60M</resolution><Point><position>1</position><price.amount>50.1</price.amount></Point>
<Point><position>4</position><price.amount>-3.2</price.amount></Point></Period></TimeSeries></Publication_MarketDocument>"""
TIMES = ["2026-11-25T23:00:00+00:00", "2026-11-26T00:00:00Z"]


@pytest.mark.parametrize(
    ("text", "prices", "unit"),
    [
        (f"start,price_eur_mwh\n{TIMES[0]},50\n{TIMES[1]},60.5\n", [50, 60.5], "EUR/MWh"),
        (f"time;price\n{TIMES[0]};0,5\n{TIMES[1]};0,6\n", [0.5, 0.6], ""),
        (json.dumps([{"startsAt": at, "total": 0.5} for at in TIMES]), [0.5, 0.5], ""),
        (json.dumps({"unit": "SEK/kWh", "prices": [{"time_start": TIMES[0], "price": 1}]}), [1.0], "SEK/kWh"),
        (XML, [50.1, 50.1, 50.1, -3.2], "EUR/MWh"),
    ],
)
def test_prices_are_read_in_every_form(text: str, prices: list[float], unit: str) -> None:
    found = read_prices(text.encode(), "x", NOW)
    assert [slot.price for slot in found.slots] == prices
    assert (found.unit, found.slot_s, found.slots[0].start) == (unit, 3600, datetime(2026, 11, 25, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "start,price\n", "start,price\nnow,1\n", "start,price\n2026-11-25T23:00Z,nan\n", "[]", "{}",
        '[{"a": 1}]', "[1]", "<a/>", "<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "[" * 5000,
    ],
)  # fmt: skip
def test_what_are_no_prices_says_so(text: str) -> None:
    with pytest.raises(ConsoleError) as caught:
        read_prices(text.encode(), "x", NOW)
    assert caught.value.hint


def test_the_cheapest_hours_become_a_schedule() -> None:
    draft = cheapest(curve(9, 3, 8, 1, 2, 7), Wish(FIRST + 6 * HOUR, hours=2, limit=16, otherwise=6), NOW)
    assert draft.every is Every.ONCE
    assert draft.start == NOW
    assert draft.length_min == 5 * 60 + 40
    assert [(step.minute, step.limit) for step in draft.steps] == [(0, 6), (160, 16), (280, 6)]


def test_prices_that_do_not_go_far_enough_say_how_far_they_go() -> None:
    with pytest.raises(ConsoleError, match="Prices are not known"):
        cheapest(curve(1, 2), Wish(FIRST + 3 * HOUR, hours=1), NOW)
    with pytest.raises(ConsoleError, match=r"there are 1\.7 hours, in which 18\.4 kWh"):
        cheapest(curve(1, 2), Wish(FIRST + 2 * HOUR, energy_wh=50_000), NOW)


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(st.integers(-50, 300), min_size=2, max_size=8),
    st.integers(0, 3),
    st.integers(0, 30_000),
    st.integers(0, 59),
)
def test_nothing_cheaper_would_do(prices: list[int], hours: int, energy_wh: int, minute: int) -> None:
    """All before the time, enough hours, enough energy, and no other choice of as many whole slots costs less."""
    now = FIRST + timedelta(minutes=minute)
    before = FIRST + len(prices) * HOUR
    wish = Wish(before, hours, energy_wh, limit=11_000, otherwise=0, unit=Unit.W)
    try:
        draft = cheapest(curve(*prices), wish, now)
    except ConsoleError:
        assert (len(prices) - minute / 60) * 11_000 < energy_wh + 1 or len(prices) - minute / 60 < hours
        return
    ends = [step.minute for step in draft.steps[1:]] + [draft.length_min or 0]
    on = sum(end - step.minute for step, end in zip(draft.steps, ends, strict=True) if step.limit) / 60
    assert on >= hours - 1e-6
    assert on * 11_000 >= energy_wh - 1
    assert draft.start is not None
    assert draft.start + timedelta(minutes=draft.length_min or 0) == before
    if minute == 0:
        slots = round(on)
        ours = 0.0
        for number, price in enumerate(prices):
            limit = next(step.limit for step in reversed(draft.steps) if step.minute <= number * 60)
            ours += price if limit else 0
        assert ours == min(sum(chosen) for chosen in combinations(prices, slots))


def test_prices_as_a_chart_takes_them() -> None:
    assert price_steps(curve(1, 2), NOW, 180) == [(0, 1), (40, 2), (100, None)]
    assert price_steps(curve(1), FIRST + 5 * HOUR, 60) == []
