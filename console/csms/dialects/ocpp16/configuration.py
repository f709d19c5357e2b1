"""OCPP 1.6: a station's configuration keys, as its answers tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.ports import Payload
from console.csms.redact import is_secret_key
from console.model.station import Setting
from console.model.text import plain

#: The key that holds the station's Basic auth password (security whitepaper 2.9).
AUTHORIZATION_KEY = "AuthorizationKey"
_TAKEN = ("Accepted", "RebootRequired")


def settings(station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
    """The settings in an answer to GetConfiguration (none, or an empty list, is no settings), or one just changed."""
    if asked.action == "GetConfiguration":
        found, unknown = answer.get("configurationKey"), answer.get("unknownKey")
        settings = [
            _setting(station_id, entry, at)
            for entry in (found if isinstance(found, list) else ())
            if isinstance(entry, dict) and isinstance(entry.get("key"), str)
        ]
        # Only of what was asked for: what a station makes up as unknown is no setting.
        asked_for = {str(key).casefold() for key in asked.payload.get("key") or ()}
        settings += [
            Setting(station_id, plain(key), unknown=True, read_at=at)
            for key in (unknown if isinstance(unknown, list) else ())
            if isinstance(key, str) and key.casefold() in asked_for
        ]
        return tuple(settings)
    if asked.action == "ChangeConfiguration" and answer.get("status") in _TAKEN:
        changed = _setting(station_id, asked.payload, at, reboot_required=answer["status"] == "RebootRequired")
        return (changed,)
    return ()


def _setting(station_id: str, entry: dict[str, Any], at: datetime, *, reboot_required: bool = False) -> Setting:
    secret = is_secret_key(entry["key"])
    value = entry.get("value")
    return Setting(
        station_id=station_id,
        key=plain(entry["key"]),
        value=None if secret or value is None else plain(str(value)),
        read_only=entry.get("readonly") is True,
        secret=secret,
        reboot_required=reboot_required,
        read_at=at,
    )


def most_keys(known: Mapping[str, Setting]) -> int:
    """How many keys one GetConfiguration may name (GetConfigurationMaxKeys), 0 for no limit."""
    held = known.get("getconfigurationmaxkeys")
    value = (held.value or "").strip() if held else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0


def is_password(key: str) -> bool:
    """Whether a key holds the Basic auth password. Keys are compared without case (1.6 §5.2)."""
    return key.casefold() == AUTHORIZATION_KEY.casefold()


def password_set(asked: Wire, answer: Payload) -> str:
    """The Basic auth password that a station has taken ("" if none)."""
    if asked.action != "ChangeConfiguration" or answer.get("status") not in _TAKEN:
        return ""
    return str(asked.payload["value"]) if is_password(asked.payload["key"]) else ""
