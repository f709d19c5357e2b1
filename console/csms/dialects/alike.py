"""What is written alike in all versions of OCPP: answers to stations, and requests of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.times import write_time
from console.csms.ports import Payload
from console.csms.said.reports import BootAnswer, Noted, TimeAnswer, VendorAnswer
from console.model import command as commands
from console.model import device_command


def _boot(answer: BootAnswer) -> Payload:
    return {
        "status": answer.admission.value.capitalize(),
        "currentTime": write_time(answer.now),
        "interval": answer.interval_s,
    }


ANSWERS: dict[type, Callable[[Any], Payload]] = {
    BootAnswer: _boot,
    Noted: lambda _answer: {},
    TimeAnswer: lambda answer: {"currentTime": write_time(answer.now)},
    VendorAnswer: lambda _answer: {"status": "UnknownVendorId"},
}


def _data_transfer(command: commands.TransferData) -> Wire:
    payload: Payload = {"vendorId": command.vendor_id}
    if command.message_id:
        payload["messageId"] = command.message_id
    if command.data:
        payload["data"] = command.data
    return Wire("DataTransfer", payload)


CALLS: dict[type, Callable[[Any], Wire]] = {
    commands.CallStation: lambda command: Wire(command.action, dict(command.payload)),
    commands.ClearCache: lambda _command: Wire("ClearCache", {}),
    commands.TransferData: _data_transfer,
    device_command.CancelReservation: lambda command: Wire(
        "CancelReservation", {"reservationId": command.reservation_id}
    ),
    device_command.ReadLocalList: lambda _command: Wire("GetLocalListVersion", {}),
}
