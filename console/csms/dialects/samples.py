"""What the words of a sampled value mean, in any version: defaults filled in, energy and power in Wh and W."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from console.model.meter import Form
from console.model.text import plain

ENERGY = "Energy.Active.Import.Register"
_THOUSANDS = {"kWh": "Wh", "kW": "W", "kvarh": "varh", "kvar": "var", "kVA": "VA"}
_SPELLING = {"Celcius": "Celsius"}
_DEFAULT_UNITS = {"Power": "W", "Current": "A", "Voltage": "V", "SoC": "Percent", "Temperature": "Celsius"}


@lru_cache(maxsize=4096)
def no_number(form: Form) -> Form:
    """The form of a sample that can be no measurement, though others of its words can."""
    return msgspec.structs.replace(form, opaque=True)


@lru_cache(maxsize=4096)
def form_of(
    measurand: str | None,
    unit: str | None,
    phase: str | None,
    context: str | None,
    location: str | None,
    format_: str | None,
) -> Form:
    """What the words of a sample mean; stations repeat the same few combinations in every message.

    A unit left out is Wh where that can be, else the measurand's natural one.
    """
    measurand = plain(measurand or ENERGY)
    unit = plain(unit or ("Wh" if measurand.startswith("Energy.") else _DEFAULT_UNITS.get(measurand.split(".")[0], "")))
    return Form(
        measurand,
        _THOUSANDS.get(unit) or _SPELLING.get(unit, unit),
        plain(phase or ""),
        plain(context or "Sample.Periodic"),
        plain(location or "Outlet"),
        1000.0 if unit in _THOUSANDS else 1.0,
        format_ == "SignedData",
    )
