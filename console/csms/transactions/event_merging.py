"""One event of a transaction, merged into what is known of it (2.x). Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.csms.incoming import Incoming
from console.csms.records.clocks import plausible
from console.csms.said.reports import TransactionEvent, TransactionReport
from console.csms.transactions.sequence import Ranges
from console.model.transaction import Flag, Transaction

_STARTED, _ENDED = TransactionEvent.STARTED, TransactionEvent.ENDED


def merged(
    held: Transaction, report: TransactionReport, numbers: Ranges, incoming: Incoming, *, is_newest: bool
) -> Transaction:
    """The transaction with what an event says of it, but for its energy.

    What is said once (EVSE, token) is never replaced; a late event does not set the charging state back.
    """
    flags = dict.fromkeys(held.flags)
    started_at, ended_at = held.started_at, held.ended_at
    if report.event is _STARTED and started_at is None:
        started_at = _instant(report, incoming, flags)
    stopped = report.event is _ENDED and not held.stop_reason
    if stopped:
        ended_at = _instant(report, incoming, flags)
        flags.pop(Flag.ABANDONED, None)
    if report.evse_id and held.evse_id and report.evse_id != held.evse_id:
        incoming.problems.append(f"this transaction is on connector {held.evse_id}")
        flags[Flag.CONNECTOR_CONFLICT] = None
    if started_at is None or len(numbers) > 1:
        flags[Flag.GAP] = None
    else:
        flags.pop(Flag.GAP, None)
    stop_token = held.stop_token
    id_token, token_type = held.id_token, held.token_type
    if report.token_type and stops(report):
        stop_token = stop_token or report.id_token
    elif report.token_type and not token_type:
        id_token, token_type = report.id_token, report.token_type
    return msgspec.structs.replace(
        held,
        evse_id=held.evse_id or report.evse_id,
        connector_id=report.connector_id if report.connector_id and not held.evse_id else held.connector_id,
        id_token=id_token,
        token_type=token_type,
        started_at=started_at,
        ended_at=ended_at,
        stop_reason=(report.stopped_reason or "Local") if stopped else held.stop_reason,
        stop_token=stop_token,
        flags=tuple(flags),
        updated_at=incoming.now,
        charging_state=report.charging_state if report.charging_state and is_newest else held.charging_state,
        remote_start_id=held.remote_start_id or report.remote_start_id,
        seq_nos=numbers,
    )


def stops(report: TransactionReport) -> bool:
    """Whether the token in an event was presented to end the transaction."""
    return report.event is _ENDED or report.trigger_reason == "StopAuthorized"


def registers(report: TransactionReport) -> tuple[int | None, int | None]:
    """The register readings at the beginning and at the end of the transaction, as far as an event tells of them.

    Where none is marked as such, the first reading of the first event and the last one of the last event are taken.
    """
    begins, ends, read = [], [], []
    for measurement in report.measurements:
        begins.append(measurement.register("Transaction.Begin"))
        ends.append(measurement.register("Transaction.End"))
        read.append(measurement.figures.energy_wh)
    if report.event is _STARTED:
        begins += read
    if report.event is _ENDED:
        ends += reversed(read)
    return _first(begins), _first(ends)


def _first(readings: list[int | None]) -> int | None:
    return next((reading for reading in readings if reading is not None), None)


def ended_at(transaction: Transaction, at: datetime | None, meter_stop_wh: int | None) -> Transaction:
    """The transaction at its end: by its two registers where both are known, else by what was counted."""
    energy_wh, flags = transaction.energy_wh, transaction.flags
    if transaction.meter_start_wh is not None and meter_stop_wh is not None:
        if meter_stop_wh < transaction.meter_start_wh:
            flags = tuple(dict.fromkeys((*flags, Flag.METER_INVALID)))
        else:
            energy_wh = meter_stop_wh - transaction.meter_start_wh
    return msgspec.structs.replace(
        transaction, ended_at=at, meter_stop_wh=meter_stop_wh, energy_wh=energy_wh, flags=flags
    )


def same_but_energy(one: Transaction, other: Transaction) -> bool:
    """Whether two states of a transaction differ by nothing that must be stored at once."""
    return (
        msgspec.structs.replace(one, energy_wh=other.energy_wh, updated_at=other.updated_at, seq_nos=other.seq_nos)
        == other
    )


def _instant(report: TransactionReport, incoming: Incoming, flags: dict[Flag, None]) -> datetime:
    """When it happened; the time of arrival where the station's clock cannot be right."""
    if report.at is not None and plausible(report.at, incoming.now):
        return report.at
    incoming.problems.append("the station's clock cannot be right: the time of arrival is kept")
    flags[Flag.CLOCK_SUSPECT] = None
    return incoming.now
