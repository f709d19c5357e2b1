"""The form that says what a schedule is, beside its steps: fields from a draft, and a draft from values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

import msgspec

from console.errors import ConsoleError
from console.model.schedule.draft import Draft, Every
from console.model.schedule.prices import Wish
from console.model.schedule.profile import Purpose, Unit
from console.model.when import parse_when
from console.screens.frame import words
from console.screens.schedules.schedule_plan import with_every
from console.screens.schedules.schedule_rows import PURPOSE_WORDS
from widgets.form import Field

_PURPOSES = (Purpose.TX_DEFAULT, Purpose.TX, Purpose.STATION_MAX, Purpose.PRIORITY_CHARGING)
_BY_WORDS = {PURPOSE_WORDS[purpose]: purpose for purpose in _PURPOSES}
_WHEN_HELP = "2026-12-31 22:00, tomorrow 8:00 or +2h; empty: always"


def fields(draft: Draft, evse_id: int, zone: tzinfo | None) -> list[Field]:
    """What can be changed."""
    what = "default: every transaction; transaction: the running one; station max: all connectors together"
    return [
        Field("every", "counts", str(draft.every), _EVERY_HELP, tuple(map(str, Every)), required=True),
        Field("purpose", "is for", PURPOSE_WORDS[draft.purpose], what, tuple(_BY_WORDS), required=True),
        Field("stack", "stack level", str(draft.stack_level), "The higher one counts, even where it allows more"),
        Field("start", "on the day", _shown(draft.start, zone), "For absolute: 2026-12-24, or empty for today"),
        Field("valid_from", "valid from", _shown(draft.valid_from, zone), _WHEN_HELP),
        Field("valid_to", "valid until", _shown(draft.valid_to, zone), _WHEN_HELP),
        Field("profile_id", "profile id", str(draft.profile_id or ""), "Empty: chosen for you"),
    ]


_EVERY_HELP = "daily, weekly; relative: from the start of charging; absolute: one day; dynamic: OCPP 2.1"


def changed(draft: Draft, values: Mapping[str, str], now: datetime, zone: tzinfo | None) -> Draft:
    """The draft with what was filled in. Raises ConsoleError."""
    every, purpose = Every(values["every"]), _BY_WORDS[values["purpose"]]
    start = _read(values["start"], now, zone) if every is Every.ONCE else None
    return msgspec.structs.replace(
        with_every(draft, every),
        purpose=purpose,
        stack_level=_number(values["stack"], "stack level"),
        start=start,
        valid_from=_read(values["valid_from"], now, zone),
        valid_to=_read(values["valid_to"], now, zone),
        profile_id=_number(values["profile_id"] or "0", "profile id"),
        transaction_id=draft.transaction_id if purpose is Purpose.TX else "",
    )


def cheapest_fields() -> list[Field]:
    """What the cheapest hours shall do."""
    return [
        Field("hours", "hours", "4", "At least so many", required=True),
        Field("before", "done by", "07:00", "07:00, tomorrow 8:00 or +10h", required=True),
        Field("energy", "kWh", "0", "At least so much, over all of the time"),
        Field("limit", "limit then", "16", "In the unit of the plan: A, or kW", required=True),
        Field("otherwise", "otherwise", "0", "0: the car waits"),
    ]


def wish(values: Mapping[str, str], unit: Unit, voltage_v: float, now: datetime, zone: tzinfo | None) -> Wish:
    """What was filled in. Raises ConsoleError."""
    before = parse_when(values["before"], now, zone)
    if before is None:
        raise ConsoleError("Until when?", "Write 07:00.")
    scale = 1000 if unit is Unit.W else 1
    return Wish(
        before,
        _amount(values["hours"]),
        _amount(values["energy"]) * 1000,
        _amount(values["limit"]) * scale,
        _amount(values["otherwise"]) * scale,
        unit,
        voltage_v,
    )


def _amount(text: str) -> float:
    try:
        found = float(text.replace(",", ".") or 0)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e6:
        raise ConsoleError(f"{text!r} is no amount.", "Write a number, such as 4 or 11.5.")
    return found


def _read(text: str, now: datetime, zone: tzinfo | None) -> datetime | None:
    return parse_when(text, now, zone) if text.strip() else None


def _shown(at: datetime | None, zone: tzinfo | None) -> str:
    return words.moment(at, zone) if at else ""


def _number(text: str, what: str) -> int:
    if not text.strip().isdecimal():
        raise ConsoleError(f"{text!r} is no {what}.", "Write a whole number, 0 or more.")
    return int(text)
