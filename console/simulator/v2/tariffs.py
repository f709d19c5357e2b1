"""What charging costs: running costs from the central system (I01 to I05), and 2.1's tariffs (I07 to I12)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ocpp.exceptions import NotSupportedError

from console.simulator.base_face import parse_time
from console.simulator.types import NOMINAL_VOLTAGE_V, ConnectorState
from console.simulator.v2.bills import Bill
from console.simulator.v2.charge_point import Handler, Payload
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_PRICED = ("energy", "chargingTime", "idleTime", "fixedFee", "reservationTime", "reservationFixed")
_ACCEPTED = {"status": "Accepted"}


class Tariffs:
    """The default tariffs of each EVSE, the one that holds and those to come; they outlast a reboot.

    A transaction keeps the one it began with, until it is told to go on by another.
    """

    def __init__(self, face: Face) -> None:
        self._face = face
        self._on: dict[int, list[Payload]] = {}

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

    # --- transactions ---

    def adopt(self, session: Session) -> None:
        """Choose the tariff of a transaction that begins."""
        held = self._holding(session.connector.evse_id)
        if held is not None:
            session.bill = self._bill(session, held)

    def _bill(self, session: Session, tariff: Payload) -> Bill:
        kind = "DC" if session.connector.kind.is_dc else "AC"
        return Bill(tariff, kind, self._face.host.clock.utc(), session.reservation_id is not None)

    def follow(self, session: Session) -> None:
        """Price what a transaction has used until now."""
        if session.bill is None or session.ended:
            return
        connector = session.connector
        energy_wh = connector.meter.energy_wh - session.begin_energy_wh
        charging = connector.state is ConnectorState.CHARGING
        current_a = connector.power_w / NOMINAL_VOLTAGE_V
        session.bill.advance(self._face.host.clock.utc(), energy_wh, connector.power_w, current_a, charging=charging)

    def info(self, session: Session, event: str) -> Payload:
        """What transactionInfo says of it."""
        if session.bill is None or event == "Updated":
            return {}
        return {"tariffId": session.bill.tariff["tariffId"]}

    def costs(self, session: Session, event: str, *, metered: bool) -> Payload:
        """What an event says of the cost: with meter values, and at the end."""
        enabled = self._face.model.flag("TariffCostCtrlr", "Enabled", "Cost")
        if session.bill is None or not enabled or not (event == "Ended" or (event == "Updated" and metered)):
            return {}
        return {"costDetails": session.bill.details()}

    def _cost_updated(self, request: Payload) -> Payload:
        session = self._face.transactions.known(request["transactionId"])
        if session is not None:
            session.total_cost = request["totalCost"]
        return {}

    # --- what is set ---

    def _set(self, request: Payload) -> Payload:
        self._need_enabled()
        evse_id, tariff = request["evseId"], request["tariff"]
        refusal = self._wrong_evse(evse_id) or self._refusal(tariff)
        if refusal is not None:
            return refusal
        if any(one["tariffId"] == tariff["tariffId"] for held in self._on.values() for one in held):
            return {"status": "DuplicateTariffId"}
        later = "validFrom" in tariff and parse_time(tariff["validFrom"]) > self._face.host.clock.utc()
        for place in self._places(evse_id):
            holding = self._holding(place)
            self._on[place] = [holding, tariff] if later and holding is not None else [tariff]
        return dict(_ACCEPTED)

    def _get(self, request: Payload) -> Payload:
        self._need_enabled()
        evse_id = request["evseId"]
        refusal = self._wrong_evse(evse_id)
        if refusal is not None:
            return refusal
        found: dict[str, Payload] = {}
        for place in self._places(evse_id):
            self._holding(place)
            for tariff in self._on.get(place, ()):
                name = tariff["tariffId"]
                told = {"tariffId": name, "tariffKind": "DefaultTariff", "evseIds": []}
                told |= {"validFrom": tariff["validFrom"]} if "validFrom" in tariff else {}
                found.setdefault(name, told)["evseIds"].append(place)
        return {"status": "Accepted", "tariffAssignments": list(found.values())} if found else {"status": "NoTariff"}

    def _clear(self, request: Payload) -> Payload:
        self._need_enabled()
        wanted, evse_id = request.get("tariffIds"), request.get("evseId", 0)
        cleared: dict[str, None] = {}
        for place in self._places(evse_id):
            gone = [one for one in self._on.get(place, ()) if not wanted or one["tariffId"] in wanted]
            self._on[place] = [one for one in self._on.get(place, ()) if one not in gone]
            cleared |= dict.fromkeys(one["tariffId"] for one in gone)
        results: list[Payload] = [{"tariffId": one, **_ACCEPTED} for one in cleared]
        results += [{"tariffId": one, "status": "NoTariff"} for one in wanted or () if one not in cleared]
        return {"clearTariffsResult": results or [{"status": "NoTariff"}]}

    def _change(self, request: Payload) -> Payload:
        self._need_enabled()
        session = self._face.transactions.known(request["transactionId"])
        if session is None or not session.running:
            return {"status": "TxNotFound"}
        refusal = self._refusal(request["tariff"])
        if refusal is not None:
            return refusal
        if session.bill is None:
            session.bill = self._bill(session, request["tariff"])
            return dict(_ACCEPTED)
        if session.bill.tariff["currency"] != request["tariff"]["currency"]:
            return {"status": "NoCurrencyChange"}
        self._face.settle()
        self.follow(session)
        session.bill.go_on_by(request["tariff"])
        return dict(_ACCEPTED)

    # --- what it can ---

    def _need_enabled(self) -> None:
        if not self._face.model.flag("TariffCostCtrlr", "Enabled", "Tariff"):
            raise NotSupportedError("Tariffs are switched off.")  # type: ignore[no-untyped-call]

    def _wrong_evse(self, evse_id: int) -> Payload | None:
        if 0 <= evse_id <= self._face.host.hardware.kind.evses:
            return None
        return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}

    def _refusal(self, tariff: Payload) -> Payload | None:
        model = self._face.model
        priced = [tariff[name]["prices"] for name in _PRICED if name in tariff]
        if not priced:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidValue"}}
        if max(map(len, priced)) > model.number("TariffCostCtrlr", "MaxElements", "Tariff"):
            return {"status": "TooManyElements"}
        conditional = any(one.get("conditions") for prices in priced for one in prices)
        if conditional and not model.flag("TariffCostCtrlr", "ConditionsSupported", "Tariff"):
            return {"status": "ConditionNotSupported"}
        return None

    def _places(self, evse_id: int) -> range:
        return range(evse_id, evse_id + 1) if evse_id else range(1, self._face.host.hardware.kind.evses + 1)

    def _holding(self, evse_id: int) -> Payload | None:
        """The tariff that holds on an EVSE now: of those whose time has come, the newest."""
        now, held = self._face.host.clock.utc(), self._on.get(evse_id, [])
        begun = [one for one in held if _starts(one) is None or (_starts(one) or now) <= now]
        if len(begun) > 1:
            self._on[evse_id] = [begun[-1], *(one for one in held if one not in begun)]
        return begun[-1] if begun else None


def _starts(tariff: Payload) -> datetime | None:
    return parse_time(tariff["validFrom"]) if "validFrom" in tariff else None
