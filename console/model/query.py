"""What may be asked of a site's past: which transactions, which messages."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.model.message import Message
from console.model.record import RecordKind, StationRecord


class TransactionQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which transactions to list, newest first. Texts match anywhere, without case; ``before`` pages."""

    station: str = ""
    id_token: str = ""
    since: datetime | None = None
    until: datetime | None = None
    running: bool | None = None
    before: datetime | None = None
    limit: int = 200


class MessageQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which messages to list, oldest first, ending before ``before_seq`` or starting after ``after_seq``."""

    station: str = ""
    action: str = ""
    problems_only: bool = False
    before_seq: int | None = None
    after_seq: int | None = None
    limit: int = 500

    def matches(self, message: Message) -> bool:
        """Whether a message is one of those asked for, the limit aside."""
        return (
            (self.before_seq is None or message.seq < self.before_seq)
            and (self.after_seq is None or message.seq > self.after_seq)
            and not (self.problems_only and not message.problem)
            and (not self.station or self.station.casefold() in message.station_id.casefold())
            and (not self.action or self.action.casefold() in message.action.casefold())
        )


class RecordQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which of stations' records to list, newest first; ``before`` pages.

    ``station_id`` is one station's whole identity; ``station`` and ``text`` match anywhere, without case (``text`` in
    summary, key and kind). ``standing`` are those that are still so; ``alarms`` those that are to be looked at.
    """

    station_id: str = ""
    station: str = ""
    kind: RecordKind | None = None
    text: str = ""
    standing: bool = False
    alarms: bool = False
    before: datetime | None = None
    limit: int = 500

    def matches(self, record: StationRecord) -> bool:
        """Whether a record is one of those asked for, the limit aside."""
        text = self.text.casefold()
        return (
            self.station_id in ("", record.station_id)
            and (not self.station or self.station.casefold() in record.station_id.casefold())
            and self.kind in (None, record.kind)
            and (not text or any(text in each.casefold() for each in (record.summary, record.key, record.kind.value)))
            and (record.standing or not self.standing)
            and (record.alarm or not self.alarms)
            and (self.before is None or record.at < self.before)
        )
