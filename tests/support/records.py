"""A store that holds what a test gives it, for what asks a store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from console.backends.base import MessageQuery, RecordQuery, TransactionQuery
from console.backends.devices import NoHistory
from console.model.change import Audited, Change, Notice
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.record import StationRecord
from console.model.station import Setting
from console.model.transaction import Transaction


class FakeRecords(NoHistory):
    """Answers every query with all that it holds of the kind, and remembers the query."""

    def __init__(self) -> None:
        self.kept_transactions: list[Transaction] = []
        self.kept_meter_values: list[MeterValue] = []
        self.kept_messages: list[Message] = []
        self.kept_settings: list[Setting] = []
        self.kept_records: list[StationRecord] = []
        self.kept_notices: list[Notice] = []
        self.kept_audit: list[Audited] = []
        self.asked: object = None

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        self.asked = query
        return self.kept_transactions

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        self.asked = (station_id, transaction_id)
        return self.kept_meter_values

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        self.asked = (station_id, evse_id, since)
        return self.kept_meter_values

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        self.asked = query
        return self.kept_messages

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        self.asked = query
        return self.kept_records

    async def settings(self, station_id: str) -> Sequence[Setting]:
        self.asked = station_id
        return self.kept_settings

    async def notices(self, limit: int = 200) -> Sequence[Notice]:
        self.asked = limit
        return self.kept_notices

    async def alarms(self, limit: int = 200) -> Sequence[Notice]:
        self.asked = ("alarms", limit)
        return self.kept_notices

    async def audit(self, limit: int = 200, station_id: str = "") -> Sequence[Audited]:
        self.asked = (limit, station_id)
        return self.kept_audit

    async def export_transactions(self, query: TransactionQuery) -> AsyncIterator[Sequence[Transaction]]:
        self.asked = query
        for one in self.kept_transactions:
            yield [one]

    async def export_meter_values(
        self, station: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[Sequence[MeterValue]]:
        self.asked = (station, since, until)
        for one in self.kept_meter_values:
            yield [one]

    async def export_messages(self, query: MessageQuery) -> AsyncIterator[Sequence[Message]]:
        self.asked = query
        for one in self.kept_messages:
            yield [one]


class FakeJournal:
    """Keeps changes in a list; they are durable at once."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def append(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        self.changes.extend(changes)
        if committed is not None:
            committed()
