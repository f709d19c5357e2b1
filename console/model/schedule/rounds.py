"""A long window in pieces: where nothing but recurrence happens, one round stands for all of them.

Profiles that recur do the same every day or week. Between the instants at which anything else begins or ends, the
whole composite therefore repeats itself: it is worked out for one round, and a year costs hardly more than a day.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from console.model.schedule.layer import seconds_between
from console.model.schedule.profile import ChargingProfile, Kind

#: A piece that repeats itself fewer times than this is worked out as it is.
_WORTH_IT = 2


class Piece(msgspec.Struct, frozen=True):
    """Seconds of the window. It repeats itself every ``round_s``; 0 where it does not, or not often enough."""

    begin_s: int
    end_s: int
    round_s: int = 0

    @property
    def worked_out_s(self) -> int:
        """How much of it must be worked out."""
        return min(self.round_s or self.end_s, self.end_s - self.begin_s)


def pieces(
    profiles: Sequence[ChargingProfile], begin: datetime, length_s: int, anchors: Iterable[datetime]
) -> list[Piece]:
    """Cut a window. ``anchors`` are all instants from which a Relative profile may count."""
    round_s = _round_s(profiles)
    if not round_s or length_s <= _WORTH_IT * round_s:
        return [Piece(0, length_s)]
    relative = list(anchors)
    found = {0, length_s}
    for profile in profiles:
        found.update(at for at in _events(profile, begin, relative) if 0 < at < length_s)
    return _cut(sorted(found), round_s)


def _cut(events: list[int], round_s: int) -> list[Piece]:
    """Long gaps between events repeat themselves; events that are close together are worked out in one go."""
    cut: list[Piece] = []
    start = events[0]
    for before, after in itertools.pairwise(events):
        if after - before <= _WORTH_IT * round_s:
            continue
        if before > start:
            cut.append(Piece(start, before))
        cut.append(Piece(before, after, round_s))
        start = after
    if start < events[-1]:
        cut.append(Piece(start, events[-1]))
    return cut


def _round_s(profiles: Sequence[ChargingProfile]) -> int:
    """The round after which everything that recurs begins anew together; 0 where nothing recurs."""
    lengths = [profile.recurrency.length_s for profile in profiles if _recurs(profile) and profile.recurrency]
    return max(lengths, default=0)  # a week is seven days


def _recurs(profile: ChargingProfile) -> bool:
    return profile.kind is Kind.RECURRING and profile.recurrency is not None


def _events(profile: ChargingProfile, begin: datetime, relative: Sequence[datetime]) -> Iterator[int]:
    """The seconds at which something happens that is no recurrence."""
    for instant in (profile.valid_from, profile.valid_to):
        if instant is not None:
            yield seconds_between(begin, instant)
    counted = profile.start is not None and profile.kind is not Kind.RELATIVE
    for anchor in [profile.start] if counted and profile.start else relative:
        offset = seconds_between(begin, anchor)
        yield offset
        if not _recurs(profile):
            yield from (offset + period.start_s for period in profile.periods)
            if profile.duration_s is not None:
                yield offset + profile.duration_s
