"""Stations that want no more charging profiles for a while: they are left alone as long as they say (2.1)."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from console.csms.ports import Clock
from console.model.outcome import Outcome, Result

_REASON = "RateLimitExceeded"
_SECONDS = re.compile(r"\d{1,5}")
#: How long a station is left alone that does not say how long it wants to be.
_USUAL_S = 10


class RateLimits:
    """Until when each station wants no more profiles."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def problem(self, station_id: str) -> Outcome | None:
        """Why nothing may be sent now, None if something may."""
        until = self._until.get(station_id)
        left_s = math.ceil((until - self._clock.now()).total_seconds()) if until else 0
        if left_s <= 0:
            self._until.pop(station_id, None)
            return None
        text = f"nothing was sent: the station takes no more charging profiles for {left_s} s"
        return Outcome(Result.NOT_POSSIBLE, text, "Try again then, and send fewer at a time.")

    def forget(self, station_id: str) -> None:
        """A station is no more."""
        self._until.pop(station_id, None)

    def note(self, station_id: str, outcome: Outcome) -> None:
        """Remember a station's wish to be left alone; the seconds stand in ``additionalInfo``."""
        info = (outcome.answer or {}).get("statusInfo")
        if not isinstance(info, dict) or info.get("reasonCode") != _REASON:
            return
        said = _SECONDS.search(str(info.get("additionalInfo", "")))
        wait = timedelta(seconds=int(said[0]) if said else _USUAL_S)
        self._until[station_id] = self._clock.now() + wait
