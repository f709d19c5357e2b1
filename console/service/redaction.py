"""A command as text for the audit, its secrets taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from console.csms.redact import HIDDEN, redact_payload
from console.model.command import Command

#: The token type whose identifier is a secret: a PIN typed at the station (2.0.1 C04.FR.04).
_SECRET_TYPE = "KeyCode"
_ID_NAMES = frozenset({"id_token", "idToken", "idTag"})


def detail(command: Command, is_key_code: Callable[[str], bool]) -> str:
    """The command as JSON without secrets. ``is_key_code`` tells whether an identifier is a PIN."""
    fields = redact_payload(msgspec.to_builtins(command))
    return msgspec.json.encode(_without_pins(fields, is_key_code)).decode()


def _without_pins(value: Any, is_key_code: Callable[[str], bool]) -> Any:
    if isinstance(value, list):
        return [_without_pins(one, is_key_code) for one in value]
    if not isinstance(value, dict):
        return value
    typed = _SECRET_TYPE in (value.get("token_type"), value.get("type"))
    return {
        name: HIDDEN
        if name in _ID_NAMES and isinstance(one, str) and (typed or is_key_code(one))
        else _without_pins(one, is_key_code)
        for name, one in value.items()
    }
