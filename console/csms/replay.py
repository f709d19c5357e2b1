"""A recording, fed through the same CSMS: what was decided then is taken from the recorded answers.

So a trace of anybody's stations and anybody's CSMS becomes a site, by the same rules as live stations do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from console.csms.csms import Csms
from console.csms.dialects import dialect, versions
from console.csms.dialects.base import Decision, Wire
from console.csms.ports import Call, CallEnd, CallLost, Payload, Refusal
from console.csms.said.reports import Verdict
from console.csms.settings import CsmsSettings
from console.model.change import Change, SettingsRead
from console.model.make import Tolerance
from console.model.message import Direction, Message
from console.model.station import Admission, Station
from console.model.text import plain
from console.model.token import TokenStatus
from console.model.transaction import Transaction

_CALL, _RESULT, _ERROR, _SEND = 2, 3, 4, 6
_NOTHING = Decision()
_ACCEPTED = Verdict(TokenStatus.ACCEPTED)
#: Ids for starts whose answer was not recorded: beyond those that OCPP 1.6 can carry.
_UNRECORDED = 1 << 31


class Recorded(Protocol):
    """A line of a recording. ``frame`` is the frame read as JSON, None for events and what could not be read."""

    @property
    def message(self) -> Message:
        """The frame or event."""
        ...

    @property
    def ocpp_version(self) -> str:
        """The version the station spoke."""
        ...

    @property
    def frame(self) -> list[Any] | None:
        """The frame."""
        ...


class Replay:
    """Applies a recording's lines, each once and in order."""

    def __init__(self, lines: Sequence[Recorded]) -> None:
        self._lines = lines
        self._answers, self._asked = _pair(lines)
        self._changes: list[Change] = []
        self._now = lines[0].message.at if lines else datetime.fromtimestamp(0, UTC)
        self._policy = RecordedPolicy()
        self._sessions: dict[str, _Session] = {}
        # Nothing is secret here: ids are those recorded.
        self._csms = Csms(self, self, CsmsSettings(secret=bytes(16), tolerance=Tolerance.LENIENT), policy=self._policy)

    def apply(self, index: int) -> list[Change]:
        """Let a line happen; return what changed. Messages themselves are not among it: the caller has them."""
        line = self._lines[index]
        message = line.message
        self._now = max(self._now, message.at)
        if message.direction is Direction.EVENT:
            self._event(line)
        elif message.direction is Direction.FROM_STATION and line.frame is not None:
            self._frame(index, line, line.frame)
        changes, self._changes = self._changes, []
        return changes

    # --- Journal and Clock of the CSMS ---

    def append(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        """Collect changes; they are as durable as the recording is."""
        self._changes.extend(changes)
        if committed is not None:
            committed()

    def now(self) -> datetime:
        """The recording's time."""
        return self._now

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Nothing happens by itself in a recording."""
        return lambda: None

    # --- lines ---

    def _event(self, line: Recorded) -> None:
        station_id = line.message.station_id
        if line.message.action == "connected":
            self._connect(line)
        elif line.message.action == "closed" and station_id in self._sessions:
            self._csms.closed(self._sessions.pop(station_id), 1000, "recorded")

    def _connect(self, line: Recorded) -> _Session | None:
        if line.ocpp_version not in versions():
            return None
        session = _Session(line.message.station_id, line.ocpp_version, _address(line.message))
        self._sessions[session.station_id] = session
        self._policy.decision = _NOTHING
        self._csms.opened(session)
        return session

    def _frame(self, index: int, line: Recorded, frame: list[Any]) -> None:
        session = self._sessions.get(line.message.station_id) or self._connect(line)
        if session is None:
            return
        if frame[0] in (_CALL, _SEND) and len(frame) > 3 and isinstance(frame[2], str):
            self._call(session, frame, self._answers.get(index))
        elif frame[0] == _RESULT and index in self._asked and isinstance(frame[2], dict):
            self._result(session, self._asked[index], frame[2])

    def _call(self, session: _Session, frame: list[Any], answer: list[Any] | None) -> None:
        """A station's request: it has the effect that it had then. One that was refused had none."""
        if answer is not None and answer[0] == _ERROR:
            return
        payload = answer[2] if answer is not None and isinstance(answer[2], dict) else None
        self._policy.decision = dialect(session.ocpp_version).decision(payload) if payload is not None else _NOTHING
        self._csms.received(session, Call(str(frame[1]), frame[2], frame[3]))

    def _result(self, session: _Session, asked: Wire, answer: Payload) -> None:
        settings = dialect(session.ocpp_version).settings(session.station_id, asked, answer, self._now)
        if settings:
            self._csms.emit([SettingsRead(session.station_id, settings)])
        self._csms.emit(dialect(session.ocpp_version).monitors(session.station_id, asked, answer))
        self._csms.answered(session, asked.action, answer)


class RecordedPolicy:
    """Decides as the recorded answer to the request at hand did; accepts where none was recorded."""

    def __init__(self) -> None:
        self.decision = _NOTHING
        self._next_unrecorded = _UNRECORDED

    def admission(self, station: Station) -> Admission:
        """See ``Policy.admission``."""
        return self.decision.admission or Admission.ACCEPTED

    def may_charge(self, station_id: str, id_token: str, now: datetime, evse_id: int = 0) -> Verdict | None:
        """See ``Policy.may_charge``."""
        return self.decision.verdict or _ACCEPTED

    def may_start(self, station_id: str, id_token: str, now: datetime, evse_id: int = 0) -> Verdict | None:
        """See ``Policy.may_start``."""
        return self.decision.verdict or _ACCEPTED

    def may_stop(self, transaction: Transaction, id_token: str, now: datetime) -> Verdict:
        """See ``Policy.may_stop``."""
        return self.decision.verdict or _ACCEPTED

    def new_transaction_id(self, station_id: str) -> str:
        """See ``Policy.new_transaction_id``."""
        if self.decision.transaction_id is not None:
            return self.decision.transaction_id
        self._next_unrecorded += 1
        return str(self._next_unrecorded)


class _Session:
    """A connection that was."""

    def __init__(self, station_id: str, ocpp_version: str, address: str) -> None:
        self.station_id = station_id
        self.ocpp_version = ocpp_version
        self.address = address
        self.local_address = ""
        self.security_profile = 0
        self.certificate_name = ""
        self.new_password = b""

    def answer(self, message_id: str, reply: Payload | Refusal) -> None:
        """The station was answered then."""

    async def call(self, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        """Nothing can be asked of a recording."""
        return CallLost(offline=True, elapsed_s=0.0)

    def close(self, code: int, reason: str) -> None:
        """It was closed then."""

    def speak(self, ocpp_version: str) -> bool:
        """It spoke as it did."""
        return False

    def tune(self, pings: bool, silence_s: float) -> None:
        """It is gone."""


def _address(message: Message) -> str:
    """Where a station connected from, if this is its connecting and tells of it."""
    if message.direction is not Direction.EVENT:
        return ""
    try:
        address = msgspec.json.decode(message.text).get("address", "")
    except (msgspec.DecodeError, AttributeError):
        return ""
    return plain(address) if isinstance(address, str) else ""


def _pair(lines: Sequence[Recorded]) -> tuple[dict[int, list[Any]], dict[int, Wire]]:
    """The recorded answer to each request of a station, and what each answer of a station answers, by line.

    Ids may come again after a restart, so an answer belongs to the newest open request of its id.
    """
    answers: dict[int, list[Any]] = {}
    asked: dict[int, Wire] = {}
    open_calls: dict[tuple[str, Direction, str], int] = {}
    for index, line in enumerate(lines):
        frame, message = line.frame, line.message
        if frame is None or len(frame) < 3:
            continue
        if frame[0] == _CALL:
            open_calls[message.station_id, message.direction, str(frame[1])] = index
        elif frame[0] in (_RESULT, _ERROR):
            to_station = message.direction is Direction.TO_STATION
            asker = Direction.FROM_STATION if to_station else Direction.TO_STATION
            at = open_calls.pop((message.station_id, asker, str(frame[1])), None)
            call = lines[at].frame if at is not None else None
            if at is not None and to_station:
                answers[at] = frame
            elif call is not None and len(call) > 3 and isinstance(call[2], str) and isinstance(call[3], dict):
                asked[index] = Wire(call[2], call[3])
    return answers, asked
