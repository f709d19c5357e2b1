"""Two states of settings side by side: what differs, and what of it could be written to a station. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from console.model.device_command import SettingChange
from console.model.station import Setting


class Difference(msgspec.Struct, frozen=True):
    """One key whose two sides are not the same; None where a side does not have it."""

    key: str
    left: Setting | None
    right: Setting | None


def compare(left: Iterable[Setting], right: Iterable[Setting]) -> list[Difference]:
    """What differs, by key. Secrets cannot be compared: they differ only where one side has none."""
    ours, theirs = _by_key(left), _by_key(right)
    found = []
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key), theirs.get(key)
        if one is None or other is None or (one.value != other.value and not (one.secret or other.secret)):
            named = one or other
            found.append(Difference(named.key if named else key, one, other))
    return found


def _by_key(settings: Iterable[Setting]) -> dict[str, Setting]:
    """By key in lower case; what a station says it has not is not there."""
    return {each.key.casefold(): each for each in settings if not each.unknown}


def why_not_written(difference: Difference) -> str | None:
    """Why the left side's value cannot be written to the right side's station, or None if it may be tried."""
    source, target = difference.left, difference.right
    if source is None:
        return "there is nothing to write: only the other side has it"
    if source.secret or source.value is None:
        return "its value is not known"
    if target is None:
        return "the station has no such setting"
    return None if target.writable else "it is read only"


def changes_to(differences: Sequence[Difference]) -> list[SettingChange]:
    """What would make the right side's station like the left side, as far as it can be written."""
    return [
        SettingChange(each.right.key, each.left.value)
        for each in differences
        if each.left is not None and each.left.value is not None and each.right and why_not_written(each) is None
    ]
