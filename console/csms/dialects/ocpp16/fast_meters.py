"""OCPP 1.6: MeterValues the quick way, for it is most of what stations send.

What keeps the strict types of ``quick_payloads`` is read here, all else goes the general way, by the schema. What a
message's samples are of is looked up as a whole, and what they say is kept as the station wrote it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from console.csms.dialects.samples import form_of
from console.csms.dialects.times import read_time
from console.csms.quick_payloads import MeterValues
from console.csms.said.meters import Layouts, Plan
from console.csms.said.reports import Measurement, MeterReport
from console.model.meter import Form, Samples

_MOST_LAYOUTS = 1024
_Layout = tuple[tuple[Form, ...], Plan]
_Key = tuple[tuple[str | UnsetType, ...], ...]


class FastMeters:
    """Reads MeterValues that keep their schema and hold only numbers that can be right."""

    def __init__(self, highest_connector: int) -> None:
        self._highest_connector = highest_connector
        self._layouts: dict[_Key, _Layout] = {}  # by the words of all samples of a message

    def read(self, payload: Any) -> tuple[MeterReport, str] | None:
        """The report and what is odd about it, or None if it takes the slow way to tell."""
        try:
            wire = payload if type(payload) is MeterValues else msgspec.convert(payload, MeterValues)
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
            samples = value.sampledValue
            words = tuple(
                [(one.measurand, one.unit, one.phase, one.context, one.location, one.format) for one in samples]
            )
            layout = self._layouts.get(words) or self._layout(words)
            if layout is None:
                return None
            measurements.append(Measurement(at, Samples(layout[0], tuple([one.value for one in samples])), layout[1]))
        named = "" if transaction_id is UNSET else str(transaction_id)
        return MeterReport(wire.connectorId, named, tuple(measurements)), problem

    def _layout(self, words: _Key) -> _Layout | None:
        """What samples of such words are of, and which of them count; kept for the next message, if there is room."""
        if len(self._layouts) >= _MOST_LAYOUTS:
            return None
        forms = [form_of(*(None if word is UNSET else word for word in one)) for one in words]
        layout = self._layouts[words] = Layouts().of(forms)
        return layout
