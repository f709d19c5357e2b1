"""OCPP 1.6: one SampledValue (§7.43)."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.samples import LARGEST, form_of, unmeasured
from console.model.meter import Sample


def read_sample(wire: dict[str, Any]) -> Sample:
    """Read one sampled value."""
    get = wire.get
    words = (get("measurand"), get("unit"), get("phase"), get("context"), get("location"), get("format"))
    measurand, unit, phase, context, location, factor, opaque = form_of(*words)
    text = wire["value"]
    try:
        value = float(text) * factor
    except ValueError:
        opaque = True
    if opaque or not -LARGEST <= value <= LARGEST:
        return unmeasured(measurand, unit, phase, context, location, text)
    return Sample(measurand, value, unit, phase, context, location)
