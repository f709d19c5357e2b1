"""What a recording has told so far, kept in memory and asked like the service's store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from console.backends.base import MessageQuery, RecordQuery, TransactionQuery
from console.model.change import (
    Change,
    MetersSampled,
    MonitorRemoved,
    MonitorsRead,
    RecordGone,
    RecordKept,
    SettingsRead,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.device import Monitor, merged
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.record import StationRecord
from console.model.station import Setting
from console.model.transaction import Transaction

_LONG_AGO = datetime.fromtimestamp(0, UTC)


class RecordedStore:
    """Keeps everything: a recording is as long as its file."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._transactions: dict[str, Transaction] = {}
        self._meter_values: list[MeterValue] = []
        self._monitors: dict[str, dict[int, Monitor]] = {}
        self._settings: dict[str, dict[str, Setting]] = {}
        self._records: dict[tuple[str, str], StationRecord] = {}

    def keep(self, message: Message, changes: Iterable[Change]) -> None:
        """Keep a frame and what it changed."""
        self._messages.append(message)
        for change in changes:
            if isinstance(change, TransactionChanged):
                self._transactions[change.transaction.key] = change.transaction
            elif isinstance(change, TransactionProgressed):
                self._progress(change)
            elif isinstance(change, MetersSampled):
                self._meter_values.append(change.meter_value)
            elif isinstance(change, SettingsRead):
                self._keep_settings(change)
            elif isinstance(change, MonitorsRead):
                held = {} if change.complete else self._monitors.get(change.station_id, {})
                self._monitors[change.station_id] = held | {one.monitor_id: one for one in change.monitors}
            elif isinstance(change, MonitorRemoved):
                self._monitors.get(change.station_id, {}).pop(change.monitor_id, None)
            elif isinstance(change, RecordKept):
                self._records[change.key] = change.record
            elif isinstance(change, RecordGone):
                self._records.pop(change.key, None)

    def _keep_settings(self, change: SettingsRead) -> None:
        held = {} if change.complete else self._settings.get(change.station_id, {})
        known = {key.casefold(): one for key, one in held.items()}
        self._settings[change.station_id] = held | {one.key: one for one in merged(known, change.settings)}

    def _progress(self, change: TransactionProgressed) -> None:
        held = self._transactions.get(change.key[1])
        if held is not None and held.running:
            self._transactions[held.key] = msgspec.structs.replace(
                held, energy_wh=change.energy_wh, updated_at=change.at
            )

    def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        """Those that match, newest first."""
        found = [one for one in reversed(self._transactions.values()) if _is_asked_for(one, query)]
        return sorted(found, key=_began, reverse=True)[: query.limit]

    def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        """Those of a transaction, oldest first."""
        wanted = (station_id, transaction_id)
        return _oldest_first(one for one in self._meter_values if (one.station_id, one.transaction_id) == wanted)

    def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        """Those of an EVSE since an instant, oldest first."""
        wanted = (station_id, evse_id)
        return _oldest_first(
            one for one in self._meter_values if (one.station_id, one.evse_id) == wanted and one.at >= since
        )

    def messages(self, query: MessageQuery) -> Sequence[Message]:
        """Those that match, oldest first: the first ones after ``after_seq``, otherwise the newest."""
        station, action = query.station.casefold(), query.action.casefold()
        found = [
            one
            for one in self._messages
            if station in one.station_id.casefold()
            and action in one.action.casefold()
            and (one.problem or not query.problems_only)
            and (query.before_seq is None or one.seq < query.before_seq)
            and (query.after_seq is None or one.seq > query.after_seq)
        ]
        return found[: query.limit] if query.after_seq is not None else found[-query.limit :]

    def monitors(self, station_id: str) -> Sequence[Monitor]:
        """A station's, by number."""
        held = self._monitors.get(station_id, {})
        return [held[number] for number in sorted(held)]

    def settings(self, station_id: str) -> Sequence[Setting]:
        """A station's, by key."""
        held = self._settings.get(station_id, {})
        return [held[key] for key in sorted(held)]

    def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        """Those that match, newest first."""
        found = sorted(self._records.values(), key=lambda one: one.id)
        found.sort(key=lambda one: one.at, reverse=True)
        return [one for one in found if query.matches(one)][: query.limit]


def _is_asked_for(one: Transaction, query: TransactionQuery) -> bool:
    return (
        query.station.casefold() in one.station_id.casefold()
        and query.id_token.casefold() in one.id_token.casefold()
        and (query.since is None or _began(one) >= query.since)
        and (query.until is None or _began(one) < query.until)
        and (query.before is None or _began(one) < query.before)
        and (query.running is None or one.running is query.running)
    )


def _began(one: Transaction) -> datetime:
    """The start, or what stands for an unknown one."""
    return one.started_at or one.ended_at or one.updated_at or _LONG_AGO


def _oldest_first(values: Iterable[MeterValue]) -> list[MeterValue]:
    return sorted(values, key=lambda one: one.at)
