"""Limits of transactions (2.1 E16): told once, in the answer to an event; and what stations set themselves."""

from __future__ import annotations

import msgspec

from console.csms.incoming import Connection, Incoming
from console.csms.records import Records
from console.csms.reports import TransactionReport
from console.csms.state import State
from console.csms.told import Told
from console.model.command import LimitTransaction
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind
from console.model.transaction_limit import TransactionLimit

_MOST = 1000


class TransactionLimits:
    """The limits that wait to be told, and those that stations have."""

    def __init__(self, state: State, records: Records) -> None:
        self._state = state
        self._records = records
        self._waiting: dict[str, TransactionLimit] = {}
        self._theirs: dict[str, TransactionLimit] = {}
        state.on_removed.append(self._forget)

    def _forget(self, station_id: str) -> None:
        """A station is no more, and its transactions are over."""
        for held in (self._waiting, self._theirs):
            for key in [key for key in held if key.startswith(f"{station_id}\n")]:
                del held[key]

    async def limit(self, connection: Connection, command: LimitTransaction) -> Outcome:
        """Let a transaction end at a limit; the station hears of it with its next event."""
        transaction = self._state.transaction(command.station_id, command.transaction_id)
        if not connection.dialect.limits_transactions:
            text = f"OCPP {connection.dialect.version} knows no limits of transactions"
            return Outcome(Result.NOT_POSSIBLE, text, "Stop it when it is time, or set a schedule.")
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


def _put(held: dict[str, TransactionLimit], key: str, limit: TransactionLimit) -> None:
    held[key] = limit
    if len(held) > _MOST:
        del held[next(iter(held))]
