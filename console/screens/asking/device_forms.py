"""What the commands about settings and monitors need to know. Pure."""

from __future__ import annotations

from collections.abc import Callable

from console.model import command as c
from console.model import device_command as d
from console.model.setting_words import limits, wrong_value
from console.model.station import Setting
from console.screens.asking.form import Context, Form, Param, Values, text
from widgets.form import Field

#: MonitorEnumType; the last two are of 2.1.
KINDS = ("UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned", "TargetDelta",
         "TargetDeltaRelative")  # fmt: skip
BASES = ("All", "FactoryDefault", "HardWiredOnly")
SEVERITIES = ("0 danger", "1 hardware failure", "2 system failure", "3 critical", "4 error", "5 alert", "6 warning",
              "7 notice", "8 informational", "9 debug")  # fmt: skip


def setting_of(context: Context) -> Setting | None:
    """The setting under the cursor, as far as it is known."""
    held = context.settings.get(context.target.station_id, {})
    key = context.target.setting_key
    return held.get(key) or next((each for each in held.values() if each.key.casefold() == key.casefold()), None)


def _setting_params(context: Context) -> list[Param]:
    held = setting_of(context)
    if held is None:
        return [text("value", "value", help="Lists are separated by commas")]
    value = held.value or ""
    choices = _choices(held)
    if choices:
        known = next((each for each in choices if each.casefold() == value.casefold()), choices[0])
        return [Param(Field("value", "value", known, limits(held), choices))]
    kind = f"{held.data_type} {held.unit}".strip()
    told = ", ".join(part for part in (kind, limits(held)) if part) or "Lists are separated by commas"
    return [Param(Field("value", "value", value, told, password=held.secret, validate=_validate(held)))]


def _choices(setting: Setting) -> tuple[str, ...]:
    if setting.data_type == "OptionList":
        return setting.choices
    if setting.data_type == "boolean" or (not setting.data_type and (setting.value or "").lower() in ("true", "false")):
        return ("true", "false")
    return ()


def _validate(setting: Setting) -> Callable[[str], str | None]:
    return lambda written: wrong_value(setting, written)


def _monitor_params(_context: Context) -> list[Param]:
    return [
        Param(Field("kind", "kind", KINDS[0], "A threshold, a change by so much, or a period in seconds", KINDS)),
        Param(Field("value", "value", "", "In the variable's own unit; seconds for a period", required=True,
                    validate=_number)),
        Param(Field("severity", "severity", SEVERITIES[5], "How grave it is", SEVERITIES)),
        Param(Field("when", "when", "always", "While a transaction runs, or always", ("always", "while charging"))),
    ]  # fmt: skip


def _number(written: str) -> str | None:
    try:
        float(written)
    except ValueError:
        return "is no number"
    return None


def _monitor(context: Context, values: Values) -> c.Command:
    target = context.target
    return d.SetMonitor(
        target.station_id,
        target.setting_key,
        values["kind"],
        float(values["value"]),
        int(values["severity"][:1]),
        values["when"] != "always",
        target.monitor_id,
    )


def _level_params(_context: Context) -> list[Param]:
    return [Param(Field("severity", "up to", SEVERITIES[9], "Graver ones are told, lesser ones not", SEVERITIES))]


def _base_params(_context: Context) -> list[Param]:
    told = "All: the manufacturer's and yours; HardWiredOnly: those that cannot be taken away"
    return [Param(Field("base", "monitors", BASES[1], told, BASES))]


_STATION, _SETTING = ("station_id",), ("station_id", "setting_key")

DEVICE_FORMS: dict[str, Form] = {
    "settings.read": Form(lambda context, _values: c.ReadSettings(context.target.station_id), _STATION),
    "settings.change": Form(
        lambda context, values: c.ChangeSetting(context.target.station_id, context.target.setting_key, values["value"]),
        _SETTING,
        _setting_params,
        rest=True,
    ),
    "settings.undo": Form(lambda context, _values: d.UndoSettings(context.target.station_id), _STATION),
    "settings.snapshot": Form(
        lambda context, values: d.TakeSnapshot(context.target.station_id, values.get("name", "")),
        _STATION,
        lambda _context: [text("name", "name", help="A few words to know it by")],
        rest=True,
    ),
    "monitor.set": Form(_monitor, _SETTING, _monitor_params),
    "monitor.clear": Form(
        lambda context, _values: d.ClearMonitors(context.target.station_id, (context.target.monitor_id or 0,)), ()
    ),
    "monitor.read": Form(lambda context, _values: d.ReadMonitors(context.target.station_id), _STATION),
    "monitor.base": Form(
        lambda context, values: d.SetMonitoringBase(context.target.station_id, values["base"]), _STATION, _base_params
    ),
    "monitor.level": Form(
        lambda context, values: d.SetMonitoringLevel(context.target.station_id, int(values["severity"][:1])),
        _STATION,
        _level_params,
    ),
}
