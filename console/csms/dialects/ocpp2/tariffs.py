"""OCPP 2.1: tariffs (I07 to I12), and the cost that a station is told (2.x, I02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.tariffs import (
    CostTold,
    TariffEffect,
    TariffsCleared,
    TariffSet,
    TariffsListed,
    TransactionTariff,
)
from console.csms.ports import Payload
from console.model.station_tariff import ChangeTransactionTariff, ClearTariffs, ReadTariffs, SetTariff

#: A tariff is gone when it was cleared, and when there was none.
_GONE = ("Accepted", "NoTariff")


def _clear(command: ClearTariffs) -> Wire:
    payload: Payload = {}
    if command.tariff_ids:
        payload["tariffIds"] = list(command.tariff_ids)
    if command.evse_id is not None:
        payload["evseId"] = command.evse_id
    return Wire("ClearTariffs", payload)


CALLS: dict[type, Callable[[Any], Wire]] = {
    SetTariff: lambda command: Wire("SetDefaultTariff", {"evseId": command.evse_id, "tariff": command.tariff}),
    ReadTariffs: lambda _command: Wire("GetTariffs", {"evseId": 0}),
    ClearTariffs: _clear,
    ChangeTransactionTariff: lambda command: Wire(
        "ChangeTransactionTariff", {"transactionId": command.transaction_id, "tariff": command.tariff}
    ),
}


def effect(asked: Wire, answer: Payload) -> TariffEffect | None:
    """What an answer means for a station's tariffs, None if nothing. The request has kept its schema."""
    read = _EFFECTS.get(asked.action)
    return read(asked.payload, answer) if read is not None else None


def _set(asked: Payload, answer: Payload) -> TariffEffect | None:
    return TariffSet(asked["evseId"], asked["tariff"]) if answer.get("status") == "Accepted" else None


def _listed(asked: Payload, answer: Payload) -> TariffEffect | None:
    held = answer.get("tariffAssignments")
    found = [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    named = tuple(each for each in found if isinstance(each.get("tariffId"), str))
    return TariffsListed(asked["evseId"], named) if answer.get("status") in _GONE else None


def _cleared(asked: Payload, answer: Payload) -> TariffEffect | None:
    held = answer.get("clearTariffsResult")
    results = [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    gone = [each.get("tariffId") for each in results if each.get("status") in _GONE]
    if not gone:
        return None
    named = tuple(each for each in gone if isinstance(each, str))
    return TariffsCleared(named or tuple(asked.get("tariffIds", ())), asked.get("evseId"))


def _changed(asked: Payload, answer: Payload) -> TariffEffect | None:
    accepted = answer.get("status") == "Accepted"
    return TransactionTariff(asked["transactionId"], asked["tariff"]) if accepted else None


_EFFECTS: dict[str, Callable[[Payload, Payload], TariffEffect | None]] = {
    "SetDefaultTariff": _set,
    "GetTariffs": _listed,
    "ClearTariffs": _cleared,
    "ChangeTransactionTariff": _changed,
    "CostUpdated": lambda asked, _answer: CostTold(asked["transactionId"], asked["totalCost"]),
}
