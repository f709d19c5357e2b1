"""Rows kept in order while they change: the cost of a change is a search, not a sort."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import Any

#: Above this share of the rows, sorting all of them anew is cheaper than moving each.
_SORT_ANEW = 0.2


class OrderedRows:
    """Row keys in the order of their sort values; ties in the order of the keys."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._sorted: list[tuple[Any, str]] = []

    def __len__(self) -> int:
        return len(self._sorted)

    def keys(self, descending: bool = False) -> Sequence[str]:
        """The keys in order."""
        ordered = reversed(self._sorted) if descending else iter(self._sorted)
        return tuple(key for _, key in ordered)

    def reset(self, rows: Iterable[tuple[str, Any]]) -> None:
        """Hold these rows, given as key and sort value."""
        self._values = dict(rows)
        self._sort()

    def put(self, rows: Iterable[tuple[str, Any]]) -> bool:
        """Add or move rows; a sort value of None takes the row out. Tell whether anything moved."""
        changed = [(key, value) for key, value in rows if self._values.get(key) != value]
        if len(changed) > _SORT_ANEW * len(self._sorted):
            for key, value in changed:
                self._values.pop(key, None)
                if value is not None:
                    self._values[key] = value
            self._sort()
        else:
            for key, value in changed:
                self._move(key, value)
        return bool(changed)

    def _sort(self) -> None:
        self._sorted = sorted((value, key) for key, value in self._values.items())

    def _move(self, key: str, value: Any) -> None:
        before = self._values.pop(key, None)
        if before is not None:
            del self._sorted[bisect_left(self._sorted, (before, key))]
        if value is not None:
            self._values[key] = value
            insort(self._sorted, (value, key))
