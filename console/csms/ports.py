"""The seams inside the service: what the CSMS asks of the link below it, and of the store behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from console.errors import ConsoleError
from console.model.change import Change
from console.model.device import SettingWrite
from console.model.local_list import ListEntry
from console.model.message import Attempt
from console.model.station import Setting
from console.model.station_file import FileKind

Payload = dict[str, Any]


class Call(msgspec.Struct, frozen=True):
    """A request of a station (CALL or, in 2.1, SEND), framing done, payload not yet checked."""

    message_id: str
    action: str
    payload: Any


class Refusal(msgspec.Struct, frozen=True):
    """A CALLERROR to send: ``code`` is spelled as the station's OCPP version spells it."""

    code: str
    description: str


class Reception(msgspec.Struct, frozen=True):
    """What the CSMS did with a call.

    ``reply`` is the answer's payload or a refusal; None means that it will come through ``Session.answer``, because
    something must be durable, or a person asked, first. ``problem`` is what was wrong with the call ("" if nothing),
    for the operator to see.
    """

    reply: Payload | Refusal | None
    problem: str = ""


class CallResult(msgspec.Struct, frozen=True):
    """A station's CALLRESULT to a request of ours."""

    payload: Any
    elapsed_s: float


class CallError(msgspec.Struct, frozen=True):
    """A station's CALLERROR to a request of ours."""

    code: str
    description: str
    details: Any
    elapsed_s: float


class CallLost(msgspec.Struct, frozen=True):
    """No answer: the deadline passed, or (``offline``) the connection ended first."""

    offline: bool
    elapsed_s: float


CallEnd = CallResult | CallError | CallLost


class Session(Protocol):
    """One connected station, as the CSMS sees it. Implemented by the link."""

    station_id: str
    ocpp_version: str
    address: str
    #: Our own address, as the station has reached it.
    local_address: str
    security_profile: int
    #: The common name of the station's certificate (security profile 3), "" where it showed none.
    certificate_name: str
    #: The password that a station showed of which none is known yet.
    new_password: bytes

    def answer(self, message_id: str, reply: Payload | Refusal) -> None:
        """Send the answer to a call that was received earlier. Does nothing if the connection is gone."""
        ...

    async def call(self, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        """Send a request when no other is outstanding, and wait for its end. The queue before it is bounded."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection with a WebSocket close code."""
        ...

    def speak(self, ocpp_version: str) -> bool:
        """Speak another version from now on; False where one was agreed on, or nothing can be told any more."""
        ...

    def tune(self, pings: bool, silence_s: float) -> None:
        """Say how its life is told: whether it is pinged, and how long one that answers no pings may be silent."""
        ...


class Known(msgspec.Struct, frozen=True):
    """What is known of an identity that knocks: the lowest security profile it may come by, and how it stands.

    ``any_name``: it may sign in under any user name, for its operator tolerates that. ``strict``: nothing is tolerated.
    """

    lowest_profile: int = 0
    has_password: bool = False
    admitted: bool = False
    any_name: bool = False
    strict: bool = False


class Door(Protocol):
    """Who may connect. Asked by the listener during the handshake; must not block."""

    def knows(self, station_id: str) -> bool:
        """Whether a connection under this identity may be opened at all."""
        ...

    def known(self, station_id: str) -> Known:
        """What is known of an identity."""
        ...

    def certificate_fits(self, station_id: str, name: str) -> bool:
        """Whether a certificate with this common name can be this station's."""
        ...

    def password_ok(self, station_id: str, password: bytes | None) -> bool:
        """Judge the Basic auth password (None: no header was sent). True where the station needs none."""
        ...

    def refused(self, attempt: Attempt) -> None:
        """Take note of a handshake that was refused."""
        ...


class Peer(Protocol):
    """What sits above the link: the CSMS. Every method is called on the event loop and returns at once."""

    def opened(self, session: Session) -> None:
        """A station connected (an older connection of the same identity has been closed before)."""
        ...

    def received(self, session: Session, call: Call) -> Reception:
        """A station asks something."""
        ...

    def answered(self, session: Session, action: str, payload: Any) -> Refusal | None:
        """Check a CALLRESULT to a request of ours; return what is wrong with it, for a CALLRESULTERROR (2.1)."""
        ...

    def closed(self, session: Session, code: int, reason: str) -> None:
        """The connection ended. Not called when a newer connection took its place."""
        ...

    def emit(self, changes: Sequence[Change]) -> None:
        """Put changes (the link's messages) into the stream."""
        ...


class Journal(Protocol):
    """The store, as the CSMS sees it: changes in order, and word when they are durable."""

    def append(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        """Keep changes; call ``committed`` on the event loop once they survive kill -9."""
        ...


class Shelf(Protocol):
    """What is on record of stations, where it is asked for now and then and need not be in memory."""

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """A station's settings as last read."""
        ...

    async def setting_writes(self, station_id: str, limit: int = 200) -> Sequence[SettingWrite]:
        """The newest changes of a station's settings, newest first."""
        ...

    async def local_list_entries(self, station_id: str) -> Sequence[ListEntry]:
        """What a station's local list holds, as it was sent."""
        ...


class EmptyShelf:
    """Nothing is on record: for recordings."""

    async def settings(self, station_id: str) -> Sequence[Setting]:
        """See ``Shelf.settings``."""
        return ()

    async def setting_writes(self, station_id: str, limit: int = 200) -> Sequence[SettingWrite]:
        """See ``Shelf.setting_writes``."""
        return ()

    async def local_list_entries(self, station_id: str) -> Sequence[ListEntry]:
        """See ``Shelf.local_list_entries``."""
        return ()


class Authority(Protocol):
    """Whoever signs stations' certificates here. Errors are ConsoleError."""

    async def sign(self, request: str) -> str:
        """Sign a request (PEM) that was checked before; return the chain in PEM, the station's certificate first."""
        ...

    async def certificate(self) -> str:
        """The root certificate, in PEM."""
        ...


class NoAuthority:
    """Nobody signs here."""

    async def sign(self, request: str) -> str:
        """See ``Authority.sign``."""
        raise ConsoleError("There is no authority here.", "Bring a chain that another authority has signed.")

    async def certificate(self) -> str:
        """See ``Authority.certificate``."""
        raise ConsoleError("There is no authority here.")


class FileBox(Protocol):
    """The drop box, as the CSMS sees it. Raises ConsoleError where it is closed or full."""

    async def expect(
        self, session: Session, kind: FileKind, request_id: int, until: datetime, *, ftp: bool = False
    ) -> str:
        """A URL at which this station may put one file."""
        ...

    async def offer(self, session: Session, source: Path, until: datetime, *, ftp: bool = False) -> str:
        """A URL at which this station may fetch a file of this computer."""
        ...

    async def withdraw(self, url: str) -> None:
        """Take a URL back."""
        ...

    async def remove(self, file_id: str, station_id: str) -> bool:
        """Delete a file that this station has put here; False if there is none."""
        ...


class NoFileBox:
    """There is none: for recordings."""

    async def expect(
        self, session: Session, kind: FileKind, request_id: int, until: datetime, *, ftp: bool = False
    ) -> str:
        """See ``FileBox.expect``."""
        raise _no_box()

    async def offer(self, session: Session, source: Path, until: datetime, *, ftp: bool = False) -> str:
        """See ``FileBox.offer``."""
        raise _no_box()

    async def withdraw(self, url: str) -> None:
        """See ``FileBox.withdraw``."""

    async def remove(self, file_id: str, station_id: str) -> bool:
        """See ``FileBox.remove``."""
        raise _no_box()


def _no_box() -> ConsoleError:
    return ConsoleError("There is no drop box here.", "Open the console on a service.")


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> datetime:
        """The instant, UTC."""
        ...

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back on the event loop after a while; the function returned cancels that."""
        ...
