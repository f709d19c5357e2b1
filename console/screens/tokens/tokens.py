"""Tags, and who may charge; unknown cards that were swiped stand on top, one key lets them in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from console.errors import ConsoleError
from console.model import token_file
from console.model.change import CardGone, CardSwiped, TokenChanged, TokenRemoved
from console.model.command import PutToken
from console.model.spec import Place, Target
from console.model.token import Token
from console.screens.frame import keys, saving, words
from console.screens.frame.frame import Go
from console.screens.frame.list_screen import OrderedListScreen
from console.screens.frame.session import News, Session
from console.screens.tokens.token_rows import (
    CARD,
    COLUMNS,
    LARGEST_FIRST,
    SORTABLE,
    Import,
    card_cells,
    cards,
    cells,
    compare,
    matches,
    preview,
    sort_value,
)
from widgets.dialog import ConfirmDialog, PromptDialog
from widgets.filter_bar import FilterBar
from widgets.form import Field
from widgets.live_table import LiveTable
from widgets.row_line import Cell

_TOO_LARGE_B = 20_000_000


class TokensScreen(OrderedListScreen):
    """The list of tags."""

    PLACE = Place.TOKENS
    SORTABLE, LARGEST_FIRST = SORTABLE, LARGEST_FIRST
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.TOKENS)

    def __init__(self, session: Session) -> None:
        super().__init__(session, LiveTable(COLUMNS, self._cells))
        self.commands = {
            **self.commands,
            "token.import": self._start_import,
            "view.lists": lambda _given: self._go_lists(),
        }

    def trail(self) -> Sequence[str]:
        """Below the site."""
        return ("tags",)

    # -- rows

    def site_changed(self, news: News) -> None:
        """Put in what is new."""
        if news.whole:
            self.build()
            return
        touched = {each.token.key for each in news.changes if isinstance(each, TokenChanged)}
        touched |= {each.token for each in news.changes if isinstance(each, TokenRemoved)}
        cards_changed = any(isinstance(each, CardSwiped | CardGone) for each in news.changes)
        if touched or cards_changed:
            self._rows.put(self._row(key) for key in touched)
            self.show_rows()
            self._table.touch(touched)

    def second_passed(self) -> None:
        """Let ages run on."""
        self._table.touch(self._table.visible_keys)

    def _row(self, key: str) -> tuple[str, object]:
        token = self.session.site.tokens.get(key)
        now = self.session.now()
        if token is None or not matches(token, tuple(self._filter.text.casefold().split()), now):
            return key, None
        return key, sort_value(token, self._column, now)

    def build(self) -> None:
        """Put all tags that match into order."""
        rows = (self._row(key) for key in self.session.site.tokens)
        self._rows.reset((key, value) for key, value in rows if value is not None)
        self.show_rows()
        self._table.touch(self._table.visible_keys)

    def show_rows(self) -> None:
        """Show them below the unknown cards, and how many they are."""
        site = self.session.site
        unknown = [] if self._filter.text else [f"{CARD}{card.card_id}" for card in cards(site)]
        self._table.empty_text = (
            "No tag matches the filter.\nesc clears it."
            if self._filter.text
            else "No tags yet.\na adds one, l learns the next card that is swiped, i imports a file."
        )
        self._table.set_rows([*unknown, *self._rows.keys(self._turned)])
        self._filter.set_summary(f"{len(self._rows)} of {words.count(len(site.tokens), 'tag')}")

    def _cells(self, key: str) -> dict[str, Cell]:
        session, now = self.session, self.session.now()
        if key.startswith(CARD):
            card = session.site.cards.get(key.removeprefix(CARD))
            return card_cells(card, now) if card else {}
        token = session.site.tokens.get(key)
        return cells(token, now, session.zone) if token else {}

    # -- commands

    def target(self) -> Target:
        """The tag or the card under the cursor."""
        key = self._table.cursor_key or ""
        if key.startswith(CARD):
            return Target(card_id=key.removeprefix(CARD))
        return Target(token_key=key)

    @on(FilterBar.Changed)
    def _filter_changed(self) -> None:
        self.build()

    def _open(self, key: str | None) -> None:
        self.action_command("token.edit")

    def _go_lists(self) -> None:
        self.post_message(Go(Place.LOCAL_LISTS))

    # -- import

    def _start_import(self, given: Sequence[str]) -> None:
        async def job() -> None:
            await self._import(" ".join(given))

        saving.start(self.app, job)

    async def _import(self, typed: str) -> None:
        """Ask for the file, show what it would change, and change that."""
        session = self.session
        if not typed:
            field = Field("path", "file", "", "CSV or JSON: tag, type, group, expires, label, blocked", required=True)
            values = await self.app.push_screen_wait(PromptDialog("Import tags", [field]))
            if values is None:
                session.say("import: left undone")
                return
            typed = values["path"]
        try:
            tokens = await asyncio.to_thread(self._read, saving.full_path(typed))
        except ConsoleError as error:
            session.say(f"import: {error.message}", "warn", error.hint)
            return
        plan = compare(tokens, session.site, session.now())
        if not plan.puts:
            session.say(f"import: nothing to do, all {words.count(plan.same, 'tag')} are known already")
            return
        title = f"Import {words.count(len(plan.puts), 'tag')}?"
        lines = preview(plan, session.site, session.zone)
        if await self.app.push_screen_wait(ConfirmDialog(title, lines, confirm="Import")):
            await self._put_all(plan)
        else:
            session.say("import: left undone")

    def _read(self, path: Path) -> list[Token]:
        try:
            if path.stat().st_size > _TOO_LARGE_B:
                raise ConsoleError(f"{path.name} is too large for a list of tags")
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConsoleError(f"cannot read {path}: {error.strerror or error}", "Is it the right path?") from error
        except UnicodeDecodeError as error:
            raise ConsoleError(f"{path.name} is not UTF-8 text", "Save it as CSV in UTF-8.") from error
        return token_file.parse(text, self.session.now(), self.session.zone)

    async def _put_all(self, plan: Import) -> None:
        session, total = self.session, len(plan.puts)
        for number, token in enumerate(plan.puts):
            session.say(f"importing tags: {number} of {total}", "busy")
            outcome = await session.backend.run(PutToken(token))
            if not outcome.ok:
                text = f"import stopped after {number} of {words.count(total, 'tag')}, at {token.id_token}"
                session.say(f"{text}: {outcome.text}", "bad", outcome.hint)
                return
        session.say(f"imported {words.count(total, 'tag')}: {len(plan.new)} new, {len(plan.changed)} changed")
