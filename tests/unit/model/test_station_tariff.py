"""Tariffs as stations reckon by them: read, written, in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from console.csms.dialects import schemas
from console.errors import ConsoleError
from console.model.station_tariff import Conditions, PlainPrices, payload_of, read_tariff
from console.model.tariff_words import UNKNOWN, amount, conditions, lines, summary, summary_of
from console.model.text import plain
from tests.unit.csms.payloads import payloads

SET = schemas.schema("2.1", "SetDefaultTariff", answer=False)


def tariff(**more: Any) -> dict[str, Any]:
    return {"tariffId": "T", "currency": "EUR", **more}


def kwh(*prices: float, **more: Any) -> dict[str, Any]:
    return {"prices": [{"priceKwh": price} for price in prices], **more}


@given(payloads(SET))
def test_whatever_keeps_the_schema_is_read_and_told_as_plain_text(payload: dict[str, Any]) -> None:
    wanted = payload["tariff"]
    told = summary_of(wanted)
    if wanted.get("validFrom") == "banana":
        assert told == UNKNOWN
        return
    held = read_tariff(wanted)
    texts = [told, *(text for pair in lines(held) for text in pair)]
    assert all(plain(text) == text for text in texts)
    assert held.most_elements >= (1 if list(held.priced) else 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"energy": {"prices": [{}]}}, "priceKwh"),
        ({"energy": {}}, "prices"),
        ({"currency": 7}, "currency"),
        ({"minCost": {"exclTax": "much"}}, "minCost"),
    ],
)
def test_what_is_no_tariff_says_where_it_is_wrong(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConsoleError, match=said):
        read_tariff(tariff() | wrong)


def test_prices_become_a_tariff_and_are_read_back() -> None:
    made = payload_of(PlainPrices(0.39, 0.02, 0.1, 0.5, 21.0).tariff("T", "EUR"))
    vat = [{"type": "VAT", "tax": 21.0}]
    assert made == tariff(
        energy={"prices": [{"priceKwh": 0.39}], "taxRates": vat},
        chargingTime={"prices": [{"priceMinute": 0.02}], "taxRates": vat},
        idleTime={"prices": [{"priceMinute": 0.1}], "taxRates": vat},
        fixedFee={"prices": [{"priceFixed": 0.5}], "taxRates": vat},
    )
    assert schemas.checker("2.1", "SetDefaultTariff").accepts({"evseId": 0, "tariff": made})
    assert payload_of(read_tariff(made)) == made


def test_what_is_free_still_has_a_price() -> None:
    assert payload_of(PlainPrices().tariff("T", "EUR")) == tariff(energy=kwh(0.0))


def test_elements_are_counted_where_there_are_most() -> None:
    held = read_tariff(tariff(energy=kwh(1, 2, 3), idleTime={"prices": [{"priceMinute": 1}]}))
    assert (held.most_elements, held.conditional) == (3, False)
    held = read_tariff(tariff(energy={"prices": [{"priceKwh": 1, "conditions": {"minTime": 60.0}}]}))
    assert (held.most_elements, held.conditional) == (1, True)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, ""),
        ({"startTimeOfDay": "08:00", "endTimeOfDay": "20:00"}, "08:00 to 20:00"),
        ({"startTimeOfDay": "22:00"}, "from 22:00"),
        ({"endTimeOfDay": "06:00", "dayOfWeek": ["Monday", "Sunday"]}, "until 06:00, Mon, Sun"),
        ({"validFromDate": "2026-12-01", "validToDate": "2027-01-01"}, "2026-12-01 to 2027-01-01"),
        ({"minEnergy": 20000, "maxEnergy": 50000}, "20 to 50 kWh"),
        ({"maxPower": 11000}, "below 11 kW"),
        ({"minTime": 5400, "minIdleTime": 900}, "from 90 min, from 15 min idle"),
        ({"evseKind": "DC", "paymentBrand": "PayMe"}, "at DC only, paid by PayMe"),
    ],
)
def test_conditions_in_words(said: dict[str, Any], words: str) -> None:
    held = read_tariff(tariff(energy={"prices": [{"priceKwh": 1, "conditions": said}]}))
    assert held.energy is not None
    assert conditions(held.energy.prices[0].conditions) == words
    assert held.conditional is (held.energy.prices[0].conditions != Conditions())


def test_the_short_line_and_the_long_ones() -> None:
    held = read_tariff(
        tariff(
            description=[{"format": "UTF8", "language": "sv", "content": "Dag\x1b[31m"}],
            energy={
                "prices": [{"priceKwh": 0.5, "conditions": {"endTimeOfDay": "20:00"}}, {"priceKwh": 0.3}],
                "taxRates": [{"type": "State", "tax": 5, "stack": 1}, {"type": "VAT", "tax": 21}],
            },
            minCost={"exclTax": 1},
            maxCost={"inclTax": 30},
        )
    )
    assert summary(held) == "0.30 to 0.50 EUR/kWh"
    assert summary(read_tariff(tariff())) == "no price at all"
    told = list(lines(held))
    assert told[1:] == [
        ("energy", "0.50 EUR/kWh  until 20:00"),
        ("", "0.30 EUR/kWh  otherwise"),
        ("", "and VAT 21 %, State 5 % on top"),
        ("at least", "1.00 EUR for a transaction"),
        ("at most", "30.00 EUR with taxes for a transaction"),
    ]
    assert "\x1b" not in told[0][1]


@pytest.mark.parametrize(("value", "text"), [(0, "0.00"), (1.5, "1.50"), (0.008333, "0.008333"), (12, "12.00")])
def test_amounts_have_as_many_digits_as_they_need(value: float, text: str) -> None:
    assert amount(value) == text
