"""Every frame that crosses the wire, live: requests, answers and how long they took, errors, refused connections."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import BindingType

from console.backends import trace
from console.backends.base import MessageQuery
from console.errors import ConsoleError
from console.model.message import Message
from console.model.spec import Place, Target
from console.screens.frame import keys, saving, words
from console.screens.frame.filters import MESSAGE_HELP, message_matches, message_query
from console.screens.frame.frame import Go, SiteScreen
from console.screens.frame.list_screen import ListScreen
from console.screens.frame.session import News, Session
from console.screens.messages.message_rows import COLUMNS, cells, document, partner
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable
from widgets.row_line import Cell

#: How many frames the screen holds; older ones are asked for again when they are scrolled to.
_MOST = 20_000
_PAGE = 500
_NEAR_TOP = 20
_RETRY_S = 2.0


class MessagesScreen(ListScreen):
    """The list: it follows the newest frame until one moves away from the end, and stands still while paused."""

    PLACE = Place.MESSAGES
    FILTER_WORDS, FILTER_HELP = "filter by station, action and problems", MESSAGE_HELP
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.MESSAGES)

    def __init__(self, session: Session) -> None:
        super().__init__(session, LiveTable(COLUMNS, self._cells, empty_text="Looking…"))
        self._query = MessageQuery(limit=_PAGE)
        self._held: dict[str, Message] = {}
        self._arrived: list[Message] = []
        self._paused = False
        self._from_start = False
        self._loading = False
        self.commands = {
            **self.commands,
            "view.pause": lambda _given: self._pause(),
            "view.copy": lambda _given: self._copy(),
            "view.save": lambda _given: saving.start(self.app, self._save),
        }

    def trail(self) -> Sequence[str]:
        """Below the site; how the list runs."""
        return (f"messages, paused, {len(self._arrived)} more" if self._paused else "messages",)

    # -- what is held

    def on_mount(self) -> None:
        """Begin to follow."""
        self._begin(anew=True)

    def on_screen_suspend(self) -> None:
        """Nobody looks: the service need not send frames."""
        self.workers.cancel_group(self, "messages")

    def on_screen_resume(self) -> None:
        """Follow again, from what was shown last."""
        self._begin(anew=not self._held)

    def _begin(self, anew: bool) -> None:
        self.load(partial(self._follow, self._query, anew), "messages")

    async def _follow(self, query: MessageQuery, anew: bool) -> None:
        """Show what there is, then what comes; a break is said and tried again."""
        while True:
            try:
                if anew:
                    await self._fetch_newest(query)
                    anew = False
                await self._watch(query)
            except ConsoleError as error:
                self.session.say(f"messages: {error.message}", "warn", error.hint)
                await asyncio.sleep(_RETRY_S)

    async def _fetch_newest(self, query: MessageQuery) -> None:
        held = await self.session.backend.messages(query)
        self._held = {str(each.seq): each for each in held}
        self._from_start = len(held) < query.limit
        self._show_rows(follow=True)

    async def _watch(self, query: MessageQuery) -> None:
        """Take what comes. What came while nobody watched is asked for, now and when the first frame comes."""
        await self._catch_up(query)
        caught_up = False
        async for arrived in self.session.backend.watch_messages(query):
            self._arrived.extend(arrived)
            if not caught_up:
                caught_up = True
                await self._catch_up(query)
            self._drop_oldest()
            self.session.wake()

    async def _catch_up(self, query: MessageQuery) -> None:
        last = next(reversed(self._held.values())).seq if self._held else 0
        missed = await self.session.backend.messages(replace(query, after_seq=last, limit=_MOST))
        known = {each.seq: each for each in (*missed, *self._arrived)}
        self._arrived = [known[seq] for seq in sorted(known) if seq > last]
        self.session.wake()

    def _drop_oldest(self) -> None:
        del self._arrived[:-_MOST]

    def site_changed(self, news: News) -> None:
        """Frames come on their own way."""

    def update_frame(self) -> None:
        """Take in the frames that arrived, as often as the rest of the screen is brought up to date."""
        if self._arrived and not self._paused:
            self._take_in()
        super().update_frame()

    def _take_in(self) -> None:
        arrived, self._arrived = self._arrived, []
        follow = not self._table.rows or self._table.cursor_key == self._table.rows[-1]
        self._held |= {str(each.seq): each for each in arrived if message_matches(each, self._query)}
        while len(self._held) > _MOST:
            del self._held[next(iter(self._held))]
            self._from_start = False
        self._show_rows(follow)

    def _show_rows(self, follow: bool = False) -> None:
        filtered = "No message matches the filter.\nesc clears it."
        never = "No messages yet.\nThey appear here as soon as a station connects, or tries to."
        self._table.empty_text = filtered if self._filter.text else never
        self._table.set_rows(tuple(self._held))
        if follow and self._held:
            self._table.cursor_key = next(reversed(self._held))
        more = "" if self._from_start else " and older ones"
        self._filter.set_summary(f"{words.count(len(self._held), 'message')}{more}")

    async def _fetch_older(self) -> None:
        first = next(iter(self._held.values()), None)
        if first is not None:
            found = await self.session.backend.messages(replace(self._query, before_seq=first.seq))
            self._held = {str(each.seq): each for each in found} | self._held
            self._from_start = len(found) < self._query.limit
            self._show_rows()
        self._loading = False

    def _cells(self, key: str) -> dict[str, Cell]:
        message = self._held.get(key)
        return cells(message, self.session.zone) if message else {}

    # -- commands

    def target(self) -> Target:
        """The station of the frame under the cursor."""
        message = self._held.get(self._table.cursor_key or "")
        return Target(station_id=message.station_id) if message else Target()

    def exchange(self, key: str) -> list[Message]:
        """A frame and the one it belongs to, in the order in which they crossed the wire."""
        message = self._held.get(key)
        if message is None:
            return []
        other = partner(message, self._held.values())
        return sorted([message, other], key=lambda each: each.seq) if other else [message]

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        try:
            query = message_query(event.text, self.session.site.stations)
        except ConsoleError as error:
            self._filter.set_summary(error.message)
            return
        self._query = replace(query, limit=_PAGE)
        self._arrived.clear()
        self._begin(anew=True)

    def _pause(self) -> None:
        self._paused = not self._paused
        self.session.say("paused: the list stands still, p lets it run" if self._paused else "the list runs again")

    def _copy(self) -> None:
        exchange = self.exchange(self._table.cursor_key or "")
        self.app.copy_to_clipboard(document(exchange, self.session.zone))
        self.session.say("copied to the terminal's clipboard", hint="If that stays empty, press w to save to a file.")

    def _open(self, key: str | None) -> None:
        if key:
            self.session.exchange = self.exchange(key)
            self.post_message(Go(Place.MESSAGES, key))

    def cursor_moved(self) -> None:
        """Ask for older ones before one comes to the top."""
        near_top = self._table.cursor_key in self._table.rows[:_NEAR_TOP]
        if near_top and not (self._from_start or self._loading):
            self._loading = True
            self.load(self._fetch_older, "older messages")

    async def _save(self) -> None:
        now = self.session.now().astimezone(self.session.zone)
        messages = list(self._held.values())
        await save_trace(self, messages, f"messages-{now:%Y-%m-%d}.jsonl")


async def save_trace(screen: SiteScreen, messages: Sequence[Message], proposed: str) -> None:
    """Ask for a file and write frames to it, in the form that can be opened as a recording."""
    title = f"Save {words.count(len(messages), 'message')}"
    path = await saving.ask_path(screen.app, title, proposed, "Open it again with: ocpp-console open FILE")
    if path is not None:
        await saving.write(screen.session, path, saving.given(len(messages), _lines(screen, messages)), "message")


def _lines(screen: SiteScreen, messages: Sequence[Message]) -> Iterator[str]:
    stations = screen.session.site.stations.values()
    return trace.write(messages, {each.station_id: each.ocpp_version for each in stations})
