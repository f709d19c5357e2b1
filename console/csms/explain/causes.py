"""Why a station said no, where its own state and settings tell: each function knows one kind of request.

They are guesses of an expert, not knowledge: the likeliest comes first. None where nothing speaks for a cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from console.csms.explain.facts import Facts
from console.csms.explain.words import Words
from console.model.station import Connector, ConnectorStatus
from console.model.text import plain
from console.model.token import TokenStatus
from console.model.transaction import Transaction

Payload = dict[str, Any]
Cause = Callable[[Payload, str, Facts], Words | None]

S = ConnectorStatus
_TRUE = "true"
_SWITCHED_OFF: dict[str, tuple[str, ...]] = {
    "smart charging": ("SmartChargingCtrlr/Enabled", "SmartChargingCtrlr/Available"),
    "reservations": ("ReservationCtrlr/Enabled", "ReservationCtrlr/Available"),
    "the list of tags": ("LocalAuthListCtrlr/Enabled", "LocalAuthListEnabled", "LocalAuthListCtrlr/Available"),
    "the cache": ("AuthCacheCtrlr/Enabled", "AuthorizationCacheEnabled", "AuthCacheCtrlr/Available"),
    "monitoring": ("MonitoringCtrlr/Enabled", "MonitoringCtrlr/Available"),
    "the display": ("DisplayMessageCtrlr/Enabled", "DisplayMessageCtrlr/Available"),
    "tariffs": ("TariffCostCtrlr/Enabled#Tariff", "TariffCostCtrlr/Available#Tariff"),
}
#: The feature profile of 1.6 that a station must support.
_FEATURES = {
    "smart charging": "SmartCharging",
    "reservations": "Reservation",
    "the list of tags": "LocalAuthListManagement",
}


def starting(request: Payload, _status: str, facts: Facts) -> Words | None:
    """RemoteStartTransaction, RequestStartTransaction."""
    evse_id = evse_of(request)
    return (
        _occupied(evse_id, facts) or _out_of_order(evse_id, facts) or _tag(request, facts) or _nameless(request, facts)
    )


def plugged_in(request: Payload, facts: Facts) -> bool:
    """Whether the connector that is to start has a cable in already."""
    connector = facts.station.connector(evse_of(request))
    return connector is not None and connector.status in (S.PREPARING, S.OCCUPIED)


def stopping(request: Payload, _status: str, facts: Facts) -> Words | None:
    """RemoteStopTransaction, RequestStopTransaction."""
    asked = str(request.get("transactionId", ""))
    if any(held.transaction_id == asked for held in facts.running):
        return None
    if facts.running:
        running = facts.running[0]
        where = f"{plain(running.transaction_id)[:36]} on {_where(running.evse_id)}"
        return Words("no such transaction runs there", f"What runs is {where}: stop that one.")
    return Words("nothing runs there", "It has ended already, or the station never told of it.")


def reserving(request: Payload, status: str, facts: Facts) -> Words | None:
    """ReserveNow."""
    evse_id = evse_of(request)
    if status in ("Faulted", "Unavailable"):
        return _out_of_order(evse_id, facts)
    if status == "Occupied":
        return _occupied(evse_id, facts)
    if not evse_id:
        held = facts.setting("ReserveConnectorZeroSupported", "ReservationCtrlr/NonEvseSpecific")
        if held is not None and (held.value or "").casefold() != _TRUE:
            return Words(f"{held.key} is {_shown(held.value)}", "Name a connector: this station reserves no other way.")
    return switched_off("reservations", facts)


def unlocking(request: Payload, status: str, facts: Facts) -> Words | None:
    """UnlockConnector."""
    evse_id = evse_of(request)
    running = _running_on(evse_id, facts)
    if status == "UnknownConnector" or facts.station.connector(evse_id) is None:
        return _connectors(facts)
    if running is not None:
        return Words(f"transaction {_id(running)} runs there", "Stop it first (t), then unlock.")
    return None


def availability(request: Payload, status: str, facts: Facts) -> Words | None:
    """ChangeAvailability."""
    evse_id = evse_of(request)
    if status == "Scheduled":
        return _until_it_ends(evse_id, facts)
    if evse_id and facts.station.connectors and not any(held.evse_id == evse_id for held in facts.station.connectors):
        return _connectors(facts)
    return None


def resetting(request: Payload, status: str, facts: Facts) -> Words | None:
    """Reset."""
    if status == "Scheduled":
        return _until_it_ends(0, facts)
    if facts.station.firmware_status in ("Downloading", "Installing"):
        return Words(f"a firmware update is under way ({facts.station.firmware_status})", "Wait until it has ended.")
    if facts.running:
        step = f"Stop it first (t), or reset {_kind(request)}."
        return Words(f"transaction {_id(facts.running[0])} runs", step)
    return None


def triggering(request: Payload, status: str, facts: Facts) -> Words | None:
    """TriggerMessage, ExtendedTriggerMessage."""
    named = "connectorId" in request or "evse" in request
    asked = request.get("requestedMessage")
    if status != "Rejected" or asked not in ("MeterValues", "StatusNotification", "TransactionEvent"):
        return None
    if asked == "TransactionEvent" and not facts.running:
        return Words("no transaction runs", "Such a message belongs to a running transaction.")
    if not named or request.get("connectorId") == 0:
        return Words("no connector was named", "Choose a connector first: some stations ask for one.")
    return None


def updating(_request: Payload, status: str, facts: Facts) -> Words | None:
    """UpdateFirmware, SignedUpdateFirmware."""
    if status != "Rejected":
        return None
    if facts.running:
        return Words(f"transaction {_id(facts.running[0])} runs", "Many install only while nobody charges: try then.")
    if facts.station.firmware_status in ("Downloading", "Downloaded", "Installing"):
        return Words(f"an update is under way ({facts.station.firmware_status})", "Wait until it has ended.")
    return None


def logging(_request: Payload, status: str, facts: Facts) -> Words | None:
    """GetLog."""
    if status == "Rejected" and facts.station.diagnostics_status == "Uploading":
        return Words("it is uploading one already", "Wait until that has ended.")
    return None


def sending_list(request: Payload, status: str, facts: Facts) -> Words | None:
    """SendLocalList."""
    if status == "VersionMismatch" and request.get("updateType") == "Full":
        return Words("even for a full list", "Send it with a higher version number.")
    entries = request.get("localAuthorizationList") or ()
    most = facts.number("SendLocalListMaxLength", "LocalAuthListCtrlr/ItemsPerMessage")
    if most is not None and len(entries) > most:
        return Words(f"{len(entries)} tags in one message, it takes {most}", "Send it in several parts.")
    room = facts.number("LocalAuthListMaxLength")
    if room is not None and len(entries) > room:
        return Words(f"{len(entries)} tags, it has room for {room}", "Send a shorter list.")
    return switched_off("the list of tags", facts)


def no_controls(request: Payload, status: str, _facts: Facts) -> Words | None:
    """GetDERControl: where any was asked for, there is none at all."""
    if status != "NotFound" or "controlId" in request:
        return None
    return Words("none of this kind is set there", "SetDERControl sets one.")


def switched_off(what: str, facts: Facts) -> Words | None:
    """Whether a whole function is off, or not there, by the station's own settings."""
    for key in _SWITCHED_OFF[what]:
        if facts.value(key).casefold() == "false":
            return Words(f"{key} is false", "Switch it on in the station's settings (k), if it can be.")
    held = facts.value("SupportedFeatureProfiles")
    if what in _FEATURES and held and _FEATURES[what] not in held:
        return Words(f"SupportedFeatureProfiles lacks {_FEATURES[what]}", f"This station cannot do it: {what}.")
    return None


def off(what: str) -> Cause:
    """The cause that a function is switched off."""
    return lambda _request, status, facts: switched_off(what, facts) if status in _NO_FUNCTION else None


def not_supported(action: str, facts: Facts) -> Words | None:
    """A CALLERROR that says "not supported": that function may only be switched off."""
    what = _FUNCTION_OF.get(action)
    return switched_off(what, facts) if what else None


#: What an action needs, where stations answer with an error when that is off.
_FUNCTION_OF = dict.fromkeys(("SetDefaultTariff", "GetTariffs", "ClearTariffs", "ChangeTransactionTariff"), "tariffs")

_NO_FUNCTION = frozenset({"Rejected", "NotSupported", "Failed"})


# --- one fact each ---


def evse_of(request: Payload) -> int:
    """The EVSE that a request is about, 0 for the station or any."""
    evse = request.get("evse")
    found = evse.get("id") if isinstance(evse, dict) else request.get("evseId", request.get("connectorId"))
    return found if isinstance(found, int) else 0


def token_of(request: Payload) -> str:
    """The tag that a request names, "" if none."""
    token = request.get("idToken", request.get("idTag"))
    found = token.get("idToken") if isinstance(token, dict) else token
    return found if isinstance(found, str) else ""


def _where(evse_id: int) -> str:
    return f"connector {evse_id}" if evse_id else "the station"


def _id(transaction: Transaction) -> str:
    return plain(transaction.transaction_id)[:36]


def _shown(value: str | None) -> str:
    return plain(value or "empty")[:40]


def _kind(request: Payload) -> str:
    return "hard" if request.get("type") == "Soft" else "at once (Immediate)"


def _running_on(evse_id: int, facts: Facts) -> Transaction | None:
    return next((held for held in facts.running if not evse_id or held.evse_id == evse_id), None)


def _connectors_of(evse_id: int, facts: Facts) -> Iterator[Connector]:
    return (held for held in facts.station.connectors if not evse_id or held.evse_id == evse_id)


def _until_it_ends(evse_id: int, facts: Facts) -> Words | None:
    running = _running_on(evse_id, facts)
    if running is None:
        return None
    return Words(f"transaction {_id(running)} runs on {_where(running.evse_id)}", "Stop it (t) to let it happen now.")


def _occupied(evse_id: int, facts: Facts) -> Words | None:
    """Another transaction runs, or a reservation holds it."""
    connectors = tuple(_connectors_of(evse_id, facts))
    running = [held for held in facts.running if not evse_id or held.evse_id == evse_id]
    if running and len(running) >= max(1, len(connectors)):
        return Words(f"transaction {_id(running[0])} runs on {_where(running[0].evse_id)}", "Stop it first (t).")
    if not connectors:
        return None
    worst = connectors[0]
    if all(held.status is S.RESERVED for held in connectors):
        return Words(
            f"{_where(worst.evse_id)} is reserved", "Use the tag it is reserved for, or cancel the reservation."
        )
    if all(held.status is S.FINISHING for held in connectors):
        return Words(f"{_where(worst.evse_id)} is finishing", "Let the driver unplug and plug in again.")
    if all(held.status in (S.CHARGING, S.SUSPENDED_EV, S.SUSPENDED_EVSE) for held in connectors):
        return Words(
            f"{_where(worst.evse_id)} charges already", "Its transaction is not known here: reset the station."
        )
    return None


def _out_of_order(evse_id: int, facts: Facts) -> Words | None:
    """A fault, or out of service: of the connector, or of the whole station."""
    station, connectors = facts.station, tuple(_connectors_of(evse_id, facts))
    if evse_id and station.connectors and not connectors:
        return _connectors(facts)
    if station.status is S.FAULTED:
        return _fault("the station", station.error_code)
    if connectors and all(held.status is S.FAULTED for held in connectors):
        return _fault(_where(connectors[0].evse_id), connectors[0].error_code)
    if station.status is S.UNAVAILABLE or (connectors and all(held.status is S.UNAVAILABLE for held in connectors)):
        where = "the station" if station.status is S.UNAVAILABLE else _where(connectors[0].evse_id)
        return Words(f"{where} is out of service", "Take it back into service (v).")
    return None


def _fault(where: str, error_code: str) -> Words:
    code = f" ({plain(error_code)[:40]})" if error_code else ""
    return Words(f"{where} has a fault{code}", "Clear the fault at the station, or reset it (R).")


def _connectors(facts: Facts) -> Words | None:
    numbers = sorted({held.evse_id for held in facts.station.connectors})
    if not numbers:
        return None
    told = ", ".join(map(str, numbers[:8])) + (" …" if len(numbers) > 8 else "")
    return Words("the station has no such connector", f"It has: {told}.")


def _tag(request: Payload, facts: Facts) -> Words | None:
    """The tag itself: refused here, or unknown where the station asks."""
    name = token_of(request)
    if not name:
        return None
    asks = facts.setting("AuthorizeRemoteTxRequests", "AuthCtrlr/AuthorizeRemoteStart")
    checks = asks is not None and (asks.value or "").casefold() == _TRUE
    because = f"{asks.key} is true, and " if asks is not None and checks else ""
    shown = plain(name)[:40]
    status = facts.token.status_at(facts.now) if facts.token is not None else None
    if status is TokenStatus.BLOCKED:
        return Words(f"{because}tag {shown} is blocked here", "Unblock it in Tags (3), or use another.")
    if status is TokenStatus.EXPIRED:
        return Words(f"{because}tag {shown} has expired here", "Change its expiry in Tags (3), or use another.")
    if checks and facts.token is None:
        step = "Add it in Tags (3), or use a tag that this station has accepted before."
        return Words(f"{because}nobody knows tag {shown}", step)
    return None


def _nameless(request: Payload, facts: Facts) -> Words | None:
    if "connectorId" in request or "evseId" in request or len(facts.station.connectors) < 1:
        return None
    return Words("no connector was named", "Choose a connector first: some stations ask for one.")
