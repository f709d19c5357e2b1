"""Limits in amperes a phase or in watts: read, shown, and turned into each other."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from widgets.schedule_times import EntryError

Unit = Literal["A", "W"]
"""Amperes per phase, or watts in all."""

MOST = 10_000_000.0
"""A limit above this is a slip of the finger."""

_LIMIT = re.compile(r"(?P<number>\d+(?:[.,]\d*)?|[.,]\d+)\s*(?P<unit>a|amps?|w|watts?|kw|mw|)")
_NO_LIMIT = ("none", "no limit", "-")
_MOST_CHARACTERS = 24
_LEAST_BARE_W = 100  # who writes "11" in a plan of watts means kW, or has not thought: ask


@dataclass(frozen=True, slots=True)
class Supply:
    """What makes watts of amperes: the voltage of a phase, and the phases of a step that names none.

    `phases` None is direct current.
    """

    voltage_v: float = 230.0
    phases: int | None = 3

    def __post_init__(self) -> None:
        if not 20 <= self.voltage_v <= 2000:
            raise ValueError(f"no supply has {self.voltage_v} V")

    def factor(self, phases: int | None) -> float:
        """Return how many watts one ampere is."""
        return self.voltage_v * (1 if self.phases is None else phases or self.phases)

    def _factor_text(self, phases: int | None, sign: str) -> str:
        volts = f"{self.voltage_v:g} V"
        return volts if self.phases is None else f"{volts} {sign} {phases or self.phases}"


def convert(value: float, unit: Unit, to: Unit, supply: Supply, phases: int | None) -> float:
    """Return a limit in another unit, in whole watts or tenths of an ampere (OCPP has one decimal).

    Amperes are rounded down, so that a limit in watts is kept. A -> W -> A is the identity.
    """
    factor = supply.factor(phases)
    if unit == to:
        return value
    if to == "W":
        return float(round(value * factor))
    # Half a watt of rounding must not cost a tenth of an ampere on the way back.
    return math.floor((value + 0.5) / factor * 10 + 1e-9) / 10


def formula(value: float, unit: Unit, supply: Supply, phases: int | None) -> str:
    """Return how a limit comes to be in the other unit: `16 A x 230 V x 3 = 11.04 kW`."""
    if unit == "A":
        result = show_limit(convert(value, "A", "W", supply, phases), "W")
        return f"{show_limit(value, 'A')} x {supply._factor_text(phases, 'x')} = {result}"
    result = show_limit(convert(value, "W", "A", supply, phases), "A")
    text = supply._factor_text(phases, "x")
    return f"{show_limit(value, 'W')} / {text if supply.phases is None else f'({text})'} = {result}"


def show_limit(value: float | None, unit: Unit) -> str:
    """Return a limit in the fewest digits: `16 A`, `7.4 kW`, `no limit`."""
    if value is None:
        return "no limit"
    if unit == "A":
        return f"{_trimmed(value, 1)} A"
    return f"{_trimmed(value / 1000, 3)} kW" if value >= 1000 else f"{_trimmed(value, 0)} W"


def show_aligned(value: float | None, unit: Unit) -> str:
    """Return a limit so that those of a plan stand under one another: `16.0 A`, `7.400 kW`."""
    if value is None:
        return "no limit"
    return f"{value:.1f} A" if unit == "A" else f"{value / 1000:.3f} kW"


def _trimmed(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_limit(text: str, unit: Unit) -> tuple[float | None, Unit]:
    """Return the limit a person writes and the unit it is in, `unit` where none is written.

    None is no limit. Raises EntryError.
    """
    words = " ".join(text.casefold().split())
    if words in _NO_LIMIT:
        return None, unit
    forms = "16 A" if unit == "A" else "11 kW"
    match = _LIMIT.fullmatch(words) if len(words) <= _MOST_CHARACTERS else None
    if match is None:
        raise EntryError("that is no limit", f"write for example {forms}, 0 or none")
    value, written = float(match["number"].replace(",", ".")), match["unit"]
    if not written and unit == "W" and 0 < value < _LEAST_BARE_W:
        raise EntryError(f"{value:g} of what?", f"write {value:g} kW or {value:g} W")
    value *= {"kw": 1e3, "mw": 1e6}.get(written, 1)
    if value > MOST:
        raise EntryError("no charger has that much", f"write for example {forms}")
    return value, unit if not written else "A" if written.startswith("a") else "W"
