"""What the UI tests share: the console over a staged backend, driven by keys, read as text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from console.app import ConsoleApp, ExitChoice
from tests.support.staged import StagedBackend
from tests.ui.sites import NOW, ZONE

TRUECOLOUR = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
SIXTEEN = {"TERM": "xterm", "LANG": "C.UTF-8"}
ASCII = {"TERM": "xterm", "LANG": "C"}


def console_over(backend: StagedBackend, env: dict[str, str] | None = None, colour: str = "") -> ConsoleApp:
    """The console at the fixed moment, not yet running."""
    return ConsoleApp(backend, now=lambda: NOW, zone=ZONE, env=env or TRUECOLOUR, colour=colour)


class Driver:
    """Presses keys and reads the screen."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[ExitChoice]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text; a long one is pasted, as one would."""
        if len(text) > _PASTED and self.app.focused is not None:
            self.app.focused.post_message(events.Paste(text))
            await self.pilot.pause()
        else:
            await self.pilot.press(*(_KEYS.get(character, character) for character in text))

    async def command(self, text: str) -> None:
        """Type a line after ``:``."""
        await self.press("colon")
        await self.type(text)
        await self.press("enter")

    def lines(self) -> list[str]:
        """What the screen shows."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    def text(self) -> str:
        """What the screen shows, in one piece."""
        return "\n".join(self.lines())

    async def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Let the app work until the condition holds; fail after ten seconds with what the screen shows."""
        try:
            async with asyncio.timeout(10):
                while not condition():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"never came: {what}\n{self.text()}") from None

    async def sees(self, *texts: str) -> None:
        """Wait until the screen shows all of these."""
        await self.until(lambda: all(text in self.text() for text in texts), " and ".join(texts))

    async def sees_no(self, text: str) -> None:
        """Wait until the screen does not show this any more."""
        await self.until(lambda: text not in self.text(), f"the end of {text}")

    def line(self, text: str) -> str:
        """The first line with a text in it."""
        return next(line for line in self.lines() if text in line)


_PASTED = 12
_KEYS = {
    " ": "space",
    "-": "minus",
    "_": "underscore",
    ".": "full_stop",
    ":": "colon",
    "/": "slash",
    "+": "plus",
    ",": "comma",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    '"': "quotation_mark",
}


@asynccontextmanager
async def driving(
    backend: StagedBackend, size: tuple[int, int] = (80, 24), env: dict[str, str] | None = None
) -> AsyncIterator[Driver]:
    """The running console, with its first screen shown."""
    app = console_over(backend, env)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: app.session.link.connected and app.session.said.text != "connecting", "the link")
        await pilot.pause()
        yield driver
