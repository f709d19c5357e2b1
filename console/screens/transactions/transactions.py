"""Running and past transactions: live on top, older ones as one scrolls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import BindingType

from console.backends.base import TransactionQuery
from console.errors import ConsoleError
from console.model import export
from console.model.change import TransactionChanged, TransactionProgressed
from console.model.spec import Place, Target
from console.model.transaction import Transaction
from console.screens.frame import keys, saving, words
from console.screens.frame.filters import TRANSACTION_HELP, transaction_matches, transaction_query
from console.screens.frame.frame import Go
from console.screens.frame.list_screen import OrderedListScreen
from console.screens.frame.session import News, Session
from console.screens.transactions.transaction_rows import COLUMNS, LARGEST_FIRST, SORTABLE, cells, sort_value
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable
from widgets.row_line import Cell

#: How near the end the cursor comes before older ones are asked for.
_AHEAD = 30


class TransactionsScreen(OrderedListScreen):
    """The list. What it holds was asked of the store under the filter, and what came in since."""

    PLACE = Place.TRANSACTIONS
    SORTABLE, LARGEST_FIRST = SORTABLE, LARGEST_FIRST
    FILTER_WORDS, FILTER_HELP = "filter by station, tag and time", TRANSACTION_HELP
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.TRANSACTIONS)

    def __init__(self, session: Session) -> None:
        super().__init__(session, LiveTable(COLUMNS, self._cells, empty_text="Looking…"))
        self._query = TransactionQuery()
        self._held: dict[str, Transaction] = {}
        self._complete = False
        self._loading = False
        self.commands = {**self.commands, "view.save": lambda _given: saving.start(self.app, self._save)}

    def trail(self) -> Sequence[str]:
        """Below the site."""
        return ("transactions",)

    # -- what is held

    def _begin(self) -> None:
        """Ask anew: the filter is another one."""
        self._held = {}
        self._complete = False
        self._loading = True
        self.load(partial(self._fetch, self._query), "transactions")

    def _catch_up(self) -> None:
        """Take in what was missed while another screen was shown; the pages that were scrolled to stay."""
        site = self.session.site.transactions
        newest = {key: site.get(key, one) for key, one in self._held.items()}
        self._held = {key: one for key, one in newest.items() if transaction_matches(one, self._query)}
        self.load(partial(self._fetch, self._query), "transactions")

    async def _fetch(self, query: TransactionQuery) -> None:
        found = await self.session.backend.transactions(query)
        live = (each for each in self.session.site.transactions.values() if transaction_matches(each, query))
        fresh = {each.key: each for each in found}
        if query.before is not None or not self._held:
            self._complete = len(found) < query.limit or not fresh.keys() - self._held.keys()
        self._held |= fresh | {each.key: each for each in live}
        self.session.past |= fresh
        self._loading = False
        self.build()

    def _fetch_older(self) -> None:
        started = [each.started_at for each in self._held.values() if each.started_at]
        if self._complete or self._loading or not started:
            return
        self._loading = True
        self.load(partial(self._fetch, replace(self._query, before=min(started))), "transactions")

    def site_changed(self, news: News) -> None:
        """Put in what is new."""
        if news.whole:
            self._catch_up()
            return
        keys = {each.transaction.key for each in news.changes if isinstance(each, TransactionChanged)}
        keys |= {each.key[1] for each in news.changes if isinstance(each, TransactionProgressed)}
        if keys:
            self._put(keys)

    def _put(self, keys: Iterable[str]) -> None:
        touched = []
        for key in keys:
            one = self.session.site.transactions.get(key)
            if one is not None and transaction_matches(one, self._query):
                self._held[key] = one
                touched.append(key)
            elif self._held.pop(key, None):
                self._rows.put([(key, None)])
        self._rows.put((key, self._sort_value(key)) for key in touched)
        self.show_rows()
        self._table.touch(touched)

    def second_passed(self) -> None:
        """Let durations of what is running go on."""
        self._table.touch(key for key in self._table.visible_keys if key in self._held and self._held[key].running)

    # -- rows

    def _cells(self, key: str) -> dict[str, Cell]:
        one = self._held.get(key)
        return cells(self.session.site, one, self.session.now(), self.session.zone) if one else {}

    def _sort_value(self, key: str) -> object:
        return sort_value(self._held[key], self._column, self.session.now())

    def build(self) -> None:
        """Put all that is held into order."""
        self._rows.reset((key, self._sort_value(key)) for key in self._held)
        self.show_rows()
        self._table.touch(self._table.visible_keys)

    def show_rows(self) -> None:
        """Show it, and how many there are."""
        filtered = "No transaction matches the filter.\nesc clears it."
        never = "No transactions yet.\nSelect a station on the first screen (1) and press s to start one."
        self._table.empty_text = filtered if self._filter.text else never
        self._table.set_rows(self._rows.keys(self._turned))
        more = "" if self._complete else " and older ones"
        self._filter.set_summary(f"{words.count(len(self._rows), 'transaction')}{more}")

    # -- commands

    def target(self) -> Target:
        """The transaction under the cursor."""
        one = self._held.get(self._table.cursor_key or "")
        return Target(one.station_id, one.evse_id, one.key) if one else Target()

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        try:
            query = transaction_query(event.text, self.session.now(), self.session.zone)
        except ConsoleError as error:
            # Half a date is no date yet: the list stays until the rest is typed.
            self._filter.set_summary(error.message)
            return
        self._query = query
        self._begin()

    def _open(self, key: str | None) -> None:
        if key:
            self.post_message(Go(Place.TRANSACTION, key))

    def cursor_moved(self) -> None:
        """Ask for older ones before one comes to the end."""
        rows, key = self._table.rows, self._table.cursor_key
        if len(rows) <= _AHEAD or key in rows[-_AHEAD:]:
            self._fetch_older()

    # -- export

    async def _save(self) -> None:
        now = self.session.now().astimezone(self.session.zone)
        query = self._query
        title = f"Export transactions: {self._filter.text}" if self._filter.text else "Export all transactions"
        path = await saving.ask_path(
            self.app, title, f"transactions-{now:%Y-%m-%d}.csv", "Ends in .csv for a spreadsheet, in .json for programs"
        )
        if path is not None:
            form: export.Format = "json" if path.suffix in (".json", ".jsonl") else "csv"
            await saving.write(self.session, path, self._pages(query, form), "transaction")

    async def _pages(self, query: TransactionQuery, form: export.Format) -> AsyncIterator[tuple[int, str]]:
        """Everything the query finds, page by page, as text."""
        written: set[str] = set()
        while True:
            found = [each for each in await self.session.backend.transactions(query) if each.key not in written]
            lines = list(export.lines(export.TRANSACTION_COLUMNS, export.transaction_rows(found), form))
            # Only the first page begins with the names of the columns.
            yield len(found), "".join(lines[1:] if form == "csv" and written else lines)
            written |= {each.key for each in found}
            started = [each.started_at for each in found if each.started_at]
            if not started:
                return
            query = replace(query, before=min(started))
