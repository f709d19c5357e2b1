"""Which names hold secrets: configuration keys, and members of requests."""

from __future__ import annotations

import re

SECRET_KEY = re.compile(r"authorizationkey|password|passwd|passphrase|secret|apikey|privatekey", re.IGNORECASE)


def is_secret_key(name: str) -> bool:
    """Whether what stands under a name is a secret: AuthorizationKey, BasicAuthPassword, and vendors' passwords."""
    return SECRET_KEY.search(name.replace("_", "")) is not None
