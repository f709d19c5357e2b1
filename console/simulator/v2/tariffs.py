"""What charging costs: running costs from the central system (I01 to I05), and 2.1's tariffs (I07 to I12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.simulator.v2.charge_point import Handler, Payload
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_MOST_ELEMENTS = 10
_PRICED = ("energy", "chargingTime", "idleTime", "fixedFee", "reservationTime", "reservationFixed")


class Tariffs:
    """The default tariff of each EVSE, 0 for all; a transaction keeps the one it began with."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._defaults: dict[int, Payload] = {}

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        handlers: dict[str, Handler] = {"CostUpdated": self._cost_updated}
        if self._face.version != "2.1":
            return handlers
        return {
            **handlers,
            "SetDefaultTariff": self._set,
            "GetTariffs": self._get,
            "ClearTariffs": self._clear,
            "ChangeTransactionTariff": self._change,
        }

    def adopt(self, session: Session) -> None:
        """Choose the tariff of a transaction that begins."""
        session.tariff = self._defaults.get(session.connector.evse_id) or self._defaults.get(0)

    def info(self, session: Session, event: str) -> Payload:
        """What transactionInfo says of it."""
        if session.tariff is None or event == "Updated":
            return {}
        return {"tariffId": session.tariff["tariffId"]}

    def _cost_updated(self, request: Payload) -> Payload:
        session = self._face.transactions.known(request["transactionId"])
        if session is not None:
            session.total_cost = request["totalCost"]
        return {}

    def _set(self, request: Payload) -> Payload:
        evse_id, tariff = request["evseId"], request["tariff"]
        if not 0 <= evse_id <= self._face.host.hardware.kind.evses:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}
        if _has_too_many(tariff):
            return {"status": "TooManyElements"}
        elsewhere = (place for place, one in self._defaults.items() if one["tariffId"] == tariff["tariffId"])
        if any(place != evse_id for place in elsewhere):
            return {"status": "DuplicateTariffId"}
        if evse_id == 0:
            self._defaults.clear()
        self._defaults[evse_id] = tariff
        return {"status": "Accepted"}

    def _get(self, request: Payload) -> Payload:
        evse_id = request["evseId"]
        if not 0 <= evse_id <= self._face.host.hardware.kind.evses:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}
        evse_ids = range(1, self._face.host.hardware.kind.evses + 1)
        found = []
        for place, tariff in self._defaults.items():
            covered = [one for one in evse_ids if place in (0, one) and evse_id in (0, one)]
            if covered:
                valid = {"validFrom": tariff["validFrom"]} if "validFrom" in tariff else {}
                told = {"tariffId": tariff["tariffId"], "tariffKind": "DefaultTariff", "evseIds": covered}
                found.append(told | valid)
        return {"status": "Accepted", "tariffAssignments": found} if found else {"status": "NoTariff"}

    def _clear(self, request: Payload) -> Payload:
        wanted, evse_id = request.get("tariffIds"), request.get("evseId")
        results: list[Payload] = []
        for place, tariff in list(self._defaults.items()):
            if (not wanted or tariff["tariffId"] in wanted) and evse_id in (None, place):
                del self._defaults[place]
                results.append({"tariffId": tariff["tariffId"], "status": "Accepted"})
        cleared = {one["tariffId"] for one in results}
        results += [{"tariffId": one, "status": "NoTariff"} for one in wanted or () if one not in cleared]
        return {"clearTariffsResult": results or [{"status": "NoTariff"}]}

    def _change(self, request: Payload) -> Payload:
        session = self._face.transactions.known(request["transactionId"])
        if session is None or not session.running:
            return {"status": "TxNotFound"}
        if _has_too_many(request["tariff"]):
            return {"status": "TooManyElements"}
        if session.tariff is not None and session.tariff["currency"] != request["tariff"]["currency"]:
            return {"status": "NoCurrencyChange"}
        session.tariff = request["tariff"]
        return {"status": "Accepted"}


def _has_too_many(tariff: Payload) -> bool:
    return any(len(tariff.get(name, {}).get("prices", ())) > _MOST_ELEMENTS for name in _PRICED)
