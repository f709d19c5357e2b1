"""What is tolerated of a station, and how it is treated: by its make's profile, and by what its operator chose."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from console.csms.dialects.tolerance import EVERYTHING, NOTHING, Rules, rules_of
from console.csms.incoming import Connection
from console.model.make import TOLERATION_WORDS, Make, Tolerance, Treatment, behaviour_words, treatment
from console.model.station import Station

#: A station is not taken for gone before it has missed this many heartbeats.
_HEARTBEATS = 3
#: The least silence that counts, where pings are not answered.
_LEAST_SILENCE_S = 900
_EVERYTHING_WORDS = ("whatever can be understood",)
#: Where BootNotification says who made the station: 1.6, then 2.x.
_IDENTITY_16 = ("chargePointVendor", "chargePointModel", "firmwareVersion")
_IDENTITY_2 = ("vendorName", "model", "firmwareVersion")
_LONGEST = 255


class Makes:
    """The vendor profiles of a site. ``usual`` holds for stations of which no operator chose anything."""

    def __init__(self, makes: Sequence[Make], usual: Tolerance) -> None:
        self._usual = usual
        self._treatment = lru_cache(maxsize=4096)(lambda *make: treatment(makes, *make))

    def settle(self, connection: Connection | None, station: Station) -> Station:
        """Let what is known of a station hold from now on; return it with what is to be shown of that."""
        found = self._treatment(station.vendor, station.model, station.firmware_version)
        tolerance = self._tolerance(station)
        if connection is not None:
            connection.tolerated = _rules(tolerance, found)
            connection.behaviour = found.behaviour
            connection.session.tune(found.behaviour.server_pings, silence_s(station, found))
        return msgspec.structs.replace(
            station,
            profiles=found.names,
            tolerated=_words(tolerance, found),
            treated=behaviour_words(found.behaviour),
        )

    def settle_by(self, connection: Connection, station: Station, payload: Any) -> bool:
        """Let hold what the raw payload of a BootNotification tells of the make; say whether that made a difference.

        A station is known by its make only once it has booted, and its first BootNotification may be what deviates.
        """
        if not isinstance(payload, dict):
            return False
        inner = payload.get("chargingStation")
        said, names = (inner, _IDENTITY_2) if isinstance(inner, dict) else (payload, _IDENTITY_16)
        vendor, model, firmware = (_text(said.get(name)) for name in names)
        rules = _rules(self._tolerance(station), self._treatment(vendor, model, firmware))
        if rules == connection.tolerated:
            return False
        connection.tolerated = rules
        return True

    def _tolerance(self, station: Station) -> Tolerance:
        return self._usual if station.tolerance is Tolerance.PROFILE else station.tolerance


def _rules(tolerance: Tolerance, found: Treatment) -> Rules:
    if tolerance is Tolerance.PROFILE:
        return rules_of(found.tolerated)
    return EVERYTHING if tolerance is Tolerance.LENIENT else NOTHING


def _words(tolerance: Tolerance, found: Treatment) -> tuple[str, ...]:
    if tolerance is Tolerance.PROFILE:
        return tuple(words for each, words in TOLERATION_WORDS.items() if each in found.tolerated)
    return _EVERYTHING_WORDS if tolerance is Tolerance.LENIENT else ()


def silence_s(station: Station, found: Treatment) -> float:
    """How long a station that answers no pings may be silent: at least three of its heartbeats."""
    usual = max(_LEAST_SILENCE_S, found.behaviour.idle_timeout_s)
    return float(max(usual, _HEARTBEATS * station.heartbeat_interval_s))


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
