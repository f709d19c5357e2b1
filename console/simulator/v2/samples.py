"""Meter readings in the words of OCPP 2.x."""

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

MEASURANDS_AC = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "Current.Offered",
)
MEASURANDS_DC = (*MEASURANDS_AC, "SoC")


def meter_value(
    reading: Reading, when: datetime, context: str, measurands: Iterable[str], *, offered_a: float
) -> dict[str, Any] | None:
    """One MeterValue with the wanted measurands, or None if the meter has none of them."""
    sampled = [entry for name in measurands for entry in _sampled(name, reading, offered_a)]
    if not sampled:
        return None
    return {"timestamp": timestamp(when), "sampledValue": [{**entry, "context": context} for entry in sampled]}


def _sampled(measurand: str, reading: Reading, offered_a: float) -> list[dict[str, Any]]:
    match measurand:
        case "Energy.Active.Import.Register":
            return [_one(measurand, reading.energy_wh, "Wh")]
        case "Power.Active.Import":
            return [_one(measurand, round(reading.power_w, 1), "W")]
        case "Current.Offered":
            return [_one(measurand, round(offered_a, 1), "A")]
        case "Current.Import":
            return _per_phase(measurand, reading.current_a, "A", "")
        case "Voltage":
            return _per_phase(measurand, reading.voltage_v, "V", "-N")
        case "SoC" if reading.soc_percent is not None:
            return [{**_one(measurand, round(reading.soc_percent, 1), "Percent"), "location": "EV"}]
        case _:
            return []


def _one(measurand: str, value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "measurand": measurand, "unitOfMeasure": {"unit": unit}, "location": "Outlet"}


def _per_phase(measurand: str, values: tuple[float, ...], unit: str, suffix: str) -> list[dict[str, Any]]:
    entries = [_one(measurand, value, unit) for value in values]
    if len(values) == 1:
        return entries
    return [{**entry, "phase": f"L{phase}{suffix}"} for phase, entry in enumerate(entries, start=1)]
