"""Payloads against one version's schemas: what stations ask, what they answer, and what we are about to ask them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from typing import Any

from console.csms.dialects import schemas
from console.csms.dialects.schemas import Checker, Fault, Violation
from console.csms.dialects.tolerance import Rules, repair
from console.csms.error_codes import Meaning, code_for
from console.csms.ports import Payload, Refusal
from console.model.text import plain

#: Which fault names the error where a payload has several: what cannot be read at all comes first.
GRAVEST = (Fault.TYPE, Fault.OCCURRENCE, Fault.VALUE, Fault.FORM)
_MEANINGS = {
    Fault.FORM: Meaning.FORMAT_VIOLATION,
    Fault.TYPE: Meaning.TYPE_CONSTRAINT_VIOLATION,
    Fault.OCCURRENCE: Meaning.OCCURRENCE_CONSTRAINT_VIOLATION,
    Fault.VALUE: Meaning.PROPERTY_CONSTRAINT_VIOLATION,
}
#: Requests that may go either way.
_BOTH_WAYS = frozenset({"DataTransfer"})
_SHOWN = 3
_LONGEST_DESCRIPTION = 255


class Unreadable(Exception):
    """The payload keeps its schema but says something impossible; the text tells what."""


class Checks:
    """The checks of one version. ``theirs`` are the actions that stations may ask."""

    def __init__(self, version: str, theirs: Collection[str]) -> None:
        self._version = version
        self._theirs = frozenset(theirs)
        self._checkers: dict[str, Checker] = {}

    def request(self, action: str, payload: Any, tolerated: Rules) -> tuple[Refusal | None, str]:
        """Check a station's request, and mend what is tolerated in place; with it, what was wrong ("" if nothing)."""
        checker = self._checkers.get(action) or self._checker(action)
        if checker is None:
            return self._no_such_call(action)
        if checker.accepts(payload):
            return None, ""
        violations = checker.violations(payload)
        if not self._repaired(tolerated, checker, action, payload, violations):
            return self._refuse(action, violations)
        return None, f"tolerated: {_words(violations)}"

    def unreadable(self, action: str, why: object) -> tuple[Refusal, str]:
        """Refuse what keeps the schema but says something impossible."""
        return Refusal(code_for(self._version, _MEANINGS[Fault.VALUE]), f"{action}: {why}"), str(why)

    def our_request(self, action: str, payload: Payload) -> str:
        """What is wrong with a request that we are about to send ("" if nothing)."""
        known = schemas.actions(self._version)
        ours = known - self._theirs | _BOTH_WAYS
        if action not in ours:
            if action in known:
                return f"{action} goes from stations to the CSMS only"
            near = difflib.get_close_matches(action, ours, n=1)
            return f"OCPP {self._version} has no {plain(action)}" + (f"; did you mean {near[0]}?" if near else "")
        checker = schemas.checker(self._version, action)
        return "" if checker.accepts(payload) else _words(checker.violations(payload))

    def their_answer(self, action: str, payload: Any) -> Refusal | None:
        """What is wrong with a station's answer to a request of ours, if anything."""
        if action not in schemas.actions(self._version):
            return None
        checker = schemas.checker(self._version, action, answer=True)
        if checker.accepts(payload):
            return None
        violations = checker.violations(payload)
        return Refusal(self._code(violations), _words(violations)[:_LONGEST_DESCRIPTION])

    def _checker(self, action: str) -> Checker | None:
        if not isinstance(action, str) or action not in self._theirs:
            return None
        checker = self._checkers[action] = schemas.checker(self._version, action)
        return checker

    def _no_such_call(self, action: str) -> tuple[Refusal, str]:
        if action in schemas.actions(self._version):
            return Refusal("NotSupported", "this request goes to stations only"), "a station may not ask this"
        return Refusal("NotImplemented", "unknown action"), "unknown action"

    def _repaired(
        self, tolerated: Rules, checker: Checker, action: str, payload: Any, violations: Sequence[Violation]
    ) -> bool:
        """Mend what is tolerated. Where a null stood for something required, that is missing now: then it is not."""
        if not repair(tolerated, action, payload, violations):
            return False
        return all(left.keyword != "required" for left in checker.violations(payload))

    def _refuse(self, action: str, violations: Sequence[Violation]) -> tuple[Refusal, str]:
        description = f"{action}: {_gravest(violations).text}"[:_LONGEST_DESCRIPTION]
        return Refusal(self._code(violations), description), _words(violations)

    def _code(self, violations: Sequence[Violation]) -> str:
        return code_for(self._version, _MEANINGS[_gravest(violations).fault])


def _gravest(violations: Sequence[Violation]) -> Violation:
    return min(violations, key=lambda violation: GRAVEST.index(violation.fault))


def _words(violations: Sequence[Violation]) -> str:
    text = ", ".join(violation.text for violation in violations[:_SHOWN])
    return text + (f", and {len(violations) - _SHOWN} more" if len(violations) > _SHOWN else "")
