"""Tokens of the type KeyCode are secrets (2.x C04): they are known here by a digest, never kept as they were typed."""

from __future__ import annotations

import hashlib
import hmac
import re

from console.model.token import token_key

KEY_CODE = "KeyCode"
_DIGEST = re.compile(r"PIN-[0-9a-f]{12}", re.IGNORECASE)


def known_as(secret: bytes, code: str) -> str:
    """What a key code is called here: a digest that needs the site's secret to be made."""
    digest = hmac.new(secret, token_key(code).encode("utf-8", "replace"), hashlib.sha256)
    return f"PIN-{digest.hexdigest()[:12]}"


def is_digest(id_token: str) -> bool:
    """Whether a token reads like the digest of a key code."""
    return _DIGEST.fullmatch(id_token.strip()) is not None


def presented(id_token: str) -> str:
    """A token as a station may present it: who has seen a digest does not know the code, and gets nothing for it."""
    return f"not {id_token}" if is_digest(id_token) else id_token
