"""What a station sent, made fit to be kept and shown: no secrets, no control characters, no numbers beyond JSON's."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from console.csms.redact import HIDDEN, redact_payload
from console.model.text import plain

#: A token of this type is a PIN typed at the station (2.0.1 C04.FR.04).
_SECRET_TYPE = "KeyCode"
_DEEPEST = 24
_LARGEST = 2**63 - 1
_encode = msgspec.json.Encoder().encode


def details(payload: dict[str, Any], most_bytes: int) -> dict[str, Any]:
    """The payload as it is kept: what is too large for ``most_bytes`` is left out, and its size said."""
    cleaned: dict[str, Any] = _clean(redact_payload(payload), 0)
    sizes = {name: len(_encode(member)) + len(name) for name, member in cleaned.items()}
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if sum(sizes.values()) <= most_bytes:
            break
        cleaned[name] = f"(left out: {sizes[name]} bytes)"
        sizes[name] = len(cleaned[name])
    return cleaned


def _clean(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return "(too deep)"
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        secret = value.get("type") == _SECRET_TYPE
        return {
            plain(name): HIDDEN if secret and name == "idToken" else _clean(member, depth + 1)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [_clean(member, depth + 1) for member in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _LARGEST else "(too large a number)"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
