"""What the service needs when it starts: the site as it was, and what the CSMS must remember of the past."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Engine, Row, Select, func, select

from console.model.change import Notice
from console.model.local_list import LocalList
from console.model.message import Attempt, Direction
from console.model.record import StationRecord
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.schedule.prices import PriceCurve
from console.model.schedule.rollout import Rollout
from console.model.site import KEPT_ATTEMPTS, KEPT_ENDED, KEPT_NOTICES, KEPT_ROLLOUTS, Seen, Site
from console.model.station import Setting, Station
from console.model.token import Token
from console.model.transaction import Transaction
from console.store import blocks, rows, schema
from console.store.energy import energy_since
from console.store.engine import upsert
from console.store.instants import from_us, to_us
from console.store.schema import charging_transaction as transaction
from console.store.schema import message_block, meter_value, station

#: How many transactions of each station are remembered, to know a start or stop that is sent again.
RECENT_PER_STATION = 20
# How many of the newest messages are looked through for when each station was last heard.
_SEEN_WITHIN = 50_000


class Loaded(msgspec.Struct, frozen=True):
    """Everything at the start of a service. All stations are offline; transactions are oldest first.

    ``running`` hold the energy of their newest meter value; ``recent`` are the last ``RECENT_PER_STATION`` of every
    station, running or not. ``secret_settings`` are, by station, the keys whose values are never kept;
    ``awaiting_boot`` are the settings that take effect when their station boots; ``records`` are what stations told of
    themselves, oldest first.
    ``highest_ordinal`` is the number of transactions this data folder has seen (0: none), ``id_secret`` 16 random
    bytes that never change. ``energy_today_wh`` is by station since the instant given to ``load``.
    """

    stations: dict[str, Station]
    credentials: dict[str, str]
    tokens: dict[str, Token]
    running: list[Transaction]
    ended: list[Transaction]
    recent: list[Transaction]
    attempts: list[Attempt]
    notices: list[Notice]
    secret_settings: dict[str, frozenset[str]]
    awaiting_boot: list[Setting]
    local_lists: dict[str, LocalList]
    reservations: list[Reservation]
    records: list[StationRecord]
    next_message_seq: int
    highest_ordinal: int
    id_secret: bytes
    seen_at: dict[str, datetime]
    energy_today_wh: dict[str, int]
    schedules: dict[str, StationSchedules] = {}
    prices: PriceCurve | None = None
    rollouts: dict[str, Rollout] = {}

    def site(self, name: str) -> Site:
        """The site to start with: what is stored, and nothing of what only a running service knows."""
        transactions = sorted([*self.ended, *self.running], key=_order)
        return Site(
            name=name,
            stations=dict(self.stations),
            seen={key: Seen(at, self.energy_today_wh.get(key, 0)) for key, at in self.seen_at.items()},
            transactions={held.key: held for held in transactions},
            schedules=dict(self.schedules),
            prices=self.prices,
            rollouts=dict(self.rollouts),
            tokens=dict(self.tokens),
            attempts={held.attempt_id: held for held in self.attempts},
            notices=tuple(self.notices),
            local_lists=dict(self.local_lists),
            reservations={held.key: held for held in self.reservations},
        )


def begin_once(engine: Engine) -> None:
    """Write what a data folder gets once in its life: its secret, and when it began."""
    begun = [
        {"key": "id_secret", "value": secrets.token_hex(16)},
        {"key": "created_at", "value": datetime.now(UTC).isoformat(timespec="seconds")},
    ]
    with engine.begin() as connection:
        connection.execute(upsert(engine, schema.meta, ["key", "value"]), begun)


def load(connection: Connection, today: datetime) -> Loaded:
    """Read everything for a start; ``today`` is the instant (local midnight) from which today's energy counts."""
    last_seq = connection.execute(select(func.max(message_block.c.last_seq))).scalar() or 0
    seen_at = _seen_at(connection)
    ended = select(transaction).where(transaction.c.ended_at.is_not(None))
    secret = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == "id_secret")).scalar_one()
    return Loaded(
        stations={held.station_id: held for held in _stations(connection, seen_at)},
        credentials={row.station_id: row.password_hash for row in connection.execute(select(schema.credential))},
        tokens={row.key: rows.to_token(row) for row in connection.execute(select(schema.token))},
        running=_running(connection),
        ended=[rows.to_transaction(row) for row in _newest(connection, ended, transaction.c.sort_at, KEPT_ENDED)],
        recent=_recent(connection),
        attempts=[
            rows.to_attempt(row)
            for row in _newest(connection, select(schema.attempt), schema.attempt.c.at, KEPT_ATTEMPTS)
        ],
        notices=[
            rows.to_notice(row) for row in _newest(connection, select(schema.notice), schema.notice.c.id, KEPT_NOTICES)
        ],
        secret_settings=_secret_settings(connection),
        awaiting_boot=[
            rows.to_setting(row)
            for row in connection.execute(select(schema.setting).where(schema.setting.c.reboot_required))
        ],
        local_lists={
            row.station_id: rows.to_local_list(row.body) for row in connection.execute(select(schema.local_list))
        },
        reservations=[rows.to_reservation(row.body) for row in connection.execute(select(schema.reservation))],
        records=[
            rows.to_record(row)
            for row in connection.execute(select(schema.station_record).order_by(schema.station_record.c.at))
        ],
        next_message_seq=last_seq + 1,
        highest_ordinal=connection.execute(select(func.max(transaction.c.ordinal))).scalar() or 0,
        id_secret=bytes.fromhex(secret),
        seen_at=seen_at,
        energy_today_wh=energy_since(connection, today),
        schedules={
            row.station_id: rows.to_schedules(row.body) for row in connection.execute(select(schema.station_schedules))
        },
        rollouts=_rollouts(connection),
        prices=next((rows.to_prices(row.body) for row in connection.execute(select(schema.price_curve))), None),
    )


def _rollouts(connection: Connection) -> dict[str, Rollout]:
    """The newest rollouts, oldest first."""
    found = [rows.to_rollout(row.body) for row in connection.execute(select(schema.rollout))]
    found.sort(key=lambda held: held.started_at)
    return {held.rollout_id: held for held in found[-KEPT_ROLLOUTS:]}


def _newest(connection: Connection, statement: Select[Any], column: Column[int], count: int) -> list[Row[Any]]:
    return list(connection.execute(statement.order_by(column.desc()).limit(count)).all())[::-1]


def _stations(connection: Connection, seen_at: dict[str, datetime]) -> list[Station]:
    """All stations, offline. One that was online when the service was killed went offline when last heard of."""
    last_at = from_us(connection.execute(select(func.max(message_block.c.last_at))).scalar())
    found = []
    for row in connection.execute(select(station)):
        held = rows.to_station(row.body)
        if held.online:
            since = seen_at.get(held.station_id) or last_at or held.online_changed_at
            held = msgspec.structs.replace(held, online=False, online_changed_at=since)
        found.append(held)
    return found


def _seen_at(connection: Connection) -> dict[str, datetime]:
    """When each station was last heard, as far as the newest messages tell."""
    known = set(connection.execute(select(station.c.station_id)).scalars())
    heard: dict[str, datetime] = {}
    for message in blocks.newest(connection, _SEEN_WITHIN):
        if message.direction is Direction.FROM_STATION and message.station_id in known:
            heard.setdefault(message.station_id, message.at)
    return heard


def _running(connection: Connection) -> list[Transaction]:
    statement = select(transaction).where(transaction.c.ended_at.is_(None)).order_by(transaction.c.sort_at)
    found = [rows.to_transaction(row) for row in connection.execute(statement)]
    return [_with_energy(connection, held) for held in found]


def _with_energy(connection: Connection, held: Transaction) -> Transaction:
    """The transaction with the energy that its newest meter value shows, if that is newer than the transaction."""
    if held.meter_start_wh is None:
        return held
    newest = connection.execute(
        select(meter_value.c.at, meter_value.c.energy_wh)
        .where(meter_value.c.station_id == held.station_id, meter_value.c.transaction_id == held.transaction_id)
        .where(meter_value.c.transaction_id != "", meter_value.c.energy_wh >= held.meter_start_wh)
        .order_by(meter_value.c.at.desc(), meter_value.c.id.desc())
        .limit(1)
    ).first()
    if newest is None or (held.updated_at is not None and newest.at < to_us(held.updated_at)):
        return held
    return msgspec.structs.replace(
        held, energy_wh=newest.energy_wh - held.meter_start_wh, updated_at=from_us(newest.at)
    )


def _recent(connection: Connection) -> list[Transaction]:
    """The last transactions of every station that is known, in the order in which they were first stored."""
    other = transaction.alias()
    oldest = (
        select(other.c.ordinal)
        .where(other.c.station_id == station.c.station_id)
        .order_by(other.c.ordinal.desc())
        .offset(RECENT_PER_STATION - 1)
        .limit(1)
        .correlate(station)
        .scalar_subquery()
    )
    statement = (
        select(transaction)
        .join(station, station.c.station_id == transaction.c.station_id)
        .where(transaction.c.ordinal >= func.coalesce(oldest, 0))
        .order_by(transaction.c.ordinal)
    )
    return [rows.to_transaction(row) for row in connection.execute(statement)]


def _secret_settings(connection: Connection) -> dict[str, frozenset[str]]:
    table = schema.setting
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(table.c.station_id, table.c.key).where(table.c.secret)):
        found[row.station_id].add(row.key)
    return {station_id: frozenset(keys) for station_id, keys in found.items()}


def _order(held: Transaction) -> float:
    instant = held.started_at or held.ended_at or held.updated_at
    return instant.timestamp() if instant else 0.0
