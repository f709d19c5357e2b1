"""RFID cards and other identifiers, and the live question "may this one charge?"."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class TokenStatus(StrEnum):
    """The answer a station gets for a token (AuthorizationStatus of 1.6, the common part of 2.x)."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"  # 2.x; 1.6 is told Invalid


_ACCEPTED = TokenStatus.ACCEPTED  # looked up once: members of enumerations are slow to come by


def token_key(id_token: str) -> str:
    """The form in which tokens are compared: identifiers are case-insensitive in every OCPP version."""
    return id_token.strip().casefold()


class Token(msgspec.Struct, frozen=True, omit_defaults=True):
    """A token the operator knows.

    ``group_id`` is 1.6's parentIdTag and 2.x's groupIdToken: tokens of one group may stop each other's transactions.
    ``places`` are where it may charge, each STATION or STATION/EVSE; none is everywhere.
    """

    id_token: str
    token_type: str = "ISO14443"
    blocked: bool = False
    group_id: str = ""
    expires_at: datetime | None = None
    label: str = ""
    created_at: datetime | None = None
    last_seen_at: datetime | None = None
    places: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The token's key in a site."""
        return token_key(self.id_token)

    def status_at(self, now: datetime) -> TokenStatus:
        """Say what a station is told for this token at an instant (concurrency is judged elsewhere)."""
        if self.blocked:
            return TokenStatus.BLOCKED
        if self.expires_at is not None and self.expires_at <= now:
            return TokenStatus.EXPIRED
        return _ACCEPTED

    def evses_at(self, station_id: str) -> tuple[int, ...] | None:
        """The EVSEs of a station where it may charge: () is all of them, None is none."""
        if not self.places or station_id in self.places:
            return ()
        places = [place.rpartition("/") for place in self.places]
        found = tuple(int(evse) for name, _, evse in places if name == station_id and evse.isdecimal())
        return found or None


class CardVerdict(StrEnum):
    """What the operator says to a card that nobody knew."""

    ONCE = "once"
    ALWAYS = "always"
    REFUSE = "refuse"


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """An unknown card that was swiped.

    While ``waiting`` the station's request is held open until ``deadline`` for the operator's verdict. Afterwards, or
    when nobody was there to ask, the card stays listed so that it can still be let in for the next time.
    ``token_type`` is "" where the station did not say (1.6).
    """

    card_id: str
    id_token: str
    station_id: str
    evse_id: int
    seen_at: datetime
    deadline: datetime
    waiting: bool = True
    token_type: str = ""
