"""Whatever can be asked for: a read-only service does none of it, and nobody does it without a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec
import pytest

from console.model.change import Audited, Change
from console.model.command import Command, command_id
from console.model.outcome import Outcome, Result
from console.model.site import Site
from console.service.desk import Desk, ForbiddenError, NamelessError


class Journal:
    """Implements ``ports.Journal``."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def append(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        self.changes.extend(changes)


def _any(kind: type) -> Command:
    """A command of a kind: what it says does not matter here."""
    needed = {field.name: "x" for field in msgspec.structs.fields(kind) if field.required}
    made: Command = kind(**needed)
    return made


@pytest.mark.parametrize("kind", get_args(Command), ids=command_id)
@pytest.mark.parametrize(
    ("read_only", "operator", "error"), [(True, "maria", ForbiddenError), (False, "", NamelessError)]
)
async def test_every_command_is_refused_and_on_record(
    kind: Any, read_only: bool, operator: str, error: type[Exception]
) -> None:
    done: list[Command] = []

    async def execute(command: Command) -> Outcome:
        done.append(command)
        return Outcome(Result.ACCEPTED, "")

    journal = Journal()
    desk = Desk(execute, journal, Site, lambda: done.append(_any(kind)), read_only=read_only)
    with pytest.raises(error):
        await desk.run(_any(kind), operator)
    assert not done
    (audited,) = journal.changes
    assert isinstance(audited, Audited)
    assert (audited.command, audited.result) == (command_id(kind), Result.NOT_POSSIBLE.value)
