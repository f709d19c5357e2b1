"""OCPP 2.x: our answers to stations, and our requests of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from console.csms.dialects.alike import ANSWERS, CALLS
from console.csms.dialects.base import Wire
from console.csms.dialects.certificates import CALLS_2
from console.csms.dialects.ocpp2 import charging, displays, files, monitors, tariffs, variables
from console.csms.dialects.ocpp2.replies import write_certificate_answer
from console.csms.dialects.times import write_time
from console.csms.ports import Payload
from console.csms.said.reports import (
    Answer,
    CertificateAnswer,
    DynamicAnswer,
    EventAnswer,
    TokenAnswer,
    Verdict,
)
from console.errors import ConsoleError
from console.model import command as commands
from console.model import device_command
from console.model.command import Command
from console.model.transaction_limit import TransactionLimit

#: The type of identifiers that are nobody's card: groups, and tags that an operator made up.
CENTRAL = "Central"
#: A card's UID has 4, 7 or 10 bytes.
_UID = re.compile(r"(?:[0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})", re.IGNORECASE)


def token_info(verdict: Verdict) -> Payload:
    """An IdTokenInfoType."""
    info: Payload = {"status": str(verdict.status)}
    if verdict.group_id:
        info["groupIdToken"] = {"idToken": verdict.group_id, "type": CENTRAL}
    if verdict.expires_at is not None:
        info["cacheExpiryDateTime"] = write_time(verdict.expires_at)
    if verdict.evse_ids:
        info["evseId"] = list(verdict.evse_ids)
    return info


def _token(answer: TokenAnswer) -> Payload:
    payload: Payload = {"idTokenInfo": token_info(answer.verdict)}
    if answer.certificate_status:
        payload["certificateStatus"] = answer.certificate_status
    return payload


def _event(answer: EventAnswer) -> Payload:
    payload: Payload = {}
    if answer.total_cost is not None:
        payload["totalCost"] = answer.total_cost
    if answer.limit is not None:
        payload["transactionLimit"] = _limit(answer.limit)
    if answer.verdict is not None:
        payload["idTokenInfo"] = token_info(answer.verdict)
    return payload


def _limit(limit: TransactionLimit) -> Payload:
    """A TransactionLimitType (2.1)."""
    members = {
        "maxCost": limit.max_cost,
        "maxEnergy": limit.max_energy_wh,
        "maxTime": limit.max_time_s,
        "maxSoC": limit.max_soc_percent,
    }
    return {name: value for name, value in members.items() if value is not None}


_ANSWERS: dict[type, Callable[[Any], Payload]] = {
    **ANSWERS,
    CertificateAnswer: write_certificate_answer,
    DynamicAnswer: charging.write_dynamic,
    EventAnswer: _event,
    TokenAnswer: _token,
}


def write_answer(answer: Answer) -> Payload:
    """Write an answer to a station."""
    return _ANSWERS[type(answer)](answer)


def _request_start(command: commands.StartTransaction) -> Wire:
    payload: Payload = {
        "idToken": {"idToken": command.id_token, "type": command.token_type or _kind(command.id_token)},
        "remoteStartId": command.remote_start_id,
    }
    if command.evse_id:
        payload["evseId"] = command.evse_id
    if command.profile is not None:
        payload["chargingProfile"] = charging.write_profile(command.profile)
    return Wire("RequestStartTransaction", payload)


def _kind(id_token: str) -> str:
    """The type of a token of which no more is known: what reads like a card's UID is one's."""
    return "ISO14443" if _UID.fullmatch(id_token) else CENTRAL


def _reset(command: commands.ResetStation) -> Wire:
    payload: Payload = {"type": "Immediate" if command.hard else "OnIdle"}
    if command.evse_id:
        payload["evseId"] = command.evse_id
    return Wire("Reset", payload)


def _availability(command: commands.ChangeAvailability) -> Wire:
    payload: Payload = {"operationalStatus": "Operative" if command.operative else "Inoperative"}
    if command.evse_id:
        payload["evse"] = _evse(command.evse_id, command.connector_id)
    return Wire("ChangeAvailability", payload)


def _trigger(command: commands.TriggerMessage) -> Wire:
    payload: Payload = {"requestedMessage": _TRIGGERED.get(command.message, command.message)}
    if command.evse_id:  # a status is asked of one connector
        connector_id = command.connector_id or int(command.message == "StatusNotification")
        payload["evse"] = _evse(command.evse_id, connector_id)
    return Wire("TriggerMessage", payload)


#: What 1.6 calls otherwise.
_TRIGGERED = {"DiagnosticsStatusNotification": "LogStatusNotification"}


def _evse(evse_id: int, connector_id: int) -> Payload:
    """An EVSEType; connector 0 stands for all of them."""
    return {"id": evse_id, "connectorId": connector_id} if connector_id else {"id": evse_id}


def _id_token(id_token: str, token_type: str) -> Payload:
    """An IdTokenType; where the type is not known, what the identifier looks like."""
    return {"idToken": id_token, "type": token_type or _kind(id_token)}


def _reserve(command: device_command.ReserveConnector) -> Wire:
    payload: Payload = {
        "id": command.reservation_id,
        "expiryDateTime": write_time(command.until),
        "idToken": _id_token(command.id_token, command.token_type),
    }
    if command.evse_id:
        payload["evseId"] = command.evse_id
    if command.connector_type:
        payload["connectorType"] = command.connector_type
    if command.group_id:
        payload["groupIdToken"] = {"idToken": command.group_id, "type": CENTRAL}
    return Wire("ReserveNow", payload)


def _send_local_list(command: device_command.SendLocalList) -> Wire:
    entries: list[Payload] = [
        {
            "idToken": _id_token(entry.id_token, entry.token_type),
            "idTokenInfo": token_info(Verdict(entry.status, entry.group_id, entry.expires_at)),
        }
        for entry in command.put
    ]
    entries += [{"idToken": _id_token(entry.id_token, entry.token_type)} for entry in command.drop]
    payload: Payload = {
        "versionNumber": command.version,
        "updateType": "Differential" if command.differential else "Full",
    }
    if entries:
        payload["localAuthorizationList"] = entries
    return Wire("SendLocalList", payload)


_CALLS: dict[type, Callable[[Any], Wire]] = {
    **CALLS,
    commands.StartTransaction: _request_start,
    commands.StopTransaction: lambda command: Wire("RequestStopTransaction", {"transactionId": command.transaction_id}),
    commands.ResetStation: _reset,
    commands.UnlockConnector: lambda command: Wire(
        "UnlockConnector", {"evseId": command.evse_id, "connectorId": command.connector_id}
    ),
    commands.ChangeAvailability: _availability,
    commands.TriggerMessage: _trigger,
    device_command.ReserveConnector: _reserve,
    device_command.SendLocalList: _send_local_list,
    **variables.CALLS,
    **monitors.CALLS,
    **charging.CALLS,
    **displays.CALLS,
    **tariffs.CALLS,
    **files.CALLS,
    **CALLS_2,
}


def write_call(command: Command) -> Wire:
    """Write a command that goes to a station. Raises ConsoleError if 2.x cannot say it."""
    write = _CALLS.get(type(command))
    if write is None:
        raise ConsoleError("This cannot be asked of a station in OCPP 2.x.")
    return write(command)
