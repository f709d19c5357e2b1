"""The neutral JSON of worked cases ("neutral composite cases v1"): read, computed, written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.errors import ConsoleError
from console.model.schedule.composite import (
    CompositePeriod,
    Conversion,
    Electrics,
    Reading,
    Request,
    RunningTransaction,
    composite,
)
from console.model.schedule.neutral import NeutralProfile, Seconds
from console.model.schedule.profile import Unit


class _Transaction(msgspec.Struct, rename="camel"):
    evse: int
    start: datetime
    id: str | int = ""
    priority_active: bool = False


class _Request(msgspec.Struct):
    evse: Seconds
    start: datetime
    duration: Seconds
    unit: Unit


class _Case(msgspec.Struct, rename="camel"):
    name: str
    profiles: list[NeutralProfile]
    request: _Request
    voltage: float = 230.0
    evse_count: int = 1
    transaction: _Transaction | None = None
    conversion_policy: Conversion = Conversion.OWN


class _File(msgspec.Struct):
    cases: list[_Case]


def compute(text: bytes) -> list[tuple[str, tuple[CompositePeriod, ...]]]:
    """Compute every case of a file; returns names and periods. Raises ConsoleError for a file it cannot read."""
    try:
        cases = msgspec.json.decode(text, type=_File).cases
    except msgspec.DecodeError as error:
        raise ConsoleError(f"This is no file of composite cases: {error}.", "See the README for the format.") from error
    return [(case.name, _computed(case)) for case in cases]


def as_json(results: list[tuple[str, tuple[CompositePeriod, ...]]]) -> dict[str, Any]:
    """The results as the one object that ``schedule composite --json`` prints; ``phases`` only where known."""
    return {
        "cases": [{"name": name, "periods": [_period_json(period) for period in periods]} for name, periods in results]
    }


def _period_json(period: CompositePeriod) -> dict[str, Any]:
    entry: dict[str, Any] = {"start": period.start_s, "limit": period.limit}
    return entry if period.phases is None else {**entry, "phases": period.phases}


def _computed(case: _Case) -> tuple[CompositePeriod, ...]:
    running = case.transaction
    transactions = (
        []
        if running is None
        else [RunningTransaction(running.evse, str(running.id), running.start, running.priority_active)]
    )
    asked = case.request
    return composite(
        [profile.profile() for profile in case.profiles],
        Request(asked.evse, asked.start, asked.duration, asked.unit),
        Electrics(case.voltage, case.evse_count),
        transactions,
        Reading(case.conversion_policy),
    )
