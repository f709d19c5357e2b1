"""The sequence numbers of a transaction's events (2.x): which have come, and whether one has come before."""

from __future__ import annotations

from datetime import datetime

from console.csms.said.reports import TransactionEvent, TransactionReport

Ranges = tuple[tuple[int, int], ...]

#: A transaction with more holes than these is not counted any more exactly than that it has holes.
MOST_RANGES = 32
_MOST_REMEMBERED = 64

_Print = tuple[TransactionEvent, datetime | None, str, str]


def holds(ranges: Ranges, number: int) -> bool:
    """Whether a number has come."""
    return any(first <= number <= last for first, last in ranges)


def with_number(ranges: Ranges, number: int) -> Ranges:
    """The ranges, in order, neither touching nor overlapping, when a number has come."""
    if ranges and number == ranges[-1][1] + 1:  # as it nearly always is
        return (*ranges[:-1], (ranges[-1][0], number))
    if holds(ranges, number):
        return ranges
    joined: list[tuple[int, int]] = []
    for first, last in sorted([*ranges, (number, number)]):
        if joined and first == joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return tuple(joined[-MOST_RANGES:])


class Heard:
    """What has come of one transaction.

    Stations exist whose number is always 0, so an event is a repeated one only if it says the same as well.
    ``numbers`` are those of the last change that was stored: after a restart, what came in between is not known.
    """

    __slots__ = ("_prints", "_resumed", "numbers")

    def __init__(self, numbers: Ranges = ()) -> None:
        self.numbers = numbers
        self._resumed = bool(numbers)
        self._prints: dict[int, _Print] = {}

    def repeats(self, report: TransactionReport) -> bool:
        """Whether this event has come before."""
        seen = self._prints.get(report.seq_no)
        if seen is not None:
            return seen == _print(report)
        return holds(self.numbers, report.seq_no) and report.seq_no < self.newest

    @property
    def newest(self) -> int:
        """The highest number that has come, -1 if none has."""
        return self.numbers[-1][1] if self.numbers else -1

    def take(self, report: TransactionReport) -> None:
        """An event has come."""
        number = report.seq_no
        if self._resumed and number > self.newest:
            first, _ = self.numbers[-1]
            self.numbers = (*self.numbers[:-1], (first, number))
        self._resumed = False
        self.numbers = with_number(self.numbers, number)
        self._prints[number] = _print(report)
        if len(self._prints) > _MOST_REMEMBERED:
            del self._prints[next(iter(self._prints))]


def _print(report: TransactionReport) -> _Print:
    return report.event, report.at, report.trigger_reason, report.charging_state
