"""What the CSMS asks of a dialect about charging profiles. Pure, as all of a dialect."""

from __future__ import annotations

from typing import Protocol

import msgspec

from console.csms.ports import Payload
from console.model.schedule.installed import Criteria
from console.model.schedule.profile import ChargingProfile, Purpose
from console.model.schedule.reported import ReportedComposite


class ProfileSet(msgspec.Struct, frozen=True):
    """A station took a profile; ``values`` are those of a dynamic one, by OCPP's names (2.1)."""

    profile: ChargingProfile
    values: dict[str, float] = {}


class ProfilesCleared(msgspec.Struct, frozen=True):
    """A station has none (any more) that fit."""

    criteria: Criteria


class ValuesUpdated(msgspec.Struct, frozen=True):
    """A station took other values for a dynamic profile: limits and set-points by OCPP's names (2.1)."""

    profile_id: int
    values: dict[str, float]


class PriorityChanged(msgspec.Struct, frozen=True):
    """A station let a transaction charge with priority, or no longer."""

    transaction_id: str
    active: bool


class TransfersAllowed(msgspec.Struct, frozen=True):
    """A station was told which kinds of energy transfer a transaction may use (2.1)."""

    transaction_id: str
    kinds: tuple[str, ...]


Effect = ProfileSet | ProfilesCleared | ValuesUpdated | PriorityChanged | TransfersAllowed


class ChargingWords(Protocol):
    """How one OCPP version speaks of charging profiles."""

    #: What a CSMS clears, purpose by purpose, where no request can say "all" (2.x K10.FR.02); empty where one can.
    clearable: tuple[Purpose, ...]

    def effect(self, action: str, asked: Payload, answer: Payload) -> Effect | None:
        """What an answer means for the profiles that are installed, None if nothing."""
        ...

    def composite(self, asked: Payload, answer: Payload) -> ReportedComposite | None:
        """The composite schedule in an answer to GetCompositeSchedule, None if there is none that can be read."""
        ...
