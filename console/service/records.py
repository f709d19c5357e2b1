"""What the operator link asks of the store, so that it knows no store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from console.backends.base import MessageQuery, RecordQuery, TransactionQuery
from console.backends.devices import DeviceHistory
from console.model.change import Audited, Notice
from console.model.message import Message
from console.model.meter import MeterValue
from console.model.record import StationRecord
from console.model.station import Setting
from console.model.transaction import Transaction


class Records(DeviceHistory, Protocol):
    """What is on record. Errors are ConsoleError; everything is safe to cancel."""

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        """List transactions, newest first."""
        ...

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        """The meter values of a transaction, oldest first."""
        ...

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        """The meter values of an EVSE since an instant, oldest first."""
        ...

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        """List messages, oldest first."""
        ...

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """A station's settings as last read."""
        ...

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        """What stations told of themselves, newest first."""
        ...

    async def notices(self, limit: int = 200) -> Sequence[Notice]:
        """The newest notices, oldest first."""
        ...

    async def alarms(self, limit: int = 200) -> Sequence[Notice]:
        """The newest notices that are warnings or bad, oldest first."""
        ...

    async def audit(self, limit: int = 200, station_id: str = "") -> Sequence[Audited]:
        """The newest commands of operators, oldest first."""
        ...

    def export_transactions(self, query: TransactionQuery) -> AsyncIterator[Sequence[Transaction]]:
        """All transactions that match, a chunk at a time."""
        ...

    def export_meter_values(
        self, station: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[Sequence[MeterValue]]:
        """All meter values of the stations that match, a chunk at a time."""
        ...

    def export_messages(self, query: MessageQuery) -> AsyncIterator[Sequence[Message]]:
        """All messages that match, a chunk at a time."""
        ...
