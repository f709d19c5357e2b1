"""Limits of transactions (2.1 E16): told once, in the answer to an event; and what stations set themselves."""

from __future__ import annotations

import msgspec

from console.csms.incoming import Connection, Incoming
from console.csms.records.records import Records
from console.csms.said.reports import TransactionReport
from console.csms.said.told import Told
from console.csms.state import State
from console.model.command import LimitTransaction
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind
from console.model.transaction import Transaction
from console.model.transaction_limit import TransactionLimit

_MOST = 1000


class TransactionLimits:
    """The limits that wait to be told, and those that stations have."""

    def __init__(self, state: State, records: Records) -> None:
        self._state = state
        self._records = records
        self._waiting: dict[str, TransactionLimit] = {}
        self._theirs: dict[str, TransactionLimit] = {}
        self._promised: dict[str, TransactionLimit] = {}
        state.on_removed.append(self._forget)

    def _forget(self, station_id: str) -> None:
        """A station is no more, and its transactions are over."""
        for held in (self._waiting, self._theirs, self._promised):
            for key in [key for key in held if key.startswith(f"{station_id}\n")]:
                del held[key]

    async def limit(self, connection: Connection, command: LimitTransaction) -> Outcome:
        """Let a transaction end at a limit; the station hears of it with its next event."""
        transaction = self._state.transaction(command.station_id, command.transaction_id)
        problem = no_limits(connection, command.limit)
        if problem is not None:
            return problem
        if transaction is None or not transaction.running:
            return Outcome(Result.NOT_POSSIBLE, f"no transaction {command.transaction_id} runs at this station")
        if not command.limit.words:
            return Outcome(Result.NOT_POSSIBLE, "no limit was given", "Say an energy, a time or a cost.")
        if self._theirs.get(transaction.key, TransactionLimit()).within(command.limit):
            return Outcome(Result.ACCEPTED, "the station itself limits the transaction to as little, or to less")
        _put(self._waiting, transaction.key, command.limit)
        return Outcome(
            Result.ACCEPTED, f"limited to {command.limit.words}; the station hears of it with its next event"
        )

    def promise(self, station_id: str, remote_start_id: int, limit: TransactionLimit | None) -> None:
        """Keep the limit of a remote start for the transaction that comes of it; None takes it back."""
        key = _promised(station_id, remote_start_id)
        if limit is None:
            self._promised.pop(key, None)
        else:
            _put(self._promised, key, limit)

    def began(self, transaction: Transaction, remote_start_id: int) -> None:
        """A transaction came of a remote start: the first answer to it tells its limit."""
        limit = self._promised.pop(_promised(transaction.station_id, remote_start_id), None)
        if limit is not None:
            _put(self._waiting, transaction.key, limit)

    def to_tell(self, key: str) -> TransactionLimit | None:
        """What to tell with this answer: each limit once (E16.FR.02)."""
        return self._waiting.pop(key, None) if self._waiting else None

    def heard(self, incoming: Incoming, report: TransactionReport) -> None:
        """Keep the limit that a station tells of: its own, or ours as it took it."""
        if report.limit is None or not report.limit.words:
            return
        _put(self._theirs, f"{incoming.station_id}\n{report.transaction_id}", report.limit)
        said = {"transactionId": report.transaction_id, "limit": msgspec.to_builtins(report.limit)}
        summary = f"ends at {report.limit.words}, transaction {report.transaction_id}"
        told = Told(RecordKind.TRANSACTION_LIMIT, report.transaction_id, summary, said, report.at, report.evse_id)
        self._records.keep(incoming, [told])


def no_limits(connection: Connection, limit: TransactionLimit | None) -> Outcome | None:
    """Why a station cannot be told a limit; None if it can, or if there is none."""
    if limit is None or connection.dialect.limits_transactions:
        return None
    text = f"OCPP {connection.dialect.version} knows no limits of transactions"
    return Outcome(Result.NOT_POSSIBLE, text, "Stop it when it is time, or set a schedule.")


def _promised(station_id: str, remote_start_id: int) -> str:
    return f"{station_id}\nremote start {remote_start_id}"


def _put(held: dict[str, TransactionLimit], key: str, limit: TransactionLimit) -> None:
    held[key] = limit
    if len(held) > _MOST:
        del held[next(iter(held))]
