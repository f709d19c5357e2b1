"""The console: follows a backend and shows its site on the screens. It owns nothing that a station depends on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, tzinfo
from enum import StrEnum
from time import monotonic
from typing import Any, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from console.actions.saved import SavedRequests
from console.backends.base import Backend, Playback
from console.model.spec import Place
from console.screens.frame import theme
from console.screens.frame.frame import Ask, Go, SiteScreen
from console.screens.frame.help import HelpScreen
from console.screens.frame.leave import LeaveDialog
from console.screens.frame.palette import CatalogueProvider, Palette
from console.screens.frame.places import screen_for
from console.screens.frame.session import Session, utc_now
from widgets.ascii import AsciiFilter, needs_ascii
from widgets.dialog import ConfirmDialog

#: The screen is told of changes at most this often.
_EVERY_S = 0.25
#: A terminal that takes no more output is not waited for longer than this when the line is hung up.
_HANG_UP_S = 2.0
#: One key is not waited for longer than this before the next is handed out.
_KEY_S = 0.5
_MOST_KEYS = 1000
_SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0)


class ExitChoice(StrEnum):
    """What the operator wants of the service behind the console."""

    DETACH = "detach"  # it goes on; said without a question, as when the line is hung up
    LEAVE = "leave"  # it goes on; said when asked
    STOP_SERVICE = "stop service"


class KeyHandled(Message):
    """Follows a key on its way up to the app: when it arrives, all that the key does is done."""


class ConsoleApp(App[ExitChoice]):
    """The app. ``now`` and ``zone`` are for what is shown; ``env`` says what the terminal can do.

    ``requests`` are the site's templates, and what was sent last; without them they are kept while the app runs.
    """

    TITLE = "ocpp-console"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CatalogueProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+c", "hint_quit", "Quit", show=False, system=True),
    ]

    def __init__(
        self,
        backend: Backend,
        *,
        now: Callable[[], datetime] = utc_now,
        zone: tzinfo | None = None,
        colour: str = "",
        env: dict[str, str] | None = None,
        requests: SavedRequests | None = None,
    ) -> None:
        super().__init__()
        self.session = Session(backend, now=now, zone=zone, colour=colour, requests=requests)
        self._env = dict(os.environ) if env is None else env
        self._ascii = AsciiFilter() if needs_ascii(self._env) else None
        self._keys: deque[events.Key] = deque(maxlen=_MOST_KEYS)
        self._key_until_s = float("-inf")
        self._key_screen: Screen[Any] | None = None
        self._flush_timer: Timer | None = None
        self._flushed_s = float("-inf")
        self._lists: dict[Place, SiteScreen] = {}

    # -- life

    def on_mount(self) -> None:
        """Show the stations and follow the site."""
        self.animation_level = "none"
        self.theme = theme.choose(self._env, self.console.color_system)
        self.session.wake = self._wake
        self._show(Place.STATIONS)
        self.run_worker(self.session.follow(), name="follow", group="follow", exit_on_error=False)
        self.set_interval(1.0, self._second_passed)
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hung_up)

    def _hung_up(self) -> None:
        """The terminal is gone: leave the service running, and do not wait for output that nobody reads."""
        # A thread of its own, for the loop may end first, while Textual's reads the dead terminal for ever.
        last_word = threading.Timer(_HANG_UP_S, os._exit, (0,))
        last_word.daemon = True
        last_word.start()
        self.exit(ExitChoice.DETACH)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, and ours where the terminal shows ASCII only."""
        found = list(super().get_line_filters())
        return [*found, self._ascii] if self._ascii else found

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """Hand keys out one after another.

        Textual gives each key to the widget that has the focus when it is read. On a slow link several come in one
        piece, and what follows the key that opens a filter must not go to the table.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._keys.append(event)
            if monotonic() > self._key_until_s:
                await self._hand_out_key()
        elif isinstance(event, events.Key) and self.screen is not self._key_screen:
            pass  # on its way up another screen was opened, whose bindings would be asked: it was not typed for those
        else:
            if isinstance(event, events.Key) and isinstance(self.screen, SiteScreen):
                self.screen.key_came_up(event)
            await super().on_event(event)

    async def _hand_out_key(self) -> None:
        self._key_until_s = float("-inf")
        if self._keys:
            self._key_until_s = monotonic() + _KEY_S
            self._key_screen = self.screen
            holder = self.focused or self.screen
            await super().on_event(self._keys.popleft())
            holder.post_message(KeyHandled())

    @on(KeyHandled)
    async def _key_handled(self) -> None:
        await self._hand_out_key()

    # -- telling the screen

    @property
    def site_screen(self) -> SiteScreen | None:
        """The screen of the site that is shown, be it under a dialog."""
        return next((each for each in reversed(self.screen_stack) if isinstance(each, SiteScreen)), None)

    @property
    def telling(self) -> bool:
        """Whether the screen is soon told of something it does not show yet."""
        return self._flush_timer is not None

    def _wake(self) -> None:
        """Tell the screen at once if it was told nothing for a while, else soon."""
        if self._flush_timer is None:
            wait_s = self._flushed_s + _EVERY_S - monotonic()
            self._flush_timer = self.set_timer(max(0.01, wait_s), self._tell)

    def _tell(self) -> None:
        self._flush_timer, self._flushed_s = None, monotonic()
        news = self.session.take()
        screen = self.site_screen
        if screen is None or not screen.is_mounted:
            return
        if news.whole or news.changes:
            screen.site_changed(news)
        screen.update_frame()

    def _second_passed(self) -> None:
        self.session.tick()
        screen = self.site_screen
        if screen is not None and screen.is_mounted:
            screen.second_passed()
            screen.update_frame()

    # -- going from screen to screen

    def _show(self, place: Place, key: str = "") -> SiteScreen:
        """Show a screen: the one that is open already, else on top. Lists are kept, with filter and cursor."""
        for opened in self.screen_stack:
            if isinstance(opened, SiteScreen) and (opened.PLACE, opened.key) == (place, key):
                self._uncover(opened)
                return opened
        screen = screen_for(place, self.session, key) if key else self._list(place)
        self.push_screen(screen)
        return screen

    def _uncover(self, opened: SiteScreen) -> None:
        while self.screen is not opened:
            self.pop_screen()

    def _list(self, place: Place) -> SiteScreen:
        if place not in self._lists:
            self._lists[place] = screen_for(place, self.session)
            self.install_screen(self._lists[place], str(place))
        return self._lists[place]

    @on(Go)
    def _go(self, event: Go) -> None:
        screen = self._show(event.place, event.key)
        if event.filter is not None:
            screen.filter_with(event.filter)

    @on(Ask)
    def _ask(self, event: Ask) -> None:
        match event.command_id:
            case "app.quit":
                self.action_leave()
            case "app.detach":
                self.exit(ExitChoice.DETACH)
            case "app.help":
                shown = self.site_screen
                if shown is not None:
                    self.push_screen(HelpScreen(shown))
            case _:
                self._play(event.command_id)

    def action_leave(self) -> None:
        """Leave, after asking whether the service shall stop."""
        backend = self.session.backend
        if backend.read_only or backend.why_not("service.stop") is not None:
            self.exit(ExitChoice.LEAVE)
        elif not isinstance(self.screen, LeaveDialog):
            self.run_worker(self._leave(), name="leave", group="leave", exit_on_error=False)

    async def _leave(self) -> None:
        site, backend = self.session.site, self.session.backend
        running = sum(each.running for each in site.transactions.values())
        stop = await self.push_screen_wait(LeaveDialog(site.name, self.session.overview.total.online, running))
        if stop and backend.production:
            lines = ["Stations are disconnected until it runs again."]
            stop = (
                True
                if await self.push_screen_wait(
                    ConfirmDialog(
                        "Stop the service?", lines, confirm="Stop it", type_to_confirm=site.name or backend.name
                    )
                )
                else None
            )
        if stop is not None:
            self.exit(ExitChoice.STOP_SERVICE if stop else ExitChoice.LEAVE)

    def action_command_palette(self) -> None:
        """Search all commands by their words."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_hint_quit(self) -> None:
        """Ctrl+C ends many programs, but not this one: say what does."""
        self.session.say("q leaves the console, d detaches from it; the service goes on", "warn")

    def _play(self, command_id: str) -> None:
        backend = self.session.backend
        if not isinstance(backend, Playback):
            return
        position = backend.position()
        match command_id:
            case "playback.toggle":
                (backend.pause if position.playing else backend.play)()
            case "playback.step":
                backend.step()
            case "playback.faster":
                backend.set_speed(next((s for s in _SPEEDS if s > position.speed), _SPEEDS[-1]))
            case "playback.slower":
                backend.set_speed(next((s for s in reversed(_SPEEDS) if s < position.speed), _SPEEDS[0]))
        self._wake()

    # -- what goes wrong

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that failed is never silent."""
        if event.state is WorkerState.ERROR:
            self.session.say_failure(event.worker.name, event.worker.error)


def run(backend: Backend, *, colour: str = "", mouse: bool | None = None) -> ExitChoice:
    """Run the console until the operator leaves. The mouse is off over SSH, where selecting text is worth more."""
    if mouse is None:
        mouse = not os.environ.get("SSH_CONNECTION")
    return ConsoleApp(backend, colour=colour).run(mouse=mouse) or ExitChoice.DETACH
