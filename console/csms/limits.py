"""Bounds against floods, guessing and flapping. Pure: the caller says what time it is, in monotonic seconds."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Hashable

# Who guesses under ever new names must not fill the memory.
_MOST_KEYS = 10_000


class TokenBucket:
    """So many at once, so many a second for ever."""

    __slots__ = ("_at_s", "_burst", "_per_s", "left")

    def __init__(self, burst: float, per_s: float, now_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self.left = burst  # negative: a debt
        self._at_s = now_s

    def take(self, count: int, now_s: float) -> float:
        """Take tokens, on credit if there are too few; return the seconds until the debt is paid (0: none)."""
        tokens = self.left + (now_s - self._at_s) * self._per_s
        if tokens > self._burst:
            tokens = self._burst
        self.left = tokens = tokens - count
        self._at_s = now_s
        return 0.0 if tokens >= 0 else -tokens / self._per_s


class BackOff:
    """Growing pauses after failures, a key at a time: the first failures are free, then 1 s, 2 s, 4 s, ..."""

    FREE_FAILURES = 3
    LONGEST_S = 60.0

    def __init__(self) -> None:
        self._failures: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: Hashable, now_s: float) -> float:
        """Return how long this key must still wait (0: it may try)."""
        _, until_s = self._failures.get(key, (0, 0.0))
        return max(0.0, until_s - now_s)

    def failed(self, key: Hashable, now_s: float) -> None:
        """Count a failure."""
        count = self._failures.pop(key, (0, 0.0))[0] + 1
        pause_s = min(self.LONGEST_S, 2.0 ** min(count - self.FREE_FAILURES, 16)) if count > self.FREE_FAILURES else 0.0
        self._failures[key] = (count, now_s + pause_s)
        if len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        """Forget the failures."""
        self._failures.pop(key, None)


class FlapGuard:
    """Notices a station that connects more than ``per_minute`` times a minute (0: never)."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def wait_s(self, station_id: str, now_s: float) -> float:
        """Count a connection; return how long the station should stay away (0: it may come in)."""
        if not self._per_minute:
            return 0.0
        bucket = self._buckets.pop(station_id, None) or TokenBucket(self._per_minute, self._per_minute / 60, now_s)
        self._buckets[station_id] = bucket
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        wait_s = bucket.take(1, now_s)
        if wait_s:
            # A refused connection costs nothing, or a station that never pauses would stay out for ever.
            bucket.take(-1, now_s)
        return wait_s


def half_of_the_descriptors() -> int:
    """Return half of the file descriptors that this process may open: connections nobody vouched for get no more."""
    if sys.platform == "win32":
        return 256
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft // 2
