"""May this card charge: the central system is asked, or the station's own memory (1.6 section 3.5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ocpp.v16 import call

from console.simulator.base_face import parse_time
from console.simulator.host import Host
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.types import Verdict
from console.simulator.v16.configuration import Configuration

_LOG = logging.getLogger(__name__)

_CACHE_SIZE = 500


@dataclass(frozen=True, slots=True)
class IdTagInfo:
    """What is known of a card."""

    verdict: Verdict
    parent_id_tag: str | None = None
    expires: datetime | None = None

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> IdTagInfo:
        """Read idTagInfo, with the snake_case keys that the `ocpp` package hands over.

        Raises RequestFailed where it makes no sense: schema checks may be off.
        """
        try:
            expires = wire.get("expiry_date")
            verdict = Verdict(wire["status"])
            return cls(verdict, wire.get("parent_id_tag"), parse_time(expires) if expires else None)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RequestFailed(f"idTagInfo {wire!r}") from error


class CardMemory:
    """The authorization cache and the local authorization list. Cards are the same in any case of letters."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._cache: dict[str, IdTagInfo] = {}
        self._listed: dict[str, IdTagInfo] = {}
        self.list_version = 0

    def remember(self, id_tag: str, info: IdTagInfo) -> None:
        """Keep what the central system said, in place of the oldest."""
        if self._configuration.flag("AuthorizationCacheEnabled"):
            self._cache.pop(id_tag.lower(), None)
            self._cache[id_tag.lower()] = info
            if len(self._cache) > _CACHE_SIZE:
                del self._cache[next(iter(self._cache))]

    def clear_cache(self) -> str:
        """Do what ClearCache asks; answers its status."""
        self._cache.clear()
        return "Accepted" if self._configuration.flag("AuthorizationCacheEnabled") else "Rejected"

    def update_list(self, version: int, update_type: str, entries: Sequence[Mapping[str, Any]]) -> str:
        """Do what SendLocalList asks; answers its status."""
        if not self._configuration.flag("LocalAuthListEnabled"):
            return "NotSupported"
        if update_type == "Differential" and version <= self.list_version:
            return "VersionMismatch"
        listed = {} if update_type == "Full" else dict(self._listed)
        for entry in entries:
            if "id_tag_info" in entry:
                listed[entry["id_tag"].lower()] = IdTagInfo.from_wire(entry["id_tag_info"])
            else:
                listed.pop(entry["id_tag"].lower(), None)
        if len(listed) > self._configuration.number("LocalAuthListMaxLength"):
            return "Failed"
        self._listed, self.list_version = listed, version
        return "Accepted"

    def recall(self, id_tag: str, now: datetime) -> IdTagInfo | None:
        """What the station knows of a card by itself; the list goes before the cache."""
        listed = self._listed if self._configuration.flag("LocalAuthListEnabled") else {}
        info = listed.get(id_tag.lower()) or self._cache.get(id_tag.lower())
        if info and info.expires and info.expires <= now:
            return replace(info, verdict=Verdict.EXPIRED)
        return info


async def ask(
    id_tag: str, *, host: Host, configuration: Configuration, memory: CardMemory, request: Any, online: bool
) -> IdTagInfo:
    """Find out whether a card may charge, at the central system if it can be reached."""
    known = memory.recall(id_tag, host.clock.utc())
    if online:
        if known and known.verdict is Verdict.ACCEPTED and configuration.flag("LocalPreAuthorize"):
            return known
        try:
            answer = await request(call.Authorize(id_tag=id_tag))
            info = IdTagInfo.from_wire(answer.id_tag_info)
        except RequestFailed as failure:
            _LOG.warning("%s: card not authorized: %s", host.station_id, failure)
            return IdTagInfo(Verdict.INVALID)
        except Unreachable:
            pass  # the connection broke while the driver waited: decide as an offline station does
        else:
            memory.remember(id_tag, info)
            return info
    if known and configuration.flag("LocalAuthorizeOffline"):
        return known
    unknown_may = configuration.flag("AllowOfflineTxForUnknownId")
    return IdTagInfo(Verdict.ACCEPTED if unknown_may else Verdict.INVALID)
