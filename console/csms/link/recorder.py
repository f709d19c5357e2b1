"""Every frame and connection event as a Message in the stream of changes, secrets redacted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from console.csms.ports import Clock, Peer
from console.model.change import Change, MessagesSeen
from console.model.message import Direction, Message, MessageType

_LOG = logging.getLogger(__name__)

_LONGEST_TEXT = 1 << 16

#: (OCPP version, action, text of the frame, whether it is an answer) -> the text without its secrets. The action is ""
#: where the frame does not say it: broken JSON, or an answer to nothing that was asked.
Redact = Callable[[str, str, str, bool], str]


def keep_all(version: str, action: str, text: str, is_answer: bool) -> str:
    """Redact nothing."""
    return text


class Recorder:
    """Collects messages and emits them once a turn of the event loop. Those of one turn have one instant."""

    def __init__(
        self,
        peer: Peer,
        clock: Clock,
        seq: Iterator[int],
        redact: Redact = keep_all,
        secret_actions: frozenset[str] = frozenset(),
    ) -> None:
        self._peer = peer
        self._clock = clock
        self._seq = seq
        self._redact = redact
        self._secret_actions = secret_actions | {""}
        self._messages: list[Message] = []
        self._others: list[Change] = []
        self._at: datetime | None = None
        self._flush_is_due = False

    def frame(
        self,
        station_id: str,
        version: str,
        direction: Direction,
        kind: MessageType,
        message_id: str,
        action: str,
        text: str,
        latency_s: float | None,
        problem: str,
    ) -> None:
        """Record a frame. ``action`` is that of the request, for answers too."""
        if action in self._secret_actions:
            text, problem = self._without_secrets(version, action, text, kind, problem)
        if len(text) > _LONGEST_TEXT:
            cut = f"recorded in part, {len(text)} characters long"
            text, problem = text[:_LONGEST_TEXT], f"{problem}; {cut}" if problem else cut
        at = self._at or self._begin()
        self._messages.append(
            Message(next(self._seq), at, station_id, direction, kind, message_id, action, text, latency_s, problem)
        )

    def event(self, station_id: str, name: str, facts: dict[str, Any], problem: str = "") -> None:
        """Record something that is no frame: connected, closed, refused, silent."""
        text = msgspec.json.encode(facts).decode()
        self.frame(station_id, "", Direction.EVENT, MessageType.EVENT, "", name, text, None, problem)

    def flush(self) -> None:
        """Emit what was collected."""
        self._at = None
        messages, self._messages = self._messages, []
        others, self._others = self._others, []
        changes = [MessagesSeen(tuple(messages)), *others] if messages else others
        if not changes:
            return
        try:
            self._peer.emit(changes)
        except Exception:  # noqa: BLE001  logged
            # The stations go on being answered; what is lost is the record, and the log says so.
            _LOG.exception("%d messages could not be recorded", len(messages))

    def _without_secrets(
        self, version: str, action: str, text: str, kind: MessageType, problem: str
    ) -> tuple[str, str]:
        try:
            return self._redact(version, action, text, kind not in (MessageType.CALL, MessageType.SEND)), problem
        except Exception:  # noqa: BLE001  logged; better no text than one with its secrets
            _LOG.exception("the secrets of a frame (%s) could not be taken out", action)
            return "", f"{problem}; its text could not be redacted".removeprefix("; ")

    def note(self, change: Change) -> None:
        """Emit another change with the messages, behind them."""
        self._others.append(change)
        if not self._flush_is_due:
            self._flush_soon()

    def _begin(self) -> datetime:
        """The first message of a turn: all others of it happen at the same instant, which is returned."""
        self._at = at = self._clock.now()
        if not self._flush_is_due:
            self._flush_soon()
        return at

    def _flush_soon(self) -> None:
        self._flush_is_due = True
        asyncio.get_running_loop().call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self._flush_is_due = False
        self.flush()
