"""The OCPP versions that are spoken here. A new one is added in this table, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from console.csms.dialects.base import Dialect
from console.csms.dialects.ocpp2 import Ocpp2
from console.csms.dialects.ocpp16 import Ocpp16

_DIALECTS: dict[str, Callable[[], Dialect]] = {
    "1.6": Ocpp16,
    "2.0.1": partial(Ocpp2, "2.0.1"),
    "2.1": partial(Ocpp2, "2.1"),
}


@cache
def dialect(version: str) -> Dialect:
    """The dialect of an OCPP version. Raises KeyError for one that is not spoken here."""
    return _DIALECTS[version]()


def versions() -> tuple[str, ...]:
    """The OCPP versions spoken here."""
    return tuple(_DIALECTS)
