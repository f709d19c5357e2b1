"""What a station can do with charging profiles, from its settings as last read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from console.model.schedule.profile import Unit
from console.model.station import Setting


class Capabilities(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the station says it can; None where it has not said, and then nothing is taken for impossible.

    ``phases_3to1`` is whether it can go from three phases to one while charging, ``phase_switching`` whether it can
    choose which (2.x).
    """

    enabled: bool | None = None
    max_stack_level: int | None = None
    units: frozenset[Unit] | None = None
    max_periods: int | None = None
    max_installed: int | None = None
    phases_3to1: bool | None = None
    phase_switching: bool | None = None
    dynamic: bool | None = None
    purposes: frozenset[str] | None = None
    max_external_id: int | None = None

    @property
    def above(self) -> int:
        """What the ids of our profiles must be greater than (2.1 K01: others are for limits from outside)."""
        return self.max_external_id or 0


#: Where each is read: the key of 1.6, and the variable of 2.x's component SmartChargingCtrlr.
_KEYS: dict[str, tuple[str, str]] = {
    "enabled": ("", "Enabled"),
    "max_stack_level": ("ChargeProfileMaxStackLevel", "ProfileStackLevel"),
    "units": ("ChargingScheduleAllowedChargingRateUnit", "RateUnit"),
    "max_periods": ("ChargingScheduleMaxPeriods", "PeriodsPerSchedule"),
    "max_installed": ("MaxChargingProfilesInstalled", "Entries#ChargingProfiles"),
    "phases_3to1": ("ConnectorSwitch3to1PhaseSupported", "Phases3to1"),
    "phase_switching": ("", "ACPhaseSwitchingSupported"),
    "dynamic": ("", "SupportsDynamicProfiles"),
    "purposes": ("", "SupportedAdditionalPurposes"),
    "max_external_id": ("", "MaxExternalConstraintsId"),
}
_COMPONENT = re.compile(r"smartchargingctrlr(?:\[[^]]*\])?(?:@\S+|#\S+)?[/.](.+)")
_WORDS = {"current": Unit.A, "a": Unit.A, "power": Unit.W, "w": Unit.W}


def capabilities(settings: Iterable[Setting]) -> Capabilities:
    """Read what a station can from its settings: 1.6 keys, or 2.x variables written ``Component/Variable``."""
    held: dict[str, str] = {}
    for setting in settings:
        key = setting.key.casefold()
        inside = _COMPONENT.fullmatch(key)
        value = _most(setting) if inside and inside[1].startswith("entries#") else setting.value
        if value:
            held[f"/{inside[1]}" if inside else key] = value.strip()
    return Capabilities(
        enabled=_flag(_value(held, "enabled")),
        max_stack_level=_number(_value(held, "max_stack_level")),
        units=_units(_value(held, "units")),
        max_periods=_number(_value(held, "max_periods")),
        max_installed=_number(_value(held, "max_installed")),
        phases_3to1=_flag(_value(held, "phases_3to1")),
        phase_switching=_flag(_value(held, "phase_switching")),
        dynamic=_flag(_value(held, "dynamic")),
        purposes=_words(_value(held, "purposes")),
        max_external_id=_number(_value(held, "max_external_id")),
    )


def _most(setting: Setting) -> str:
    """How many entries there may be: its value is how many there are."""
    return "" if setting.max_limit is None else f"{setting.max_limit:g}"


def _value(held: Mapping[str, str], name: str) -> str | None:
    old, new = _KEYS[name]
    found = held.get(old.casefold()) if old else None
    if found is not None:
        return found
    wanted = f"/{new.casefold()}"
    # Behind the variable may stand which attribute it is; the actual value has none or says so.
    marked = (f"{wanted}:", f"{wanted}#")
    return next((value for key, value in held.items() if key == wanted or key.startswith(marked)), None)


def _number(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _flag(text: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.casefold()) if text else None


def _units(text: str | None) -> frozenset[Unit] | None:
    """Stations write Current,Power or A,W, whatever their version."""
    found = frozenset(_WORDS[word] for word in re.split(r"[\s,;]+", (text or "").casefold()) if word in _WORDS)
    return found or None


def _words(text: str | None) -> frozenset[str] | None:
    return frozenset(re.split(r"[\s,;]+", text)) if text else None
