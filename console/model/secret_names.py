"""What in a request or an answer is a secret, told by the names that OCPP and vendors give it."""

from __future__ import annotations

import re
from typing import Any

SECRET_KEY = re.compile(r"authorizationkey|password|passwd|passphrase|secret|apikey|privatekey", re.IGNORECASE)
_KEY_CODE = "KeyCode"
LOGIN_IN_URL = re.compile(r"(?<=://)[^/\s\"\\]+@")  # to the last @: some passwords hold one


def is_secret_key(name: str) -> bool:
    """Whether what stands under a name is a secret: AuthorizationKey, BasicAuthPassword, and vendors' passwords."""
    return SECRET_KEY.search(name.replace("_", "")) is not None


def secret_members(payload: dict[str, Any]) -> set[str]:
    """The members of an object that are secrets, by their own names or by what stands beside them."""
    found = {name for name, member in payload.items() if isinstance(member, str) and is_secret_key(name)}
    found |= {"simPin"} & payload.keys()  # 2.x APN
    if payload.get("type") == _KEY_CODE or payload.get("token_type") == _KEY_CODE:  # 2.x C04
        found |= {"idToken", "id_token"} & payload.keys()
    if "server" in payload and "user" in payload:  # 2.x VPN
        found |= {"key"} & payload.keys()
    key, variable = payload.get("key"), payload.get("variable")
    if isinstance(variable, dict):  # 2.x names it in an object beside the value
        key = variable.get("name")
    if isinstance(key, str) and is_secret_key(key):
        found |= {"value", "attributeValue", "actualValue"} & payload.keys()
    return found
