"""What the words of a sampled value mean, in any version: defaults filled in, energy and power in Wh and W."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from console.model.meter import Sample
from console.model.text import plain

ENERGY = "Energy.Active.Import.Register"
#: Numbers beyond this are no measurement but a mistake (and no database's integer).
LARGEST = 1e12
_THOUSANDS = {"kWh": "Wh", "kW": "W", "kvarh": "varh", "kvar": "var", "kVA": "VA"}
_SPELLING = {"Celcius": "Celsius"}
_DEFAULT_UNITS = {"Power": "W", "Current": "A", "Voltage": "V", "SoC": "Percent", "Temperature": "Celsius"}


class Form(NamedTuple):
    """What the words of a sample mean. Stations repeat the same few combinations in every message."""

    measurand: str
    unit: str
    phase: str
    context: str
    location: str
    factor: float
    opaque: bool  # signed data: never a number


@lru_cache(maxsize=4096)
def form_of(
    measurand: str | None,
    unit: str | None,
    phase: str | None,
    context: str | None,
    location: str | None,
    format_: str | None,
) -> Form:
    """Fill in what a sample leaves out. A unit left out is Wh where that can be, else the measurand's natural one."""
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


def unmeasured(measurand: str, unit: str, phase: str, context: str, location: str, text: str) -> Sample:
    """A sample whose text is no number that can be used: ``raw`` keeps it."""
    return Sample(measurand, None, unit, phase, context, location, text)
