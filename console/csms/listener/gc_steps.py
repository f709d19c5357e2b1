"""Garbage collection that does not pause a site of thousands of stations.

With 5,000 stations a full collection takes a quarter of a second, and nothing that a connected station holds is
garbage. So all that is alive is put out of the collector's sight every so many connections, and full collections become
rare. Connections break their own cycles when they end, so that they are freed by reference count.
"""

from __future__ import annotations

import gc

_YOUNG_OBJECTS = 50_000


class GcSteps:
    """Freezes the heap after every ``every`` connections (0: leaves the collector alone)."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._connections = 0
        if every:
            gc.set_threshold(_YOUNG_OBJECTS, 20, 100)

    def connected(self) -> None:
        """Count a connection."""
        if not self._every:
            return
        self._connections += 1
        if self._connections % self._every == 0:
            gc.collect(0)
            gc.freeze()
