"""What one commit writes: changes sorted by table, each keyed row once, the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from console.model.change import (
    AttemptSeen,
    Audited,
    Change,
    CredentialChanged,
    LocalListChanged,
    LocalListSent,
    MessagesSeen,
    MetersSampled,
    MonitorRemoved,
    MonitorsRead,
    Noticed,
    PricesChanged,
    RecordGone,
    RecordKept,
    ReservationChanged,
    ReservationEnded,
    RolloutChanged,
    SchedulesChanged,
    SettingsRead,
    SettingWritten,
    SnapshotRemoved,
    SnapshotTaken,
    StationChanged,
    StationRemoved,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
)
from console.model.device import Monitor
from console.model.message import Message
from console.model.record import StationRecord
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.station import Setting, Station
from console.model.token import Token
from console.model.transaction import Transaction
from console.store import rows
from console.store.rows import Cells


class Batch:
    """The rows and deletions that a list of changes comes to. Deletions go first, then the rows.

    A map's value None means that the row goes. ``cleared`` are stations that were removed: whatever was kept under
    their names goes before anything newer is written. Of those in ``resettled`` all settings go, of those in
    ``remonitored`` all monitors: what follows is all there is.
    """

    def __init__(self) -> None:
        self.cleared: set[str] = set()
        self.resettled: set[str] = set()
        self.remonitored: set[str] = set()
        self.stations: dict[str, Station | None] = {}
        self.credentials: dict[str, str | None] = {}
        self.tokens: dict[str, Token | None] = {}
        self.transactions: dict[str, Transaction] = {}
        self.settings: dict[tuple[str, str], Setting] = {}
        self.monitors: dict[tuple[str, int], Monitor | None] = {}
        self.snapshots: dict[str, Cells | None] = {}
        self.writes: list[Cells] = []
        self.local_lists: dict[str, Cells] = {}
        self.local_list_entries: dict[str, Cells] = {}
        self.reservations: dict[tuple[str, int], Reservation | None] = {}
        self.schedules: dict[str, StationSchedules | None] = {}
        self.prices: list[Cells] = []
        self.rollouts: dict[str, Cells] = {}
        self.records: dict[Cells, StationRecord | None] = {}
        self.attempts: dict[str, Cells] = {}
        self.meter_values: list[MetersSampled] = []
        self.messages: list[Message] = []
        self.notices: list[Cells] = []
        self.audits: list[Cells] = []

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return any(vars(self).values())

    def add(self, changes: Iterable[Change]) -> None:
        """Sort changes in. Those that are not stored are passed over."""
        for change in changes:
            sorter = _SORTERS.get(type(change))
            if sorter is not None:
                sorter(self, change)

    def _messages(self, change: MessagesSeen) -> None:
        self.messages.extend(change.messages)

    def _meters(self, change: MetersSampled) -> None:
        self.meter_values.append(change)

    def _station(self, change: StationChanged) -> None:
        self.stations[change.station.station_id] = change.station

    def _station_removed(self, change: StationRemoved) -> None:
        station_id = change.station_id
        self.stations[station_id] = None
        self.credentials[station_id] = None
        self.schedules[station_id] = None
        self.cleared.add(station_id)
        self._forget(self.settings, station_id)
        self._forget(self.monitors, station_id)
        self._forget(self.reservations, station_id)
        self._forget(self.records, station_id)
        self.local_lists.pop(station_id, None)
        self.local_list_entries.pop(station_id, None)

    @staticmethod
    def _forget(held: dict[Any, Any], station_id: str) -> None:
        for key in [key for key in held if key[0] == station_id]:
            del held[key]

    def _credential(self, change: CredentialChanged) -> None:
        self.credentials[change.station_id] = change.password_hash or None

    def _transaction(self, change: TransactionChanged) -> None:
        self.transactions[change.transaction.key] = change.transaction

    def _token(self, change: TokenChanged) -> None:
        self.tokens[change.token.key] = change.token

    def _token_removed(self, change: TokenRemoved) -> None:
        self.tokens[change.token] = None

    def _settings(self, change: SettingsRead) -> None:
        if change.complete:
            self.resettled.add(change.station_id)
            self._forget(self.settings, change.station_id)
        for setting in change.settings:
            self.settings[(setting.station_id, setting.key)] = setting

    def _monitors(self, change: MonitorsRead) -> None:
        if change.complete:
            self.remonitored.add(change.station_id)
            self._forget(self.monitors, change.station_id)
        for monitor in change.monitors:
            self.monitors[(monitor.station_id, monitor.monitor_id)] = monitor

    def _monitor_removed(self, change: MonitorRemoved) -> None:
        self.monitors[(change.station_id, change.monitor_id)] = None

    def _snapshot(self, change: SnapshotTaken) -> None:
        self.snapshots[change.snapshot.snapshot_id] = rows.snapshot_row(change.snapshot)

    def _snapshot_removed(self, change: SnapshotRemoved) -> None:
        self.snapshots[change.snapshot_id] = None

    def _write(self, change: SettingWritten) -> None:
        self.writes.append(rows.setting_write_row(change.write))

    def _local_list(self, change: LocalListChanged) -> None:
        held = change.local_list
        self.local_lists[held.station_id] = rows.bodied(held, held.station_id)

    def _local_list_sent(self, change: LocalListSent) -> None:
        self.local_list_entries[change.station_id] = rows.bodied(change.entries, change.station_id)

    def _reservation(self, change: ReservationChanged) -> None:
        held = change.reservation
        self.reservations[(held.station_id, held.reservation_id)] = held

    def _reservation_ended(self, change: ReservationEnded) -> None:
        self.reservations[(change.station_id, change.reservation_id)] = None

    def _schedules(self, change: SchedulesChanged) -> None:
        self.schedules[change.schedules.station_id] = change.schedules

    def _record(self, change: RecordKept) -> None:
        record = change.record
        self.records[(record.station_id, record.kind.value, record.key)] = record

    def _record_gone(self, change: RecordGone) -> None:
        self.records[(change.station_id, change.kind.value, change.record_key)] = None

    def _rollout(self, change: RolloutChanged) -> None:
        self.rollouts[change.rollout.rollout_id] = rows.rollout_row(change.rollout)

    def _prices(self, change: PricesChanged) -> None:
        self.prices = [rows.prices_row(change.prices)]

    def _attempt(self, change: AttemptSeen) -> None:
        self.attempts[change.attempt.attempt_id] = rows.attempt_row(change.attempt)

    def _notice(self, change: Noticed) -> None:
        self.notices.append(rows.notice_row(change.notice))

    def _audit(self, change: Audited) -> None:
        self.audits.append(rows.audit_row(change))


_SORTERS: dict[type, Callable[[Batch, Any], None]] = {
    MessagesSeen: Batch._messages,
    MetersSampled: Batch._meters,
    StationChanged: Batch._station,
    StationRemoved: Batch._station_removed,
    CredentialChanged: Batch._credential,
    TransactionChanged: Batch._transaction,
    TokenChanged: Batch._token,
    TokenRemoved: Batch._token_removed,
    SettingsRead: Batch._settings,
    MonitorsRead: Batch._monitors,
    MonitorRemoved: Batch._monitor_removed,
    SnapshotTaken: Batch._snapshot,
    SnapshotRemoved: Batch._snapshot_removed,
    SettingWritten: Batch._write,
    LocalListChanged: Batch._local_list,
    LocalListSent: Batch._local_list_sent,
    ReservationChanged: Batch._reservation,
    ReservationEnded: Batch._reservation_ended,
    SchedulesChanged: Batch._schedules,
    PricesChanged: Batch._prices,
    RolloutChanged: Batch._rollout,
    RecordKept: Batch._record,
    RecordGone: Batch._record_gone,
    AttemptSeen: Batch._attempt,
    Noticed: Batch._notice,
    Audited: Batch._audit,
}

#: The kinds of changes that are stored; the others only pass through.
STORED: frozenset[type] = frozenset(_SORTERS)
