"""What the versions of OCPP have in common: requests checked and read, and what a station may say when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from console.csms.dialects.checks import Checks, Unreadable
from console.csms.dialects.tolerance import Rules
from console.csms.ports import Payload, Refusal
from console.csms.said.reports import Boot, Report

Reader = Callable[[dict[str, Any], list[str]], Report]


class Ocpp:
    """The part of ``Dialect`` that is alike in all versions. ``readers`` read a version's requests by their actions."""

    def __init__(self, version: str, readers: Mapping[str, Reader]) -> None:
        self.version = version
        self._readers = readers
        self._checks = Checks(version, readers)

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

    def refusal_before_acceptance(self) -> Refusal:
        """See ``Dialect.refusal_before_acceptance`` (2.x B01.FR.10, B02.FR.09, B03.FR.07)."""
        return Refusal("SecurityError", "this station has not been accepted yet")

    def may_precede_acceptance(self, request: Report) -> bool:
        """See ``Dialect.may_precede_acceptance``."""
        return isinstance(request, Boot)

    def check_call(self, action: str, payload: Payload) -> str:
        """See ``Dialect.check_call``."""
        return self._checks.our_request(action, payload)

    def check_answer(self, action: str, payload: Any) -> Refusal | None:
        """See ``Dialect.check_answer``."""
        return self._checks.their_answer(action, payload)
