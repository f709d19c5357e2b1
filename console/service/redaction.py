"""A command as text for the audit, its secrets taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from console.model.command import Command

_HIDDEN = "***"
#: Parts of names under which stations and people keep secrets.
_SECRET_NAMES = ("authorizationkey", "password", "passphrase", "passwd", "secret", "psk", "privatekey", "pincode")
#: Where a name stands beside its value, and where identifiers stand.
_NAMES = ("key", "variable", "name")
_ID_NAMES = frozenset({"id_token", "idToken", "idTag"})
#: The token type whose identifier is a secret: a PIN typed at the station (2.0.1 C04.FR.04).
_SECRET_TYPE = "KeyCode"


def detail(command: Command, is_key_code: Callable[[str], bool] = lambda _id_token: False) -> str:
    """The command as JSON without secrets. ``is_key_code`` tells whether an identifier is a PIN."""
    fields: dict[str, Any] = msgspec.to_builtins(command)
    return msgspec.json.encode(_redacted(fields, is_key_code)).decode()


def _redacted(value: Any, is_key_code: Callable[[str], bool]) -> Any:
    if isinstance(value, list):
        return [_redacted(one, is_key_code) for one in value]
    if not isinstance(value, dict):
        return value
    # {"key": "AuthorizationKey", "value": …}: the name stands beside the value (1.6 ChangeConfiguration).
    named = {"value", "attributeValue"} if any(_is_secret(str(value.get(name, ""))) for name in _NAMES) else set()
    types = {value.get("type"), value.get("token_type"), value.get("tokenType")}
    return {
        name: _HIDDEN
        if name in named or _is_secret(name) or _is_pin(name, one, _SECRET_TYPE in types, is_key_code)
        else _redacted(one, is_key_code)
        for name, one in value.items()
    }


def _is_pin(name: str, value: Any, typed: bool, is_key_code: Callable[[str], bool]) -> bool:
    return name in _ID_NAMES and isinstance(value, str) and (typed or is_key_code(value))


def _is_secret(name: str) -> bool:
    word = name.casefold().replace("_", "").replace("-", "")
    return any(secret in word for secret in _SECRET_NAMES)
