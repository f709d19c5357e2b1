"""A connector kept free for one token until a time."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Reservation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reservation that a station has accepted. ``evse_id`` 0 leaves the choice of the connector to the station."""

    station_id: str
    reservation_id: int
    id_token: str
    until: datetime
    evse_id: int = 0
    token_type: str = ""
    group_id: str = ""
    made_at: datetime | None = None

    @property
    def key(self) -> str:
        """Its key in a site."""
        return f"{self.station_id}\n{self.reservation_id}"
