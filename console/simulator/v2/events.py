"""TransactionEvents as they are on the wire: everything is told once, and again only when it has changed (2.x E01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.simulator.v2.authorization import IdToken
from console.simulator.v2.charge_point import Payload
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face


def transaction_event(
    face: Face, session: Session, event: str, trigger: str, values: list[Payload] | None, token: IdToken | None
) -> Payload:
    """The next event of a session's transaction; `token` is the card that has just been held to the reader."""
    face.tariffs.follow(session)
    payload: Payload = {
        "eventType": event,
        "timestamp": face.now(),
        "triggerReason": trigger,
        "seqNo": session.next_seq_no,
        "transactionInfo": _info(face, session, event),
    }
    session.next_seq_no += 1
    if not face.online:
        payload["offline"] = True
    if session.token is not None and session.token is not session.told_token:
        token = token or session.token
        session.told_token = session.token
    if token is not None:
        payload["idToken"] = token.wire
    if not session.told_evse and session.connector.car is not None:
        payload["evse"] = {"id": session.connector.evse_id, "connectorId": session.connector.number_in_evse}
        session.told_evse = True
    if session.reservation_id is not None and event == "Started":
        payload["reservationId"] = session.reservation_id
    if values:
        payload["meterValue"] = values
    return payload | face.tariffs.costs(session, event, metered=bool(values))


def _info(face: Face, session: Session, event: str) -> Payload:
    info: Payload = {"transactionId": session.transaction_id}
    state = session.charging_state
    if state != session.told_state:
        info["chargingState"] = session.told_state = state
    if session.remote_start_id is not None and session.remote_start_id != session.told_remote_start_id:
        info["remoteStartId"] = session.told_remote_start_id = session.remote_start_id
    if event == "Ended":
        info["stoppedReason"] = session.stopped_reason or "Local"
        if session.power_since is not None:
            info["timeSpentCharging"] = int((face.host.clock.utc() - session.power_since).total_seconds())
    return info | face.tariffs.info(session, event)
