"""OCPP 2.x: MeterValues, and the meter values in events of a transaction."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.checks import Unreadable
from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, at
from console.csms.dialects.samples import form_of, no_number
from console.csms.said.meters import Layouts
from console.csms.said.reports import Measurement, MeterReport
from console.model.meter import LARGEST, Form, Samples

#: No unit is multiplied by more than this power of ten.
_HIGHEST_POWER = 12
_NO_UNIT: Json = {}
_LAYOUTS = Layouts()


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
    forms: list[Form] = []
    values: list[str | float | None] = []
    signed: dict[int, str] = {}
    for place, sample in enumerate(wire["sampledValue"]):
        form, value = _read(sample)
        forms.append(form)
        values.append(value)
        if "signedMeterValue" in sample and not form.opaque:
            signed[place] = sample["signedMeterValue"]["signedMeterData"]
    layout, counting = _LAYOUTS.of(forms)
    return Measurement(at(wire["timestamp"], problems), Samples(layout, tuple(values), signed), counting)


def _read(wire: Json) -> tuple[Form, str | float]:
    """A SampledValueType, with its multiplier applied. What can be no measurement is kept as a text."""
    unit: Json = wire.get("unitOfMeasure", _NO_UNIT)
    get = wire.get
    form = form_of(get("measurand"), unit.get("unit"), get("phase"), get("context"), get("location"), None)
    value = wire["value"]
    power = unit.get("multiplier", 0)
    if power:
        value = value * 10.0**power if abs(power) <= _HIGHEST_POWER else LARGEST * 10
    if -LARGEST <= value * form.factor <= LARGEST:
        return form, float(value)
    return no_number(form), str(wire["value"])[:40]
