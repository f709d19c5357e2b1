"""Secrets are taken out of frames before these are stored or shown: station keys, and passwords in URLs."""

from __future__ import annotations

import json
import re
from typing import Any

from console.model.secret_names import LOGIN_IN_URL, SECRET_KEY, secret_members
from console.model.secret_names import is_secret_key as is_secret_key

#: What stands in a secret's place.
HIDDEN = "(hidden)"
_KEY_ACTIONS = frozenset(
    {
        "ChangeConfiguration",
        "DataTransfer",
        "GetConfiguration",
        "GetDiagnostics",
        "GetLog",
        "GetVariables",
        "NotifyEvent",
        "NotifyReport",
        "PublishFirmware",
        "PublishFirmwareStatusNotification",
        "SetNetworkProfile",
        "SetVariables",
        "SignedUpdateFirmware",
        "UpdateFirmware",
    }
)
#: The requests that hold tokens, of which only key codes are secret.
_TOKEN_ACTIONS = frozenset(
    {
        "Authorize",
        "BatterySwap",
        "CustomerInformation",
        "RequestBatterySwap",
        "RequestStartTransaction",
        "ReserveNow",
        "SendLocalList",
        "TransactionEvent",
    }
)
#: The requests whose frames, or whose answers', can hold a secret: all others are recorded as they are.
SECRET_ACTIONS = _KEY_ACTIONS | _TOKEN_ACTIONS

_KEY_CODE = "KeyCode"
#: A login in a URL as JSON may write it: slashes and the @ escaped, and whatever else up to the next slash.
_LOGIN_IN_JSON = re.compile(r'(:(?:\\?/|\\u002f){2})(?:[^/\s"\\]|\\(?!/|u002f).)+(?:@|\\u0040)', re.IGNORECASE)
_QUOTED = re.compile(r'(:\s*")(?:[^"\\]|\\.)*(")')


def redact(version: str, action: str, text: str, is_answer: bool) -> str:
    """Return a frame's text without its secrets (the recorder's ``Redact``).

    Frames that cannot be read lose every text in them if they name a secret at all.
    """
    if action in _TOKEN_ACTIONS and _KEY_CODE not in text:
        return text
    del version, is_answer  # secrets are found by their names, whoever sends them
    try:
        hidden, changed = _hide(json.loads(text, strict=False))
    except (ValueError, RecursionError):
        return _redact_broken(text)
    return json.dumps(hidden, ensure_ascii=False, separators=(",", ":")) if changed else text


def redact_payload(payload: Any) -> Any:
    """Return a payload without its secrets."""
    return _hide(payload)[0]


def _redact_broken(text: str) -> str:
    text = _LOGIN_IN_JSON.sub(rf"\1{HIDDEN}@", text)
    return _QUOTED.sub(rf"\1{HIDDEN}\2", text) if SECRET_KEY.search(text) else text


def _hide(value: Any) -> tuple[Any, bool]:
    """The value without secrets, and whether there were any."""
    if isinstance(value, dict):
        return _hide_in_object(value)
    if isinstance(value, list):
        pairs = [_hide(member) for member in value]
        return [pair[0] for pair in pairs], any(pair[1] for pair in pairs)
    if isinstance(value, str):
        return _hide_in_text(value)
    return value, False


def _hide_in_object(value: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    secrets, variable = secret_members(value), value.get("variable")
    named = isinstance(variable, dict) and isinstance(variable.get("name"), str) and is_secret_key(variable["name"])
    hidden: dict[str, Any] = {}
    changed = False
    for name, member in value.items():
        if name in secrets:
            hidden[name], once = HIDDEN, member != HIDDEN
        elif named and name == "variableAttribute" and isinstance(member, list):
            hidden[name], once = _hide([_without_value(each) for each in member])
            once = once or hidden[name] != member
        else:
            hidden[name], once = _hide(member)
        changed = changed or once
    return hidden, changed


def _without_value(attribute: Any) -> Any:
    """A VariableAttributeType of a secret."""
    if not isinstance(attribute, dict) or "value" not in attribute:
        return attribute
    return attribute | {"value": HIDDEN}


def _hide_in_text(text: str) -> tuple[str, bool]:
    """Logins in URLs; and texts that quote a whole request, as some stations' error descriptions do."""
    cleaned = LOGIN_IN_URL.sub(f"{HIDDEN}@", text) if "://" in text else text
    if "{" in cleaned and SECRET_KEY.search(cleaned):
        cleaned = HIDDEN
    return cleaned, cleaned != text
