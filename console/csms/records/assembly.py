"""Reports that a station sends in parts (``seqNo``, ``tbc``, ``requestId``), put together. Pure.

Parts are taken in any order and counted; one that never comes does not hold back the others. A hostile station costs a
bounded amount of memory: so many reports under way, so many parts and bytes in each.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

import msgspec

#: How many reports of one station are put together at once; the longest untouched one makes room.
MOST_UNDER_WAY = 16
MOST_PARTS = 4096
MOST_BYTES = 4 << 20

Part = TypeVar("Part")
_encode = msgspec.json.Encoder(enc_hook=repr).encode


class Assembly(Generic[Part]):
    """One report, as far as it has come."""

    def __init__(self) -> None:
        self._parts: dict[int, Part] = {}
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self._last: int | None = None
        self.overflowed = False  # parts were left out, for there were too many

    def add(self, seq_no: int | None, more: bool, part: Part) -> None:
        """Take a part; ``seq_no`` None where the message has no number: then it is the next one."""
        number = seq_no if seq_no is not None else len(self._parts)
        size = len(_encode(part))
        total = self._bytes + size - self._sizes.get(number, 0)  # a part that comes again takes the place of the first
        if total > MOST_BYTES or (number not in self._parts and len(self._parts) >= MOST_PARTS):
            self.overflowed = True
        else:
            self._parts[number], self._sizes[number], self._bytes = part, size, total
        if not more:
            self._last = number

    def holds(self, seq_no: int | None) -> bool:
        """Whether a part of this number has come."""
        return seq_no is not None and seq_no in self._parts

    @property
    def parts(self) -> list[Part]:
        """The parts that came, in their order."""
        return [self._parts[number] for number in sorted(self._parts)]

    @property
    def ended(self) -> bool:
        """Whether the part that calls itself the last has come; parts before it may still be missing."""
        return self._last is not None

    @property
    def missing(self) -> int:
        """How many parts before the newest one have not come. Numbers begin at 0."""
        newest = max([*self._parts, self._last or 0])
        return newest + 1 - len(self._parts)

    @property
    def complete(self) -> bool:
        """Whether all of it is there."""
        return self.ended and self.missing == 0 and not self.overflowed


class Assembler(Generic[Part]):
    """The reports under way at every station, by station and whatever tells a station's reports apart."""

    def __init__(self) -> None:
        self._under_way: dict[str, dict[Hashable, Assembly[Part]]] = {}

    def add(self, station_id: str, key: Hashable, seq_no: int | None, more: bool, part: Part) -> Assembly[Part]:
        """Take a part and return its report as it stands now. One that is complete is not remembered.

        A report that begins anew (its first part comes again) replaces the one before.
        """
        reports = self._under_way.setdefault(station_id, {})
        report = reports.pop(key, None)
        if report is None or (seq_no == 0 and report.holds(0)) or (seq_no is None and report.ended):
            report = Assembly()
        report.add(seq_no, more, part)
        if report.complete:
            if not reports:
                del self._under_way[station_id]
            return report
        reports[key] = report
        while len(reports) > MOST_UNDER_WAY:
            del reports[next(iter(reports))]
        return report

    def forget(self, station_id: str) -> None:
        """A station is no more: its reports will not go on."""
        self._under_way.pop(station_id, None)


def joined(parts: list[dict[str, Any]], name: str) -> list[Any]:
    """The lists that stand under a name in every part, one after another."""
    return [member for part in parts for member in part.get(name) or ()]
