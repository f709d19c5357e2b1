"""Is a connection alive? Pure: the caller tells what was heard, and when another ping is due."""

from __future__ import annotations

from console.csms.link.repeats import Memory

_MISSED_PINGS = 2


class Pulse:
    """Anything that arrives is a sign of life. Two pings in a row without any mean death.

    Some stations never answer a ping (EVduty, EN+). One that was cut off for that before, or that is not to be pinged
    at all (``memory``), is known by its messages alone and may be silent for longer.
    """

    __slots__ = ("_answers_pings", "_interval_s", "_memory", "_silent_ticks", "heard")

    def __init__(self, interval_s: float, memory: Memory) -> None:
        self.heard = True
        self._interval_s = interval_s
        self._memory = memory
        self._answers_pings = False
        self._silent_ticks = 0

    def pong(self) -> None:
        """The station answered a ping."""
        self._answers_pings = True
        self._memory.ignores_pings = False

    @property
    def fell_silent(self) -> bool:
        """Whether the last tick was the first that found nothing, of a station that should have answered."""
        return self._silent_ticks == 1 and self.pings and not self._memory.ignores_pings

    @property
    def pings(self) -> bool:
        """Whether the station is to be pinged."""
        return self._memory.is_pinged

    @property
    def silent_s(self) -> float:
        """How long nothing has been heard, to the tick."""
        return self._silent_ticks * self._interval_s

    def tick(self) -> bool:
        """Another interval has passed: say whether the connection is still alive."""
        if self.heard:
            self.heard = False
            self._silent_ticks = 0
            return True
        self._silent_ticks += 1
        if self._silent_ticks < _MISSED_PINGS:
            return True
        if self._memory.ignores_pings or not self.pings:
            return self.silent_s < self._memory.silence_s
        if not self._answers_pings:
            self._memory.ignores_pings = True
        return False
