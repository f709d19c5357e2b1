"""Step functions over a window of seconds, and the one way they are put together.

A function is a list of steps ``(from_s, value)`` with ascending ``from_s``, the first at 0; None means "no limit". Each
holds until the next one begins, the last until the end of the window.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """A limit in the unit of the request, and over how many phases (None: nobody said)."""

    value: float
    phases: int | None = None


Steps = list[tuple[int, Limit | None]]
Join = Callable[[Limit | None, Limit | None], Limit | None]

NOTHING: Steps = [(0, None)]
_NEVER = 2**63


def joined(left: Steps, right: Steps, join: Join) -> Steps:
    """Put two functions together instant by instant; equal neighbours become one step. Linear in their steps."""
    result: Steps = []
    i = j = at = 0
    while True:
        value = join(left[i][1], right[j][1])
        if not result or result[-1][1] != value:
            result.append((at, value))
        next_left = left[i + 1][0] if i + 1 < len(left) else _NEVER
        next_right = right[j + 1][0] if j + 1 < len(right) else _NEVER
        at = next_left if next_left < next_right else next_right
        if at == _NEVER:
            return result
        i += next_left == at
        j += next_right == at


def first_of(upper: Limit | None, lower: Limit | None) -> Limit | None:
    """Precedence: what the upper one says, wherever it says anything."""
    return upper if upper is not None else lower


def unless(upper: Limit | None, lower: Limit | None) -> Limit | None:
    """What is left of the lower one: nothing where the upper one speaks."""
    return None if upper is not None else lower


def lowest_of(left: Limit | None, right: Limit | None) -> Limit | None:
    """Both bind: the lower limit, on the fewer phases (2.1 §3.8, K01.FR.140)."""
    if left is None or right is None:
        return left if right is None else right
    return Limit(min(left.value, right.value), fewest(left.phases, right.phases))


def sum_of(left: Limit | None, right: Limit | None) -> Limit | None:
    """Both deliver at once: the sum, on the most phases; without a limit on one there is none on the sum."""
    if left is None or right is None:
        return None
    return Limit(left.value + right.value, most(left.phases, right.phases))


def raised_by(limit: Limit | None, more: Limit | None) -> Limit | None:
    """A limit with what may be added to it, where anything may."""
    if limit is None or more is None:
        return limit
    return Limit(limit.value + more.value, limit.phases)


DEFAULT_PHASES = 3


def fewest(left: int | None, right: int | None) -> int | None:
    """The lower number of phases; a side that says nothing means 3, and None if neither says anything."""
    if left is None and right is None:
        return None
    return min(left or DEFAULT_PHASES, right or DEFAULT_PHASES)


def most(left: int | None, right: int | None) -> int | None:
    """The higher number of phases; None if neither says anything."""
    if left is None and right is None:
        return None
    return max(left or DEFAULT_PHASES, right or DEFAULT_PHASES)
