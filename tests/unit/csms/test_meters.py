"""From samples to figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.csms.dialects.ocpp16.samples import read_samples
from console.csms.said.meters import Figures, Progress, at_rest, plan, updated
from console.model.meter import Reading, Sample

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def said(*wire: dict[str, Any]) -> Figures:
    """The figures of samples as they come over the wire."""
    samples = read_samples(wire)
    return plan(samples).figures(samples)


def read_sample(wire: dict[str, Any]) -> Sample:
    """One sample as it is read."""
    (sample,) = read_samples([wire])
    return sample


def test_dx_x17_a_bare_value_is_energy_imported_at_the_outlet() -> None:
    assert read_sample({"value": "25"}) == Sample(
        "Energy.Active.Import.Register", 25.0, "Wh", "", "Sample.Periodic", "Outlet"
    )
    assert said({"value": "25"}).energy_wh == 25


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        ("deadbeef", {"format": "SignedData"}),
        ("1234", {"format": "SignedData"}),
        ('{"OCMF":1}', {}),
        ("", {}),
        ("NaN", {}),
        ("inf", {}),
        ("1e300", {}),
    ],
)
def test_dx_x18_what_is_no_number_is_kept_as_it_came(text: str, extra: dict[str, str]) -> None:
    sample = read_sample({"value": text, **extra})
    assert sample.value is None
    assert sample.raw == text
    assert said({"value": text, **extra}).energy_wh is None


@pytest.mark.parametrize(
    ("wire", "value", "unit"),
    [
        ({"value": "0.15001", "unit": "kWh"}, 150.01, "Wh"),
        ({"value": "0.010", "unit": "kWh"}, 10.0, "Wh"),
        ({"value": "11", "unit": "kW", "measurand": "Power.Active.Import"}, 11_000.0, "W"),
        ({"value": "21", "unit": "Celcius", "measurand": "Temperature"}, 21.0, "Celsius"),
        ({"value": "21", "unit": "Celsius", "measurand": "Temperature"}, 21.0, "Celsius"),
        ({"value": "50", "unit": "Hz", "measurand": "Frequency"}, 50.0, "Hz"),
        ({"value": "7000", "measurand": "Power.Active.Import"}, 7000.0, "W"),
    ],
)
def test_units_are_those_of_the_model(wire: dict[str, str], value: float, unit: str) -> None:
    sample = read_sample(wire)
    assert sample.value == pytest.approx(value)
    assert sample.unit == unit


def phases(
    measurand: str, unit: str, *values: str, names: tuple[str, ...] = ("L1", "L2", "L3")
) -> list[dict[str, str]]:
    """Samples of one measurand, a phase each."""
    return [
        {"value": value, "measurand": measurand, "unit": unit, "phase": name}
        for value, name in zip(values, names, strict=False)
    ]


def test_power_and_energy_of_phases_are_summed() -> None:
    assert said(*phases("Power.Active.Import", "W", "3600", "3700", "3800")).power_w == 11_100.0
    assert said(*phases("Energy.Active.Import.Register", "kWh", "1", "2", "3")).energy_wh == 6000


def test_voltage_is_averaged_and_of_currents_the_largest_counts() -> None:
    assert said(*phases("Voltage", "V", "228", "230", "232")).voltage_v == 230.0
    assert said(*phases("Current.Import", "A", "15.5", "16.1", "0")).current_a == 16.1


def test_phase_to_neutral_counts_before_phase_to_phase() -> None:
    wire = [
        *phases("Voltage", "V", "400", "400", "400", names=("L1-L2", "L2-L3", "L3-L1")),
        *phases("Voltage", "V", "230", "231", "232", names=("L1-N", "L2-N", "L3-N")),
    ]
    assert said(*wire).voltage_v == 231.0
    assert said(*wire[:3]).voltage_v == 400.0


def test_neutral_is_no_phase() -> None:
    assert said(*phases("Current.Import", "A", "10", "99", names=("L1", "N"))).current_a == 10.0


def test_a_total_counts_before_phases() -> None:
    total = {"value": "11000", "measurand": "Power.Active.Import", "unit": "W"}
    assert said(*phases("Power.Active.Import", "W", "1", "2", "3"), total).power_w == 11_000.0


def test_the_same_measurand_in_two_contexts_is_the_running_one() -> None:
    begin = {"value": "1000", "context": "Transaction.Begin"}
    end = {"value": "3000", "context": "Transaction.End"}
    periodic = {"value": "2000", "context": "Sample.Periodic"}
    assert said(begin, periodic, end).energy_wh == 2000
    assert said(begin, end).energy_wh == 3000
    assert said(begin).energy_wh == 1000


def test_the_outlet_counts_before_the_inlet_and_import_before_export() -> None:
    assert said({"value": "5", "location": "Inlet"}, {"value": "7", "location": "Outlet"}).energy_wh == 7
    export = {"value": "9", "measurand": "Energy.Active.Export.Register"}
    assert said(export, {"value": "7"}).energy_wh == 7
    assert said(export).energy_wh == 9


def test_a_unit_that_does_not_fit_gives_no_figure() -> None:
    assert said({"value": "7", "measurand": "Power.Active.Export", "unit": "Wh"}) == Figures()


def test_state_of_charge_is_read_at_the_car() -> None:
    assert said({"value": "42", "measurand": "SoC", "unit": "Percent", "location": "EV"}).soc_percent == 42.0


def test_a_reading_keeps_what_new_figures_say_nothing_of() -> None:
    first = updated(None, "CP1", 1, NOW, Figures(energy_wh=5, soc_percent=40.0))
    second = updated(first, "CP1", 1, NOW + timedelta(minutes=1), Figures(power_w=7.0))
    assert second == Reading("CP1", 1, NOW + timedelta(minutes=1), 5, 7.0, None, None, 40.0)


def test_at_rest_nothing_flows_where_it_was_measured() -> None:
    reading = Reading("CP1", 1, NOW, 5, 7.0, None, 230.0, 40.0)
    assert at_rest(reading, NOW, 9) == Reading("CP1", 1, NOW, 9, 0.0, None, 230.0, None)


def test_progress_counts_from_the_start_of_the_transaction() -> None:
    progress = Progress(1000)
    assert [progress.read(register, NOW) for register in (1000, 1500, 1500, 2500)] == [0, 500, 500, 1500]
    assert not progress.suspect


def test_progress_survives_a_register_that_starts_anew_or_jumps() -> None:
    progress = Progress(1000)
    read = [progress.read(register, NOW) for register in (1400, 0, 300, 50_000_000, 50_000_100)]
    assert read == [400, 400, 700, 700, 800]
    assert progress.suspect


def test_progress_leaves_old_readings_alone() -> None:
    progress = Progress(0)
    assert progress.read(500, NOW) == 500
    assert progress.read(300, NOW - timedelta(minutes=5)) is None
    assert not progress.suspect


def test_progress_without_a_start_counts_from_the_first_reading() -> None:
    progress = Progress(None)
    assert [progress.read(register, NOW) for register in (7000, 7250)] == [0, 250]
