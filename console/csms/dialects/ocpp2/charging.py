"""OCPP 2.x: what answers mean for charging profiles. Nothing is read from them yet."""

from __future__ import annotations

from console.csms.dialects.charging import Effect
from console.csms.ports import Payload
from console.model.schedule.reported import ReportedComposite


class Charging:
    """Implements ``ChargingWords``."""

    def effect(self, action: str, asked: Payload, answer: Payload) -> Effect | None:
        """See ``ChargingWords.effect``."""
        return None

    def composite(self, asked: Payload, answer: Payload) -> ReportedComposite | None:
        """See ``ChargingWords.composite``."""
        return None
