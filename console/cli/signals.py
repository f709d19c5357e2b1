"""Waiting for the signals that end a program, so that what it holds is let go of in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def until_told() -> None:
    """Wait for Ctrl-C, SIGTERM or SIGHUP."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in _ENDS:
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in _ENDS:
            loop.remove_signal_handler(number)


async def run_until_told(work: Coroutine[Any, Any, None]) -> None:
    """Do something until it ends, or a signal ends it. What goes wrong in it is raised."""
    # Listening begins first: no signal may fall between.
    told, task = asyncio.create_task(until_told()), asyncio.create_task(work)
    try:
        await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        told.cancel()
        task.cancel()
        await asyncio.wait({task, told})
    if not task.cancelled():
        task.result()
