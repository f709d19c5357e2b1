"""OCPP 1.6J with its security extension. Connector n is EVSE n, connector 1; connector 0 is the station."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.csms.dialects import schemas
from console.csms.dialects.base import Decision, Wire
from console.csms.dialects.charging import ChargingWords
from console.csms.dialects.ocpp16 import configuration
from console.csms.dialects.ocpp16.charging import Charging
from console.csms.dialects.ocpp16.decisions import read_decision
from console.csms.dialects.ocpp16.fast_meters import FastMeters
from console.csms.dialects.ocpp16.read import HIGHEST_CONNECTOR, READERS, Unreadable
from console.csms.dialects.ocpp16.write import write_answer, write_call
from console.csms.dialects.schemas import Checker, Fault, Violation
from console.csms.dialects.tolerance import repair
from console.csms.ports import Payload, Refusal
from console.csms.reports import Answer, Boot, Report
from console.model.command import Command
from console.model.station import Setting
from console.model.text import plain

_CODES = {
    Fault.FORM: "FormationViolation",
    Fault.TYPE: "TypeConstraintViolation",
    Fault.OCCURRENCE: "OccurenceConstraintViolation",  # the specification spells it so
    Fault.VALUE: "PropertyConstraintViolation",
}
#: Which fault names the error where a payload has several: what cannot be read at all comes first.
GRAVEST = (Fault.TYPE, Fault.OCCURRENCE, Fault.VALUE, Fault.FORM)
_SHOWN = 3
#: Requests that may go either way (only DataTransfer) are in ``READERS`` and may be sent all the same.
_BOTH_WAYS = frozenset({"DataTransfer"})
_LONGEST_DESCRIPTION = 255


class Ocpp16:
    """The dialect of OCPP 1.6J."""

    version = "1.6"

    def __init__(self) -> None:
        self._checkers: dict[str, Checker] = {}
        self._fast_meters = FastMeters(HIGHEST_CONNECTOR)
        self.charging: ChargingWords = Charging()

    def read(self, action: str, payload: Any, strict: bool) -> tuple[Report | Refusal, str]:
        """See ``Dialect.read``."""
        if action == "MeterValues":
            quick = self._fast_meters.read(payload)
            if quick is not None:
                return quick
        checker = self._checkers.get(action) or self._checker(action)
        if checker is None:
            return self._no_such_call(action)
        problems: list[str] = []
        if not checker.accepts(payload):
            violations = checker.violations(payload)
            if strict or not self._repaired(checker, action, payload, violations):
                return _refuse(action, violations)
            problems.append(f"tolerated: {_words(violations)}")
        elif action == "MeterValues":
            self._fast_meters.learn(payload)
        try:
            request = READERS[action](payload, problems)
        except Unreadable as error:
            return Refusal(_CODES[Fault.VALUE], f"{action}: {error}"), str(error)
        return request, "; ".join(problems)

    def _checker(self, action: str) -> Checker | None:
        if not isinstance(action, str) or action not in READERS:
            return None
        checker = self._checkers[action] = schemas.checker(self.version, action)
        return checker

    def _no_such_call(self, action: str) -> tuple[Refusal, str]:
        if action in schemas.actions(self.version):
            return Refusal("NotSupported", "this request goes to stations only"), "a station may not ask this"
        return Refusal("NotImplemented", "unknown action"), "unknown action"

    @staticmethod
    def _repaired(checker: Checker, action: str, payload: Any, violations: Sequence[Violation]) -> bool:
        """Mend what is tolerated. Where a null stood for something required, that is missing now: then it is not."""
        if not repair(action, payload, violations):
            return False
        return all(left.keyword != "required" for left in checker.violations(payload))

    def write(self, answer: Answer) -> Payload:
        """See ``Dialect.write``."""
        return write_answer(answer)

    def refusal_before_acceptance(self) -> Refusal:
        """See ``Dialect.refusal_before_acceptance``."""
        return Refusal("SecurityError", "this station has not been accepted yet")

    def may_precede_acceptance(self, request: Report) -> bool:
        """See ``Dialect.may_precede_acceptance``."""
        return isinstance(request, Boot)

    def call(self, command: Command) -> Wire:
        """See ``Dialect.call``."""
        return write_call(command)

    def check_call(self, action: str, payload: Payload) -> str:
        """See ``Dialect.check_call``."""
        known = schemas.actions(self.version)
        ours = known - READERS.keys() | _BOTH_WAYS
        if action not in ours:
            if action in known:
                return f"{action} goes from stations to the CSMS only"
            near = difflib.get_close_matches(action, ours, n=1)
            return f"OCPP 1.6 has no {plain(action)}" + (f"; did you mean {near[0]}?" if near else "")
        return self._check(action, payload, answer=False)

    def check_answer(self, action: str, payload: Any) -> str:
        """See ``Dialect.check_answer``."""
        if action not in schemas.actions(self.version):
            return ""
        return self._check(action, payload, answer=True)

    def _check(self, action: str, payload: Any, *, answer: bool) -> str:
        checker = schemas.checker(self.version, action, answer=answer)
        return "" if checker.accepts(payload) else _words(checker.violations(payload))

    def settings(self, station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
        """See ``Dialect.settings``."""
        return configuration.settings(station_id, asked, answer, at)

    def password_set(self, asked: Wire, answer: Payload) -> str:
        """See ``Dialect.password_set``."""
        return configuration.password_set(asked, answer)

    def decision(self, answer: Payload) -> Decision:
        """See ``Dialect.decision``."""
        return read_decision(answer)


def _refuse(action: str, violations: Sequence[Violation]) -> tuple[Refusal, str]:
    gravest = min(violations, key=lambda violation: GRAVEST.index(violation.fault))
    description = f"{action}: {gravest.text}"[:_LONGEST_DESCRIPTION]
    return Refusal(_CODES[gravest.fault], description), _words(violations)


def _words(violations: Sequence[Violation]) -> str:
    text = ", ".join(violation.text for violation in violations[:_SHOWN])
    return text + (f", and {len(violations) - _SHOWN} more" if len(violations) > _SHOWN else "")
