"""OCPP 2.x: limits from outside, what EVs want, what is shown to drivers, reservations, payments, batteries."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, at
from console.csms.said.told import Question, ReportPart, ReservationUpdate, Telling, Told
from console.model.record import RecordKind, Severity
from console.model.schedule.composite import CompositePeriod
from console.model.schedule.profile import Unit
from console.model.schedule.reported import ReportedComposite

_PERIODS = "chargingSchedulePeriod"


def charging_limit(wire: Json, _problems: Problems) -> Telling:
    """NotifyChargingLimit (K12, K13): somebody else than we limits a station; it stands until it is released."""
    limit: Json = wire["chargingLimit"]
    source, evse_id = limit["chargingLimitSource"], _evse_id(wire)
    schedules = wire.get("chargingSchedule") or ()
    amount = "; ".join(_limits(schedule) for schedule in schedules) or "how much was not told"
    grid = ", the grid is in trouble" if limit.get("isGridCritical") else ""
    summary = f"{source}{_at_evse(evse_id)}: {amount}{grid}"
    severity = Severity.WARNING if limit.get("isGridCritical") else Severity.INFO
    key = f"{source} {evse_id}"
    return Telling((Told(RecordKind.CHARGING_LIMIT, key, summary, wire, None, evse_id, severity, standing=True),))


def cleared_limit(wire: Json, _problems: Problems) -> Telling:
    """ClearedChargingLimit (K13): released at an EVSE, or without one everywhere."""
    source, evse_id = wire["chargingLimitSource"], _evse_id(wire)
    summary = f"{source}{_at_evse(evse_id)}: released"
    ends = None if evse_id else f"{source} "
    return Telling((Told(RecordKind.CHARGING_LIMIT, f"{source} {evse_id}", summary, wire, evse_id=evse_id, ends=ends),))


def _limits(schedule: Json) -> str:
    """A schedule in one line: its lowest and highest limit."""
    periods: list[Json] = schedule["chargingSchedulePeriod"]
    found = [period["limit"] for period in periods if "limit" in period]
    if not found:
        return f"{len(periods)} periods"
    low, high = f"{min(found):g}", f"{max(found):g}"
    return f"{low if low == high else f'{low} to {high}'} {schedule['chargingRateUnit']}"


def charging_needs(wire: Json, problems: Problems) -> Question:
    """NotifyEVChargingNeeds (K15, K18): what an EV asks for over ISO 15118."""
    needs: Json = wire["chargingNeeds"]
    ac: Json = needs.get("acChargingParameters", {})
    dc: Json = needs.get("dcChargingParameters", {})
    v2x: Json = needs.get("v2xChargingParameters", {})
    energy = ac.get("energyAmount", dc.get("energyAmount", v2x.get("evTargetEnergyRequest")))
    current = dc.get("evMaxCurrent", ac.get("evMaxCurrent"))
    leaves = at(needs["departureTime"], problems) if "departureTime" in needs else None
    words = (
        needs["requestedEnergyTransfer"],
        f"{energy / 1000:g} kWh" if energy is not None else "",
        f"up to {current:g} A" if current is not None else "",
        f"battery at {dc['stateOfCharge']} %" if "stateOfCharge" in dc else "",
        f"leaves {leaves:%Y-%m-%d %H:%M} UTC" if leaves else "",
    )
    evse_id = _evse_id(wire)
    summary = f"{_at_evse(evse_id).strip()}: {', '.join(word for word in words if word)}"
    told = Told(RecordKind.CHARGING_NEEDS, str(evse_id), summary, wire, evse_id=evse_id)
    transfer = str(needs["requestedEnergyTransfer"])
    return Question("NotifyEVChargingNeeds", told, transfer, gives_back="BPT" in transfer)


def ev_schedule(wire: Json, problems: Problems) -> Question:
    """NotifyEVChargingSchedule (K17): what an EV has planned."""
    evse_id = _evse_id(wire)
    schedule: Json = wire["chargingSchedule"]
    periods = len(schedule[_PERIODS])
    summary = f"{_at_evse(evse_id).strip()}: the EV plans {_limits(schedule)} in {periods} period(s)"
    begins = at(wire["timeBase"], problems)
    told = Told(RecordKind.EV_SCHEDULE, str(evse_id), summary, wire, begins, evse_id)
    planned = tuple(CompositePeriod(each["startPeriod"], each.get("limit")) for each in schedule[_PERIODS])
    length_s = schedule.get("duration") or planned[-1].start_s + 1
    plan = ReportedComposite(evse_id, begins, length_s, Unit(schedule["chargingRateUnit"]), planned)
    return Question("NotifyEVChargingSchedule", told, plan=plan)


def display_messages(wire: Json, _problems: Problems) -> ReportPart:
    """NotifyDisplayMessages (O03, O04)."""
    return ReportPart(RecordKind.DISPLAY_MESSAGES, wire["requestId"], None, wire.get("tbc", False), wire)


def customer_information(wire: Json, _problems: Problems) -> ReportPart:
    """NotifyCustomerInformation (N09, N10): personal data, kept because an operator asked for them."""
    more = wire.get("tbc", False)
    return ReportPart(RecordKind.CUSTOMER_INFORMATION, wire["requestId"], wire["seqNo"], more, wire)


def reservation_status(wire: Json, _problems: Problems) -> ReservationUpdate:
    """ReservationStatusUpdate (H02, H04)."""
    number, status = wire["reservationId"], wire["reservationUpdateStatus"]
    told = Told(RecordKind.RESERVATION, str(number), f"reservation {number}: {status.lower()}", wire)
    return ReservationUpdate(number, told)


def settlement(wire: Json, problems: Problems) -> Telling:
    """NotifySettlement (2.1 C25): a payment terminal at the station has settled, or could not."""
    status, paid = wire["status"], f"{wire['settlementAmount']:g}"
    about = f" for transaction {wire['transactionId']}" if wire.get("transactionId") else ""
    summary = f"{status}: {paid}{about} {wire.get('statusInfo', '')}".rstrip()
    severity = Severity.WARNING if status in ("Rejected", "Failed") else Severity.INFO
    when = at(wire["settlementTime"], problems)
    return Telling((Told(RecordKind.SETTLEMENT, wire["pspRef"], summary, wire, when, severity=severity),))


def vat_number(wire: Json, _problems: Problems) -> Question:
    """VatNumberValidation (2.1 C23)."""
    told = Told(RecordKind.VAT_NUMBER, wire["vatNumber"], f"asks whether {wire['vatNumber']} is valid", wire)
    return Question("VatNumberValidation", told)


def battery_swap(wire: Json, _problems: Problems) -> Telling:
    """BatterySwap (2.1 S02, S03)."""
    told: list[Told] = []
    number, event = wire["requestId"], wire["eventType"]
    for battery in wire["batteryData"]:
        words = _BATTERY_EVENTS[event]
        summary = (
            f"{words} at slot {battery['evseId']}: {battery['serialNumber']}, "
            f"charge {battery['soC']:g} %, health {battery['soH']:g} %"
        )
        severity = Severity.WARNING if event == "BatteryOutTimeout" else Severity.INFO
        key = f"{number} {event} {battery['serialNumber']}"
        said = {**wire, "batteryData": battery}
        told.append(Told(RecordKind.BATTERY_SWAP, key, summary, said, None, _evse_id(battery), severity))
    return Telling(tuple(told))


_BATTERY_EVENTS = {
    "BatteryIn": "battery put in",
    "BatteryOut": "battery taken out",
    "BatteryOutTimeout": "nobody took the battery",
}


def der_alarm(wire: Json, problems: Problems) -> Telling:
    """NotifyDERAlarm (2.1 R03): a grid event, until it ends."""
    over = wire.get("alarmEnded", False)
    words = (wire["controlType"], wire.get("gridEventFault", ""), wire.get("extraInfo", ""), "(over)" if over else "")
    key = f"{wire['controlType']} {wire.get('gridEventFault', '')}".strip()
    severity = Severity.INFO if over else Severity.WARNING
    when = at(wire["timestamp"], problems)
    summary = " ".join(word for word in words if word)
    return Telling((Told(RecordKind.DER_ALARM, key, summary, wire, when, severity=severity, standing=not over),))


def der_start_stop(wire: Json, problems: Problems) -> Telling:
    """NotifyDERStartStop (2.1 R02)."""
    control, on = wire["controlId"], wire["started"]
    instead = f", instead of {', '.join(wire['supersededIds'])}" if wire.get("supersededIds") else ""
    summary = f"control {control} {'is active' if on else 'has ended'}{instead}"
    when = at(wire["timestamp"], problems)
    return Telling((Told(RecordKind.DER_CONTROL, f"control {control}", summary, wire, when, standing=on),))


def der_controls(wire: Json, _problems: Problems) -> ReportPart:
    """ReportDERControl (2.1 R04)."""
    return ReportPart(RecordKind.DER_CONTROL, wire["requestId"], None, wire.get("tbc", False), wire)


def _evse_id(wire: Json) -> int:
    number: Any = wire.get("evseId", 0)
    return number if isinstance(number, int) and 0 <= number <= HIGHEST_EVSE else 0


def _at_evse(evse_id: int) -> str:
    return f" EVSE {evse_id}" if evse_id else ""
