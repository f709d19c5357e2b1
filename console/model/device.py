"""A station's device model: how its settings are named, what monitors stand on them, snapshots and writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote

import msgspec

from console.model.station import Setting

#: The attribute that a key without one means (2.0.1 AttributeEnumType).
ACTUAL = "Actual"
ATTRIBUTES = (ACTUAL, "Target", "MinSet", "MaxSet")
# What may stand in a name as it is; the rest of a key's own signs is written as %2F and the like.
_PLAIN = " !\"$&'()*+,;<=>?[\\]^`{|}~-_."


class SettingKey(msgspec.Struct, frozen=True):
    """What a 2.x setting is called: ``Component#instance@evse.connector/Variable#instance:Attribute``.

    ``EVSE@1/Power:MaxSet``, ``DeviceDataCtrlr/ItemsPerMessage#GetVariables``, ``OCPPCommCtrlr/HeartbeatInterval``.
    A 1.6 key has neither component nor attribute: it is its own name.
    """

    component: str
    variable: str
    component_instance: str = ""
    evse_id: int | None = None
    connector_id: int | None = None
    variable_instance: str = ""
    attribute: str = ACTUAL

    @property
    def place(self) -> str:
        """The component as it stands in a key: ``Connector@1.2``."""
        where = "" if self.evse_id is None else f"@{self.evse_id}"
        if self.evse_id is not None and self.connector_id is not None:
            where += f".{self.connector_id}"
        return _named(self.component, self.component_instance) + where

    @property
    def name(self) -> str:
        """The variable and its attribute as they stand in a key: ``Power:MaxSet``."""
        attribute = "" if self.attribute == ACTUAL else f":{self.attribute}"
        return _named(self.variable, self.variable_instance) + attribute

    @property
    def text(self) -> str:
        """The key in its one form."""
        return f"{self.place}/{self.name}"


def _named(name: str, instance: str) -> str:
    return quote(name, safe=_PLAIN, errors="replace") + (
        f"#{quote(instance, safe=_PLAIN, errors='replace')}" if instance else ""
    )


@lru_cache(maxsize=8192)
def read_key(text: str) -> SettingKey | None:
    """Read a 2.x key in its one form; None for what is none (a 1.6 key has no component)."""
    place, slash, name = text.partition("/")
    if not slash or not place or not name or "/" in name:
        return None
    variable, _, attribute = name.partition(":")
    known = {each.casefold(): each for each in ATTRIBUTES}
    if (attribute or ACTUAL).casefold() not in known:
        return None
    component, at, where = place.partition("@")
    evse, dot, connector = where.partition(".")
    if at and not (_is_number(evse) and (_is_number(connector) if dot else True)):
        return None
    component, _, component_instance = component.partition("#")
    variable, _, variable_instance = variable.partition("#")
    if not component or not variable:
        return None
    return SettingKey(
        unquote(component),
        unquote(variable),
        unquote(component_instance),
        int(evse) if at else None,
        int(connector) if dot else None,
        unquote(variable_instance),
        known[(attribute or ACTUAL).casefold()],
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def found(settings: Iterable[Setting], key: str) -> Setting | None:
    """The setting of this name; names are compared without case in every OCPP version."""
    wanted = key.strip().casefold()
    return next((each for each in settings if each.key.casefold() == wanted), None)


def spelled(known: Mapping[str, Setting], key: str) -> str:
    """A key as the station spells it. Where it names no component, the only variable of that name is meant.

    ``known`` is by key in lower case.
    """
    wanted = key.strip().casefold()
    held = known.get(wanted)
    if held is not None:
        return held.key
    parsed = [(read_key(each.key), each.key) for each in known.values()]
    alike = [text for one, text in parsed if one and one.name.casefold() == wanted]
    return alike[0] if len(alike) == 1 else key.strip()


def merged(known: Mapping[str, Setting], news: Iterable[Setting]) -> tuple[Setting, ...]:
    """News of settings with what is known of them besides: type, limits, and that a reboot is still awaited.

    ``known`` is by key in lower case. What an answer leaves out is not news.
    """
    return tuple(_merged(known.get(each.key.casefold()), each) for each in news)


def _merged(known: Setting | None, news: Setting) -> Setting:
    if known is None:
        return news
    changes: dict[str, object] = {"key": known.key}
    if not news.unknown:
        changes["reboot_required"] = news.reboot_required or known.reboot_required
        if not news.data_type and known.data_type:
            kept = ("data_type", "unit", "min_limit", "max_limit", "choices", "constant", "persistent")
            changes |= {name: getattr(known, name) for name in (*kept, "write_only", "monitorable")}
            changes["read_only"] = news.read_only or known.read_only
    return msgspec.structs.replace(news, **changes)


class Monitor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A monitor on a variable (2.x): when it fires, the station tells of it as an event.

    ``key`` is that of the variable. ``kind`` is MonitorEnumType, ``value`` the threshold, the delta, or seconds of a
    period; ``severity`` 0 (danger) to 9 (debug).
    """

    station_id: str
    monitor_id: int
    key: str
    kind: str
    value: float
    severity: int
    transaction: bool = False
    origin: str = ""


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A station's settings as they were known at one moment. Listed without its settings, ``count`` says how many."""

    snapshot_id: str
    station_id: str
    at: datetime
    name: str = ""
    count: int = 0
    settings: tuple[Setting, ...] = ()


class SettingWrite(msgspec.Struct, frozen=True, omit_defaults=True):
    """One setting that was changed. ``before`` is None where it was not known; a secret's values are never kept.

    ``undoes`` is the write that this one took back.
    """

    write_id: str
    station_id: str
    at: datetime
    key: str
    before: str | None = None
    after: str | None = None
    secret: bool = False
    undoes: str = ""
