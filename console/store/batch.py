"""What one commit writes: changes sorted by table, each keyed row once, the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from console.model.change import (
    AttemptSeen,
    Audited,
    Change,
    CredentialChanged,
    MessageSeen,
    MetersSampled,
    Noticed,
    SettingsRead,
    StationChanged,
    StationRemoved,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
)
from console.model.message import Message
from console.model.station import Setting, Station
from console.model.token import Token
from console.model.transaction import Transaction
from console.store import rows
from console.store.rows import Cells


class Batch:
    """The rows and deletions that a list of changes comes to. Deletions go first, then the rows.

    A map's value None means that the row goes. ``cleared`` are stations that were removed: whatever was kept under
    their names goes before anything newer is written.
    """

    def __init__(self) -> None:
        self.cleared: set[str] = set()
        self.stations: dict[str, Station | None] = {}
        self.credentials: dict[str, str | None] = {}
        self.tokens: dict[str, Token | None] = {}
        self.transactions: dict[str, Transaction] = {}
        self.settings: dict[tuple[str, str], Setting] = {}
        self.attempts: dict[str, Cells] = {}
        self.meter_values: list[Cells] = []
        self.messages: list[Message] = []
        self.notices: list[Cells] = []
        self.audits: list[Cells] = []

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return any(vars(self).values())

    def add(self, changes: Iterable[Change]) -> None:
        """Sort changes in. Those that are not stored are passed over."""
        for change in changes:
            if type(change) is MessageSeen:  # most of them are
                self.messages.append(change.message)
                continue
            sorter = _SORTERS.get(type(change))
            if sorter is not None:
                sorter(self, change)

    def _meters(self, change: MetersSampled) -> None:
        self.meter_values.append(rows.meter_value_row(change))

    def _station(self, change: StationChanged) -> None:
        self.stations[change.station.station_id] = change.station

    def _station_removed(self, change: StationRemoved) -> None:
        station_id = change.station_id
        self.stations[station_id] = None
        self.credentials[station_id] = None
        self.cleared.add(station_id)
        for key in [key for key in self.settings if key[0] == station_id]:
            del self.settings[key]

    def _credential(self, change: CredentialChanged) -> None:
        self.credentials[change.station_id] = change.password_hash or None

    def _transaction(self, change: TransactionChanged) -> None:
        self.transactions[change.transaction.key] = change.transaction

    def _token(self, change: TokenChanged) -> None:
        self.tokens[change.token.key] = change.token

    def _token_removed(self, change: TokenRemoved) -> None:
        self.tokens[change.token] = None

    def _settings(self, change: SettingsRead) -> None:
        for setting in change.settings:
            self.settings[(setting.station_id, setting.key)] = setting

    def _attempt(self, change: AttemptSeen) -> None:
        self.attempts[change.attempt.attempt_id] = rows.attempt_row(change.attempt)

    def _notice(self, change: Noticed) -> None:
        self.notices.append(rows.notice_row(change.notice))

    def _audit(self, change: Audited) -> None:
        self.audits.append(rows.audit_row(change))


_SORTERS: dict[type, Callable[[Batch, Any], None]] = {
    MetersSampled: Batch._meters,
    StationChanged: Batch._station,
    StationRemoved: Batch._station_removed,
    CredentialChanged: Batch._credential,
    TransactionChanged: Batch._transaction,
    TokenChanged: Batch._token,
    TokenRemoved: Batch._token_removed,
    SettingsRead: Batch._settings,
    AttemptSeen: Batch._attempt,
    Noticed: Batch._notice,
    Audited: Batch._audit,
}

#: The kinds of changes that are stored; the others only pass through.
STORED: frozenset[type] = frozenset(_SORTERS) | {MessageSeen}
