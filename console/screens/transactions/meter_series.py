"""Meter values as curves: what a chart shows of them, phases put together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from console.model.meter import MeterValue, Reading, Sample
from widgets.chart_math import Point

Combine = Callable[[Sequence[float]], float]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


#: Name and unit of each curve; the measurands it is taken from, the best first; how phases are put together; the
#: factor from the sample's unit to the curve's.
_CURVES: tuple[tuple[str, str, tuple[str, ...], Combine, float], ...] = (
    ("Power", "kW", ("Power.Active.Import", "Power.Active.Export"), sum, 0.001),
    ("Energy", "kWh", ("Energy.Active.Import.Register", "Energy.Active.Export.Register"), sum, 0.001),
    ("Current", "A", ("Current.Import", "Current.Export"), max, 1.0),
    ("Voltage", "V", ("Voltage",), _mean, 1.0),
    ("State of charge", "%", ("SoC",), max, 1.0),
    ("Offered current", "A", ("Current.Offered",), max, 1.0),
    ("Offered power", "kW", ("Power.Offered",), sum, 0.001),
    ("Temperature", "°C", ("Temperature",), max, 1.0),
)
UNITS = {name: unit for name, unit, *_ in _CURVES}


def series(values: Iterable[MeterValue]) -> dict[str, list[Point]]:
    """The curves there are points for, by name, in the order in which they are worth looking at."""
    found: dict[str, list[Point]] = {name: [] for name in UNITS}
    for value in values:
        at_s = value.at.timestamp()
        for name, _, measurands, combine, factor in _CURVES:
            number = _value(value.samples, measurands, combine)
            if number is not None:
                found[name].append((at_s, number * factor))
    return {name: points for name, points in found.items() if points}


def _value(samples: Sequence[Sample], measurands: Sequence[str], combine: Combine) -> float | None:
    for measurand in measurands:
        numbers = [(each.phase, each.value) for each in samples if each.measurand == measurand]
        total = next((number for phase, number in numbers if not phase and number is not None), None)
        if total is not None:
            return total
        # Voltages between two phases (L1-L2) are not those of a phase; currents of the neutral are none that charge.
        of_phases = [number for phase, number in numbers if number is not None and phase in _PHASES]
        if of_phases:
            return combine(of_phases)
    return None


_PHASES = ("L1", "L2", "L3", "L1-N", "L2-N", "L3-N")


def live_points(reading: Reading) -> dict[str, Point]:
    """The newest point of each curve, from a reading."""
    at_s = reading.at.timestamp()
    known = {
        "Power": reading.power_w / 1000 if reading.power_w is not None else None,
        "Energy": reading.energy_wh / 1000 if reading.energy_wh is not None else None,
        "Current": reading.current_a,
        "Voltage": reading.voltage_v,
        "State of charge": reading.soc_percent,
    }
    return {name: (at_s, value) for name, value in known.items() if value is not None}
