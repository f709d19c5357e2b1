"""A6: meter values and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.model.meter import MeterValue
from console.model.transaction import Flag
from tests.wire.quirks.conftest import ID, TAG, Odd, Scene, pretty

ENERGY = "Energy.Active.Import.Register"


async def booted(scene: Scene) -> Odd:
    """A station that may start with the tag."""
    await scene.know(TAG)
    station = await scene.station()
    await station.boot()
    return station


async def kept(scene: Scene, transaction_id: int | str = "") -> list[MeterValue]:
    """The meter values on record."""
    if transaction_id:
        return list(await scene.backend.meter_values(ID, str(transaction_id)))
    return list(await scene.backend.recent_meter_values(ID, 1, datetime.now(UTC) - timedelta(days=36500)))


@pytest.mark.parametrize(
    ("sample", "energy_wh"),
    [
        ({"value": "0.010", "unit": "kWh"}, 10),  # 52
        ({"value": "25"}, 25),  # 52
        ({"value": 604.213}, 604),  # 53
        ({"value": "12.5", "measurand": ENERGY, "unit": "kWh"}, 12500),
    ],
)
async def test_quirks_52_and_53_energy_in_every_form(scene: Scene, sample: dict[str, Any], energy_wh: int) -> None:
    station = await booted(scene)
    assert (await station.samples(sample))[0] == 3
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == energy_wh)


async def test_quirk_53_a_number_for_a_text_is_shown(scene: Scene) -> None:
    station = await booted(scene)
    await station.samples({"value": 604.213})
    assert "is not of type string" in (await scene.message("tolerated")).problem


async def test_quirk_54_power_in_wh_is_shown_and_makes_no_figure(scene: Scene) -> None:
    station = await booted(scene)
    await station.samples(
        {"value": "7000", "measurand": "Power.Active.Export", "unit": "Wh"}, {"value": "5", "measurand": ENERGY}
    )
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 5)
    assert scene.site.reading(ID, 1).power_w is None  # type: ignore[union-attr]
    (value,) = await kept(scene)
    assert [(each.value, each.unit) for each in value.samples] == [(7000, "Wh"), (5, "Wh")]


async def test_quirk_55_current_export_is_what_there_is(scene: Scene) -> None:
    station = await booted(scene)
    await station.samples({"value": "16", "measurand": "Current.Export", "unit": "A"})
    await scene.sees(lambda site: site.reading(ID, 1).current_a == 16)


async def test_quirk_56_the_same_measurand_twice_in_one_sample(scene: Scene) -> None:
    station = await booted(scene)
    await station.samples(
        {"value": "900", "measurand": ENERGY, "context": "Transaction.Begin"},
        {"value": "1000", "measurand": ENERGY, "context": "Sample.Periodic"},
    )
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 1000)
    (value,) = await kept(scene)
    assert [each.context for each in value.samples] == ["Transaction.Begin", "Sample.Periodic"]


async def test_quirk_57_a_register_that_falls_makes_no_negative_energy(scene: Scene) -> None:
    station = await booted(scene)
    transaction_id = await station.start(TAG, 5000)
    await station.meter(transaction_id, 6000)
    await station.meter(transaction_id, 0)
    await station.stop(transaction_id, 10)
    (held,) = await scene.transactions()
    assert Flag.METER_INVALID in held.flags
    assert (held.energy_wh, held.meter_start_wh, held.meter_stop_wh) == (None, 5000, 10)


async def test_quirk_59_frames_on_many_lines(scene: Scene) -> None:
    station = await booted(scene)
    text = pretty(2, "m-1", "Heartbeat", {})
    assert (await station.say(text, "m-1"))[0] == 3
    assert (await scene.message(action="Heartbeat")).text == text


async def test_quirk_60_samples_outside_transactions_and_by_phase(scene: Scene) -> None:
    station = await booted(scene)
    await station.samples(
        *({"value": f"{n}", "measurand": "Current.Import", "unit": "A", "phase": f"L{n}"} for n in (1, 2, 3)),
        *({"value": "230", "measurand": "Voltage", "unit": "V", "phase": f"L{n}-N"} for n in (1, 2, 3)),
        {"value": "1380", "measurand": "Power.Active.Import", "unit": "W", "context": "Sample.Clock"},
    )
    await scene.sees(lambda site: site.reading(ID, 1).power_w == 1380)
    reading = scene.site.reading(ID, 1)
    assert reading is not None
    assert (reading.current_a, reading.voltage_v) == (3, 230)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-26T14:35:02+02", datetime(2024, 4, 26, 12, 35, 2, tzinfo=UTC)),
        ("2024-04-26T14:35:02+0200", datetime(2024, 4, 26, 12, 35, 2, tzinfo=UTC)),
        ("2024-04-26T14:35:02.123456789Z", datetime(2024, 4, 26, 14, 35, 2, 123456, tzinfo=UTC)),
    ],
)
async def test_quirk_62_offsets_of_hours_alone(scene: Scene, text: str, expected: datetime) -> None:
    station = await booted(scene)
    assert (await station.samples({"value": "1"}, at=text))[0] == 3
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 1)
    assert [each.at for each in await kept(scene)] == [expected]


async def test_quirk_63_local_time_that_calls_itself_utc(scene: Scene) -> None:
    """Two hours ahead: the station's time is kept beside the time of arrival, by which what is live is ordered."""
    station = await booted(scene)
    ahead = datetime.now(UTC) + timedelta(hours=2)
    await station.samples({"value": "7"}, at=ahead.strftime("%Y-%m-%dT%H:%M:%SZ"))
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 7)
    synced = datetime.now(UTC).isoformat().replace("+00:00", "Z")  # its clock has been set meanwhile
    await station.samples({"value": "8"}, at=synced)
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 8)
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": ahead.strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert (await station.call("StartTransaction", **start))["transactionId"]


async def test_quirk_64_a_clock_that_was_never_set(scene: Scene) -> None:
    station = await booted(scene)
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": "1970-01-01T00:00:12Z"}
    await station.call("StartTransaction", **start)
    (held,) = await scene.transactions()
    assert Flag.CLOCK_SUSPECT in held.flags
    assert held.started_at is not None
    assert held.started_at.year > 2000
    assert "clock cannot be right" in (await scene.message("clock")).problem
    assert (await station.status("Available", timestamp="1970-01-01T00:00:13Z"))[0] == 3
    assert (await station.status("Charging", timestamp="1970-01-01T00:00:14Z"))[0] == 3


async def test_quirk_65_our_times_end_in_z(scene: Scene) -> None:
    station = await booted(scene)
    for answer in (await station.boot(), await station.call("Heartbeat")):
        moment = answer["currentTime"]
        assert moment.endswith("Z")
        assert datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007  # its form is what is looked at
