"""One line of a list: how stations, transactions, tags and frames read in columns, and as records for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.cli.output import energy, moment, power, record, span
from console.model.message import Direction, Message
from console.model.site import Site
from console.model.station import STATUS_LETTER, STATUS_WORDS, Admission, ConnectorStatus, Station
from console.model.token import Token
from console.model.transaction import Transaction

STATION_TITLES = ("STATION", "CONNECTORS", "STATE", ">POWER", ">TODAY", ">SEEN", "OCPP", "MODEL", "FIRMWARE")
TRANSACTION_TITLES = (
    "STATION", ">EVSE", "TRANSACTION", "TAG", "STARTED", ">TIME", ">ENERGY", "STATE", "FLAGS",
)  # fmt: skip
TOKEN_TITLES = ("TAG", "TYPE", "GROUP", "STATUS", "EXPIRES", "LABEL")
MESSAGE_TITLES = ("TIME", "STATION", "", "KIND", "ACTION", ">LATENCY", "PROBLEM", "FRAME")

#: States that say less than another connector's: the first that any connector has stands for the station.
_TELLING = (
    ConnectorStatus.FAULTED, ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE,
    ConnectorStatus.PREPARING, ConnectorStatus.FINISHING, ConnectorStatus.OCCUPIED, ConnectorStatus.RESERVED,
    ConnectorStatus.UNAVAILABLE, ConnectorStatus.AVAILABLE,
)  # fmt: skip
_ARROWS = {Direction.FROM_STATION: ">", Direction.TO_STATION: "<", Direction.EVENT: "*"}


def station_row(site: Site, station: Station, now: datetime) -> Sequence[str]:
    """One station, in ``STATION_TITLES``."""
    seen = site.seen.get(station.station_id)
    several = {each.evse_id for each in station.connectors if each.connector_id > 1}
    letters = [
        f"{each.evse_id}{f'.{each.connector_id}' if each.evse_id in several else ''}"
        f":{STATUS_LETTER[each.status] if station.online else '-'}"
        for each in station.connectors
    ]
    return (
        station.station_id,
        " ".join(letters) or "-",
        station_state(station, now),
        power(site.power_w(station.station_id)),
        energy(seen.energy_today_wh if seen else None),
        span(now - seen.at) if seen else "-",
        station.ocpp_version or "-",
        f"{station.vendor} {station.model}".strip() or "-",
        station.firmware_version or "-",
    )


def station_state(station: Station, now: datetime) -> str:
    """What a station is doing, in words: what keeps it from charging comes first."""
    if station.admission is not Admission.ACCEPTED:
        return str(station.admission)
    if not station.online:
        since = station.online_changed_at
        return f"offline {span(now - since)}" if since else "offline"
    for status in _TELLING:
        for connector in station.connectors:
            if connector.status is status:
                code = connector.error_code if status is ConnectorStatus.FAULTED else ""
                return f"{STATUS_WORDS[status]} {code}".strip()
    return STATUS_WORDS[station.status] if station.status is not ConnectorStatus.UNKNOWN else "online"


def station_record(site: Site, station: Station) -> dict[str, Any]:
    """One station for scripts: all that is known, with its newest readings and running transactions."""
    seen = site.seen.get(station.station_id)
    evse_ids = sorted({connector.evse_id for connector in station.connectors})
    readings = (site.reading(station.station_id, evse_id) for evse_id in evse_ids)
    fields: dict[str, Any] = record(station)
    return fields | {
        "power_w": site.power_w(station.station_id),
        "energy_today_wh": seen.energy_today_wh if seen else None,
        "seen_at": seen.at if seen else None,
        "readings": [record(reading) for reading in readings if reading],
        "transactions": [transaction.transaction_id for transaction in site.running(station.station_id)],
    }


def transaction_row(transaction: Transaction, now: datetime) -> Sequence[str]:
    """One transaction, in ``TRANSACTION_TITLES``."""
    started = transaction.started_at
    return (
        transaction.station_id,
        str(transaction.evse_id),
        transaction.transaction_id,
        transaction.id_token or "-",
        moment(started),
        span((transaction.ended_at or now) - started) if started else "-",
        energy(transaction.energy_wh),
        "running" if transaction.running else f"ended {transaction.stop_reason}".strip(),
        ", ".join(transaction.flags),
    )


def transaction_record(transaction: Transaction) -> dict[str, Any]:
    """One transaction for scripts."""
    fields: dict[str, Any] = record(transaction)
    return fields | {"running": transaction.running}


def token_row(token: Token, now: datetime) -> Sequence[str]:
    """One tag, in ``TOKEN_TITLES``."""
    status = token.status_at(now).lower()
    return (token.id_token, token.token_type, token.group_id or "-", status, moment(token.expires_at), token.label)


def token_record(token: Token, now: datetime) -> dict[str, Any]:
    """One tag for scripts; ``tag import`` reads it back."""
    fields: dict[str, Any] = record(token)
    return fields | {"status": token.status_at(now)}


def message_row(message: Message) -> Sequence[str]:
    """One frame, in ``MESSAGE_TITLES``."""
    return (
        message.at.astimezone().strftime("%H:%M:%S.%f")[:-3],
        message.station_id,
        _ARROWS[message.direction],
        message.kind,
        message.action,
        f"{message.latency_s * 1000:.0f} ms" if message.latency_s is not None else "",
        message.problem,
        message.text,
    )
