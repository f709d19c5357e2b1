"""One line of a list."""

from __future__ import annotations

from console.cli.rows import station_row
from console.model.site import Site
from console.model.station import Connector, ConnectorStatus, Station
from tests.unit.cli.fake import NOW


def test_connectors_are_numbered_where_an_evse_has_several() -> None:
    places = [(1, 1), (1, 2), (2, 1)]
    connectors = tuple(Connector(evse, connector, ConnectorStatus.AVAILABLE) for evse, connector in places)
    station = Station("CP-09", online=True, connectors=connectors)
    assert station_row(Site(name="x"), station, NOW)[1] == "1.1:A 1.2:A 2:A"
