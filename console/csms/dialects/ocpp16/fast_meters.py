"""OCPP 1.6: MeterValues the quick way, for it is most of what stations send.

The types of a message are checked as it is converted; the words of each sample (measurand, unit, phase …) are a
combination that the schema has accepted before. Whatever else a message holds goes the slow way, by the schema.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from console.csms.dialects.samples import LARGEST, form_of, unmeasured
from console.csms.dialects.times import read_time
from console.csms.meters import Plan, plan
from console.csms.reports import Measurement, MeterReport
from console.model.meter import Sample

_MOST_FORMS = 4096
_MOST_PLANS = 1024
_Words = tuple[str | UnsetType, ...]
_Form = tuple[int, str, str, str, str, str, float, bool]
_NO_NUMBER = -1


class _Sample(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    value: str
    measurand: str | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    phase: str | UnsetType = UNSET
    context: str | UnsetType = UNSET
    location: str | UnsetType = UNSET
    format: str | UnsetType = UNSET


class _MeterValue(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    timestamp: str
    sampledValue: Annotated[list[_Sample], msgspec.Meta(min_length=1)]


class _MeterValues(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    connectorId: int
    meterValue: Annotated[list[_MeterValue], msgspec.Meta(min_length=1)]
    transactionId: int | UnsetType = UNSET


class FastMeters:
    """Reads the MeterValues that look like ones the schema has accepted before."""

    def __init__(self, highest_connector: int) -> None:
        self._highest_connector = highest_connector
        # A Form's fields after a number of its own. Plain tuples, for they unpack faster than named ones.
        self._forms: dict[_Words, _Form] = {}
        self._plans: dict[tuple[int, ...], Plan] = {}  # by the numbers of the samples' forms

    def read(self, payload: Any) -> tuple[MeterReport, str] | None:
        """The report and what is odd about it, or None if it takes the slow way to tell."""
        try:
            wire = msgspec.convert(payload, _MeterValues)
        except msgspec.ValidationError:
            return None
        transaction_id = wire.transactionId
        if not 0 <= wire.connectorId <= self._highest_connector:
            return None
        if transaction_id is not UNSET and not -(2**63) < transaction_id < 2**63:
            return None
        problem = ""
        measurements = []
        for value in wire.meterValue:
            at, odd = read_time(value.timestamp)
            problem = problem or odd
            measurement = self._measurement(at, value.sampledValue)
            if measurement is None:
                return None
            measurements.append(measurement)
        named = "" if transaction_id is UNSET else str(transaction_id)
        return MeterReport(wire.connectorId, named, tuple(measurements)), problem

    def _measurement(self, at: datetime | None, wire: list[_Sample]) -> Measurement | None:
        form_of_words, largest = self._forms.get, LARGEST
        samples, numbers = [], []
        for one in wire:
            form = form_of_words((one.measurand, one.unit, one.phase, one.context, one.location, one.format))
            if form is None:
                return None
            number, measurand, unit, phase, context, location, factor, opaque = form
            try:
                value = float(one.value) * factor
            except ValueError:
                opaque = True
            if opaque or not -largest <= value <= largest:
                samples.append(unmeasured(measurand, unit, phase, context, location, one.value))
                number = _NO_NUMBER
            else:
                samples.append(Sample(measurand, value, unit, phase, context, location))
            numbers.append(number)
        return Measurement(at, tuple(samples), self._plan(tuple(numbers), samples))

    def _plan(self, numbers: tuple[int, ...], samples: list[Sample]) -> Plan:
        found = self._plans.get(numbers)
        if found is None:
            found = plan(samples)
            if len(self._plans) < _MOST_PLANS:
                self._plans[numbers] = found
        return found

    def learn(self, payload: Any) -> None:
        """Remember the words of a message that the schema has accepted."""
        for value in msgspec.convert(payload, _MeterValues).meterValue:
            for one in value.sampledValue:
                words = (one.measurand, one.unit, one.phase, one.context, one.location, one.format)
                if words not in self._forms and len(self._forms) < _MOST_FORMS:
                    form = form_of(*(None if word is UNSET else word for word in words))
                    self._forms[words] = (len(self._forms), *form)
