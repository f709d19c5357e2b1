"""Where operators' commands come in: may they, who asks, carry it out, and put it on record."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec

from console.csms.ports import Journal
from console.errors import ConsoleError
from console.model.catalogue import DANGER
from console.model.change import Audited
from console.model.command import Command, StopService, command_id, station_of
from console.model.outcome import Outcome, Result
from console.model.site import Site
from console.model.spec import Danger
from console.model.token import token_key
from console.service.redaction import detail

_LOG = logging.getLogger(__name__)


class ForbiddenError(ConsoleError):
    """This service does not carry out such commands."""


class NamelessError(ConsoleError):
    """Nobody said who asks."""


class Desk:
    """Carries out commands. ``execute`` is the CSMS's; ``stop`` ends the service."""

    def __init__(
        self,
        execute: Callable[[Command], Awaitable[Outcome]],
        journal: Journal,
        site: Callable[[], Site],
        stop: Callable[[], None],
        *,
        read_only: bool,
    ) -> None:
        self._execute = execute
        self._journal = journal
        self._site = site
        self._stop = stop
        self._read_only = read_only

    async def run(self, command: Command, operator: str) -> Outcome:
        """Carry out a command and audit it. Raises ForbiddenError or NamelessError; all else is an outcome."""
        if DANGER.get(command_id(command), Danger.DISRUPTIVE) is Danger.READ:
            return await self._carry_out(command)
        try:
            self._check(operator)
        except ConsoleError as error:
            self._audit(command, operator, Outcome(Result.NOT_POSSIBLE, error.message))
            raise
        outcome = await self._carry_out(command)
        self._audit(command, operator, outcome)
        return outcome

    def _check(self, operator: str) -> None:
        if self._read_only:
            raise ForbiddenError(
                "This service is read-only.", "Whoever runs it can change that: read_only in its profile."
            )
        if not operator:
            raise NamelessError("Who asks?", "Send the header Operator with your name, for the audit.")

    async def _carry_out(self, command: Command) -> Outcome:
        began = time.monotonic()
        try:
            if isinstance(command, StopService):
                self._stop()
                return Outcome(Result.ACCEPTED, "the service stops; stations come back when it runs again")
            outcome = await self._execute(command)
        except ConsoleError as error:
            outcome = Outcome(Result.ERROR, error.message, error.hint)
        except Exception as error:  # noqa: BLE001  # every command ends visibly, also where our own code is wrong
            _LOG.exception("The command %s failed", command_id(command))
            outcome = Outcome(Result.ERROR, f"a fault in the service: {error!r}", "Its log says more.")
        return outcome if outcome.elapsed_s else msgspec.structs.replace(outcome, elapsed_s=time.monotonic() - began)

    def _audit(self, command: Command, operator: str, outcome: Outcome) -> None:
        audited = Audited(
            datetime.now(UTC),
            operator,
            command_id(command),
            station_of(command),
            detail(command, self._is_key_code),
            outcome.result.value,
            outcome.text,
        )
        self._journal.append([audited])

    def _is_key_code(self, id_token: str) -> bool:
        token = self._site().tokens.get(token_key(id_token))
        return token is not None and token.token_type == "KeyCode"
