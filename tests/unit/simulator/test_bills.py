"""What a simulated station makes of a tariff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.simulator.v2.bills import Bill

BEGAN = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)  # a Friday
DAY = {"startTimeOfDay": "08:00", "endTimeOfDay": "20:00"}


def tariff(**more: Any) -> dict[str, Any]:
    return {"tariffId": "T", "currency": "EUR", **more}


def used(bill: Bill, *steps: tuple[int, float, bool]) -> dict[str, Any]:
    """Let the transaction go on: minutes, its energy by then in Wh, and whether it charges meanwhile."""
    for minutes, energy_wh, charging in steps:
        bill.advance(
            bill.at + timedelta(minutes=minutes), energy_wh, 11_000.0 if charging else 0.0, 16.0, charging=charging
        )
    return bill.details()


def test_energy_charging_idling_and_the_fee_are_priced_apart() -> None:
    made = tariff(
        energy={"prices": [{"priceKwh": 0.4}]},
        chargingTime={"prices": [{"priceMinute": 0.01}]},
        idleTime={"prices": [{"priceMinute": 0.1}]},
        fixedFee={"prices": [{"priceFixed": 1.0}], "taxRates": [{"type": "VAT", "tax": 20.0}]},
    )
    said = used(Bill(made, "AC", BEGAN), (30, 5000, True), (10, 5000, False))
    total = said["totalCost"]
    assert total["energy"] == {"exclTax": 2.0, "inclTax": 2.0}
    assert total["chargingTime"]["exclTax"] == 0.3
    assert total["idleTime"]["exclTax"] == 1.0
    assert total["fixed"] == {"exclTax": 1.0, "inclTax": 1.2}
    assert total["total"] == {"exclTax": 4.3, "inclTax": 4.5}
    assert said["totalUsage"] == {"energy": 5000, "chargingTime": 2400, "idleTime": 600}
    assert said["chargingPeriods"] == [{"startPeriod": "2026-11-20T19:30:00Z", "tariffId": "T"}]


@pytest.mark.parametrize(
    ("conditions", "cost"),
    [
        (DAY, 0.5 * 1 + 0.3 * 1),  # until eight, and then the other price
        ({"startTimeOfDay": "22:00", "endTimeOfDay": "06:00"}, 0.6),
        ({"dayOfWeek": ["Friday"]}, 1.0),
        ({"dayOfWeek": ["Monday"]}, 0.6),
        ({"validFromDate": "2026-11-20", "validToDate": "2026-11-21"}, 1.0),
        ({"validToDate": "2026-11-20"}, 0.6),
        ({"minEnergy": 1000}, 0.3 + 0.5),
        ({"maxTime": 1800}, 0.5 + 0.3),
        ({"evseKind": "DC"}, 0.6),
        ({"minPower": 5000}, 1.0),
        ({"paymentBrand": "PayMe"}, 0.6),
    ],
)
def test_the_first_price_whose_conditions_hold_counts(conditions: dict[str, Any], cost: float) -> None:
    prices = [{"priceKwh": 0.5, "conditions": conditions}, {"priceKwh": 0.3}]
    said = used(Bill(tariff(energy={"prices": prices}), "AC", BEGAN), (30, 1000, True), (30, 2000, True))
    assert said["totalCost"]["total"]["exclTax"] == pytest.approx(cost)


def test_taxes_of_a_higher_stack_come_on_top() -> None:
    rates = [{"type": "A", "tax": 10.0}, {"type": "B", "tax": 10.0}, {"type": "C", "tax": 50.0, "stack": 1}]
    said = used(Bill(tariff(energy={"prices": [{"priceKwh": 1.0}], "taxRates": rates}), "AC", BEGAN), (1, 1000, True))
    assert said["totalCost"]["total"] == {"exclTax": 1.0, "inclTax": 1.8}


@pytest.mark.parametrize(
    ("wh", "kind", "total"), [(100, "MinCost", 2.0), (5000, "NormalCost", 5.0), (50_000, "MaxCost", 9.0)]
)
def test_there_may_be_a_least_and_a_most(wh: float, kind: str, total: float) -> None:
    made = tariff(energy={"prices": [{"priceKwh": 1.0}]}, minCost={"exclTax": 2.0}, maxCost={"exclTax": 9.0})
    said = used(Bill(made, "AC", BEGAN), (60, wh, True))["totalCost"]
    assert (said["typeOfCost"], said["total"]["exclTax"]) == (kind, total)


def test_another_tariff_counts_from_then_on_without_a_second_fee() -> None:
    fee = {"prices": [{"priceFixed": 1.0}]}
    bill = Bill(tariff(energy={"prices": [{"priceKwh": 1.0}]}, fixedFee=fee), "AC", BEGAN)
    used(bill, (10, 1000, True))
    bill.go_on_by({"tariffId": "U", "currency": "EUR", "energy": {"prices": [{"priceKwh": 2.0}]}, "fixedFee": fee})
    said = used(bill, (10, 2000, True))
    assert said["totalCost"]["total"]["exclTax"] == 4.0
    assert [each["tariffId"] for each in said["chargingPeriods"]] == ["T", "U"]
