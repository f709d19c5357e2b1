"""Instants as they are stored: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def to_us(instant: datetime) -> int: ...
@overload
def to_us(instant: None) -> None: ...
def to_us(instant: datetime | None) -> int | None:
    """Return the stored form. Exact; raises TypeError for a datetime without a time zone."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


@overload
def from_us(stored: int) -> datetime: ...
@overload
def from_us(stored: None) -> None: ...
def from_us(stored: int | None) -> datetime | None:
    """Return the instant that was stored, UTC."""
    return None if stored is None else _EPOCH + timedelta(microseconds=stored)
