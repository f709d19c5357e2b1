"""Where events of a transaction are missing, its station is asked once how it stands (2.0.1 E14)."""

from __future__ import annotations

from console.csms.chores import Chores
from console.csms.incoming import Connection, Incoming
from console.csms.ports import CallResult
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.errors import ConsoleError
from console.model.change import NoticeKind
from console.model.transaction import Transaction

_ACTION = "GetTransactionStatus"


class GapQuestions:
    """Asks GetTransactionStatus, unless nothing is to be sent that no operator asked for."""

    def __init__(self, state: State, chores: Chores, settings: CsmsSettings) -> None:
        self._state = state
        self._chores = chores
        self._settings = settings

    def ask(self, incoming: Incoming, transaction: Transaction) -> None:
        """Ask after a transaction. What its station still holds comes by itself; what it has lost is told."""
        if not self._settings.quiet:
            self._chores.start(self._ask(incoming.connection, transaction), lambda: self._failed(transaction))

    def _failed(self, transaction: Transaction) -> None:
        text = f"{transaction.station_id}: what is missing of {transaction.transaction_id} could not be asked after"
        self._state.emit([self._state.notice(text, NoticeKind.WARNING, transaction.station_id)])

    async def _ask(self, connection: Connection, transaction: Transaction) -> None:
        asked = {"transactionId": transaction.transaction_id}
        try:
            end = await connection.session.call(_ACTION, asked, self._settings.call_timeout_s)
        except ConsoleError:  # too many requests wait already
            return
        if not isinstance(end, CallResult) or not isinstance(end.payload, dict):
            return
        if end.payload.get("messagesInQueue") is False:
            text = f"{transaction.station_id}: what is missing of {transaction.transaction_id} will not come any more"
            self._state.emit([self._state.notice(text, NoticeKind.WARNING, transaction.station_id)])
