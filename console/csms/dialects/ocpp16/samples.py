"""OCPP 1.6: one SampledValue (§7.43), with the defaults filled in and energy and power in Wh and W.

Stations repeat the same few combinations of words in every message. Each combination is worked out once, so that a
sample costs a look-up and a number.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from console.model.meter import Sample
from console.model.text import plain

ENERGY = "Energy.Active.Import.Register"
#: Numbers beyond this are no measurement but a mistake (and no database's integer).
LARGEST = 1e12
_MOST_FORMS = 4096
_THOUSANDS = {"kWh": "Wh", "kW": "W", "kvarh": "varh", "kvar": "var", "kVA": "VA"}
_SPELLING = {"Celcius": "Celsius"}


class _Form(NamedTuple):
    """What a combination of words means."""

    measurand: str
    unit: str
    phase: str
    context: str
    location: str
    factor: float
    opaque: bool  # signed data: never a number


_forms: dict[tuple[Any, ...], _Form] = {}


def read_sample(wire: dict[str, Any]) -> Sample:
    """Read one sampled value. Its value is None, and ``raw`` keeps the text, where the text is no number."""
    get = wire.get
    words = (get("measurand"), get("unit"), get("phase"), get("context"), get("location"), get("format"))
    form = _forms.get(words)
    if form is None:
        form = _form(words)
    text = wire["value"]
    try:
        value = float(text) * form.factor
    except ValueError:
        value = math.nan
    if form.opaque or not -LARGEST <= value <= LARGEST:
        return Sample(form.measurand, None, form.unit, form.phase, form.context, form.location, text)
    return Sample(form.measurand, value, form.unit, form.phase, form.context, form.location)


def _form(words: tuple[Any, ...]) -> _Form:
    measurand, unit, phase, context, location, format_ = (plain(word) if word else "" for word in words)
    measurand = measurand or ENERGY
    unit = unit or ("Wh" if measurand.startswith("Energy.") else _default_unit(measurand))
    factor = 1000.0 if unit in _THOUSANDS else 1.0
    unit = _THOUSANDS.get(unit) or _SPELLING.get(unit, unit)
    form = _Form(
        measurand, unit, phase, context or "Sample.Periodic", location or "Outlet", factor, format_ == "SignedData"
    )
    if len(_forms) < _MOST_FORMS:
        _forms[words] = form
    return form


def _default_unit(measurand: str) -> str:
    """The unit of a sample that names none. OCPP says Wh, which is meant for energy; others have their natural one."""
    first = measurand.partition(".")[0]
    return {"Power": "W", "Current": "A", "Voltage": "V", "SoC": "Percent", "Temperature": "Celsius"}.get(first, "")
