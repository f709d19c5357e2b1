"""OCPP 2.x: TransactionEvent."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, at, token
from console.csms.dialects.ocpp2.meters import measurements
from console.csms.said.reports import StationCost, TransactionEvent, TransactionReport
from console.model.text import plain
from console.model.transaction_limit import TransactionLimit

_EVENTS = {event.value: event for event in TransactionEvent}
#: Sequence numbers and the like beyond this are no station's and no database's.
_LARGEST = 2**53


def transaction_event(wire: Json, problems: Problems) -> TransactionReport:
    """TransactionEvent (2.0.1 Part 2 §1.60). It cannot be refused: numbers that cannot be become "not said"."""
    get = wire.get
    info: Json = wire["transactionInfo"]
    evse: Json | None = get("evse")
    evse_id, connector_id = (0, 0) if evse is None else _place(evse, problems)
    presented: Json | None = get("idToken")
    id_token, token_type = ("", "") if presented is None else token(presented)
    return TransactionReport(
        transaction_id=plain(info["transactionId"]),
        event=_EVENTS[wire["eventType"]],
        seq_no=_number(wire["seqNo"]),
        trigger_reason=plain(wire["triggerReason"]),
        at=at(wire["timestamp"], problems),
        offline=get("offline") is True,
        evse_id=evse_id,
        connector_id=connector_id,
        id_token=id_token,
        token_type=token_type,
        charging_state=plain(info.get("chargingState", "")),
        stopped_reason=plain(info.get("stoppedReason", "")),
        remote_start_id=_number(info.get("remoteStartId", 0)),
        reservation_id=_number(get("reservationId", 0)),
        measurements=measurements(get("meterValue", ()), problems),
        limit=_limit(info["transactionLimit"]) if "transactionLimit" in info else None,
        cost=_cost(wire["costDetails"]) if "costDetails" in wire else None,
        tariff_id=plain(info["tariffId"]) if "tariffId" in info else "",
    )


def _cost(wire: Json) -> StationCost:
    """CostDetailsType (2.1)."""
    total: Json = wire["totalCost"]
    amount = total["total"].get("inclTax", total["total"].get("exclTax", 0))
    names = (each["tariffId"] for each in reversed(wire.get("chargingPeriods", ())) if "tariffId" in each)
    failed = wire.get("failureToCalculate") is True
    reason = plain(wire.get("failureReason", "")) or "no reason was given"
    return StationCost(float(amount), plain(total["currency"]), wire, plain(next(names, "")), reason if failed else "")


def _limit(wire: Json) -> TransactionLimit:
    """TransactionLimitType (2.1): energies in Wh, times in seconds."""
    energy, time = wire.get("maxEnergy"), wire.get("maxTime")
    return TransactionLimit(
        None if energy is None else _number(energy), None if time is None else _number(time), wire.get("maxCost"),
        wire.get("maxSoC"),
    )  # fmt: skip


def _place(evse: Json, problems: Problems) -> tuple[int, int]:
    """The EVSE and its connector; 0 where none that can be is named."""
    evse_id, connector_id = evse["id"], evse.get("connectorId", 0)
    if not 0 < evse_id <= HIGHEST_EVSE or not 0 <= connector_id <= HIGHEST_EVSE:
        problems.append("a transaction on no EVSE that can be")
        return 0, 0
    return evse_id, connector_id


def _number(value: Any) -> int:
    return int(value) if abs(value) <= _LARGEST else 0
