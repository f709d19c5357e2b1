"""One schedule made to fit many stations: who is meant, and each one's own profile. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from console.model.schedule.checks import Finding, Level, Surroundings, check
from console.model.schedule.fit import in_unit, merged
from console.model.schedule.profile import ChargingProfile
from console.model.site import Site
from console.model.station import Admission


class Fitted(msgspec.Struct, frozen=True):
    """A station's share, and what there is to say about it; ``profile`` None where nothing can be sent there."""

    station_id: str
    profile: ChargingProfile | None
    findings: tuple[Finding, ...] = ()


def stations_meant(site: Site, patterns: Iterable[str]) -> list[str]:
    """The accepted stations whose names match one of the patterns (``*`` stands for anything), by name."""
    wanted = [pattern.casefold() for pattern in patterns]
    return sorted(
        station_id
        for station_id, station in site.stations.items()
        if station.admission is Admission.ACCEPTED
        and any(fnmatchcase(station_id.casefold(), pattern) for pattern in wanted)
    )


def fit_to(profile: ChargingProfile, station: Surroundings, *, mend: bool) -> ChargingProfile:
    """The profile for one station: mended, where that was asked for, in unit and number of periods."""
    can = station.capabilities
    if mend and can.units is not None and profile.unit not in can.units:
        profile = in_unit(profile, next(iter(can.units)), station.voltage_v, station.phases)
    return merged(profile, can.max_periods) if mend and can.max_periods is not None else profile


def fit_all(profile: ChargingProfile, stations: Mapping[str, Surroundings], *, mend: bool) -> Sequence[Fitted]:
    """Every station's share. What the specification forbids is not sent; what a station says it cannot is."""
    found = []
    for station_id, station in stations.items():
        own = fit_to(profile, station, mend=mend)
        findings = check(own, station)
        refused = any(finding.level is Level.REFUSED for finding in findings)
        found.append(Fitted(station_id, None if refused else own, findings))
    return found
