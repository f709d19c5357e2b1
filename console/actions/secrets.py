"""Requests without their secrets: for what is kept in files, and for what is shown. Pure."""

from __future__ import annotations

from typing import Any

from console.model.secret_names import LOGIN_IN_URL, secret_members

#: What stands in a secret's place where a request is shown.
HIDDEN = "(hidden)"


def without_secrets(payload: Any, instead: str | None = None) -> Any:
    """The payload with ``instead`` in the place of each secret, or with the secrets left out (None)."""
    if isinstance(payload, list):
        return [without_secrets(member, instead) for member in payload]
    if isinstance(payload, str):
        return LOGIN_IN_URL.sub("" if instead is None else f"{instead}@", payload) if "://" in payload else payload
    if not isinstance(payload, dict):
        return payload
    hidden = _secret_members(payload)
    left = {name: member for name, member in payload.items() if name not in hidden or instead is not None}
    return {name: instead if name in hidden else without_secrets(member, instead) for name, member in left.items()}


def _secret_members(payload: dict[str, Any]) -> set[str]:
    """The members of an object that are secrets, a PIN that is typed at the station among them."""
    pin = {"idToken"} & payload.keys() if payload.get("type") == "KeyCode" else set()
    return secret_members(payload) | pin
