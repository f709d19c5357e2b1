"""What a station's local list holds by our record, and how that compares with the tags there are. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from console.model.token import Token, TokenStatus

#: Tokens of these types are no cards of a driver's: a PIN is never stored on a station's list.
_NEVER_LISTED = frozenset({"KeyCode", "NoAuthorization"})


class ListEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One token on a list, and what the station says to it."""

    id_token: str
    status: TokenStatus
    token_type: str = ""
    group_id: str = ""
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """The token's key in a site."""
        return self.id_token.strip().casefold()


class LocalList(msgspec.Struct, frozen=True, omit_defaults=True):
    """A station's list, as far as we know of it.

    ``version`` is that of the list that we sent last and that the station took (0: none); ``reported_version`` is what
    it said itself (-1: it supports no list, None: not asked). ``digest`` stands for what we sent.
    """

    station_id: str
    version: int = 0
    count: int = 0
    digest: str = ""
    sent_at: datetime | None = None
    reported_version: int | None = None
    asked_at: datetime | None = None

    @property
    def disagrees(self) -> bool:
        """Whether the station says that its list is another one than the one we sent."""
        return self.reported_version is not None and self.reported_version != self.version


def entries_of(tokens: Iterable[Token], now: datetime) -> list[ListEntry]:
    """The entries that a list of all tags has, by tag. Tags that charge at some places only are judged online."""
    listed = [
        ListEntry(each.id_token, each.status_at(now), each.token_type, each.group_id, each.expires_at)
        for each in tokens
        if each.token_type not in _NEVER_LISTED and not each.places
    ]
    return sorted(listed, key=lambda entry: entry.key)


def digest(entries: Iterable[ListEntry]) -> str:
    """What stands for these entries: the same for the same ones, in whatever order."""
    lines = sorted(msgspec.json.encode(entry) for entry in entries)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


def difference(before: Mapping[str, ListEntry], after: Iterable[ListEntry]) -> tuple[list[ListEntry], list[ListEntry]]:
    """What makes one list of another: the entries to put, and those to take away. ``before`` is by token key."""
    wanted = {entry.key: entry for entry in after}
    put = [entry for key, entry in wanted.items() if before.get(key) != entry]
    return put, [entry for key, entry in before.items() if key not in wanted]


def standing(held: LocalList | None, digest_now: str) -> str:
    """How a station's list stands to the tags that are here now (of which ``digest_now`` is the digest)."""
    if held is not None and held.reported_version == -1:
        return "not supported"
    if held is not None and held.disagrees:
        return "another list"
    if held is None or not held.version:
        return "never sent"
    return "up to date" if held.digest == digest_now else "differs"
