"""OCPP 2.x: MeterValues, and the meter values in events of a transaction."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, Unreadable, at
from console.csms.dialects.samples import LARGEST, form_of, unmeasured
from console.csms.meters import plan
from console.csms.reports import Measurement, MeterReport
from console.model.meter import Sample

#: No unit is multiplied by more than this power of ten.
_HIGHEST_POWER = 12
_NO_UNIT: Json = {}


def meter_values(wire: Json, problems: Problems) -> MeterReport:
    """MeterValues: never about a transaction (those are in TransactionEvent)."""
    evse_id = wire["evseId"]
    if not 0 <= evse_id <= HIGHEST_EVSE:
        raise Unreadable(f"evseId is not between 0 and {HIGHEST_EVSE}")
    return MeterReport(evse_id, "", measurements(wire["meterValue"], problems))


def measurements(wire: Any, problems: Problems) -> tuple[Measurement, ...]:
    """A list of MeterValueType."""
    return tuple([_measurement(value, problems) for value in wire])


def _measurement(wire: Json, problems: Problems) -> Measurement:
    samples = tuple([_sample(sample) for sample in wire["sampledValue"]])
    return Measurement(at(wire["timestamp"], problems), samples, plan(samples))


def _sample(wire: Json) -> Sample:
    """A SampledValueType, with its multiplier applied. What was signed is kept as it came."""
    get = wire.get
    unit: Json = get("unitOfMeasure", _NO_UNIT)
    measurand, word, phase, context, location, factor, _opaque = form_of(
        get("measurand"), unit.get("unit"), get("phase"), get("context"), get("location"), None
    )
    power = unit.get("multiplier", 0)
    value = wire["value"] * factor
    if power:
        value = value * 10.0**power if abs(power) <= _HIGHEST_POWER else LARGEST * 10
    if not -LARGEST <= value <= LARGEST:
        return unmeasured(measurand, word, phase, context, location, str(wire["value"])[:40])
    signed = get("signedMeterValue")
    raw = signed["signedMeterData"] if signed is not None else ""
    return Sample(measurand, float(value), word, phase, context, location, raw)
