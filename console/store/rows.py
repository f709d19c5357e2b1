"""Model to row and back. A row is a tuple in the order of its table's columns (without a number given by the table)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from console.model.change import Audited, Notice, NoticeKind
from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.local_list import ListEntry, LocalList
from console.model.message import Attempt
from console.model.record import RecordKind, Severity, StationRecord
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.schedule.prices import PriceCurve
from console.model.schedule.rollout import Rollout
from console.model.station import Setting, Station
from console.model.token import Token
from console.model.transaction import Flag, Transaction
from console.store.instants import from_us, to_us

Cells = tuple[Any, ...]

_encode = msgspec.json.Encoder().encode
_decode_flags = msgspec.json.Decoder(tuple[Flag, ...]).decode
_decode_station = msgspec.json.Decoder(Station).decode
#: Bodies back to what they were made of.
to_monitor = msgspec.json.Decoder(Monitor).decode
to_snapshot = msgspec.json.Decoder(Snapshot).decode
to_snapshot_settings = msgspec.json.Decoder(tuple[Setting, ...]).decode
to_setting_write = msgspec.json.Decoder(SettingWrite).decode
to_local_list = msgspec.json.Decoder(LocalList).decode
to_list_entries = msgspec.json.Decoder(tuple[ListEntry, ...]).decode
to_reservation = msgspec.json.Decoder(Reservation).decode
_decode_rollout = msgspec.json.Decoder(Rollout).decode
_decode_prices = msgspec.json.Decoder(PriceCurve).decode
_decode_schedules = msgspec.json.Decoder(StationSchedules).decode
_decode_details = msgspec.json.Decoder(dict[str, Any]).decode


def station_row(station: Station) -> Cells:
    return (station.station_id, to_json(station))


def to_station(body: str) -> Station:
    return _decode_station(body)


def schedules_row(held: StationSchedules) -> Cells:
    return (held.station_id, to_json(held))


def prices_row(held: PriceCurve) -> Cells:
    return ("", to_json(held))


def rollout_row(held: Rollout) -> Cells:
    return (held.rollout_id, to_json(held), to_us(held.started_at))


def to_rollout(body: str) -> Rollout:
    return _decode_rollout(body)


def to_prices(body: str) -> PriceCurve:
    return _decode_prices(body)


def to_schedules(body: str) -> StationSchedules:
    return _decode_schedules(body)


def transaction_row(held: Transaction) -> Cells:
    started_at, ended_at, updated_at = to_us(held.started_at), to_us(held.ended_at), to_us(held.updated_at)
    known = (instant for instant in (started_at, ended_at, updated_at) if instant is not None)
    return (
        held.station_id,
        held.transaction_id,
        held.evse_id,
        held.connector_id,
        held.id_token,
        held.group_id,
        started_at,
        held.meter_start_wh,
        ended_at,
        held.meter_stop_wh,
        held.energy_wh,
        held.stop_reason,
        held.stop_token,
        to_json(held.flags) if held.flags else "",
        updated_at,
        next(known, 0),
        _transaction_traits(held),
    )


class _TransactionTraits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a transaction has no column of its own: what only 2.x tells."""

    token_type: str = ""
    charging_state: str = ""
    remote_start_id: int = 0
    seq_nos: tuple[tuple[int, int], ...] = ()


_decode_transaction_traits = msgspec.json.Decoder(_TransactionTraits).decode


def _transaction_traits(held: Transaction) -> str:
    if not (held.seq_nos or held.token_type or held.charging_state or held.remote_start_id):
        return ""
    return to_json(_TransactionTraits(held.token_type, held.charging_state, held.remote_start_id, held.seq_nos))


def to_transaction(row: Row[Any]) -> Transaction:
    return Transaction(
        station_id=row.station_id,
        transaction_id=row.transaction_id,
        evse_id=row.evse_id,
        connector_id=row.connector_id,
        id_token=row.id_token,
        group_id=row.group_id,
        started_at=from_us(row.started_at),
        meter_start_wh=row.meter_start_wh,
        ended_at=from_us(row.ended_at),
        meter_stop_wh=row.meter_stop_wh,
        energy_wh=row.energy_wh,
        stop_reason=row.stop_reason,
        stop_token=row.stop_token,
        flags=_decode_flags(row.flags) if row.flags else (),
        updated_at=from_us(row.updated_at),
        **(msgspec.structs.asdict(_decode_transaction_traits(row.traits)) if row.traits else {}),
    )


def token_row(token: Token) -> Cells:
    return (
        token.key,
        token.id_token,
        token.token_type,
        token.blocked,
        token.group_id,
        to_us(token.expires_at),
        token.label,
        to_us(token.created_at),
        to_us(token.last_seen_at),
        "\n".join(token.places),
    )


def to_token(row: Row[Any]) -> Token:
    return Token(
        id_token=row.id_token,
        token_type=row.token_type,
        blocked=row.blocked,
        group_id=row.group_id,
        expires_at=from_us(row.expires_at),
        label=row.label,
        created_at=from_us(row.created_at),
        last_seen_at=from_us(row.last_seen_at),
        places=tuple(filter(None, row.places.split("\n"))),
    )


def attempt_row(held: Attempt) -> Cells:
    return (
        held.attempt_id,
        to_us(held.at),
        held.address,
        held.path,
        held.station_id,
        held.http_status,
        held.cause,
        held.cure,
        held.count,
    )


def to_attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        attempt_id=row.attempt_id,
        at=from_us(row.at),
        address=row.address,
        path=row.path,
        station_id=row.station_id,
        http_status=row.http_status,
        cause=row.cause,
        cure=row.cure,
        count=row.times,
    )


class _Traits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a setting has no column of its own: what only 2.x tells."""

    data_type: str = ""
    unit: str = ""
    min_limit: float | None = None
    max_limit: float | None = None
    choices: tuple[str, ...] = ()
    write_only: bool = False
    constant: bool = False
    persistent: bool = False
    monitorable: bool = False
    unknown: bool = False


_decode_traits = msgspec.json.Decoder(_Traits).decode
_NO_TRAITS = _Traits()


def setting_row(held: Setting) -> Cells:
    return (
        held.station_id,
        held.key,
        None if held.secret else held.value,
        held.read_only,
        held.secret,
        held.reboot_required,
        to_us(held.read_at),
        "" if (traits := _traits(held)) == _NO_TRAITS else to_json(traits),
    )


def _traits(held: Setting) -> _Traits:
    return _Traits(*(getattr(held, name) for name in _Traits.__struct_fields__))


def to_setting(row: Row[Any]) -> Setting:
    return Setting(
        station_id=row.station_id,
        key=row.key,
        value=row.value,
        read_only=row.read_only,
        secret=row.secret,
        reboot_required=row.reboot_required,
        read_at=from_us(row.read_at),
        **(msgspec.structs.asdict(_decode_traits(row.traits)) if row.traits else {}),
    )


def bodied(value: Any, *key: str | int) -> Cells:
    """A row that is its key and the JSON of all the rest."""
    return (*key, to_json(value))


def snapshot_row(held: Snapshot) -> Cells:
    body = msgspec.structs.replace(held, settings=())
    return (held.snapshot_id, held.station_id, to_us(held.at), to_json(body), to_json(held.settings))


def setting_write_row(held: SettingWrite) -> Cells:
    return (held.write_id, held.station_id, to_us(held.at), to_json(held))


def record_row(held: StationRecord) -> Cells:
    return (
        held.station_id,
        held.kind.value,
        held.key,
        to_us(held.at),
        held.summary,
        to_json(held.details),
        held.evse_id,
        held.severity.value,
        held.standing,
    )


def to_record(row: Row[Any]) -> StationRecord:
    return StationRecord(
        station_id=row.station_id,
        kind=RecordKind(row.kind),
        key=row.key,
        at=from_us(row.at),
        summary=row.summary,
        details=_decode_details(row.details),
        evse_id=row.evse_id,
        severity=Severity(row.severity),
        standing=row.standing,
    )


def notice_row(held: Notice) -> Cells:
    # The enum's own text is an exact str, which the driver takes without looking for an adapter.
    return (to_us(held.at), held.kind._value_, held.station_id, held.text)


def to_notice(row: Row[Any]) -> Notice:
    return Notice(at=from_us(row.at), text=row.text, kind=NoticeKind(row.kind), station_id=row.station_id)


def audit_row(held: Audited) -> Cells:
    return (to_us(held.at), held.operator, held.command, held.station_id, held.detail, held.result, held.text)


def to_audited(row: Row[Any]) -> Audited:
    return Audited(
        at=from_us(row.at),
        operator=row.operator,
        command=row.command,
        station_id=row.station_id,
        detail=row.detail,
        result=row.result,
        text=row.text,
    )


def storable(cells: Cells) -> Cells:
    """The same row as every database can hold it: no lone surrogate, no NUL, no number beyond 64 bits."""
    return tuple(_storable(cell) for cell in cells)


def _storable(cell: Any) -> Any:
    if isinstance(cell, str):
        return _whole(cell).replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if isinstance(cell, int) and not isinstance(cell, bool):
        return max(-(2**63), min(2**63 - 1, cell))
    return cell


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def to_json(value: Any) -> str:
    """The value as JSON that every database can hold."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate, somewhere within
        return _encode(whole_within(msgspec.to_builtins(value))).decode()


def whole_within(value: Any) -> Any:
    """The same value with no lone surrogate in any of its texts."""
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {key: whole_within(held) for key, held in value.items()}
    return [whole_within(held) for held in value] if isinstance(value, list | tuple) else value
