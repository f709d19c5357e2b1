"""From samples to what an operator wants to know: energy, power, current, voltage, state of charge. Pure.

Rules, where a sample can be had in more than one way:

- a total (no phase) is taken before phases; of phases, energy and power are summed, voltage is averaged (phase to
  neutral before phase to phase), and of currents the largest counts, for that is what a limit is about;
- of several contexts, the running ones count before Transaction.End, and that before Transaction.Begin;
- of several locations, the outlet counts; import counts before export.

A unit that does not fit its measurand makes the sample unfit for a figure; it is kept and shown as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from console.model.meter import Form, Reading, Samples

_QUANTITIES: dict[str, tuple[str, int, frozenset[str]]] = {
    "Energy.Active.Import.Register": ("energy", 0, frozenset({"Wh"})),
    "Energy.Active.Export.Register": ("energy", 1, frozenset({"Wh"})),
    "Power.Active.Import": ("power", 0, frozenset({"W"})),
    "Power.Active.Export": ("power", 1, frozenset({"W"})),
    "Current.Import": ("current", 0, frozenset({"A"})),
    "Current.Export": ("current", 1, frozenset({"A"})),
    "Voltage": ("voltage", 0, frozenset({"V"})),
    "SoC": ("soc", 0, frozenset({"Percent", "%"})),
}
_CONTEXT_RANK = {"Transaction.End": 1, "Transaction.Begin": 2}
_LOCATION_RANK = {"Outlet": 0, "Cable": 1, "EV": 1, "Body": 2, "Inlet": 3}
_NO_QUANTITY: tuple[str, int, frozenset[str]] = ("", 0, frozenset())
_UNFIT = ("", 0)
_MOST_LAYOUTS = 1024

_Key = tuple[str, int]  # quantity and rank: the lowest rank counts


class Figures(msgspec.Struct, frozen=True, gc=False):
    """What a set of samples says; None where it says nothing of a quantity."""

    energy_wh: int | None = None
    power_w: float | None = None
    current_a: float | None = None
    voltage_v: float | None = None
    soc_percent: float | None = None


class Plan(msgspec.Struct, frozen=True, gc=False):
    """Which samples of a set, by their places, make which figure.

    That depends on their words and on which of them have a number, and a station says the same with every message.
    """

    energy: tuple[int, ...]
    power: tuple[int, ...]
    current: tuple[int, ...]
    voltage: tuple[int, ...]
    soc: tuple[int, ...]

    def figures(self, samples: Samples) -> Figures:
        """Put samples of one instant together. A plan made for others like them is made anew if it does not fit."""
        try:
            energy = _put_together(samples, self.energy, sum)
            return Figures(
                None if energy is None else round(energy),
                _put_together(samples, self.power, sum),
                _put_together(samples, self.current, max),
                _put_together(samples, self.voltage, _mean),
                _put_together(samples, self.soc, max),
            )
        except _NoNumber:
            return plan(samples).figures(samples)


class _NoNumber(Exception):
    """A sample that should count is no number."""


def plan(samples: Samples) -> Plan:
    """Find out which samples count: those that are numbers."""
    found: dict[_Key, dict[str, int]] = {}
    for place, form in enumerate(samples.forms):
        key = _key(form)
        if key is not _UNFIT and samples.number(place) is not None:
            found.setdefault(key, {})[form.phase] = place
    best: dict[str, dict[str, int]] = {}
    for quantity, rank in sorted(found, reverse=True):
        best[quantity] = found[quantity, rank]
    return Plan(*(_counting(best.get(quantity, {})) for quantity in ("energy", "power", "current", "voltage", "soc")))


class Layouts:
    """What samples are of and which of them count, found out once for all messages that are alike.

    Forms are told apart by what they are in memory, which is quick: equal words have one form (``form_of``).
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[tuple[Form, ...], Plan]] = {}

    def of(self, forms: Sequence[Form]) -> tuple[tuple[Form, ...], Plan]:
        """The forms, one object for all who ask alike, and the plan if all are numbers that can be."""
        known = tuple(map(id, forms))
        layout = self._known.get(known)
        if layout is None:
            held = tuple(forms)
            layout = held, plan(Samples(held, ("0",) * len(held)))
            if len(self._known) < _MOST_LAYOUTS:
                self._known[known] = layout  # which keeps the forms, so that nothing else can be where they are
        return layout


def _key(form: Form) -> _Key:
    quantity, export, units = _QUANTITIES.get(form.measurand, _NO_QUANTITY)
    if form.unit not in units:
        return _UNFIT
    context, location = _CONTEXT_RANK.get(form.context, 0), _LOCATION_RANK.get(form.location, 2)
    return quantity, export * 100 + context * 10 + location


def _counting(phases: dict[str, int]) -> tuple[int, ...]:
    """The places of the phases that make one figure ("" is the total; neutral is none)."""
    if "" in phases:
        return (phases[""],)
    to_neutral = tuple(place for phase, place in phases.items() if phase in _TO_NEUTRAL)
    return to_neutral or tuple(place for phase, place in phases.items() if phase != "N") or tuple(phases.values())


_TO_NEUTRAL = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})


def _put_together(samples: Samples, places: Sequence[int], rule: Callable[[list[float]], float]) -> float | None:
    if not places:
        return None
    numbers = samples.numbers(places)
    if not numbers:
        raise _NoNumber
    return rule(numbers)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def updated(reading: Reading | None, station_id: str, evse_id: int, at: datetime, new: Figures) -> Reading:
    """The reading after new figures: what they say nothing of stays."""
    if reading is None:
        return Reading(
            station_id, evse_id, at, new.energy_wh, new.power_w, new.current_a, new.voltage_v, new.soc_percent
        )
    return Reading(
        station_id,
        evse_id,
        at,
        reading.energy_wh if new.energy_wh is None else new.energy_wh,
        reading.power_w if new.power_w is None else new.power_w,
        reading.current_a if new.current_a is None else new.current_a,
        reading.voltage_v if new.voltage_v is None else new.voltage_v,
        reading.soc_percent if new.soc_percent is None else new.soc_percent,
    )


def at_rest(reading: Reading, at: datetime, register_wh: int | None) -> Reading:
    """The reading when a transaction has ended: nothing flows, and the car's state is not known any more."""
    return Reading(
        reading.station_id,
        reading.evse_id,
        max(at, reading.at),
        reading.energy_wh if register_wh is None else register_wh,
        None if reading.power_w is None else 0.0,
        None if reading.current_a is None else 0.0,
        reading.voltage_v,
        None,
    )


class Progress:
    """A running transaction's energy from register readings that may start anew or jump.

    ``suspect`` once the register did so: the energy then is the sum of what was counted between the jumps.
    """

    #: No car takes this much between two readings.
    JUMP_WH = 1_000_000

    __slots__ = ("_at", "_base_wh", "_carried_wh", "_last_wh", "suspect")

    def __init__(self, meter_start_wh: int | None, energy_wh: int | None = None) -> None:
        self._base_wh = meter_start_wh
        self._last_wh = None if meter_start_wh is None else meter_start_wh + (energy_wh or 0)
        self._carried_wh = 0
        self._at: datetime | None = None
        self.suspect = False

    @property
    def register_wh(self) -> int | None:
        """The newest reading."""
        return self._last_wh

    def begun_at(self, meter_start_wh: int) -> None:
        """Count from another first reading."""
        self._base_wh = meter_start_wh
        self._carried_wh = 0
        if self._last_wh is None:
            self._last_wh = meter_start_wh

    def read(self, register_wh: int, at: datetime) -> int | None:
        """Take in a register reading; return the energy so far, or None if it is older than one taken in before."""
        if self._at is not None and at < self._at:
            return None
        self._at = at
        if self._base_wh is None or self._last_wh is None:
            self._base_wh = self._last_wh = register_wh
        if register_wh < self._last_wh or register_wh > self._last_wh + self.JUMP_WH:
            self._carried_wh += self._last_wh - self._base_wh
            self._base_wh = register_wh
            self.suspect = True
        self._last_wh = register_wh
        return self._carried_wh + register_wh - self._base_wh
