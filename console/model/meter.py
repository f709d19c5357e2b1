"""What a meter said: samples as the station sent them, and the reading an operator wants from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

#: Numbers beyond this are no measurement but a mistake (and no database's integer).
LARGEST = 1e12


class Sample(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One sampled value, with OCPP's defaults filled in (1.6 §7.43, 2.0.1 SampledValueType).

    ``value`` is None where the station's text was no number or is signed data; ``raw`` then keeps the text.
    Energy is in Wh and power in W whatever the station's unit was (kWh and kW are converted).
    """

    measurand: str = "Energy.Active.Import.Register"
    value: float | None = None
    unit: str = "Wh"
    phase: str = ""
    context: str = "Sample.Periodic"
    location: str = "Outlet"
    raw: str = ""


class Form(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a sample is of: all of it but the value. ``factor`` leads from the station's unit to ``unit``.

    ``opaque``: it is no number, whatever it reads like (signed data).
    """

    measurand: str = "Energy.Active.Import.Register"
    unit: str = "Wh"
    phase: str = ""
    context: str = "Sample.Periodic"
    location: str = "Outlet"
    factor: float = 1.0
    opaque: bool = False


class Samples(msgspec.Struct, frozen=True, gc=False, eq=False):
    """The samples of one instant, as they came: what each is of, and what it says.

    Stations say the same of each message's samples, so that all messages that are alike have one ``forms``; values
    are a few bytes each. A text is the station's own and read when it is wanted; a number is in the unit of its form.
    ``signed`` is the data that was signed, by the place of a sample that has a number as well.
    """

    forms: tuple[Form, ...]
    values: tuple[str | float | None, ...]
    signed: dict[int, str] = {}

    @staticmethod
    def of(samples: Iterable[Sample]) -> Samples:
        """The same samples in this form."""
        samples = tuple(samples)
        return Samples(
            tuple(
                Form(one.measurand, one.unit, one.phase, one.context, one.location, 1.0, one.value is None)
                for one in samples
            ),
            tuple(one.raw if one.value is None else one.value for one in samples),
            {place: one.raw for place, one in enumerate(samples) if one.raw and one.value is not None},
        )

    def number(self, place: int) -> float | None:
        """What a sample measured; None if that is no number, or none that can be right."""
        if self.forms[place].opaque:
            return None
        found = self.numbers((place,))
        return found[0] if found else None

    def numbers(self, places: Iterable[int]) -> list[float]:
        """What samples measured that are not opaque; none at all if one of them is no number that can be right."""
        forms, values, most = self.forms, self.values, LARGEST
        try:
            found = [float(values[place]) * forms[place].factor for place in places]  # type: ignore[arg-type]  # None
        except (TypeError, ValueError, OverflowError):
            return []
        return found if all([-most <= value <= most for value in found]) else []

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.values)

    def __iter__(self) -> Iterator[Sample]:
        """Read one after the other."""
        for place, (form, said) in enumerate(zip(self.forms, self.values, strict=True)):
            value = self.number(place)
            raw = self.signed.get(place, "") if value is not None else "" if said is None else str(said)
            yield Sample(form.measurand, value, form.unit, form.phase, form.context, form.location, raw)

    def __eq__(self, other: object) -> bool:
        """Whether they read alike."""
        return isinstance(other, Samples) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Of what they say."""
        return hash(tuple(self))


class MeterValue(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The samples taken at one instant at one EVSE (``evse_id`` 0 is the station's main meter)."""

    station_id: str
    evse_id: int
    at: datetime
    samples: tuple[Sample, ...]
    transaction_id: str = ""
    received_at: datetime | None = None


class Reading(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The newest of each quantity at one EVSE: phases already put together, None where never measured."""

    station_id: str
    evse_id: int
    at: datetime
    energy_wh: int | None = None
    power_w: float | None = None
    current_a: float | None = None
    voltage_v: float | None = None
    soc_percent: float | None = None
