"""OCPP 1.6: our answers to stations, and our requests of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.alike import ANSWERS, CALLS
from console.csms.dialects.base import Wire
from console.csms.dialects.certificates import CALLS_16
from console.csms.dialects.ocpp16 import charging, files
from console.csms.dialects.ocpp16.configuration import is_password
from console.csms.dialects.times import write_time
from console.csms.passwords import to_authorization_key
from console.csms.ports import Payload
from console.csms.said.reports import (
    Answer,
    CertificateAnswer,
    StartAnswer,
    StopAnswer,
    TokenAnswer,
    Verdict,
)
from console.errors import ConsoleError
from console.model import command as commands
from console.model import device_command
from console.model.command import Command
from console.model.token import TokenStatus

#: The longest tag of 1.6 (CiString20Type).
LONGEST_TAG = 20


def _token_info(verdict: Verdict) -> Payload:
    status = TokenStatus.INVALID if verdict.status is TokenStatus.NOT_AT_THIS_LOCATION else verdict.status
    info: Payload = {"status": str(status)}
    if verdict.group_id:
        info["parentIdTag"] = verdict.group_id[:LONGEST_TAG]
    if verdict.expires_at is not None:
        info["expiryDate"] = write_time(verdict.expires_at)
    return info


def _start(answer: StartAnswer) -> Payload:
    return {"transactionId": int(answer.transaction_id), "idTagInfo": _token_info(answer.verdict)}


def _stop(answer: StopAnswer) -> Payload:
    return {} if answer.verdict is None else {"idTagInfo": _token_info(answer.verdict)}


_ANSWERS: dict[type, Callable[[Any], Payload]] = {
    **ANSWERS,
    TokenAnswer: lambda answer: {"idTagInfo": _token_info(answer.verdict)},
    StartAnswer: _start,
    StopAnswer: _stop,
    CertificateAnswer: lambda answer: {"status": "Accepted" if answer.accepted else "Rejected"},
}


def write_answer(answer: Answer) -> Payload:
    """Write an answer to a station."""
    return _ANSWERS[type(answer)](answer)


def _remote_start(command: commands.StartTransaction) -> Wire:
    payload: Payload = {"idTag": _tag(command.id_token)}
    if command.evse_id:
        payload["connectorId"] = command.evse_id
    if command.profile is not None:
        payload["chargingProfile"] = charging.write_profile(command.profile)
    return Wire("RemoteStartTransaction", payload)


def _remote_stop(command: commands.StopTransaction) -> Wire:
    try:
        return Wire("RemoteStopTransaction", {"transactionId": int(command.transaction_id)})
    except ValueError as error:
        raise ConsoleError(
            f"The station never learned an id for the transaction {command.transaction_id}.",
            "Stop it at the station, or reset the station.",
        ) from error


def _trigger(command: commands.TriggerMessage) -> Wire:
    payload: Payload = {"requestedMessage": command.message}
    if command.evse_id is not None:
        payload["connectorId"] = command.evse_id
    return Wire("TriggerMessage", payload)


def _get_configuration(command: commands.ReadSettings) -> Wire:
    if command.inventory or command.criteria:
        raise ConsoleError("OCPP 1.6 knows no inventories and no criteria.", "Read all keys, or name some.")
    return Wire("GetConfiguration", {"key": list(command.keys)} if command.keys else {})


def _change_configuration(command: commands.ChangeSetting) -> Wire:
    value = to_authorization_key(command.value) if is_password(command.key) else command.value
    return Wire("ChangeConfiguration", {"key": command.key, "value": value})


def _tag(id_token: str) -> str:
    if len(id_token) > LONGEST_TAG:
        raise ConsoleError(f"The tag {id_token} is longer than {LONGEST_TAG} characters.", "OCPP 1.6 cannot carry it.")
    return id_token


def _reserve(command: device_command.ReserveConnector) -> Wire:
    if command.connector_type:
        raise ConsoleError("OCPP 1.6 reserves no kind of connector.", "Name the connector.")
    payload: Payload = {
        "connectorId": command.evse_id,
        "expiryDate": write_time(command.until),
        "idTag": _tag(command.id_token),
        "reservationId": command.reservation_id,
    }
    if command.group_id:
        payload["parentIdTag"] = command.group_id[:LONGEST_TAG]
    return Wire("ReserveNow", payload)


def _send_local_list(command: device_command.SendLocalList) -> Wire:
    entries: list[Payload] = [
        {"idTag": entry.id_token, "idTagInfo": _token_info(Verdict(entry.status, entry.group_id, entry.expires_at))}
        for entry in command.put
    ]
    entries += [{"idTag": entry.id_token} for entry in command.drop]
    payload: Payload = {
        "listVersion": command.version,
        "updateType": "Differential" if command.differential else "Full",
    }
    if entries:
        payload["localAuthorizationList"] = entries
    return Wire("SendLocalList", payload)


_CALLS: dict[type, Callable[[Any], Wire]] = {
    **CALLS,
    commands.StartTransaction: _remote_start,
    commands.StopTransaction: _remote_stop,
    commands.ResetStation: lambda command: Wire("Reset", {"type": "Hard" if command.hard else "Soft"}),
    commands.UnlockConnector: lambda command: Wire("UnlockConnector", {"connectorId": command.evse_id}),
    commands.ChangeAvailability: lambda command: Wire(
        "ChangeAvailability",
        {"connectorId": command.evse_id, "type": "Operative" if command.operative else "Inoperative"},
    ),
    commands.TriggerMessage: _trigger,
    commands.ReadSettings: _get_configuration,
    commands.ChangeSetting: _change_configuration,
    device_command.ReserveConnector: _reserve,
    device_command.SendLocalList: _send_local_list,
    **charging.CALLS,
    **files.CALLS,
    **CALLS_16,
}


def write_call(command: Command) -> Wire:
    """Write a command that goes to a station. Raises ConsoleError if 1.6 cannot say it."""
    write = _CALLS.get(type(command))
    if write is None:
        raise ConsoleError("This is nothing that a station could be asked.")
    return write(command)
