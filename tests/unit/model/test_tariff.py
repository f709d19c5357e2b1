"""What a transaction has cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from console.model.tariff import Tariff
from console.model.transaction import Transaction

BEGAN = datetime(2026, 11, 20, 10, tzinfo=UTC)
PRICES = Tariff(Decimal("0.35"), Decimal("1.20"), Decimal("0.50"))


@pytest.mark.parametrize(
    ("energy_wh", "minutes", "cost"), [(0, 0, "0.50"), (1000, 0, "0.85"), (1000, 30, "1.45"), (1234, 7, "1.07")]
)
def test_energy_time_and_session_are_charged_and_rounded_once(energy_wh: int, minutes: int, cost: str) -> None:
    running = Transaction("CP1", "T", 1, started_at=BEGAN, energy_wh=energy_wh)
    assert PRICES.cost(running, BEGAN + timedelta(minutes=minutes)) == Decimal(cost)


def test_after_the_end_time_costs_no_more() -> None:
    ended = Transaction("CP1", "T", 1, started_at=BEGAN, ended_at=BEGAN + timedelta(hours=1), energy_wh=0)
    assert PRICES.cost(ended, BEGAN + timedelta(days=1)) == Decimal("1.70")


def test_unknown_energy_makes_the_cost_unknown_unless_energy_is_free() -> None:
    unknown = Transaction("CP1", "T", 1, started_at=BEGAN)
    assert PRICES.cost(unknown, BEGAN) is None
    assert Tariff().cost(unknown, BEGAN) == Decimal("0.00")


@pytest.mark.parametrize(("token_type", "energy_wh", "cost"), [
    ("DirectPayment", 0, "0.00"), ("DirectPayment", 1, "0.50"), ("ISO14443", 0, "0.50"),
])  # fmt: skip
def test_a_payment_that_was_cancelled_costs_nothing(token_type: str, energy_wh: int, cost: str) -> None:
    running = Transaction("CP1", "T", 1, started_at=BEGAN, energy_wh=energy_wh, token_type=token_type)
    assert PRICES.cost(running, BEGAN) == Decimal("0.50")
    assert PRICES.cost(msgspec.structs.replace(running, ended_at=BEGAN), BEGAN) == Decimal(cost)
