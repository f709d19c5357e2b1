"""May this card charge: the central system is asked, or the station's own memory (2.x C01, C10, C13, D01)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from console.simulator.base_face import parse_time
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.types import Verdict
from console.simulator.v2.charge_point import Handler, Payload, Request
from console.simulator.v2.variables import LOCAL_LIST_ENTRIES

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

_CACHE_SIZE = 500


@dataclass(frozen=True, slots=True)
class IdToken:
    """A card, an app or a key code. Tokens are the same in any case of letters."""

    text: str
    kind: str = "ISO14443"

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> IdToken:
        """Read idToken."""
        return cls(wire["idToken"], wire["type"])

    @property
    def wire(self) -> dict[str, Any]:
        """As messages have it."""
        return {"idToken": self.text, "type": self.kind}

    def is_same(self, other: IdToken) -> bool:
        """Whether it is the same card."""
        return self.text.lower() == other.text.lower()


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What is known of a card."""

    verdict: Verdict
    group: str | None = None
    expires: datetime | None = None
    evse_ids: tuple[int, ...] = ()

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> TokenInfo:
        """Read idTokenInfo. Raises RequestFailed where it makes no sense: schema checks may be off."""
        try:
            expires = wire.get("cacheExpiryDateTime")
            group = wire.get("groupIdToken")
            return cls(
                Verdict(wire["status"]),
                group["idToken"] if group else None,
                parse_time(expires) if expires else None,
                tuple(wire.get("evseId", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RequestFailed(f"idTokenInfo {wire!r}") from error

    def at(self, evse_id: int) -> TokenInfo:
        """The same for one EVSE: some cards may only charge at certain ones."""
        if self.verdict is Verdict.ACCEPTED and self.evse_ids and evse_id not in self.evse_ids:
            return replace(self, verdict=Verdict.NOT_AT_THIS_LOCATION)
        return self


class TokenMemory:
    """The authorization cache and the local authorization list."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._cache: dict[str, TokenInfo] = {}
        self._listed: dict[str, TokenInfo] = {}
        self._list_version = 0

    @property
    def list_length(self) -> int:
        """How many cards the local list has."""
        return len(self._listed)

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask of it."""
        return {
            "ClearCache": self._clear_cache,
            "GetLocalListVersion": lambda _: {"versionNumber": self._list_version},
            "SendLocalList": self._send_local_list,
        }

    def remember(self, token: IdToken, info: TokenInfo) -> None:
        """Keep what the central system said, in place of the oldest."""
        if self._face.model.flag("AuthCacheCtrlr", "Enabled"):
            lifetime_s = self._face.model.number("AuthCacheCtrlr", "LifeTime")
            if info.expires is None and lifetime_s:
                info = replace(info, expires=self._face.host.clock.utc() + timedelta(seconds=lifetime_s))
            self._cache.pop(token.text.lower(), None)
            self._cache[token.text.lower()] = info
            if len(self._cache) > _CACHE_SIZE:
                del self._cache[next(iter(self._cache))]

    def forget(self, token: IdToken) -> None:
        """Take a card out of the cache."""
        self._cache.pop(token.text.lower(), None)

    def recall(self, token: IdToken) -> TokenInfo | None:
        """What the station knows of a card by itself; the list goes before the cache."""
        listed = self._listed if self._face.model.flag("LocalAuthListCtrlr", "Enabled") else {}
        info = listed.get(token.text.lower()) or self._cache.get(token.text.lower())
        if info and info.expires and info.expires <= self._face.host.clock.utc():
            return replace(info, verdict=Verdict.EXPIRED)
        return info

    def _clear_cache(self, _: Payload) -> Payload:
        self._cache.clear()
        return {"status": "Accepted" if self._face.model.flag("AuthCacheCtrlr", "Enabled") else "Rejected"}

    def _send_local_list(self, request: Payload) -> Payload:
        version, full = request["versionNumber"], request["updateType"] == "Full"
        if not self._face.model.flag("LocalAuthListCtrlr", "Enabled") or version <= 0:
            return {"status": "Failed"}
        if not full and version <= self._list_version:
            return {"status": "VersionMismatch"}
        listed = {} if full else dict(self._listed)
        for entry in request.get("localAuthorizationList", ()):
            if "idTokenInfo" in entry:
                listed[entry["idToken"]["idToken"].lower()] = TokenInfo.from_wire(entry["idTokenInfo"])
            else:
                listed.pop(entry["idToken"]["idToken"].lower(), None)
        if len(listed) > LOCAL_LIST_ENTRIES:
            return {"status": "Failed"}
        self._listed, self._list_version = listed, version
        return {"status": "Accepted"}


async def ask(token: IdToken, face: Face) -> TokenInfo:
    """Find out whether a card may charge, at the central system if it can be reached."""
    if not face.model.flag("AuthCtrlr", "Enabled"):
        return TokenInfo(Verdict.ACCEPTED)
    known = face.memory.recall(token)
    if face.online:
        if known and known.verdict is Verdict.ACCEPTED and face.model.flag("AuthCtrlr", "LocalPreAuthorize"):
            return known
        try:
            answer = await face.request(Request("Authorize", {"idToken": token.wire}))
            info = TokenInfo.from_wire(answer.get("idTokenInfo", {}))
        except RequestFailed as failure:
            _LOG.warning("%s: card not authorized: %s", face.host.station_id, failure)
            return TokenInfo(Verdict.INVALID)
        except Unreachable:
            pass  # the connection broke while the driver waited: decide as an offline station does
        else:
            face.memory.remember(token, info)
            return info
    if known and face.model.flag("AuthCtrlr", "LocalAuthorizeOffline"):
        return known
    unknown_may = face.model.flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled")
    return TokenInfo(Verdict.ACCEPTED if unknown_may else Verdict.INVALID)
