"""A station's settings as the rows of a tree: components to fold, variables, their attributes and monitors. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, tzinfo

from console.model.device import ACTUAL, ATTRIBUTES, Monitor, SettingKey, read_key
from console.model.setting_words import limits, matches, note, value
from console.model.station import Setting
from console.screens.frame import words
from widgets.columns import Column
from widgets.row_line import Cell, CellStyle

COLUMNS = (
    Column("key", "SETTING", 36),
    Column("value", "VALUE", 14, flex=True),
    Column("note", "", 14),
    Column("limits", "LIMITS", 22, min_total_width=100),
    Column("monitors", "MONITORS", 10, "right", min_total_width=100),
)
COMPARED = (
    Column("key", "SETTING", 30),
    Column("value", "HERE", 14, flex=True),
    Column("other", "THERE", 16),
    Column("note", "", 12),
)
#: More settings than these begin folded: their components fit a screen, they themselves do not.
MOST_UNFOLDED = 60
#: Begin the row keys of components and of monitors; no setting's key begins so.
COMPONENT, MONITOR = "\ncomponent:", "\nmonitor:"


def place_of(key: str) -> str:
    """The component that a setting belongs to, "" for the flat keys of 1.6."""
    parsed = read_key(key)
    return parsed.place if parsed else ""


def rows(
    settings: Mapping[str, Setting],
    monitors: Sequence[Monitor],
    unfolded: Set[str] | None,
    wanted: tuple[str, ...] = (),
) -> list[str]:
    """The row keys, in order. ``unfolded`` are the components that are open (None: all); a filter opens all."""
    found = [each for each in settings.values() if matches(each, wanted)] if wanted else list(settings.values())
    watched: dict[str, list[Monitor]] = {}
    for monitor in monitors:
        watched.setdefault(monitor.key.casefold(), []).append(monitor)
    shown: list[str] = []
    last = ""
    for setting in sorted(found, key=lambda each: _order(each.key)):
        place = place_of(setting.key)
        if place != last:
            shown.append(COMPONENT + place)
            last = place
        if not place or wanted or unfolded is None or place in unfolded:
            shown.append(setting.key)
            shown += [f"{MONITOR}{each.monitor_id}" for each in watched.get(setting.key.casefold(), ())]
    return shown


def _order(key: str) -> tuple[object, ...]:
    parsed = read_key(key)
    if parsed is None:
        return ("", 0, 0, key.casefold())
    evse = (parsed.evse_id is not None, parsed.evse_id or 0, parsed.connector_id or 0)
    component = (parsed.component.casefold(), parsed.component_instance.casefold())
    variable = (parsed.variable.casefold(), parsed.variable_instance.casefold())
    return (component[0], *evse, component[1], *variable, ATTRIBUTES.index(parsed.attribute))


def component_cells(place: str, settings: Iterable[Setting], opened: bool) -> dict[str, Cell]:
    """The cells of a component: what of it stands out, so that one sees whether to open it."""
    held = [each for each in settings if place_of(each.key) == place]
    reboot = any(each.reboot_required for each in held)
    return {
        "key": (f"{'-' if opened else '+'} {place}", "strong"),
        "value": (_told_of(held) or words.count(len(held), "setting"), "muted"),
        "note": ("needs a reboot", "warn") if reboot else "",
    }


def _told_of(settings: Sequence[Setting]) -> str:
    """A component's own state, where it tells one."""
    names = {"Problem", "Enabled", "Active", "AvailabilityState"}
    told = []
    for each in settings:
        parsed = read_key(each.key)
        if parsed and parsed.name in names and each.value not in (None, ""):
            told.append(f"{parsed.name}={each.value}")
    return "  ".join(told[:3])


def setting_cells(setting: Setting, monitors: int = 0) -> dict[str, Cell]:
    """The cells of one setting."""
    told = note(setting)
    style: CellStyle = "warn" if setting.reboot_required else "muted"
    plain: CellStyle = "" if setting.writable else "muted"
    known = setting.value is not None and not setting.secret and not setting.unknown
    return {
        "key": (_name(setting.key), plain),
        "value": (value(setting), "" if known else "muted"),
        "note": (told, style),
        "limits": (limits(setting), "muted"),
        "monitors": (str(monitors) if monitors else "", "busy"),
    }


def _name(key: str) -> str:
    """A setting under its component: attributes but the actual value are set in further."""
    parsed = read_key(key)
    if parsed is None:
        return key
    return f"  {parsed.name}" if parsed.attribute == ACTUAL else f"    :{parsed.attribute} of {_variable(parsed)}"


def _variable(parsed: SettingKey) -> str:
    return parsed.name.partition(":")[0]


def monitor_cells(monitor: Monitor) -> dict[str, Cell]:
    """The cells of a monitor, under its variable."""
    when = " while charging" if monitor.transaction else ""
    return {
        "key": (f"    monitor {monitor.monitor_id}", "busy"),
        "value": (f"{monitor.kind} {monitor.value:g}{when}", ""),
        "note": (f"severity {monitor.severity}", "muted"),
    }


def compared_cells(key: str, here: Setting | None, there: Setting | None, done: str) -> dict[str, Cell]:
    """The cells of one difference; ``done`` is what came of writing it."""
    fixed = "" if here is None or here.writable else "read only"
    return {
        "key": key,
        "value": value(here) if here else ("has none", "muted"),
        "other": value(there) if there else ("has none", "muted"),
        "note": (done or fixed, "" if done else "muted"),
    }


def details(setting: Setting, zone: tzinfo | None, now: datetime) -> list[str]:
    """What has no room in the row: the whole value, type, limits, how it is kept, when it was read."""
    kind = setting.data_type + (f" in {setting.unit}" if setting.unit else "")
    kept = words.join("persistent" if setting.persistent else "", "monitorable" if setting.monitorable else "")
    read = f"read {words.moment(setting.read_at, zone, now)}" if setting.read_at else ""
    facts = words.join(kind, limits(setting), note(setting), kept, read)
    return [f"{setting.key} = {value(setting)}", facts]


def age(settings: Iterable[Setting], now: datetime, zone: tzinfo | None) -> str:
    """When the settings were read."""
    read = [each.read_at for each in settings if each.read_at]
    return f"read {words.moment(max(read), zone, now)}" if read else "never read"
