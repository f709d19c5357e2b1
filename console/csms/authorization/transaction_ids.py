"""Transaction ids that are unique, positive, 31 bits long, and not to be guessed: a keyed shuffle of 1, 2, 3 …"""

from __future__ import annotations

import hashlib
import sys
from array import array

_HALF_BITS = 16
_HALF = (1 << _HALF_BITS) - 1
_HALF_BYTES = 2
_ROUNDS = 4
#: OCPP 1.6's transactionId is a signed 32-bit integer; 0 and below are not used (errata 3.54).
LARGEST_ID = (1 << 31) - 1


class TransactionIds:
    """Gives each ordinal its id, by a Feistel network over 32 bits walked until it lands within 31.

    A permutation cannot give two ordinals the same id, so that counting on from the highest ordinal in the store is all
    it takes to be unique for ever; without the secret (at least 16 bytes) nobody knows the next one. After 2^31 - 1
    transactions the ids begin anew.
    """

    def __init__(self, secret: bytes, next_ordinal: int = 1) -> None:
        if len(secret) < 16:
            raise ValueError("the secret for transaction ids must have at least 16 bytes")
        # Each round's function, looked up: two bytes for every half. 128 KiB each, made once.
        self._rounds = [_table(turn, secret) for turn in range(_ROUNDS)]
        self.next_ordinal = max(1, next_ordinal)

    def allocate(self) -> str:
        """Return the next id."""
        ordinal = self.next_ordinal
        self.next_ordinal += 1
        return str(self.id_of(ordinal))

    def id_of(self, ordinal: int) -> int:
        """The id of an ordinal (from 1)."""
        value = (ordinal - 1) % LARGEST_ID + 1
        while True:
            value = self._shuffle(value)
            if 0 < value <= LARGEST_ID:
                return value

    def _shuffle(self, value: int) -> int:
        left, right = value >> _HALF_BITS, value & _HALF
        for table in self._rounds:
            left, right = right, left ^ table[right]
        return left << _HALF_BITS | right


def _table(turn: int, secret: bytes) -> array[int]:
    table = array("H", hashlib.shake_256(bytes((turn,)) + secret).digest(_HALF_BYTES << _HALF_BITS))
    if sys.byteorder == "little":  # the same ids on every machine
        table.byteswap()
    return table
