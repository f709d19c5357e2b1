"""What one station shows on its display: its messages, as it last reported them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.backends.base import RecordQuery
from console.model.change import RecordGone, RecordKept
from console.model.display import priority_word, while_word
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Target
from console.screens import keys, words
from console.screens.frame import Go, SiteScreen
from console.screens.session import News, Session
from widgets.columns import Column
from widgets.live_table import LiveTable
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


class DisplayScreen(SiteScreen):
    """The list, in the order of the messages' numbers."""

    PLACE = Place.DISPLAY
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.DISPLAY)

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self.table = self._table = LiveTable(COLUMNS, self._cells, empty_text="Looking…")
        self._held: dict[str, StationRecord] = {}
        self.commands = {"view.open": lambda _given: self._open(self._table.cursor_key)}

    def body(self) -> ComposeResult:
        """The table."""
        yield self._table

    def trail(self) -> Sequence[str]:
        """Below the station."""
        return (self.station_id, "display")

    def site_changed(self, news: News) -> None:
        """Put in what is new; after a break, ask anew."""
        if news.whole:
            self.load(self._fetch, "messages")
            return
        fresh = [each for each in news.changes if isinstance(each, RecordKept | RecordGone)]
        for change in fresh:
            if isinstance(change, RecordGone):
                self._held.pop(change.key[1], None)
            elif self._is_mine(change.record):
                self._held[change.record.id] = change.record
        if fresh:
            self._show_rows()

    def _is_mine(self, record: StationRecord) -> bool:
        return record.station_id == self.station_id and record.kind is RecordKind.DISPLAY_MESSAGE

    async def _fetch(self) -> None:
        query = RecordQuery(station_id=self.station_id, kind=RecordKind.DISPLAY_MESSAGE)
        self._held = {each.id: each for each in await self.session.backend.records(query)}
        self._show_rows()

    def _show_rows(self) -> None:
        self._held = dict(sorted(self._held.items(), key=lambda item: (message_id(item[1]) or 0, item[0])))
        self._table.empty_text = "No message of this station is known.\nr asks which it shows, a shows one."
        self._table.set_rows(tuple(self._held))
        self._table.touch(self._table.visible_keys)
        self.update_frame()

    def _cells(self, key: str) -> dict[str, Cell]:
        record = self._held.get(key)
        if record is None:
            return {}
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
        record = self._held.get(self._table.cursor_key or "")
        return Target(station_id=self.station_id, message_id=message_id(record) if record else None)

    def _open(self, key: str | None) -> None:
        if key and key in self._held:
            self.session.record = self._held[key]
            self.post_message(Go(Place.REPORTS, key))

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        self._open(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self.update_frame()


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
