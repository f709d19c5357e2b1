"""OCPP 2.x: what the readers of several actions share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.csms.dialects.times import read_time
from console.csms.key_codes import presented
from console.model.text import plain

Json = dict[str, Any]
Problems = list[str]

#: No station has EVSEs, and no EVSE connectors, beyond this number.
HIGHEST_EVSE = 255


def at(text: str, problems: Problems) -> datetime | None:
    """A time in UTC, None if it cannot be read; what is odd about it goes to the problems, once."""
    moment, problem = read_time(text)
    if problem and problem not in problems:
        problems.append(problem)
    return moment


def token(wire: Json) -> tuple[str, str]:
    """An IdTokenType: the identifier and its type. The type NoAuthorization has no identifier."""
    kind = plain(wire["type"])
    return "" if kind == "NoAuthorization" else presented(plain(wire["idToken"])), kind
