"""What a station will do with its profiles, and with one more: from a site to the arithmetic. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from console.model.schedule.capabilities import capabilities
from console.model.schedule.checks import Surroundings
from console.model.schedule.composite import (
    CompositePeriod,
    Electrics,
    Reading,
    Request,
    RunningTransaction,
    composite,
)
from console.model.schedule.installed import next_profile_id
from console.model.schedule.profile import ChargingProfile, Purpose, Unit
from console.model.site import Site
from console.model.station import Setting, Station

#: A phase's voltage where none was measured, and what a measured one must lie between to be a phase's.
USUAL_VOLTAGE_V = 230.0
_PHASE_VOLTAGES_V = (90.0, 300.0)


class Window(msgspec.Struct, frozen=True):
    """Which composite: an EVSE's (0: the station's), from an instant, so long, in a unit."""

    evse_id: int
    start: datetime
    duration_s: int = 86_400
    unit: Unit = Unit.A


def electrics(site: Site, station_id: str) -> Electrics:
    """Voltage as it was measured last, and the number of EVSEs."""
    station = site.stations.get(station_id) or Station(station_id)
    evse_ids = sorted({connector.evse_id for connector in station.connectors})
    low_v, high_v = _PHASE_VOLTAGES_V
    measured = [
        reading.voltage_v
        for evse_id in evse_ids
        if (reading := site.reading(station_id, evse_id)) is not None
        and reading.voltage_v is not None
        and low_v <= reading.voltage_v <= high_v
    ]
    return Electrics(measured[0] if measured else USUAL_VOLTAGE_V, max(evse_ids, default=1))


def running(site: Site, station_id: str) -> tuple[RunningTransaction, ...]:
    """The transactions that profiles refer to, the newest of each EVSE."""
    priority = site.schedules_of(station_id).priority
    newest = {one.evse_id: one for one in site.running(station_id) if one.started_at is not None}
    return tuple(
        RunningTransaction(one.evse_id, one.transaction_id, one.started_at, one.transaction_id in priority)
        for one in newest.values()
        if one.started_at is not None
    )


def surroundings(
    site: Site,
    station_id: str,
    settings: Iterable[Setting],
    now: datetime,
    reading: Reading = Reading(),  # noqa: B008  # frozen
) -> Surroundings:
    """What a profile for a station is judged by."""
    station = site.stations.get(station_id) or Station(station_id)
    return Surroundings(
        version=station.ocpp_version or "1.6",
        schedules=site.schedules_of(station_id),
        running=tuple((one.evse_id, one.transaction_id) for one in site.running(station_id)),
        now=now,
        capabilities=capabilities(settings),
        voltage_v=electrics(site, station_id).voltage_v,
        reading=reading,
    )


def expected(
    site: Site,
    station_id: str,
    window: Window,
    more: ChargingProfile | None = None,
    reading: Reading = Reading(),  # noqa: B008  # frozen
) -> tuple[CompositePeriod, ...]:
    """The composite that follows from what is installed; with ``more`` as if that were installed too."""
    held = site.schedules_of(station_id)
    if more is not None:
        held = held.with_set(completed(site, station_id, more), window.start)
    request = Request(window.evse_id, window.start, window.duration_s, window.unit)
    return composite(held.profiles, request, electrics(site, station_id), running(site, station_id), reading)


def completed(site: Site, station_id: str, profile: ChargingProfile, above: int = 0) -> ChargingProfile:
    """The profile with what the service will add: the transaction that runs, and an id (greater than ``above``)."""
    if profile.purpose is Purpose.TX and not profile.transaction_id:
        held = [one for one in site.running(station_id, profile.evse_id)]
        if held:
            profile = msgspec.structs.replace(profile, transaction_id=held[-1].transaction_id)
    if profile.profile_id:
        return profile
    chosen = next_profile_id(profile, site.schedules_of(station_id), above)
    return msgspec.structs.replace(profile, profile_id=chosen)
