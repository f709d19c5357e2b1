"""What one station shows on its display: its messages, as it last reported them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual.binding import BindingType

from console.model.display import priority_word, while_word
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Target
from console.screens.device.station_records import StationRecordsScreen
from console.screens.frame import keys, words
from console.screens.frame.session import Session
from widgets.columns import Column
from widgets.row_line import Cell

COLUMNS = (
    Column("number", "NO", 5, align="right"),
    Column("priority", "PRIORITY", 12),
    Column("state", "WHILE", 11),
    Column("from", "FROM", 11, min_total_width=100),
    Column("until", "UNTIL", 11),
    Column("text", "TEXT", 26, flex=True),
)

_OVER = "over"


class DisplayScreen(StationRecordsScreen):
    """The list, in the order of the messages' numbers."""

    PLACE = Place.DISPLAY
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.DISPLAY)

    KINDS = (RecordKind.DISPLAY_MESSAGE,)
    WHAT = "messages"
    EMPTY = "No message of this station is known.\nr asks which it shows, a shows one."

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session, station_id, COLUMNS)

    def order(self, record: StationRecord) -> tuple[Any, ...]:
        """By their numbers."""
        return (message_id(record) or 0, record.id)

    def cells(self, record: StationRecord) -> dict[str, Cell]:
        """What it shows, while what, from when until when."""
        said: dict[str, Any] = record.details
        now, zone = self.session.now(), self.session.zone
        start, end = (_time(said.get(name)) for name in ("startDateTime", "endDateTime"))
        until = _OVER if self._is_over(said, end) else words.day_and_time(end, zone, now)
        return {
            "number": (str(said.get("id", words.NOTHING)), "strong"),
            "priority": (priority_word(said), ""),
            "state": (while_word(said), ""),
            "from": (words.day_and_time(start, zone, now), "muted"),
            "until": (until, "muted"),
            "text": (record.summary, "strong"),
        }

    def _is_over(self, said: Mapping[str, Any], end: datetime | None) -> bool:
        """Whether the station has taken a message off by now, by its own time or with its transaction (O01)."""
        one = self.session.site.transactions.get(f"{self.station_id}\n{said.get('transactionId')}")
        return (end is not None and end <= self.session.now()) or (one is not None and not one.running)

    def second_passed(self) -> None:
        """Let what ends be over."""
        self._table.touch(self._table.visible_keys)

    def target(self) -> Target:
        """The station, and the message that the cursor is on."""
        record = self.under_cursor
        return Target(station_id=self.station_id, message_id=message_id(record) if record else None)


def _time(said: object) -> datetime | None:
    """A time as a station wrote it, if it can be read."""
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def message_id(record: StationRecord) -> int | None:
    """The number of a message, if the station gave it one."""
    number = record.details.get("id")
    return number if isinstance(number, int) else None
