"""Meter readings in the words of OCPP 1.6 (sections 7.32 to 7.43)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from console.simulator.base_face import timestamp
from console.simulator.meter import Reading

PERIODIC = "Sample.Periodic"
CLOCK = "Sample.Clock"
TRIGGER = "Trigger"
BEGIN = "Transaction.Begin"
END = "Transaction.End"


def meter_value(
    reading: Reading, when: datetime, context: str, measurands: Iterable[str], *, offered_a: float
) -> dict[str, Any]:
    """One MeterValue with the wanted measurands; those that the meter does not have are left out."""
    sampled = [entry for name in measurands for entry in _sampled(name, reading, offered_a)]
    return {
        "timestamp": timestamp(when),
        "sampledValue": [{**entry, "context": context} for entry in sampled],
    }


def _sampled(measurand: str, reading: Reading, offered_a: float) -> list[dict[str, str]]:
    match measurand:
        case "Energy.Active.Import.Register":
            return [_one(measurand, str(reading.energy_wh), "Wh")]
        case "Power.Active.Import":
            return [_one(measurand, f"{reading.power_w:.1f}", "W")]
        case "Current.Offered":
            return [_one(measurand, f"{offered_a:.1f}", "A")]
        case "Current.Import":
            return _per_phase(measurand, reading.current_a, "A", "")
        case "Voltage":
            return _per_phase(measurand, reading.voltage_v, "V", "-N")
        case "SoC" if reading.soc_percent is not None:
            return [{**_one(measurand, f"{reading.soc_percent:.1f}", "Percent"), "location": "EV"}]
        case _:
            return []


def _one(measurand: str, value: str, unit: str) -> dict[str, str]:
    return {"value": value, "measurand": measurand, "unit": unit, "location": "Outlet"}


def _per_phase(measurand: str, values: tuple[float, ...], unit: str, suffix: str) -> list[dict[str, str]]:
    entries = [_one(measurand, str(value), unit) for value in values]
    if len(values) == 1:
        return entries
    return [{**entry, "phase": f"L{phase}{suffix}"} for phase, entry in enumerate(entries, start=1)]
