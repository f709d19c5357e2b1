"""One station in rows and lines: its facts, its connectors. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo

from console.model.make import Tolerance
from console.model.site import Site
from console.model.station import Connector, ConnectorStatus, Station
from console.screens.frame import paint, words
from console.screens.stations.station_rows import connector_name, make, tag_name
from console.screens.stations.station_words import STATUS_STYLE, connector_words, fault_words, state
from widgets.columns import Column
from widgets.row_line import Cell, Part

CONNECTOR_COLUMNS = (
    Column("name", "CONN", 4),
    Column("state", "STATE", 20, flex=True),
    Column("power", "POWER", 8, "right"),
    Column("energy", "ENERGY", 8, "right"),
    Column("time", "TIME", 6, "right"),
    Column("soc", "SOC", 5, "right", min_total_width=64),
)
WHOLE = "all"
#: So much of a transaction's id is shown in any case.
_SHORT_ID = 8


def facts(site: Site, station: Station, now: datetime) -> list[list[Part]]:
    """Who this station is, and how it stands to us, in two or three lines."""
    link = "online" if station.online else "offline"
    if station.online and station.unresponsive:
        link = "online, unresponsive"
    since = f" for {words.span(station.online_changed_at, now)}" if station.online_changed_at else ""
    seen = site.seen.get(station.station_id)
    identity = words.join(
        make(station) or "said nothing of itself yet",
        f"firmware {station.firmware_version}" if station.firmware_version else "",
        f"serial {station.serial_number}" if station.serial_number else "",
        by="  ",
    )
    standing = words.join(
        str(station.admission),
        f"{link}{since}",
        f"OCPP {station.ocpp_version}" if station.ocpp_version else "",
        f"from {station.address}" if station.address else "",
        f"last frame {words.ago(seen.at, now)}" if seen else "",
    )
    lines: list[list[Part]] = [
        [(f" {identity}", "")],
        [(f" {standing}", "" if station.online and not station.unresponsive else "warn")],
    ]
    for text in (station.note, tolerated(station), treated(station)):
        if text:
            lines.append([(f" {text}", "muted")])
    return lines


def tolerated(station: Station) -> str:
    """What is taken from a station though it breaks OCPP; "" where there is nothing to say of it."""
    if station.tolerance is Tolerance.STRICT:
        return "tolerated: nothing"
    told = ", ".join(station.tolerated)
    by = f" ({', '.join(station.profiles)})" if station.profiles and station.tolerance is Tolerance.PROFILE else ""
    return f"tolerated: {told}{by}" if told else ""


def treated(station: Station) -> str:
    """What is done otherwise for a station's make; "" where nothing is."""
    by = " and ".join(station.profiles)
    return f"for {by}: {'; '.join(station.treated)}" if station.treated else ""


def connector_keys(station: Station) -> list[str]:
    """The rows: each connector, then the station as a whole."""
    return [*(connector_name(each) for each in station.connectors), WHOLE]


def connector_of(station: Station, key: str | None) -> Connector | None:
    """The connector of a row, None for the whole station."""
    return next((each for each in station.connectors if connector_name(each) == key), None)


def connector_cells(site: Site, station: Station, key: str, now: datetime) -> dict[str, Cell]:
    """The cells of one connector, or of the whole station."""
    connector = connector_of(station, key)
    if connector is None:
        return _whole_cells(site, station, now)
    reading = site.reading(station.station_id, connector.evse_id)
    on_evse = site.running(station.station_id, connector.evse_id)
    running = next((each for each in on_evse if each.connector_id == connector.connector_id), None)
    shown = reading if station.online and (running is not None or not on_evse) else None
    cells: dict[str, Cell] = {
        "name": (key, "strong"),
        "state": (
            _state(connector, station.online) + _reserved(site, station, connector),
            STATUS_STYLE.get(connector.status, "") if station.online else "muted",
        ),
        "power": words.power(shown.power_w if shown else None),
        "soc": f"{shown.soc_percent:.0f} %" if shown and shown.soc_percent is not None else "",
    }
    if running is not None:
        cells["energy"] = words.energy(running.energy_wh)
        cells["time"] = words.brief_span(running.started_at, now)
    return cells


def running_line(site: Site, station_id: str, evse_id: int | None, zone: tzinfo | None, width: int) -> list[Part]:
    """What runs on an EVSE: transaction, tag, group, start. A long id is shortened where the rest has no room."""
    running = next(iter(site.running(station_id, evse_id)), None) if evse_id is not None else None
    if running is None:
        return []
    tag = f"tag {tag_name(site, running.id_token)}" if running.id_token else "no tag"
    group = f"group {running.group_id}" if running.group_id else ""
    since = f"since {words.time_of_day(running.started_at, zone)}" if running.started_at else ""
    rest: list[Part] = [
        (words.join(tag, group, since), ""),
        (f"  ! {', '.join(running.flags)}" if running.flags else "", "warn"),
    ]
    room = width - paint.length(rest) - len(" Transaction   ")
    name = words.name_in(running.transaction_id, max(_SHORT_ID, room))
    return [(f" Transaction {name}  ", "strong"), *rest]


def _reserved(site: Site, station: Station, connector: Connector) -> str:
    """For whom a connector is reserved, "" where it is not."""
    held = next(iter(site.reserved(station.station_id, connector.evse_id)), None)
    if held is None:
        return ""
    already = connector.status is ConnectorStatus.RESERVED and station.online
    return f"{'' if already else ', reserved'} for {tag_name(site, held.id_token)}"


def reservation_lines(site: Site, station_id: str, zone: tzinfo | None, now: datetime) -> list[list[Part]]:
    """What is reserved at a station: for whom, where, until when."""
    held = sorted(site.reserved(station_id), key=lambda each: each.until)
    told = [
        f"{f'connector {each.evse_id}' if each.evse_id else 'any connector'} for {tag_name(site, each.id_token)} "
        f"until {words.moment(each.until, zone, now)} (number {each.reservation_id})"
        for each in held
    ]
    return [[(" Reserved  ", "strong"), (text, "")] for text in told[:3]]


def _state(connector: Connector, online: bool) -> str:
    text = connector_words(connector, online)
    told = connector.info if connector.status is ConnectorStatus.FAULTED and connector.info not in text else ""
    return words.join(text, told, by=": ")


def _whole_cells(site: Site, station: Station, now: datetime) -> dict[str, Cell]:
    fault = station.status is ConnectorStatus.FAULTED and station.online
    text, style = (fault_words(station.error_code, station.info), "bad") if fault else state(station, now)
    seen = site.seen.get(station.station_id)
    return {
        "name": (WHOLE, "muted"),
        "state": (text, style) if fault or not station.online else "",  # type: ignore[dict-item]  # a literal above
        "power": words.power(site.power_w(station.station_id)),
        "energy": words.energy(seen.energy_today_wh) if seen else "",
        "time": ("today", "muted") if seen else "",
    }
