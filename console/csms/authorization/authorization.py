"""Who may charge: the live site's policy on stations, tokens and transaction ids."""

from __future__ import annotations

from datetime import datetime

from console.csms.authorization.transaction_ids import TransactionIds
from console.csms.said.reports import Verdict
from console.csms.state import State
from console.model.station import Admission, ConnectorStatus, Station
from console.model.token import TokenStatus, token_key
from console.model.transaction import Flag, Transaction

ACCEPTED = Verdict(TokenStatus.ACCEPTED)
INVALID = Verdict(TokenStatus.INVALID)
_NOT_HERE = Verdict(TokenStatus.NOT_AT_THIS_LOCATION)

#: How many one-time permissions may be open.
_MOST_PASSES = 1000


class Passes:
    """Permissions for tokens that nobody knows: one station, one token, for a short while."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], datetime] = {}

    def give(self, station_id: str, id_token: str, until: datetime) -> Verdict:
        """Let a token charge at a station until then; return what to tell the station now."""
        self._until.pop((station_id, token_key(id_token)), None)
        self._until[station_id, token_key(id_token)] = until
        if len(self._until) > _MOST_PASSES:
            del self._until[next(iter(self._until))]
        return Verdict(TokenStatus.ACCEPTED, expires_at=until)

    def take_back(self, station_id: str, id_token: str) -> None:
        """Let it charge no more."""
        self._until.pop((station_id, token_key(id_token)), None)

    def forget(self, station_id: str) -> None:
        """A station is no more: what was permitted there is so no longer."""
        for key in [key for key in self._until if key[0] == station_id]:
            del self._until[key]

    def verdict(self, station_id: str, id_token: str, now: datetime) -> Verdict | None:
        """Accepted while a permission lasts (so that no station remembers the token for longer), else None."""
        until = self._until.get((station_id, token_key(id_token)))
        return Verdict(TokenStatus.ACCEPTED, expires_at=until) if until is not None and now <= until else None


class LivePolicy:
    """Decides by what the operators have said: admissions, tokens, and permissions given for once."""

    def __init__(self, state: State, ids: TransactionIds, accept_unknown: bool) -> None:
        self._state = state
        self._ids = ids
        self._accept_unknown = accept_unknown
        self.passes = Passes()
        state.on_removed.append(self.passes.forget)

    def admission(self, station: Station) -> Admission:
        """See ``Policy.admission``."""
        if station.admission is Admission.PENDING and self._accept_unknown:
            return Admission.ACCEPTED
        return station.admission

    def may_charge(self, station_id: str, id_token: str, now: datetime, evse_id: int = 0) -> Verdict | None:
        """See ``Policy.may_charge``. Identifiers are compared without case."""
        token = self._state.tokens.get(token_key(id_token))
        if token is not None:
            evse_ids = token.evses_at(station_id)
            if evse_ids is None or (evse_id and evse_ids and evse_id not in evse_ids):
                return _NOT_HERE
            return Verdict(token.status_at(now), token.group_id, token.expires_at, evse_ids)
        return self.passes.verdict(station_id, id_token, now)

    def may_start(self, station_id: str, id_token: str, now: datetime, evse_id: int = 0) -> Verdict | None:
        """See ``Policy.may_start``."""
        verdict = self.may_charge(station_id, id_token, now, evse_id)
        if verdict is not None and verdict.accepted and self._charges_already(id_token):
            return Verdict(TokenStatus.CONCURRENT_TX, verdict.group_id, verdict.expires_at)
        return verdict

    def _charges_already(self, id_token: str) -> bool:
        """Whether a transaction runs with this token. One whose connector is free again has only lost its end."""
        return any(not self._connector_is_free(running) for running in self._state.running_with(id_token))

    def _connector_is_free(self, transaction: Transaction) -> bool:
        station = self._state.stations.get(transaction.station_id)
        connector = station.connector(transaction.evse_id, transaction.connector_id) if station else None
        return connector is not None and connector.status is ConnectorStatus.AVAILABLE

    def may_stop(self, transaction: Transaction, id_token: str, now: datetime) -> Verdict:
        """See ``Policy.may_stop``: the same token, or one of the same group. A group is never compared with a token."""
        verdict = self.may_charge(transaction.station_id, id_token, now)
        if token_key(id_token) == token_key(transaction.id_token):
            if verdict is None and not {Flag.NOT_AUTHORIZED, Flag.ORPHAN} & set(transaction.flags):
                return Verdict(TokenStatus.ACCEPTED, expires_at=now)
            return verdict or INVALID
        if verdict is None or not verdict.group_id:
            return INVALID
        return verdict if token_key(verdict.group_id) == token_key(transaction.group_id) else INVALID

    def new_transaction_id(self, station_id: str) -> str:
        """See ``Policy.new_transaction_id``."""
        while True:
            transaction_id = self._ids.allocate()
            if self._state.transaction(station_id, transaction_id) is None:
                return transaction_id
