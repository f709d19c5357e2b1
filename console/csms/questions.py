"""What stations ask that is not about charging with a token: answered honestly where nothing here can do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from console.csms.incoming import Incoming
from console.csms.records import Records
from console.csms.told import Question, Reply


class Decided(NamedTuple):
    """Yes or no, and why not: OCPP's own code for it, and words for whoever reads the frames."""

    yes: bool
    reason_code: str = ""
    reason: str = ""


_UNSUPPORTED = "UnsupportedRequest"
_DECISIONS: Mapping[str, Decided] = {
    # Whether there will be a charging profile for this EV: an operator may set one, nothing does so by itself.
    "NotifyEVChargingNeeds": Decided(False, _UNSUPPORTED, "no charging profile is made from EVs' needs here"),
    "NotifyEVChargingSchedule": Decided(True),
    "OpenPeriodicEventStream": Decided(True),
    "VatNumberValidation": Decided(False, _UNSUPPORTED, "VAT numbers are not validated here"),
    # Addresses named by a station are not asked: whoever could make it name one could have us ask inside this network.
    "GetCertificateStatus": Decided(False, _UNSUPPORTED, "responders that a station names are not asked from here"),
    "GetCertificateChainStatus": Decided(False),
    "Get15118EVCertificate": Decided(False, _UNSUPPORTED, "there is no pool of contract certificates here"),
}


class Questions:
    """The room for them."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def on_question(self, incoming: Incoming, question: Question) -> Reply:
        """Keep what was told, and answer."""
        self._records.keep(incoming, [question.told])
        decided = _DECISIONS[question.action]
        return Reply(question, decided.yes, incoming.now, decided.reason_code, decided.reason)
