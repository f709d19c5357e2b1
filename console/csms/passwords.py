"""Stations' Basic auth passwords (security profile 1): kept as salted slow hashes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

#: scrypt's cost: a few milliseconds, because the answer is waited for on the event loop.
_COST, _BLOCK, _PARALLEL = 2**10, 8, 1
_SALT_BYTES = 16
#: OCPP 1.6's AuthorizationKey is set as hexadecimal digits and sent as bytes, or as those digits.
_HEX_KEY = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}")
_MOST_VERDICTS = 20_000


def canonical(password: bytes) -> bytes:
    """The one form of a password's spellings: a key written as hexadecimal digits is the bytes that they stand for."""
    return bytes.fromhex(password.decode()) if _HEX_KEY.fullmatch(password) else password


def hash_password(password: str | bytes) -> str:
    """Make the hash of a password to be stored: its parameters, its salt, and scrypt's result."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _scrypt(canonical(password.encode() if isinstance(password, str) else password), salt, _COST)
    return f"scrypt${_COST}${salt.hex()}${digest.hex()}"


def _scrypt(password: bytes, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=cost, r=_BLOCK, p=_PARALLEL, dklen=32)


def _matches(password: bytes, stored: str) -> bool:
    _, cost, salt, digest = stored.split("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt), int(cost)), bytes.fromhex(digest))


class Passwords:
    """Verifies passwords, and remembers its last verdicts on each station, so that a storm costs no slow hashes.

    What is remembered is a keyed hash that is of no use outside this process.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._verdicts: dict[tuple[str, bool], tuple[str, bytes]] = {}

    def verify(self, station_id: str, password: bytes, stored: str) -> bool:
        """Whether this is the password of which ``stored`` is the hash."""
        password = canonical(password)
        quick = hmac.digest(self._key, password, "sha256")
        for verdict in (True, False):
            known, digest = self._verdicts.get((station_id, verdict), ("", b""))
            if known == stored and hmac.compare_digest(digest, quick):
                return verdict
        matches = _matches(password, stored)
        self._verdicts[station_id, matches] = (stored, quick)
        if len(self._verdicts) > _MOST_VERDICTS:
            del self._verdicts[next(iter(self._verdicts))]
        return matches

    def forget(self, station_id: str) -> None:
        """A station is no more."""
        for verdict in (True, False):
            self._verdicts.pop((station_id, verdict), None)


def to_authorization_key(password: str) -> str:
    """A password as 1.6's AuthorizationKey is set: hexadecimal digits (security whitepaper 2.9)."""
    return password if _HEX_KEY.fullmatch(password.encode()) else password.encode().hex()
