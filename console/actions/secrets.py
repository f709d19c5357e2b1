"""Requests without their secrets: for what is kept in files, and for what is shown. Pure."""

from __future__ import annotations

import re
from typing import Any

from console.model.secret_names import is_secret_key

#: What stands in a secret's place where a request is shown.
HIDDEN = "(hidden)"
_LOGIN_IN_URL = re.compile(r"(?<=://)[^/@\s\"\\]+@")


def without_secrets(payload: Any, instead: str | None = None) -> Any:
    """The payload with ``instead`` in the place of each secret, or with the secrets left out (None)."""
    if isinstance(payload, list):
        return [without_secrets(member, instead) for member in payload]
    if isinstance(payload, str):
        return _LOGIN_IN_URL.sub("" if instead is None else f"{instead}@", payload) if "://" in payload else payload
    if not isinstance(payload, dict):
        return payload
    hidden = _secret_members(payload)
    left = {name: member for name, member in payload.items() if name not in hidden or instead is not None}
    return {name: instead if name in hidden else without_secrets(member, instead) for name, member in left.items()}


def _secret_members(payload: dict[str, Any]) -> set[str]:
    """The members of an object that are secrets themselves."""
    found = {name for name, member in payload.items() if is_secret_key(name) and isinstance(member, str)}
    found |= {"simPin"} & payload.keys()
    if _is_secret(payload.get("key")):  # 1.6 ChangeConfiguration
        found |= {"value"} & payload.keys()
    variable = payload.get("variable")
    if isinstance(variable, dict) and _is_secret(variable.get("name")):  # 2.x SetVariables
        found |= {"attributeValue"} & payload.keys()
    if "server" in payload and "user" in payload:  # 2.x VPN
        found |= {"key"} & payload.keys()
    if payload.get("type") == "KeyCode":  # 2.x, a PIN typed at the station
        found |= {"idToken"} & payload.keys()
    return found


def _is_secret(name: Any) -> bool:
    return isinstance(name, str) and is_secret_key(name)
