"""Making one station like another state: each write asked, shown as it goes, and what came of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from console.model.command import ChangeSetting
from console.model.device_command import SettingChange
from console.model.outcome import Outcome, Result
from console.screens.frame import words
from console.screens.frame.session import Session

#: Ends after which it makes no sense to go on: the station does not answer.
_SILENT = (Result.OFFLINE, Result.TIMED_OUT)


async def apply(
    session: Session,
    station_id: str,
    changes: Sequence[SettingChange],
    written: Callable[[SettingChange, Outcome], None],
) -> None:
    """Write the changes one by one; ``written`` hears of each. The status line shows progress and the end."""
    outcomes: list[Outcome] = []
    for number, change in enumerate(changes, start=1):
        session.say(f"{station_id}: writing {number} of {len(changes)}: {change.key} = {change.value}", "busy")
        outcome = await session.backend.run(ChangeSetting(station_id, change.key, change.value))
        outcomes.append(outcome)
        written(change, outcome)
        if outcome.result in _SILENT:
            break
    good = sum(each.ok for each in outcomes)
    bad = next((each for each in outcomes if not each.ok), None)
    left = len(changes) - len(outcomes)
    text = f"{station_id}: {words.count(good, 'setting')} of {len(changes)} written"
    if bad is None:
        session.say(
            text, "ok", "Some take effect when it boots again." if any(_boots(each) for each in outcomes) else ""
        )
    else:
        rest = f", {left} not tried" if left else ""
        session.say(f"{text}{rest}; {bad.text}", "bad" if left else "warn", bad.hint)


def _boots(outcome: Outcome) -> bool:
    return "RebootRequired" in str(outcome.answer)
