"""How the site does, in figures, kept up to date at the cost of what changed and not of what there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from console.model.change import Change, Measured, StationChanged, StationRemoved
from console.model.site import Site
from console.model.station import Admission, ConnectorStatus, Station


@dataclass(frozen=True, slots=True)
class Figures:
    """A station's share in the totals, or the totals. ``power_w`` is whole watts, so that sums never drift."""

    stations: int = 0
    online: int = 0
    charging: int = 0
    faults: int = 0
    pending: int = 0
    power_w: int = 0

    def plus(self, other: Figures, sign: int = 1) -> Figures:
        """The sum (or, with sign -1, the difference)."""
        return Figures(*(getattr(self, f.name) + sign * getattr(other, f.name) for f in fields(self)))


_CHARGING = (ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE)


def figures_of(station: Station, power_w: float | None) -> Figures:
    """One station's share. ``charging`` and ``faults`` count connectors; a fault of the whole station is one."""
    if not station.online:
        return Figures(stations=1, pending=int(station.admission is Admission.PENDING))
    statuses = [connector.status for connector in station.connectors]
    return Figures(
        stations=1,
        online=1,
        charging=sum(status in _CHARGING for status in statuses),
        faults=statuses.count(ConnectorStatus.FAULTED) or int(station.status is ConnectorStatus.FAULTED),
        pending=int(station.admission is Admission.PENDING),
        power_w=round(power_w or 0),
    )


class Overview:
    """The totals of a site."""

    def __init__(self) -> None:
        self._shares: dict[str, Figures] = {}
        self.total = Figures()
        self.pending: dict[str, None] = {}  # stations that wait to be let in, oldest first

    def reset(self, site: Site) -> None:
        """Count a whole site."""
        self._shares.clear()
        self.pending.clear()
        self.total = Figures()
        for station_id in site.stations:
            self._count(station_id, site)

    def absorb(self, changes: Iterable[Change], site: Site) -> None:
        """Count again what these changes touched; ``site`` already has them."""
        touched = {station_id: None for change in changes if (station_id := _touched(change))}
        for station_id in touched:
            self._count(station_id, site)

    def _count(self, station_id: str, site: Site) -> None:
        before = self._shares.pop(station_id, Figures())
        station = site.stations.get(station_id)
        after = Figures() if station is None else figures_of(station, site.power_w(station_id))
        if station is not None:
            self._shares[station_id] = after
        if after.pending:
            self.pending.setdefault(station_id)
        else:
            self.pending.pop(station_id, None)
        if after != before:
            self.total = self.total.plus(before, -1).plus(after)


def _touched(change: Change) -> str:
    if isinstance(change, StationChanged):
        return change.station.station_id
    if isinstance(change, StationRemoved):
        return change.station_id
    return change.reading.station_id if isinstance(change, Measured) else ""
