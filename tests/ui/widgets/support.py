"""What the widget tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

HOSTILE = (
    "[/oops]",
    "[@click=app.quit()]press me[/]",
    "\x1b[2J\x1b]0;owned\x07",
    "abc\u202egnp.exe\u2066",
    "two\nlines\r\ttabbed\x85\u2028end",
    "\ud800 lone \ue000 private",
    "充電ステーション" * 40,
    "[red]" * 30,
)
"""Texts a device may send to break a screen."""

SIZES = ((80, 24), (120, 40))


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Let the app work until `condition` holds; fail after ten seconds."""
    async with asyncio.timeout(10):
        while not condition():
            await pilot.pause(0.01)


def screen_lines(app: App[Any]) -> list[str]:
    """Return what the screen shows, line by line, without trailing space."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def widget_lines(widget: Widget) -> list[str]:
    """Return what one widget shows, line by line, without trailing space."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
