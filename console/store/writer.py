"""The single writer: changes in, one commit for as many as have gathered, then everybody hears of it.

``append`` only puts changes into a list, which goes to a thread when the event loop has read every socket that was
ready. The thread takes all there are, writes them in one transaction and hands them back to the event loop in one call,
which releases the answers that waited and passes the changes on. There is no timer: a commit lasts as long as the disk
takes, and what arrives meanwhile is the next one.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Engine

from console.errors import ConsoleError
from console.model.change import Change, CredentialChanged, MessagesSeen
from console.store.batch import STORED
from console.store.committer import Committer, GaveUpError

#: Above these the listener is asked to stop reading, below a quarter of them to go on.
HIGH_CHANGES = 20_000
HIGH_BYTES = 32 * 1024 * 1024
# What a change weighs that is no message, roughly.
_CHANGE_BYTES = 500
# What comes in one turn of the event loop goes to the thread in portions, so that it writes the first of them while the
# rest is being read.
_PORTION = 1000
# Under unbroken load upkeep still gets a step this often.
_STEP_EVERY_S = 0.05


#: One ``append``: what to write, and who waits for it. A plain tuple, for there are several a frame.
Entry = tuple[Sequence[Change], Callable[[], None] | None]


class Parcel(NamedTuple):
    """What goes to the writer's thread at once, and what it weighs."""

    entries: list[Entry]
    changes: int
    size: int


def _nobody(_news: object) -> None:
    """Nobody listens (yet)."""


class Writer:
    """Keeps changes: the CSMS's Journal. One instance owns all writing to a store.

    Set before ``start``, all called on the event loop:
    ``on_committed_changes`` gets every change in order, once durable (those that are not stored ride along; a
    password hash is never passed on);
    ``on_pressure`` gets True when too much waits to be written, False when it may be read again;
    ``on_trouble`` gets a text while the disk refuses, or when a change was unfit to be stored; None when all is well.
    """

    def __init__(self, engine: Engine) -> None:
        self.on_committed_changes: Callable[[Sequence[Change]], None] = _nobody
        self.on_pressure: Callable[[bool], None] = _nobody
        self.on_trouble: Callable[[str | None], None] = _nobody
        self._committer = Committer(engine, self._tell_later)
        self._queue: deque[Parcel] = deque()
        self._steps: deque[tuple[Iterator[object], asyncio.Future[None]]] = deque()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        # The rest belongs to the event loop alone.
        self._held = 0
        self._held_bytes = 0
        self._pressed = False
        self._trouble: str | None = None
        self._arrived: list[Entry] = []
        self._closed = False

    def start(self) -> None:
        """Begin to write. Called on the event loop that everything is handed back to."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def append(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        """Keep changes; call ``committed`` on the event loop once they survive kill -9. Called on the event loop."""
        entry = (changes, committed)
        if self._closed and (self._held or not _only_passes(entry)):
            raise ConsoleError("The store is closed: this change cannot be kept.")
        if not self._arrived:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._arrived.append(entry)
        if len(self._arrived) >= _PORTION:
            self._hand_over()

    async def flush(self) -> None:
        """Return when everything appended so far is durable and handed on."""
        done = asyncio.get_running_loop().create_future()
        self.append((), lambda: None if done.done() else done.set_result(None))
        await done

    async def between(self, steps: Iterator[object]) -> None:
        """Run an iterator to its end on the writer's thread, a step at a time, when no change waits.

        Under unbroken load there is still a step now and then. Raises what a step raises; is cancelled by ``close``.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._steps.append((steps, done))
        self._wake.set()
        await done

    async def close(self) -> None:
        """Write everything that waits, then end. Raises ConsoleError if the disk does not take it."""
        self._closed = True
        if self._thread is None:
            return
        self._hand_over()
        self._committer.hurry()
        self._wake.set()
        await asyncio.to_thread(self._thread.join)
        self._thread = None
        if self._queue or self._held:
            raise ConsoleError(
                f"{self._held} changes could not be stored: {self._trouble}.",
                "None of them was acknowledged; stations send theirs again.",
            )

    # --- on the event loop ---

    def _hand_over(self) -> None:
        """Give the thread what has arrived; what is not stored passes by it if nothing is before it there."""
        arrived, self._arrived = self._arrived, []
        passing: list[Change] = []
        if not self._held or self._trouble:
            arrived = self._sorted_out(arrived, passing)
        if arrived:
            count, size = _weight(arrived)
            self._held += count
            self._held_bytes += size
            self._queue.append(Parcel(arrived, count, size))
            self._wake.set()
        if passing:
            self.on_committed_changes(passing)
        if not self._pressed and (self._held > HIGH_CHANGES or self._held_bytes > HIGH_BYTES):
            self._pressed = True
            self.on_pressure(True)

    def _sorted_out(self, arrived: list[Entry], passing: list[Change]) -> list[Entry]:
        """Put what need not wait into ``passing``; return the rest."""
        staying: list[Entry] = []
        for entry in arrived:
            if (self._trouble or not staying) and _only_passes(entry):
                passing.extend(entry[0])
            else:
                staying.append(entry)
        return staying

    def _handed_back(self, entries: Sequence[Entry], changes: Sequence[Change], count: int, size: int) -> None:
        self._held -= count
        self._held_bytes -= size
        for _, committed in entries:
            if committed is not None:
                self._release(committed)
        if self._pressed and self._held <= HIGH_CHANGES // 4 and self._held_bytes <= HIGH_BYTES // 4:
            self._pressed = False
            self.on_pressure(False)
        if changes:
            self.on_committed_changes(changes)

    def _release(self, committed: Callable[[], None]) -> None:
        try:
            committed()
        except Exception as error:  # noqa: BLE001  # one station's answer must not hold back all the others
            context = {"message": "A callback failed after its commit", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    def _tell(self, text: str | None) -> None:
        if text != self._trouble:
            self._trouble = text
            if not self._closed:
                self.on_trouble(text)

    # --- on the writer's thread ---

    def _on_loop(self, callback: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None  # noqa: S101  # set by start, before the thread
        self._loop.call_soon_threadsafe(callback, *arguments)

    def _tell_later(self, text: str | None) -> None:
        self._on_loop(self._tell, text)

    def _run(self) -> None:
        stepped_at = time.monotonic()
        while self._queue or not self._committer.closing:
            parcels = [self._queue.popleft() for _ in range(len(self._queue))]
            if parcels and not self._write(parcels):
                break
            if self._steps and not (parcels and time.monotonic() < stepped_at + _STEP_EVERY_S):
                self._step()
                stepped_at = time.monotonic()
            elif not parcels:
                self._wake.clear()
                if not (self._queue or self._steps or self._committer.closing):
                    self._wake.wait()
        for _, done in self._steps:
            self._on_loop(_cancel, done)
        self._committer.close()

    def _write(self, parcels: list[Parcel]) -> bool:
        """Write parcels and hand them back; False if the store was closed and the disk does not take them."""
        entries = [entry for parcel in parcels for entry in parcel.entries]
        try:
            refused = self._committer.commit([changes for changes, _ in entries])
        except GaveUpError:
            return False
        if refused:
            entries = [entry for index, entry in enumerate(entries) if index not in refused]
        kept = list(chain.from_iterable(changes for changes, _ in entries))
        if CredentialChanged in set(map(type, kept)):
            kept = [change for change in kept if type(change) is not CredentialChanged]
        count, size = sum(parcel.changes for parcel in parcels), sum(parcel.size for parcel in parcels)
        self._on_loop(self._handed_back, entries, kept, count, size)
        return True

    def _step(self) -> None:
        steps, done = self._steps[0]
        try:
            next(steps)
        except StopIteration:
            self._steps.popleft()
            self._on_loop(_settle, done, None)
        except Exception as error:  # noqa: BLE001  # goes to who waits for the steps
            self._steps.popleft()
            self._on_loop(_settle, done, error)


def _only_passes(entry: Entry) -> bool:
    """Whether nobody waits for an entry and nothing of it is stored."""
    changes, committed = entry
    return committed is None and STORED.isdisjoint(map(type, changes))


def _weight(entries: list[Entry]) -> tuple[int, int]:
    """How many changes they are, and about how many bytes. Nothing at all, where somebody waits, counts as one."""
    count = texts = 0
    for changes, _ in entries:
        count += len(changes) or 1
        first = changes[0] if changes else None
        if type(first) is MessagesSeen:  # frames come first of what comes with them
            count += len(first.messages) - 1
            texts += sum([len(message.text) for message in first.messages])
    return count, texts + count * _CHANGE_BYTES


def _settle(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _cancel(done: asyncio.Future[None]) -> None:
    done.cancel()
