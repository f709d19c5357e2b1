"""The certificates of a station: its own, and the roots it trusts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography import x509

from console.simulator.credentials import SigningRequest, hash_data, is_for, read_chain, signing_request

_MOST_ROOTS = 10


class CertificateStore:
    """What is installed on one station, in no OCPP version's own terms."""

    def __init__(self, serial_number: str) -> None:
        self._serial_number = serial_number
        self.roots: list[tuple[str, x509.Certificate]] = []
        self.own: dict[str, list[x509.Certificate]] = {}
        """The station's own chains by use, the leaf first."""
        self._asked: dict[str, SigningRequest] = {}

    def ask(self, use: str, organization: str) -> str:
        """Make a new key for a use; the request to sign it, as PEM."""
        request = self._asked[use] = signing_request(self._serial_number, organization)
        return request.pem

    def forget_request(self, use: str) -> None:
        """Nobody will sign that key."""
        self._asked.pop(use, None)

    def take(self, use: str, pem: str) -> bool:
        """Take over a chain if it is for the key that was asked for; says whether it was."""
        chain, asked = _read(pem), self._asked.get(use)
        if asked is None or not chain or not is_for(chain[0], asked):
            return False
        del self._asked[use]
        self.own[use] = chain
        return True

    def install(self, kind: str, pem: str) -> str:
        """Trust a root; answers the request's status."""
        chain = _read(pem)
        if not chain:
            return "Rejected"
        if len(self.roots) >= _MOST_ROOTS:
            return "Failed"
        if (kind, chain[0]) not in self.roots:
            self.roots.append((kind, chain[0]))
        return "Accepted"

    def hashes(self, kinds: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
        """Kind and certificateHashData of the roots of those kinds, of all if there are none."""
        return [(kind, hash_data(one, one)) for kind, one in self.roots if not kinds or kind in kinds]

    def delete(self, wanted: Mapping[str, Any], algorithm: str) -> str:
        """Trust a root no longer; answers the request's status. `wanted` is its certificateHashData."""
        texts = {str(value).lower() for value in wanted.values()}
        kept = [
            (kind, one)
            for kind, one in self.roots
            if not {value.lower() for value in hash_data(one, one, algorithm).values()} <= texts
        ]
        if len(kept) == len(self.roots):
            return "NotFound"
        self.roots = kept
        return "Accepted"


def _read(pem: str) -> list[x509.Certificate]:
    try:
        return read_chain(pem)
    except ValueError:
        return []
