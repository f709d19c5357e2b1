"""Why a request was too much for a station, by what it says that it takes at once."""

from __future__ import annotations

from typing import Any

from console.csms.explain.facts import Facts
from console.csms.explain.words import Words

Payload = dict[str, Any]

#: By action: where the list stands, what it holds, and the settings that say how many a message may hold.
_LISTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "GetConfiguration": ("key", "keys", ("GetConfigurationMaxKeys",)),
    "GetVariables": ("getVariableData", "settings", ("DeviceDataCtrlr/ItemsPerMessage#GetVariables",)),
    "SetVariables": ("setVariableData", "settings", ("DeviceDataCtrlr/ItemsPerMessage#SetVariables",)),
    "GetReport": ("componentVariable", "settings", ("DeviceDataCtrlr/ItemsPerMessage#GetReport",)),
    "SetVariableMonitoring": (
        "setMonitoringData",
        "monitors",
        ("MonitoringCtrlr/ItemsPerMessage#SetVariableMonitoring",),
    ),
    "ClearVariableMonitoring": ("id", "monitors", ("MonitoringCtrlr/ItemsPerMessage#ClearVariableMonitoring",)),
    "SendLocalList": (
        "localAuthorizationList",
        "tags",
        ("SendLocalListMaxLength", "LocalAuthListCtrlr/ItemsPerMessage"),
    ),
}
_CHAIN = ("CertificateSignedMaxChainSize", "SecurityCtrlr/MaxCertificateChainSize")
_STORE = ("CertificateStoreMaxLength", "SecurityCtrlr/CertificateEntries")


def too_many(action: str, request: Payload, facts: Facts) -> Words | None:
    """More in one message than the station says that it takes: what a CALLERROR may be about."""
    if action not in _LISTS:
        return None
    field, noun, keys = _LISTS[action]
    held, most, asked = facts.setting(*keys), facts.number(*keys), request.get(field)
    if held is None or most is None or not isinstance(asked, list) or len(asked) <= most:
        return None
    return Words(f"{len(asked)} {noun} at once, {held.key} is {most}", f"Send at most {most} in a message.")


def chain(request: Payload, _status: str, facts: Facts) -> Words | None:
    """CertificateSigned: the whole chain may be too long."""
    most, text = facts.number(*_CHAIN), request.get("certificateChain")
    if most is None or not isinstance(text, str) or len(text) <= most:
        return None
    return Words(
        f"the chain has {len(text)} characters, it takes {most}", "Send it without its root, or a shorter one."
    )


def store(_request: Payload, _status: str, facts: Facts) -> Words | None:
    """InstallCertificate: the station says how many it has room for."""
    most = facts.number(*_STORE)
    return None if most is None else Words(f"it has room for {most} certificates", "Delete one that is needed no more.")
