"""What every screen of a site has: header, what waits for a person, status line, command line, keys."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Coroutine, Mapping, Sequence
from time import monotonic
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.events import Key
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError
from console.model.catalogue import BY_ID, specs_at
from console.model.spec import Place, Spec, Target
from console.screens.asking.flow import Flow
from console.screens.asking.forms import FORMS
from console.screens.frame import attention, header, keys, paint, theme, words
from console.screens.frame.command_line import CommandLine, parse
from console.screens.frame.session import News, Session
from console.screens.requests import requests
from widgets.live_table import LiveTable
from widgets.row_line import Part
from widgets.status_line import StatusLine

#: For this long after another card came into the line, its keys do nothing: they were meant for the one before.
_CARD_GUARD_S = 0.7
#: The column in which the text of the status line begins.
_SAID_FROM = 16


class Go(Message):
    """Show another screen; ``key`` is what it is about, ``filter`` what it shows of that (None: as it was)."""

    def __init__(self, place: Place, key: str = "", filter: str | None = None) -> None:
        super().__init__()
        self.place = place
        self.key = key
        self.filter = filter


class Ask(Message):
    """Run a command that the whole console answers to: ``app.quit``, ``app.detach``, ``app.help``, ``playback.…``."""

    def __init__(self, command_id: str) -> None:
        super().__init__()
        self.command_id = command_id


class Line(Static):
    """Lines that repaint only when they say something else, and lay out only when they need more or fewer lines."""

    DEFAULT_CSS = "Line { height: 0; width: 1fr; text-wrap: nowrap; }"

    def __init__(self, *, id: str) -> None:
        super().__init__("", markup=False, id=id)
        self._shown: Sequence[Sequence[Part]] = ()

    def show(self, lines: Sequence[Sequence[Part]]) -> None:
        """Show these lines; none hides the widget."""
        if lines == self._shown:
            return
        resized = len(lines) != len(self._shown)
        self._shown = lines
        self.update(paint.lines_content(lines), layout=resized)
        if resized:
            self.styles.height = len(lines)


class SiteScreen(Screen[None]):
    """The frame. A screen says what it is about (``PLACE``), composes a body, and answers to its ``view.`` commands."""

    PLACE: ClassVar[Place]
    #: Whether all that waits for a person is shown, or only what cannot wait.
    SHOWS_ALL_WAITING: ClassVar[bool] = False
    FOOTER_LINES: ClassVar[int] = 1
    #: Whether letters are commands here; where they are typed, none are offered.
    LETTERS: ClassVar[bool] = True
    AUTO_FOCUS: ClassVar[str | None] = "LiveTable"

    DEFAULT_CSS = """
    SiteScreen { background: $background; color: $foreground; layout: vertical; }
    SiteScreen > #header, SiteScreen > #keys { background: $panel; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.key = ""
        self.table: LiveTable | None = None
        self.commands: Mapping[str, Callable[[Sequence[str]], None]] = {}
        self._card_id = ""
        self._card_changed_s = float("-inf")
        self._header = Line(id="header")
        self._waiting = Line(id="waiting")
        self._status = StatusLine(id="status")
        self._hint = Line(id="hint")
        self._keys = Line(id="keys")
        self._line = CommandLine(lambda: session.site, self.PLACE)
        self._typing: str | None = None
        self._covered = False

    # -- what a screen fills in

    def body(self) -> ComposeResult:
        """The widgets between header and status line."""
        yield from ()

    def site_changed(self, news: News) -> None:
        """Show what changed."""

    def second_passed(self) -> None:
        """Show what depends on the time."""

    def target(self) -> Target:
        """What the cursor is on."""
        return Target()

    def trail(self) -> Sequence[str]:
        """Where one is, below the site."""
        return ()

    def filter_with(self, text: str) -> None:
        """Show only what matches."""

    # -- the frame

    def compose(self) -> ComposeResult:
        """Header, waiting, body, status, hint, command line or keys."""
        yield self._header
        yield self._waiting
        yield from self.body()
        yield self._status
        yield self._hint
        yield self._line
        yield self._keys

    def on_mount(self) -> None:
        """Show the whole site, under the profile's colour."""
        if self.session.colour:
            background, text = theme.behind(self.session.colour, self.app.theme)
            self._header.styles.background, self._header.styles.color = background, text
        self.site_changed(News(whole=True))

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was shown."""
        self._covered = False
        self.site_changed(News(whole=True))
        self.update_frame()

    def on_screen_suspend(self) -> None:
        """Another screen, or a dialog, takes the keys: offer none for what waits."""
        self._covered = True
        self.update_frame()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self.update_frame)

    def update_frame(self) -> None:
        """Bring the lines around the body up to date; lines that say the same as before cost nothing."""
        if not self.is_attached or not self.size.width:
            return
        session, width = self.session, self.size.width
        self._header.show([header.header(session, self.trail(), width)])
        self._show_waiting(width)
        self._show_said(width)
        typing = self._typing is not None
        self._keys.show([] if typing else self.footer(width))

    def footer(self, width: int) -> list[list[Part]]:
        """The keys that do something now."""
        return keys.footer(self.PLACE, self._possible, width, self.FOOTER_LINES)

    def _show_said(self, width: int) -> None:
        """The status line, and below it what has no room there: the end of a long text, and what to do about it."""
        said = self.session.said
        first, *rest = textwrap.wrap(said.text, max(20, width - _SAID_FROM), max_lines=3) or [""]
        self._status.say(first, said.kind, words.time_of_day(said.at, self.session.zone))
        hints = textwrap.wrap(said.hint, max(20, width - _SAID_FROM), max_lines=3)
        if self._typing is not None:
            rest, hints = [], [self._typing]
        lines: list[Part] = [(" " * _SAID_FROM + text, "") for text in rest]
        lines += [(" " * _SAID_FROM + text, "muted") for text in hints]
        self._hint.show([paint.cut_parts([line], width) for line in lines])

    def _show_waiting(self, width: int) -> None:
        session, now = self.session, self.session.now()
        cards = attention.open_cards(session.site, now)
        card_id = cards[0].card_id if cards else ""
        if card_id != self._card_id:
            self._card_changed_s = monotonic() if self._card_id and card_id else float("-inf")
            self._card_id = card_id
        stations = session.site.stations
        letters = self.LETTERS and not self._covered
        found = attention.lines(
            session.site,
            [stations[key] for key in session.overview.pending if key in stations],
            now,
            everything=self.SHOWS_ALL_WAITING,
            may_settle=letters and session.refusal(BY_ID["card.once"], Target(card_id=card_id)) is None,
            may_admit=letters and not session.backend.read_only and session.backend.why_not("station.accept") is None,
        )
        self._waiting.show([line.parts(width) for line in found])

    def load(self, job: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Fetch something for this screen; a newer job of the same group takes the place of an older one."""
        _worker: Worker[None] = self.run_worker(job, group=group, name=group, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A job that failed is never silent."""
        if event.state is WorkerState.ERROR:
            self.session.say_failure(event.worker.name, event.worker.error)

    # -- commands

    def _possible(self, spec: Spec) -> bool:
        return self.refusal(spec, self.command_target(spec)) is None

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Why a command is not possible here and now, or None if it is."""
        if spec.id == "view.open" and not self.selected():
            return "there is nothing to open"
        if _PLACES.get(spec.id) is self.PLACE and not self.key:
            return "this is it already"
        return self.session.refusal(spec, target)

    def selected(self) -> bool:
        """Whether the cursor is on something that can be opened."""
        return bool(self.table and self.table.cursor_key)

    def command_target(self, spec: Spec) -> Target:
        """What a command would be about: what the cursor is on, or the first of what waits for a person."""
        target = self.target()
        if spec.id.startswith("card.") and not target.card_id:
            return replace(target, card_id=self._card_id)
        return target

    def action_command(self, command_id: str) -> None:
        """Run a command because its key was pressed, or say why it is not possible."""
        spec = BY_ID[command_id]
        if spec.id.startswith("card.") and monotonic() - self._card_changed_s < _CARD_GUARD_S:
            self.session.say("another card came just now: look, and press again", "warn")
            return
        target = self.command_target(spec)
        refusal = self.refusal(spec, target)
        if refusal is not None:
            self.session.say(f"{spec.title}: {refusal}", "warn")
        else:
            self.start(spec, target)

    def key_came_up(self, event: Key) -> None:
        """Nothing took this key but, perhaps, a command: say so where there is none either."""
        if event.is_printable and event.key not in self.active_bindings:
            there = next((spec for spec in specs_at(Place.STATION) if spec.key == event.key), None)
            if there is not None and self.PLACE is Place.STATIONS:
                self.session.say(f"{event.character} ({there.title}) works on a station: enter opens one")
            else:
                way = "? shows the keys" if self.LETTERS else "up and down lead to what can be filled in"
                self.session.say(f"{event.character} is no command here, {way}")

    def start(self, spec: Spec, target: Target, given: Sequence[str] = ()) -> None:
        """Run a command that is possible."""
        if spec.id in self.commands:
            self.commands[spec.id](given)
        elif spec.id == "station.call" and (screen := requests.screen_for_call(self.session.site, target, given)):
            self.session.called_from = self.target()
            self.post_message(Go(*screen))
        elif spec.id in FORMS:
            # A worker of the app: the answer is shown even if this screen is gone by then.
            flow = Flow(self.app, self.session)
            self.app.run_worker(flow.run(spec, target, given), group="flow", exit_on_error=False, name=spec.id)
        elif spec.id.startswith("go."):
            self.post_message(Go(_PLACES[spec.id], filter=" ".join(given) or self.filter_there(spec)))
        elif spec.id == "app.command":
            self._line.open()
        elif spec.id == "view.back":
            self.go_back()
        elif spec.id.startswith(("app.", "playback.")):
            self.post_message(Ask(spec.id))
        else:
            self.session.say(f"{spec.title}: not on this screen", "warn")

    def filter_there(self, _spec: Spec) -> str | None:
        """What another screen shall show only, when one goes there from here; None leaves it as it was."""
        return None

    def go_back(self) -> None:
        """Leave this screen; from the first one there is nowhere to go."""
        if len([each for each in self.app.screen_stack if isinstance(each, SiteScreen)]) > 1:
            self.app.pop_screen()

    @on(CommandLine.Typing)
    def _show_typing(self, event: CommandLine.Typing) -> None:
        self._typing = event.help
        if event.help is None and self.AUTO_FOCUS and (found := self.query(self.AUTO_FOCUS)):
            self.set_focus(found.first())
        self.update_frame()

    @on(CommandLine.Entered)
    def _run_typed(self, event: CommandLine.Entered) -> None:
        try:
            spec, given = parse(event.text, self.PLACE)
        except ConsoleError as error:
            self.session.say(error.message, "warn", error.hint)
            return
        refusal = None if spec.id in FORMS or spec.id in _PLACES else self.refusal(spec, self.command_target(spec))
        if not given:
            self.action_command(spec.id)
        elif refusal is not None:
            self.session.say(f"{spec.title}: {refusal}", "warn")
        else:
            self.start(spec, self.target(), given)


_PLACES = {
    "go.stations": Place.STATIONS,
    "go.transactions": Place.TRANSACTIONS,
    "go.tokens": Place.TOKENS,
    "go.messages": Place.MESSAGES,
    "go.schedules": Place.SCHEDULES,
    "go.reports": Place.REPORTS,
}
