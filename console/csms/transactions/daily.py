"""What each station delivered since local midnight."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


class EnergyToday:
    """Sums of energy a station, which begin anew at midnight of the time zone (None: this machine's)."""

    def __init__(self, tz: tzinfo | None = None) -> None:
        self._tz = tz
        self._wh: dict[str, int] = {}
        self._midnight: datetime | None = None

    def of(self, station_id: str, now: datetime) -> int:
        """What a station delivered today."""
        self._turn(now)
        return self._wh.get(station_id, 0)

    def add(self, station_id: str, energy_wh: int, now: datetime) -> None:
        """Count energy; a correction may be negative, the sum never is."""
        self._turn(now)
        self._wh[station_id] = max(0, self._wh.get(station_id, 0) + energy_wh)

    def forget(self, station_id: str) -> None:
        """A station is no more."""
        self._wh.pop(station_id, None)

    def _turn(self, now: datetime) -> None:
        if self._midnight is not None and now < self._midnight:
            return
        if self._midnight is not None:
            self._wh.clear()
        tomorrow = now.astimezone(self._tz).date() + timedelta(days=1)
        # A naive time of day is read in the machine's zone, which knows its own summer time.
        self._midnight = datetime.combine(tomorrow, time(), self._tz).astimezone(UTC)
