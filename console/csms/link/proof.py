"""What a station showed when it came in, as the listener tells the link."""

from __future__ import annotations

import msgspec


class Proof(msgspec.Struct, frozen=True):
    """What a station has shown: the security profile that this makes, and with what.

    ``certificate_name`` is the common name of its certificate (profile 3). ``new_password`` is what a station showed
    of which no password is known yet: it counts from the moment the operator lets the station in. ``problem`` is what
    was overlooked ("" if nothing).
    """

    security_profile: int
    certificate_name: str = ""
    new_password: bytes = b""
    problem: str = ""
