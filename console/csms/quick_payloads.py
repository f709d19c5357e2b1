"""Payloads that are decoded together with their frame, for they are most of what stations send. Pure.

The types say all that the schema says, so that what they take keeps it; what they do not take is decoded as any other
payload, and goes the general way.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from console.actions.schemas import schema

#: What a sampled value is of.
SAMPLE_WORDS = ("measurand", "unit", "phase", "context", "location", "format")
_SCHEMA: Any = schema("1.6", "MeterValues")["properties"]["meterValue"]["items"]["properties"]["sampledValue"]["items"]


def _one_of(word: str) -> Any:
    """The type of what OCPP's own schema allows. Decoded, equal words are one object, which is quick to look up."""
    return Literal[tuple(_SCHEMA["properties"][word]["enum"])] | UnsetType


_Sample: Any = msgspec.defstruct(
    "_Sample",
    [("value", str), *((word, _one_of(word), UNSET) for word in SAMPLE_WORDS)],
    forbid_unknown_fields=True,
    gc=False,
)


class _MeterValue(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    timestamp: str
    sampledValue: Annotated[list[_Sample], msgspec.Meta(min_length=1)]


class MeterValues(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The payload of MeterValues.req (OCPP 1.6), as strict as its schema."""

    connectorId: int
    meterValue: Annotated[list[_MeterValue], msgspec.Meta(min_length=1)]
    transactionId: int | UnsetType = UNSET
