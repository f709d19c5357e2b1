"""What samples are of is stored once, and found again by whoever reads or goes on writing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from console.model.change import MetersSampled
from console.model.meter import Form, MeterValue, Sample, Samples
from console.store import layouts
from tests.unit.store.support import at, keep, running

POWER = Form("Power.Active.Import", "W", factor=1000.0)
FORMS = (Form(), POWER)


def meters(
    second: int, forms: tuple[Form, ...] = FORMS, values: tuple[str | float, ...] = ("7", "1.5")
) -> MetersSampled:
    return MetersSampled("CP-1", 1, at(second), Samples(forms, values), "7", at(second))


def read(second: int) -> MeterValue:
    samples = (Sample(value=7.0), Sample("Power.Active.Import", 1500.0, "W"))
    return MeterValue("CP-1", 1, at(second), samples, "7", at(second))


def stored(path: Path) -> list[int | None]:
    with sqlite3.connect(path) as file:
        count = file.execute("SELECT count(*) FROM meter_layout").fetchone()
        numbers = file.execute("SELECT layout_id FROM meter_value ORDER BY at").fetchall()
    file.close()
    return [*count, *(number for (number,) in numbers)]


async def test_a_layout_is_stored_once_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    async with running(path) as store:
        await keep(store, meters(1), meters(2))
        await keep(store, meters(3, (Form(), Form("Power.Active.Import", "W", factor=1000.0))))  # equal, another object
    async with running(path) as store:
        await keep(store, meters(4))
        assert await store.queries.meter_values("CP-1", "7") == [read(second) for second in (1, 2, 3, 4)]
    assert stored(path) == [1, 1, 1, 1, 1]


async def test_what_cannot_be_stored_takes_no_layout_with_it(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    async with running(path) as store:
        impossible = MetersSampled("CP-1", 1, at(1), Samples((POWER,), ("1",)), "7", at(1), object())  # type: ignore[arg-type]
        await keep(store, impossible)
        await keep(store, meters(2, (POWER, Form()), ("1.5", "7")), meters(3))
        assert [len(value.samples) for value in await store.queries.meter_values("CP-1", "7")] == [2, 2]
        assert (await store.queries.meter_values("CP-1", "7"))[1] == read(3)


async def test_without_room_for_another_layout_samples_are_written_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layouts, "MOST_LAYOUTS", 1)
    path = tmp_path / "data.db"
    async with running(path) as store:
        await keep(store, meters(1, (POWER,), ("2",)), meters(2), meters(3))
        assert (await store.queries.meter_values("CP-1", "7"))[1:] == [read(2), read(3)]
    assert stored(path) == [1, 1, None, None]


async def test_signed_data_beside_a_number_is_kept(tmp_path: Path) -> None:
    signed = MetersSampled("CP-1", 1, at(1), Samples((Form(),), (7.0,), {0: "QUJD"}), "7", at(1))
    async with running(tmp_path / "data.db") as store:
        await keep(store, signed)
        (value,) = await store.queries.meter_values("CP-1", "7")
    assert value == signed.meter_value
    assert value.samples == (Sample(value=7.0, raw="QUJD"),)
