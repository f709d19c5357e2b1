"""OCPP 2.0.1 and 2.1: one body of code where the two agree, tables by version where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.csms.dialects.base import Decision, Wire
from console.csms.dialects.charging import ChargingWords
from console.csms.dialects.checks import Checks
from console.csms.dialects.ocpp2 import monitors, tariffs, variables
from console.csms.dialects.ocpp2.charging import Charging
from console.csms.dialects.ocpp2.decisions import read_decision
from console.csms.dialects.ocpp2.read import READERS, Unreadable
from console.csms.dialects.ocpp2.replies import write_reply
from console.csms.dialects.ocpp2.write import write_answer, write_call
from console.csms.dialects.tariffs import TariffEffect
from console.csms.dialects.tolerance import Rules
from console.csms.ports import Payload, Refusal
from console.csms.reports import Answer, Boot, Report
from console.csms.told import Reply
from console.model.change import Change
from console.model.command import Command
from console.model.station import Setting


class Ocpp2:
    """The dialect of OCPP 2.0.1 or 2.1."""

    reports_settings = True

    def __init__(self, version: str) -> None:
        self.version = version
        self._readers = READERS[version]
        self._checks = Checks(version, self._readers)
        self.charging: ChargingWords = Charging()

    def read(self, action: str, payload: Any, tolerated: Rules) -> tuple[Report | Refusal, str]:
        """See ``Dialect.read``."""
        refusal, problem = self._checks.request(action, payload, tolerated)
        if refusal is not None:
            return refusal, problem
        problems = [problem] if problem else []
        try:
            request = self._readers[action](payload, problems)
        except Unreadable as error:
            return self._checks.unreadable(action, error)
        return request, "; ".join(problems)

    def write(self, answer: Answer) -> Payload:
        """See ``Dialect.write``."""
        return write_reply(self.version, answer) if isinstance(answer, Reply) else write_answer(answer)

    def refusal_before_acceptance(self) -> Refusal:
        """See ``Dialect.refusal_before_acceptance`` (B01.FR.10, B02.FR.09, B03.FR.07)."""
        return Refusal("SecurityError", "this station has not been accepted yet")

    def may_precede_acceptance(self, request: Report) -> bool:
        """See ``Dialect.may_precede_acceptance``."""
        return isinstance(request, Boot)

    def call(self, command: Command) -> Wire:
        """See ``Dialect.call``."""
        return write_call(command)

    def check_call(self, action: str, payload: Payload) -> str:
        """See ``Dialect.check_call``."""
        return self._checks.our_request(action, payload)

    def check_answer(self, action: str, payload: Any) -> Refusal | None:
        """See ``Dialect.check_answer``."""
        return self._checks.their_answer(action, payload)

    def settings(self, station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
        """See ``Dialect.settings``."""
        return variables.settings(station_id, asked, answer, at)

    def most_settings(self, known: Mapping[str, Setting], *, writing: bool) -> int:
        """See ``Dialect.most_settings``."""
        return variables.most_settings(known, "SetVariables" if writing else "GetVariables")

    def monitors(self, station_id: str, asked: Wire, answer: Payload) -> list[Change]:
        """See ``Dialect.monitors``."""
        return monitors.monitors(station_id, asked, answer)

    def tariff_effect(self, asked: Wire, answer: Payload) -> TariffEffect | None:
        """See ``Dialect.tariff_effect``."""
        return tariffs.effect(asked, answer)

    def password_set(self, asked: Wire, answer: Payload) -> str:
        """See ``Dialect.password_set``."""
        return variables.password_set(asked, answer)

    def decision(self, answer: Payload) -> Decision:
        """See ``Dialect.decision``."""
        return read_decision(answer)
