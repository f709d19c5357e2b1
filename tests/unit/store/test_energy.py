"""Energy since an instant, out of registers that jump, fall, and belong to several meters."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.model.change import Change
from tests.unit.store.support import at, began, ended, keep, metered, running

CASES: dict[str, tuple[list[Change], dict[str, int]]] = {
    "nothing": ([], {}),
    "one reading says nothing": ([metered(1000, at(1))], {}),
    "a register that grows": ([metered(1000, at(1)), metered(1500, at(2)), metered(1700, at(3))], {"CP-1": 700}),
    "what was before counts from the last reading": ([metered(1000, at(-5)), metered(1500, at(5))], {"CP-1": 500}),
    "what was long before does not": ([metered(1000, at(-90)), metered(1500, at(5))], {}),
    "only what came after": ([metered(1000, at(-9)), metered(1400, at(-5)), metered(1500, at(5))], {"CP-1": 100}),
    "two connectors": (
        [metered(0, at(1)), metered(9000, at(1), evse_id=2), metered(10, at(2)), metered(9020, at(2), evse_id=2)],
        {"CP-1": 30},
    ),
    "two stations": (
        [metered(0, at(1)), metered(0, at(1), "CP-2"), metered(10, at(2)), metered(20, at(2), "CP-2")],
        {"CP-1": 10, "CP-2": 20},
    ),
    "the main meter is not added": (
        [metered(0, at(1)), metered(10, at(2)), metered(0, at(1), evse_id=0), metered(11, at(2), evse_id=0)],
        {"CP-1": 10},
    ),
    "a register that starts anew": ([metered(5000, at(1)), metered(0, at(2)), metered(300, at(3))], {"CP-1": 300}),
    "a register that says nought for a moment": (
        [metered(5_000_000, at(1)), metered(0, at(2)), metered(5_000_100, at(3)), metered(5_000_300, at(4))],
        {"CP-1": 200},
    ),
    "a fast charger": ([metered(0, at(1)), metered(30_000, at(6))], {"CP-1": 30_000}),
    "a whole transaction without meter values": ([ended("7")], {"CP-1": 11_000}),
    "a transaction from yesterday that ended today": ([ended("7", started_at=at(-600))], {"CP-1": 11_000}),
    "a transaction and its meter values are not counted twice": (
        [ended("7"), metered(1000, at(0)), metered(6000, at(30)), metered(12_000, at(60))],
        {"CP-1": 11_000},
    ),
    "a transaction that runs": ([began("7"), metered(4000, at(30))], {"CP-1": 3000}),
}


@pytest.mark.parametrize("case", CASES)
async def test_energy_since_noon(tmp_path: Path, case: str) -> None:
    changes, expected = CASES[case]
    async with running(tmp_path / "data.db") as store:
        await keep(store, *changes)
        assert await store.queries.energy_since(at(0)) == expected
