"""OCPP 2.x: MeterValues, and the meter values in events of a transaction."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, Unreadable, at
from console.csms.dialects.samples import LARGEST, form_of, unmeasured
from console.csms.meters import Plan, plan
from console.csms.reports import Measurement, MeterReport
from console.model.meter import Sample

#: No unit is multiplied by more than this power of ten.
_HIGHEST_POWER = 12
_NO_UNIT: Json = {}
_MOST_FORMS = 4096
_MOST_PLANS = 1024
_NO_NUMBER, _UNKNOWN = -1, -2
_Words = tuple[str | None, str | None, str | None, str | None, str | None]
#: A ``Form`` after a number of its own.
_Numbered = tuple[int, str, str, str, str, str, float, bool]
_FORMS: dict[_Words, _Numbered] = {}
_PLANS: dict[tuple[int, ...], Plan] = {}  # by the numbers of the samples' forms


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
    samples: list[Sample] = []
    numbers = tuple([_sample(sample, samples) for sample in wire["sampledValue"]])
    return Measurement(at(wire["timestamp"], problems), tuple(samples), _plan(numbers, samples))


def _sample(wire: Json, samples: list[Sample]) -> int:
    """A SampledValueType, with its multiplier applied; return the number of its form. What was signed is kept."""
    get = wire.get
    unit: Json = get("unitOfMeasure", _NO_UNIT)
    words = (get("measurand"), unit.get("unit"), get("phase"), get("context"), get("location"))
    number, measurand, word, phase, context, location, factor, _opaque = _FORMS.get(words) or _form(words)
    value = wire["value"] * factor
    if "multiplier" in unit:
        power = unit["multiplier"]
        value = value * 10.0**power if abs(power) <= _HIGHEST_POWER else LARGEST * 10
    if not -LARGEST <= value <= LARGEST:
        samples.append(unmeasured(measurand, word, phase, context, location, str(wire["value"])[:40]))
        return _NO_NUMBER
    signed = get("signedMeterValue")
    raw = signed["signedMeterData"] if signed is not None else ""
    samples.append(Sample(measurand, float(value), word, phase, context, location, raw))
    return number


# Stations say the same few words with every message, so what these mean is looked up.


def _form(words: _Words) -> _Numbered:
    form = form_of(*words, None)
    if len(_FORMS) >= _MOST_FORMS:
        return (_UNKNOWN, *form)
    return _FORMS.setdefault(words, (len(_FORMS), *form))


def _plan(numbers: tuple[int, ...], samples: list[Sample]) -> Plan:
    found = _PLANS.get(numbers)
    if found is None:
        found = plan(samples)
        if len(_PLANS) < _MOST_PLANS and _UNKNOWN not in numbers:
            _PLANS[numbers] = found
    return found
