"""HTTP Basic authentication as charging stations do it (OCPP-J 1.6 section 6.2, security profile 1). Pure.

The key may be any bytes, so nothing here decodes the password as text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

# AuthorizationKey is 16 to 20 bytes, set as 32 to 40 hexadecimal digits (1.6 security whitepaper, 2.9).
_KEY_BYTES = range(16, 21)
_HEX_KEY = re.compile(rb"(?:[0-9A-Fa-f]{2}){16,20}")


class BadCredentialsError(Exception):
    """The header does not hold this station's credentials. The text is the cause, without the header's content."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure


def read_password(header: str, station_id: str, *, any_name: bool = False) -> tuple[bytes, str]:
    """Return the password of an Authorization header and what is odd about it, or raise BadCredentialsError.

    The user name must be the identity; both may contain colons, so the identity is taken off as a prefix. With
    ``any_name`` another one, or none, is taken as well: it ends at the first colon.
    """
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        raise BadCredentialsError(
            "the station signs in by another method than Basic", "Set the station to security profile 1."
        )
    encoded = encoded.strip()
    try:
        credentials = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCredentialsError(
            "the Authorization header is no Base64", "Enter the station's password again, at the station."
        ) from error
    prefix = station_id.encode() + b":"
    if credentials.startswith(prefix):
        return credentials[len(prefix) :], ""
    name, colon, password = credentials.partition(b":")
    if not any_name or not colon:
        # The name itself is not repeated: people enter the password there.
        raise BadCredentialsError(
            "the station signs in under another user name than its identity",
            f"Set the station's user name to {station_id}.",
        )
    return password, f"tolerated: it signs in {'under another user name' if name else 'without a user name'}"


def spellings(password: bytes) -> Iterator[bytes]:
    """Yield the password as sent, then as the same key written otherwise: digits for bytes, or bytes for digits."""
    yield password
    if _HEX_KEY.fullmatch(password):
        yield bytes.fromhex(password.decode())
    elif len(password) in _KEY_BYTES:
        yield password.hex().encode()
        yield password.hex().upper().encode()
