"""Transactions as rows of a table, and one of them in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from console.model.site import Site
from console.model.token import token_key
from console.model.transaction import Flag, Transaction
from console.screens.frame import words
from console.screens.stations.station_rows import tag_name
from widgets.columns import Column
from widgets.row_line import Cell, Part

COLUMNS = (
    Column("started", "STARTED", 11),
    Column("station", "STATION", 10),
    Column("evse", "C", 2, "right"),
    Column("tag", "TAG", 12, flex=True),
    Column("label", "LABEL", 16, min_total_width=94),
    Column("time", "TIME", 6, "right"),
    Column("energy", "ENERGY", 8, "right"),
    Column("end", "END", 14),
    Column("group", "GROUP", 8, min_total_width=104),
    Column("id", "ID", 10, "right", min_total_width=116),
)
SORTABLE = ("started", "station", "energy", "time", "tag")
#: The columns that begin with what is newest or most.
LARGEST_FIRST = frozenset({"started", "energy", "time"})

_EPOCH = datetime.fromtimestamp(0, UTC)

#: What a flag means for the person who wants to rely on the figures.
FLAG_WORDS: dict[Flag, str] = {
    Flag.ABANDONED: "another began on this connector before it was stopped",
    Flag.ORPHAN: "its end was reported, but never its start",
    Flag.MATCHED_BY_GUESS: "no valid id came: connector and time decided",
    Flag.METER_INVALID: "the meter ran backwards or jumped: do not trust it",
    Flag.CONNECTOR_CONFLICT: "another connector sent meter values under its id",
    Flag.CLOCK_SUSPECT: "the station's clock was wrong: do not trust times",
    Flag.NOT_AUTHORIZED: "started with a tag that was refused",
    Flag.FOREIGN_TOKEN: "stopped with a tag of another group",
    Flag.GAP: "messages of this transaction are missing",
}


#: What a running transaction is doing (2.x ChargingStateEnumType; 1.6 does not say).
_DOING = {
    "EVConnected": ("plugged in", "plugged in, not charging"),
    "SuspendedEV": ("car paused", "running, the car pauses"),
    "SuspendedEVSE": ("station paused", "running, the station pauses"),
    "Idle": ("idle", "running, nothing is plugged in"),
}
_CHARGING = ("charging", "still charging")


def _connector(one: Transaction) -> str:
    """Where a transaction runs; of an EVSE's second and further connectors, both numbers. A few never say."""
    if not one.evse_id:
        return "a connector that it did not name"
    return f"connector {one.evse_id}" + (f".{one.connector_id}" if one.connector_id > 1 else "")


def _seconds(one: Transaction, now: datetime) -> float:
    return ((one.ended_at or now) - one.started_at).total_seconds() if one.started_at else 0.0


def cells(site: Site, one: Transaction, now: datetime, zone: tzinfo | None) -> dict[str, Cell]:
    """The cells of one row."""
    token = site.tokens.get(token_key(one.id_token))
    end: Cell = (
        (_DOING.get(one.charging_state, _CHARGING)[0], "busy") if one.running else (one.stop_reason or "ended", "")
    )
    return {
        "started": words.day_and_time(one.started_at, zone, now),
        "station": words.name_in(one.station_id, 10),
        "evse": str(one.evse_id) if one.evse_id else words.NOTHING,
        "tag": one.id_token or words.NOTHING,
        "label": token.label if token else "",
        "time": words.brief_span(one.started_at, one.ended_at or now),
        "energy": words.energy(one.energy_wh),
        "end": (f"! {one.flags[0]}", "warn") if one.flags else end,
        "group": one.group_id,
        "id": one.transaction_id,
    }


def sort_value(one: Transaction, column: str, now: datetime) -> Any:
    """What a transaction is sorted by: the newest, longest, largest first."""
    match column:
        case "station":
            return (one.station_id.casefold(), -(one.started_at or _EPOCH).timestamp())
        case "energy":
            return -(one.energy_wh or 0)
        case "time":
            return -_seconds(one, now)
        case "tag":
            return (one.id_token.casefold(), -(one.started_at or _EPOCH).timestamp())
        case _:
            return -(one.started_at or _EPOCH).timestamp()


def details(site: Site, one: Transaction, now: datetime, zone: tzinfo | None) -> list[list[Part]]:
    """A transaction in lines of a label and a value."""
    station = site.stations.get(one.station_id)
    where = words.join(one.station_id, _connector(one), station.model if station else "")
    began = f"since {words.moment(one.started_at, zone, now)}" if one.started_at else "start unknown"
    times = words.join(
        began,
        words.duration(_seconds(one, now)) if one.started_at else "",
        _DOING.get(one.charging_state, _CHARGING)[1],
    )
    if one.ended_at and one.started_at:
        end = words.moment(one.ended_at, zone, now)
        times = f"{words.moment(one.started_at, zone, now)} to {end}, {words.duration(_seconds(one, now))}"
    elif one.ended_at:
        times = f"start unknown, ended {words.moment(one.ended_at, zone, now)}"
    meter = " to ".join(f"{wh / 1000:,.3f} kWh" for wh in (one.meter_start_wh, one.meter_stop_wh) if wh is not None)
    stopped = words.join(one.stop_reason or "no reason given", f"with tag {one.stop_token}" if one.stop_token else "")
    tag = words.join(
        tag_name(site, one.id_token) or "none",
        f"group {one.group_id}" if one.group_id else "",
        "started remotely" if one.remote_start_id else "",
    )
    rows = [
        ("Station", where),
        ("Tag", tag),
        ("Time", times),
        ("Energy", words.join(_exactly(one.energy_wh), f"meter {meter}" if meter else "")),
        ("Stopped", "" if one.running else stopped),
    ]
    lines: list[list[Part]] = [[(f" {label:<9}", "muted"), (text, "")] for label, text in rows if text]
    lines += [[(" ! ", "warn"), (f"{flag}: ", "warn"), (FLAG_WORDS[flag], "")] for flag in one.flags]
    return lines


def _exactly(energy_wh: int | None) -> str:
    return f"{energy_wh / 1000:,.3f} kWh" if energy_wh is not None else "unknown"
