"""What an answer of a station means to a person: done or not, why, and what to do next. Pure, for every version."""

from __future__ import annotations

from typing import Any

from console.csms.dialects import schemas
from console.csms.dialects.base import Judged, Wire
from console.csms.explain import causes, items, profile_causes, size_causes, tariff_causes
from console.csms.explain.charging import CHARGING
from console.csms.explain.device import DEVICE
from console.csms.explain.errors import ERRORS
from console.csms.explain.facts import Facts
from console.csms.explain.reasons import REASONS
from console.csms.explain.schedules import SCHEDULES
from console.csms.explain.security import SECURITY
from console.csms.explain.words import Table, Words
from console.model.outcome import Result
from console.model.text import plain

Payload = dict[str, Any]

#: Every status of every action, whatever version has it: where two versions have an action, they mean the same by it.
WORDS: Table = {**CHARGING, **SCHEDULES, **DEVICE, **SECURITY}
#: Statuses that mean "done, or will be"; every other word is a refusal.
YES = frozenset({"Accepted", "Scheduled", "Unlocked", "RebootRequired", "AcceptedCanceled", "Unpublished"})
#: A text and a step are cut to this: two lines, where they stand beside the time.
LONGEST = 124

_CAUSES: dict[str, causes.Cause] = {
    "RemoteStartTransaction": causes.starting,
    "RequestStartTransaction": causes.starting,
    "RemoteStopTransaction": causes.stopping,
    "RequestStopTransaction": causes.stopping,
    "ReserveNow": causes.reserving,
    "UnlockConnector": causes.unlocking,
    "ChangeAvailability": causes.availability,
    "Reset": causes.resetting,
    "TriggerMessage": causes.triggering,
    "ExtendedTriggerMessage": causes.triggering,
    "UpdateFirmware": causes.updating,
    "SignedUpdateFirmware": causes.updating,
    "GetLog": causes.logging,
    "SendLocalList": causes.sending_list,
    "ChangeConfiguration": items.changing,
    "CertificateSigned": size_causes.chain,
    "InstallCertificate": size_causes.store,
    "SetChargingProfile": profile_causes.profile,
    "GetCompositeSchedule": profile_causes.composite,
    "ClearChargingProfile": causes.off("smart charging"),
    "CancelReservation": causes.off("reservations"),
    "ClearCache": causes.off("the cache"),
    "SetVariableMonitoring": causes.off("monitoring"),
    "SetMonitoringBase": causes.off("monitoring"),
    "SetMonitoringLevel": causes.off("monitoring"),
    "GetMonitoringReport": causes.off("monitoring"),
    "SetDisplayMessage": causes.off("the display"),
    "SetDefaultTariff": tariff_causes.tariff,
    "ChangeTransactionTariff": tariff_causes.tariff,
    "GetTariffs": causes.off("tariffs"),
    "GetDERControl": causes.no_controls,
    "ClearTariffs": causes.off("tariffs"),
}
_STARTS = ("RemoteStartTransaction", "RequestStartTransaction")
_NOT_OF_OCPP = {
    "NotSupported": "The station does not support this.",
    "NotImplemented": "The station does not support this.",
}


def accepted(action: str, answer: Payload) -> bool:
    """Whether an answer means "done, or will be"."""
    listed = items.items(action, answer)
    if listed is not None:
        return all(item.status in YES for item in listed)
    status = answer.get("status")
    return not isinstance(status, str) or status in YES


def explain(version: str, asked: Wire, answer: Payload, facts: Facts) -> Judged:
    """Say what a station's answer to a request of ours means. Statuses that OCPP does not know are told as they are."""
    action = asked.action
    if action == "GetConfiguration":
        return _configuration(answer)
    listed = items.items(action, answer)
    if listed is not None:
        return _listed(asked, listed, facts)
    status = answer.get("status")
    if not isinstance(status, str):
        if "status" in _required(version, action):
            return Judged(Result.ERROR, f"the answer to {action} has no status", "Look at it in Messages (m).")
        return Judged(Result.ACCEPTED, f"{plain(action)} answered")
    result = Result.ACCEPTED if status in YES else Result.REJECTED
    words = WORDS.get(action, {}).get(status) or _unknown(action, status)
    if status == "Accepted" and action in _STARTS and causes.plugged_in(asked.payload, facts):
        words = Words("start accepted, the cable is in")
    if status == "Accepted" and action == "SetChargingProfile":
        words = Words(words.text, profile_causes.consequence(asked.payload, facts))
    if status == "Accepted" and action == "UsePriorityCharging":
        words = Words(f"priority charging is {'on' if asked.payload.get('activate') else 'off'}")
    because = _because(asked, status, answer, facts)
    return _judged(result, words, because)


def explain_error(asked: Wire, code: str, description: str, facts: Facts) -> Judged:
    """Say what a CALLERROR means; ``description`` is the station's own."""
    known = ERRORS.get(code)
    told = plain(code)[:60]
    text = f"the station answered {told}" + (f": {plain(description)[:200]}" if description.strip() else "")
    because = size_causes.too_many(asked.action, asked.payload, facts)
    if because is None and code in ("NotSupported", "NotImplemented"):
        because = causes.not_supported(asked.action, facts)
    if because is not None:
        return Judged(Result.ERROR, f"{text} ({because.text})", because.step)
    if known is None:
        return Judged(Result.ERROR, text, "OCPP knows no such code: the manual of the station may.")
    return Judged(Result.ERROR, text, cut(f"{_sentence(known.text)} {known.step}"))


def _because(asked: Wire, status: str, answer: Payload, facts: Facts) -> Words | None:
    """The reason that the station gives itself, else the one that is likely."""
    info = answer.get("statusInfo")
    if isinstance(info, dict) and isinstance(info.get("reasonCode"), str) and status not in YES:
        more = info.get("additionalInfo")
        return reason(info["reasonCode"], more if isinstance(more, str) else "")
    cause = _CAUSES.get(asked.action)
    if cause is None or (status in YES and status != "Scheduled"):
        return None
    return cause(asked.payload, status, facts)


def reason(code: str, more: str) -> Words:
    """A reason code in words; one that is no standard's is told as it came. ``more`` is the station's own addition."""
    added = f" ({plain(more)[:60]})" if more.strip() else ""
    known = REASONS.get(code)
    if known is None:
        return Words(f"{plain(code)[:40]}{added}", "This reason is the manufacturer's own: look in the manual.")
    return Words(known.text + added, known.step)


def _unknown(action: str, status: str) -> Words:
    return Words(f"{plain(action)} answered {plain(status)[:40]}", _NOT_OF_OCPP.get(status, ""))


def _judged(result: Result, words: Words, because: Words | None) -> Judged:
    if because is None:
        return Judged(result, cut(words.text), cut(words.step))
    return Judged(result, cut(f"{words.text}: {because.text}"), cut(because.step))


def _listed(asked: Wire, listed: list[items.Item], facts: Facts) -> Judged:
    """One line for all results: how many went well, and the first that did not."""
    bad = [item for item in listed if item.status not in YES]
    text = items.count(asked.action, listed, YES)
    if not bad:
        reboot = next((item for item in listed if item.status == "RebootRequired"), None)
        if reboot is None:
            return Judged(Result.ACCEPTED, text)
        return _judged(Result.ACCEPTED, WORDS[asked.action]["RebootRequired"], None)
    first = bad[0]
    words = WORDS[asked.action].get(first.status) or _unknown(asked.action, first.status)
    because = _item_cause(asked, first, facts)
    said = f"{first.name}: {because.text if because else words.text}"
    return Judged(Result.REJECTED, cut(said if len(listed) == 1 else f"{text}; {said}"), cut((because or words).step))


def _item_cause(asked: Wire, item: items.Item, facts: Facts) -> Words | None:
    if item.reason:
        return reason(item.reason, item.more)
    if asked.action == "SetVariables":
        data = asked.payload.get("setVariableData")
        for each in data if isinstance(data, list) else ():
            if isinstance(each, dict) and items.variable_name(each) == item.name:
                return items.setting_cause(item.name, str(each.get("attributeValue", "")), item.status, facts)
    cause = _CAUSES.get(asked.action)
    return cause(asked.payload, item.status, facts) if cause else None


def _configuration(answer: Payload) -> Judged:
    read, lacking = (_list(answer.get(field)) for field in ("configurationKey", "unknownKey"))
    unknown = [plain(str(key))[:50] for key in lacking]
    settings = "1 setting read" if len(read) == 1 else f"{len(read)} settings read"
    if not unknown:
        return Judged(Result.ACCEPTED, settings)
    text = f"{settings}, unknown: {', '.join(unknown[:5])}"
    return Judged(Result.ACCEPTED if read else Result.REJECTED, cut(text), "The station does not have these keys.")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _required(version: str, action: str) -> tuple[str, ...]:
    if action not in schemas.actions(version):
        return ()
    return tuple(schemas.schema(version, action, answer=True).get("required", ()))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def cut(text: str) -> str:
    """A text that has room in two lines."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
