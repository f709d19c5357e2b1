"""What stations ask that is not about charging with a token: answered honestly where nothing here can do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from console.csms.incoming import Incoming
from console.csms.records.records import Records
from console.csms.said.told import Question, Reply


class Decided(NamedTuple):
    """Yes or no, and why not: OCPP's own code for it, and words for whoever reads the frames.

    ``status`` is OCPP's word where yes or no is not all there is.
    """

    yes: bool
    reason_code: str = ""
    reason: str = ""
    status: str = ""


UNSUPPORTED = "UnsupportedRequest"
_DECISIONS: Mapping[str, Decided] = {
    "OpenPeriodicEventStream": Decided(True),
    "VatNumberValidation": Decided(False, UNSUPPORTED, "VAT numbers are not validated here"),
    # Addresses named by a station are not asked: whoever could make it name one could have us ask inside this network.
    "GetCertificateStatus": Decided(False, UNSUPPORTED, "responders that a station names are not asked from here"),
    "GetCertificateChainStatus": Decided(False),
    "Get15118EVCertificate": Decided(False, UNSUPPORTED, "there is no pool of contract certificates here"),
}


class Questions:
    """The room for them; ``deciders`` are others', by action."""

    def __init__(self, records: Records, deciders: Mapping[str, Callable[[Incoming, Question], Decided]]) -> None:
        self._records = records
        self._deciders = deciders

    def on_question(self, incoming: Incoming, question: Question) -> Reply:
        """Keep what was told, and answer."""
        self._records.keep(incoming, [question.told])
        decider = self._deciders.get(question.action)
        decided = decider(incoming, question) if decider else _DECISIONS[question.action]
        return Reply(question, decided.yes, incoming.now, decided.reason_code, decided.reason, decided.status)
