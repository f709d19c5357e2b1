"""The stations as rows of a table: their columns, cells, order and what a filter looks at. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console.model.site import Site
from console.model.station import Admission, Connector, ConnectorStatus, Station
from console.screens.frame import words
from console.screens.stations.station_words import connector_letters, connector_words, state, state_rank
from widgets.columns import Column
from widgets.row_line import Cell, CellStyle, Part

COLUMNS = (
    Column("station", "STATION", 11),
    Column("connectors", "CONN", 4),
    Column("state", "STATE", 20),
    Column("power", "POWER", 8, "right"),
    Column("today", "TODAY", 8, "right"),
    Column("last", "LAST", 4, "right"),
    Column("model", "MODEL", 9, flex=True),
    Column("version", "OCPP", 5, min_total_width=82),
    Column("firmware", "FIRMWARE", 12, min_total_width=96),
    Column("vendor", "VENDOR", 12, min_total_width=110),
    Column("address", "ADDRESS", 15, min_total_width=124),
)

#: The columns that ``o`` goes through.
SORTABLE = ("station", "state", "power", "today", "last", "model")
#: The columns that begin with what is most.
LARGEST_FIRST = frozenset({"power", "today"})
#: The columns whose values change with every frame.
RESTLESS = frozenset({"power", "today", "last"})

_NEVER = datetime.min.replace(tzinfo=UTC)
_CHARGING = (ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE)


def cells(site: Site, station_id: str, now: datetime) -> dict[str, Cell]:
    """The cells of one station's row."""
    station = site.stations.get(station_id)
    if station is None:
        return {"station": station_id}
    seen = site.seen.get(station_id)
    text, style = state(station, now)
    muted: CellStyle = "" if station.online else "muted"
    return {
        "station": (words.name_in(station.station_id, 11), "strong" if station.online else ""),
        "connectors": connector_letters(station),
        "state": (text, style),
        "power": _power(site, station),
        "today": words.energy(seen.energy_today_wh) if seen else words.NOTHING,
        "last": words.ago(seen.at if seen else None, now),
        "model": (station.model or station.vendor, muted),
        "vendor": (station.vendor, muted),
        "version": station.ocpp_version,
        "firmware": station.firmware_version,
        "address": station.address,
    }


def make(station: Station) -> str:
    """Vendor and model, without saying the vendor twice."""
    if station.vendor and station.model.casefold().startswith(station.vendor.casefold()):
        return station.model
    return words.join(station.vendor, station.model, by=" ")


def _power(site: Site, station: Station) -> Cell:
    power_w = site.power_w(station.station_id)
    charging = any(each.status in _CHARGING for each in station.connectors)
    if power_w is None or (not power_w and not charging):
        return (words.NOTHING, "muted")
    return (words.power(power_w), "busy" if power_w else "")


def sort_value(site: Site, station_id: str, column: str) -> Any:
    """What a station is sorted by; texts without case, the busiest first where that is what one looks for."""
    station = site.stations[station_id]
    seen = site.seen.get(station_id)
    match column:
        case "state":
            return state_rank(station)
        case "power":
            return -(site.power_w(station_id) or 0.0)
        case "today":
            return -(seen.energy_today_wh if seen else 0)
        case "last":
            return seen.at if seen else _NEVER
        case "model":
            return station.model.casefold()
        case _:
            return station_id.casefold()


def matches(station: Station, wanted: tuple[str, ...]) -> bool:
    """Whether every word of a filter (in lower case) stands somewhere in what is known of a station."""
    if not wanted:
        return True
    haystack = "\n".join(
        (
            station.station_id,
            station.vendor,
            station.model,
            station.firmware_version,
            station.address,
            station.note,
            f"ocpp {station.ocpp_version}",
            station.serial_number,
            "" if station.admission is Admission.ACCEPTED else f"{station.admission} new",
            "online" if station.online else "offline",
            *(connector_words(each, station.online) for each in station.connectors),
        )
    ).casefold()
    return all(word in haystack for word in wanted)


def summary(site: Site, station: Station, now: datetime) -> list[list[Part]]:
    """A station in some ten short lines, for beside the table."""
    link = "online" if station.online else "offline"
    since = f" for {words.span(station.online_changed_at, now)}" if station.online_changed_at else ""
    facts = (
        make(station),
        f"{station.admission}, {link}{since}",
        words.join(f"OCPP {station.ocpp_version}" if station.ocpp_version else "", station.address),
        f"firmware {station.firmware_version}" if station.firmware_version else "",
        f"serial {station.serial_number}" if station.serial_number else "",
        station.note,
    )
    lines: list[list[Part]] = [[(station.station_id, "strong")]]
    lines += [[(text, "")] for text in facts if text]
    for connector in station.connectors:
        reading = site.reading(station.station_id, connector.evse_id)
        power = words.power(reading.power_w) if reading and reading.power_w and station.online else ""
        name = (
            f"{connector.evse_id} " if connector.connector_id == 1 else f"{connector.evse_id}.{connector.connector_id} "
        )
        lines += [[], [(name, "strong"), (words.join(connector_words(connector, station.online), power), "")]]
        lines += _running(site, station.station_id, connector.evse_id, now)
    return lines


def connector_name(connector: Connector) -> str:
    """How a connector is called: by its EVSE, and by its own number where that is not the only one."""
    return f"{connector.evse_id}" if connector.connector_id == 1 else f"{connector.evse_id}.{connector.connector_id}"


def _running(site: Site, station_id: str, evse_id: int, now: datetime) -> list[list[Part]]:
    lines: list[list[Part]] = []
    for running in site.running(station_id, evse_id):
        lines.append([(f"  {words.energy(running.energy_wh)} in {words.span(running.started_at, now)}", "")])
        if running.id_token:
            lines.append([(f"  tag {tag_name(site, running.id_token)}", "muted")])
    return lines


def tag_name(site: Site, id_token: str) -> str:
    """A tag with its label, where it has one."""
    token = site.tokens.get(id_token.strip().casefold())
    return f"{id_token} ({token.label})" if token and token.label else id_token
