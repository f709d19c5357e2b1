"""What the CSMS asks of a dialect: one version's wire format, both ways. Pure: no sockets, no clock, no state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from console.csms.dialects.charging import ChargingWords
from console.csms.dialects.tariffs import TariffEffect
from console.csms.dialects.tolerance import Rules
from console.csms.ports import Payload, Refusal
from console.csms.said.reports import Answer, Report, Verdict
from console.model.change import Change
from console.model.command import Command
from console.model.outcome import Result
from console.model.station import Admission, Setting


class Wire(msgspec.Struct, frozen=True):
    """A request of ours, as it goes out."""

    action: str
    payload: Payload


class Judged(msgspec.Struct, frozen=True):
    """What a station's answer means to a person: done or not, in words, and what to do about it."""

    result: Result
    text: str
    hint: str = ""


class Decision(msgspec.Struct, frozen=True):
    """What is decided in an answer to a station; None where the answer is not about that."""

    admission: Admission | None = None
    verdict: Verdict | None = None
    transaction_id: str | None = None


class Dialect(Protocol):
    """One OCPP version."""

    version: str
    charging: ChargingWords
    #: Whether all settings come as a report, in parts, or as the answer itself.
    reports_settings: bool
    #: Whether every request for a log or firmware has a number; where not, only the newer of two requests has one.
    numbers_jobs: bool
    #: Whether a transaction can be given a limit.
    limits_transactions: bool
    #: Whether a station reckons by tariffs of ours, or shows at least what a transaction costs.
    sets_tariffs: bool
    shows_costs: bool

    def read(self, action: str, payload: Any, tolerated: Rules) -> tuple[Report | Refusal, str]:
        """Check a station's request against its schema and read it; with it, what was wrong ("" if nothing).

        A refusal if it cannot be served. Deviations that are ``tolerated`` are repaired, in the payload itself. Never
        raises for anything that a station can send.
        """
        ...

    def write(self, answer: Answer) -> Payload:
        """Write an answer to a station."""
        ...

    def refusal_before_acceptance(self) -> Refusal:
        """What a station is told that says anything but BootNotification before it was let in."""
        ...

    def may_precede_acceptance(self, request: Report) -> bool:
        """Whether a station that is not let in may say this."""
        ...

    def call(self, command: Command) -> Wire:
        """Write a command that goes to a station. Raises ConsoleError if it cannot be said in this version."""
        ...

    def check_call(self, action: str, payload: Payload) -> str:
        """What is wrong with a request that we are about to send ("" if nothing)."""
        ...

    def check_answer(self, action: str, payload: Any) -> Refusal | None:
        """What is wrong with a station's answer to a request of ours, if anything."""
        ...

    def settings(self, station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
        """The settings that are known when a station has answered a request of ours."""
        ...

    def most_settings(self, known: Mapping[str, Setting], *, writing: bool) -> int:
        """How many settings one request may name, 0 for no limit. ``known`` are a station's, by key in lower case."""
        ...

    def monitors(self, station_id: str, asked: Wire, answer: Payload) -> list[Change]:
        """What has changed in a station's monitors when it has answered a request of ours."""
        ...

    def tariff_effect(self, asked: Wire, answer: Payload) -> TariffEffect | None:
        """What an answer to a request of ours means for the station's tariffs, None if nothing (2.1)."""
        ...

    def password_set(self, asked: Wire, answer: Payload) -> str:
        """The Basic auth password that a station has taken from a request of ours ("" if none)."""
        ...

    def otherwise(self, boot: Payload) -> str:
        """The version in whose words a station boots that was taken for one of this version ("" for this one's)."""
        ...

    def decision(self, answer: Payload) -> Decision:
        """What an answer to a station decided: for recordings, where it was decided already."""
        ...
