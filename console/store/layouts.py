"""What the samples of meter values are of, written once for all values that are alike.

A station says the same of its samples with every message; a row holds the number of that, and of the samples their
values alone. There is room for so many; what finds none is written out in its row.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Engine, Row, Select, select

from console.model.change import MetersSampled
from console.model.meter import Form, MeterValue, Sample, Samples
from console.store import rows, schema
from console.store.instants import from_us, to_us
from console.store.rows import Cells

#: Sites have a few; a station that makes them up must not fill the memory.
MOST_LAYOUTS = 4096

_Forms = tuple[Form, ...]
_decode_forms = msgspec.json.Decoder(_Forms).decode
_decode_values = msgspec.json.Decoder(tuple[str | float | None, ...]).decode
_decode_samples = msgspec.json.Decoder(tuple[Sample, ...]).decode


class Layouts:
    """The numbers of what is known. Belongs to one connection: it begins with what is stored, and anew with each."""

    def __init__(self, engine: Engine) -> None:
        self._text = str(select(schema.meter_layout).compile(dialect=engine.dialect))
        self._numbers: dict[_Forms, int] = {}
        # The same by what they are in memory, for their hash takes long: stations' dialects use one object for all.
        self._quick: dict[int, tuple[_Forms, int]] = {}
        self._new: list[Cells] = []

    def load(self, cursor: Any) -> None:
        """Begin with what is stored."""
        cursor.execute(self._text)
        self._numbers = {_decode_forms(forms): number for number, forms in cursor.fetchall()}
        self._quick.clear()
        self._new.clear()

    def row(self, change: MetersSampled) -> Cells:
        """The row of a meter value."""
        samples = change.samples
        number = None if samples.signed else self._number(samples.forms)
        return (
            change.station_id,
            change.evse_id,
            change.transaction_id,
            to_us(change.at),
            to_us(change.received_at),
            change.energy_wh,
            change.power_w,
            rows.to_json(tuple(samples) if number is None else samples.values),
            number,
        )

    def take_new(self) -> list[Cells]:
        """The layouts that rows were made with and that are not stored yet: they go with the same commit."""
        new, self._new = self._new, []
        return new

    def _number(self, forms: _Forms) -> int | None:
        held = self._quick.get(id(forms))
        if held is not None and held[0] is forms:
            return held[1]
        number = self._numbers.get(forms)
        if number is None:
            if len(self._numbers) >= MOST_LAYOUTS:
                return None
            number = self._numbers[forms] = len(self._numbers) + 1
            self._new.append((number, rows.to_json(forms)))
        if len(self._quick) >= MOST_LAYOUTS:
            self._quick.clear()
        self._quick[id(forms)] = forms, number
        return number


#: Meter values with what their samples are of.
METER_VALUES: Select[Any] = select(schema.meter_value, schema.meter_layout.c.forms).outerjoin(
    schema.meter_layout, schema.meter_value.c.layout_id == schema.meter_layout.c.layout_id
)


def to_meter_value(row: Row[Any]) -> MeterValue:
    """A row of ``METER_VALUES`` back to what it was made of."""
    return MeterValue(
        station_id=row.station_id,
        evse_id=row.evse_id,
        at=from_us(row.at),
        samples=_samples(row.samples, row.forms),
        transaction_id=row.transaction_id,
        received_at=from_us(row.received_at),
    )


def _samples(samples: str, forms: str | None) -> tuple[Sample, ...]:
    if forms is None:
        return _decode_samples(samples)
    return tuple(Samples(_forms(forms), _decode_values(samples)))


@lru_cache(maxsize=MOST_LAYOUTS)
def _forms(text: str) -> _Forms:
    return _decode_forms(text)
