"""What is known of stations' settings: as they were last read, and what waits for a boot."""

from __future__ import annotations

from console.csms.ports import Shelf
from console.csms.state import State
from console.errors import ConsoleError
from console.model.station import Setting


class KnownSettings:
    """A station's settings as last read, by key in lower case. A store that fails only means that none are."""

    def __init__(self, state: State, shelf: Shelf) -> None:
        self._state = state
        self._shelf = shelf

    async def __call__(self, station_id: str) -> dict[str, Setting]:
        """Look them up."""
        try:
            held = await self._shelf.settings(station_id)
        except ConsoleError:
            held = ()
        return {each.key.casefold(): each for each in held} | self._state.awaiting_boot.get(station_id, {})
