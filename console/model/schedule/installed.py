"""The charging profiles installed at a station, as far as is known, and how what happens alters them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from console.model.schedule.profile import ChargingProfile, Kind, Purpose


class Source(StrEnum):
    """How it is known that a profile is installed."""

    SET = "set from here"  # the station accepted it from us; 1.6 has no way to ask
    REPORTED = "reported by the station"


class Installed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A profile on a station. ``limit_source`` is who made it, in the station's words ("CSO", "EMS", …), where told."""

    profile: ChargingProfile
    source: Source = Source.SET
    at: datetime | None = None
    limit_source: str = ""


class Criteria(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which profiles: all that fit everything given. An id alone decides (1.6 §5.4, 2.0.1 K10)."""

    profile_id: int | None = None
    evse_id: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is given, so that every profile fits."""
        return self == Criteria()

    def fit(self, profile: ChargingProfile) -> bool:
        """Whether a profile is one of those meant."""
        if self.profile_id is not None:
            return profile.profile_id == self.profile_id
        return (
            self.evse_id in (None, profile.evse_id)
            and self.purpose in (None, profile.purpose)
            and self.stack_level in (None, profile.stack_level)
        )


class StationSchedules(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one station's profiles. ``read_at`` is when it reported them last (2.x).

    ``priority`` are the transactions that charge with priority now (2.1 K21), ``values`` what dynamic profiles were
    told last, by their ids: limits and set-points by OCPP's names (2.1 K28), and ``transfers`` which kinds of
    energy transfer transactions may use, where that was said (2.1 Q01).
    """

    station_id: str
    installed: tuple[Installed, ...] = ()
    read_at: datetime | None = None
    priority: tuple[str, ...] = ()
    values: dict[int, dict[str, float]] = {}
    transfers: dict[str, tuple[str, ...]] = {}

    @property
    def profiles(self) -> tuple[ChargingProfile, ...]:
        """The profiles alone."""
        return tuple(held.profile for held in self.installed)

    def find(self, profile_id: int) -> ChargingProfile | None:
        """The profile of an id."""
        return next((profile for profile in self.profiles if profile.profile_id == profile_id), None)

    def with_set(self, profile: ChargingProfile, at: datetime) -> StationSchedules:
        """After the station accepted a profile: it stands in place of whatever it replaces."""
        kept = tuple(held for held in self.installed if not replaces(profile, held.profile))
        return msgspec.structs.replace(self, installed=(*kept, Installed(profile, Source.SET, at)))

    def without(self, criteria: Criteria) -> StationSchedules:
        """After the station cleared what fits. Limits from outside are not ours to clear (2.0.1 K10.FR.04)."""
        kept = tuple(held for held in self.installed if not (criteria.fit(held.profile) and _may_clear(held.profile)))
        values = {number: each for number, each in self.values.items() if number != criteria.profile_id}
        return msgspec.structs.replace(self, installed=kept, values=values)

    def without_transaction(self, transaction_id: str, evse_id: int) -> StationSchedules:
        """After a transaction ended: its profiles go with it, and its priority."""
        kept = tuple(held for held in self.installed if not _belongs(held.profile, transaction_id, evse_id))
        priority = tuple(each for each in self.priority if each != transaction_id)
        transfers = {key: kinds for key, kinds in self.transfers.items() if key != transaction_id}
        return msgspec.structs.replace(self, installed=kept, priority=priority, transfers=transfers)

    def with_report(
        self, reported: Iterable[Installed], asked: Criteria, at: datetime, *, whole: bool
    ) -> StationSchedules:
        """After the station reported: what it says counts. ``whole``: of what was asked for it named all."""
        said = {held.profile.profile_id: held for held in reported}
        kept = [
            held
            for held in self.installed
            if held.profile.profile_id not in said and not (whole and asked.fit(held.profile))
        ]
        read_at = at if whole and asked.empty else self.read_at
        return msgspec.structs.replace(self, installed=(*kept, *said.values()), read_at=read_at)

    def values_of(self, profile_id: int) -> dict[str, float]:
        """What a dynamic profile is to do now; nothing where there is no such profile."""
        profile = self.find(profile_id)
        dynamic = profile is not None and profile.kind is Kind.DYNAMIC and profile.periods
        return ({"limit": profile.periods[0].limit} if profile and dynamic else {}) | self.values.get(profile_id, {})

    def with_values(self, profile_id: int, values: dict[str, float]) -> StationSchedules:
        """After a dynamic profile was set, or its values were updated (2.1)."""
        if not values:
            return self
        told = self.values.get(profile_id, {}) | values
        installed = self.installed
        if "limit" in values:
            installed = tuple(_with_limit(held, profile_id, values["limit"]) for held in installed)
        return msgspec.structs.replace(self, installed=installed, values={**self.values, profile_id: told})

    def with_transfers(self, transaction_id: str, kinds: tuple[str, ...]) -> StationSchedules:
        """After a station was told which kinds of energy transfer a transaction may use (2.1)."""
        return msgspec.structs.replace(self, transfers={**self.transfers, transaction_id: kinds})

    def with_priority(self, transaction_id: str, active: bool) -> StationSchedules:
        """After priority charging of a transaction began or ended."""
        others = tuple(each for each in self.priority if each != transaction_id)
        return msgspec.structs.replace(self, priority=(*others, transaction_id) if active else others)


def replaces(new: ChargingProfile, old: ChargingProfile) -> bool:
    """Whether a station puts one profile in another's place: the same id, or purpose and stack level there.

    1.6 does not say whether "there" is the connector or the station; it is read as the connector.
    """
    if new.profile_id == old.profile_id:
        return True
    same = (new.purpose, new.stack_level, new.evse_id) == (old.purpose, old.stack_level, old.evse_id)
    return same and (new.purpose is not Purpose.TX or new.transaction_id == old.transaction_id)


def next_profile_id(profile: ChargingProfile, held: StationSchedules, above: int = 0) -> int:
    """An id for a profile that has none: that of the one it replaces, else one more than any that is taken."""
    same = next((old for old in held.profiles if _same_place(profile, old)), None)
    taken = [old.profile_id for old in held.profiles]
    return same.profile_id if same is not None else max([above, *taken]) + 1


def _same_place(new: ChargingProfile, old: ChargingProfile) -> bool:
    return replaces(msgspec.structs.replace(new, profile_id=-1), old)


def _may_clear(profile: ChargingProfile) -> bool:
    return profile.purpose is not Purpose.EXTERNAL_CONSTRAINTS


def _belongs(profile: ChargingProfile, transaction_id: str, evse_id: int) -> bool:
    """Whether a TxProfile is a transaction's; 1.6 may leave the id out, then the connector decides."""
    if profile.purpose is not Purpose.TX:
        return False
    return profile.transaction_id == transaction_id or (not profile.transaction_id and profile.evse_id == evse_id)


def _with_limit(held: Installed, profile_id: int, limit: float) -> Installed:
    if held.profile.profile_id != profile_id or not held.profile.periods:
        return held
    first = msgspec.structs.replace(held.profile.periods[0], limit=limit)
    return msgspec.structs.replace(held, profile=msgspec.structs.replace(held.profile, periods=(first,)))
