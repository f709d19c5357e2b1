"""Stations' clocks, which are sometimes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: Before OCPP 1.6 there was nothing to report: a clock that says so was never set.
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


def plausible(at: datetime | None, now: datetime) -> bool:
    """Whether a station's time can be right: not from before its clock was set, nor more than a day ahead of ours."""
    return at is not None and _EARLIEST <= at <= now + _AHEAD


def settled(at: datetime | None, now: datetime) -> datetime:
    """The station's time where it can be right and is not ahead of ours, else the time of arrival."""
    return at if at is not None and _EARLIEST <= at <= now else now
