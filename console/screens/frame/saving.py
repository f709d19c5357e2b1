"""Writing what a screen shows to a file: the path is asked, nothing is overwritten, and the full path is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from pathlib import Path

from textual.app import App
from textual.worker import Worker

from console.errors import ConsoleError
from console.screens.frame import words
from console.screens.frame.session import Session
from widgets.dialog import PromptDialog
from widgets.form import Field

#: What is written: how many things each piece of text stands for, and the text.
Pieces = AsyncIterator[tuple[int, str]]


def path_error(text: str) -> str | None:
    """What is wrong with a path to write to, or None."""
    path = Path(text.strip()).expanduser()
    if path.is_dir():
        return "is a folder"
    if path.exists():
        return "exists already: choose another name"
    return None if path.absolute().parent.is_dir() else f"there is no folder {path.absolute().parent}"


async def ask_path(app: App[object], title: str, proposed: str, help: str) -> Path | None:
    """Ask where to write."""
    field = Field("path", "file", proposed, help, required=True, validate=path_error)
    values = await app.push_screen_wait(PromptDialog(title, [field]))
    return full_path(values["path"]) if values else None


def full_path(text: str) -> Path:
    """The whole path of what was typed."""
    return Path(text.strip()).expanduser().absolute()


async def write(session: Session, path: Path, pieces: Pieces, noun: str) -> None:
    """Write the pieces to a new file, saying how far it is, and in the end where it is."""
    total = 0
    try:
        with await asyncio.to_thread(path.open, "x", encoding="utf-8", newline="") as file:
            async for number, text in pieces:
                await asyncio.to_thread(file.write, text)
                total += number
                session.say(f"writing: {words.count(total, noun)}", "busy")
    except OSError as error:
        session.say(f"cannot write {path}: {error.strerror or error}", "bad", "Choose another folder.")
    except ConsoleError as error:
        session.say(f"{path} is not complete: {error.message}", "bad", error.hint)
    else:
        session.say(f"wrote {words.count(total, noun)} to {path}")


async def given(number: int, lines: Iterable[str]) -> Pieces:
    """Lines that are there already, as one piece."""
    yield number, "".join(lines)


def start(app: App[object], job: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a job that asks and writes, so that it outlives the screen it was started on."""
    _worker: Worker[None] = app.run_worker(job, name="save", group="save", exit_on_error=False)
