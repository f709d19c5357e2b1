"""A setting in words: its value, its limits, what holds of it; and whether a filter means it. Pure."""

from __future__ import annotations

from console.model.station import Setting


def value(setting: Setting) -> str:
    """The value with its unit, or what stands for it."""
    if setting.unknown:
        return "(unknown to the station)"
    if setting.secret:
        return "(secret)"
    if setting.value is None:
        return "(write only)" if setting.write_only else "-"
    return f"{setting.value} {setting.unit}" if setting.unit and setting.value else setting.value


def note(setting: Setting) -> str:
    """What a person should know of a setting before touching it."""
    told = (
        ("unknown", setting.unknown),
        ("needs a reboot", setting.reboot_required),
        ("constant", setting.constant),
        ("read only", setting.read_only and not setting.constant),
        ("write only", setting.write_only or setting.secret),
    )
    return ", ".join(text for text, holds in told if holds)


def limits(setting: Setting) -> str:
    """What values it takes, as far as the station has told."""
    if setting.choices:
        return " | ".join(setting.choices)
    low, high = _number(setting.min_limit), _number(setting.max_limit)
    if setting.data_type in ("string", "SequenceList", "MemberList", "OptionList"):
        return f"up to {high} characters" if high else ""
    if low and high:
        return f"{low} to {high}"
    if high or low:
        return f"up to {high}" if high else f"from {low}"
    return "true | false" if setting.data_type == "boolean" else ""


def _number(limit: float | None) -> str:
    return "" if limit is None else f"{limit:.12g}"


def matches(setting: Setting, wanted: tuple[str, ...]) -> bool:
    """Whether every word of a filter (in lower case) stands in key, value or note."""
    haystack = f"{setting.key}\n{setting.value or ''}\n{note(setting)}\n{setting.unit}".casefold()
    return all(word in haystack for word in wanted)


def wrong_value(setting: Setting, text: str) -> str | None:
    """What is wrong with a value for this setting by its own limits, or None: the station has the last word."""
    if setting.choices and setting.data_type != "string":
        parts = [text] if setting.data_type == "OptionList" else [part.strip() for part in text.split(",")]
        unknown = [part for part in parts if part and part.casefold() not in map(str.casefold, setting.choices)]
        return f"is none of {', '.join(setting.choices)}" if unknown else None
    if setting.data_type == "boolean":
        return None if text.strip().casefold() in ("true", "false") else "is neither true nor false"
    if setting.data_type in ("integer", "decimal"):
        return _wrong_number(setting, text)
    most = setting.max_limit
    return f"is longer than {most:.0f} characters" if most and setting.data_type and len(text) > most else None


def _wrong_number(setting: Setting, text: str) -> str | None:
    try:
        number = float(int(text)) if setting.data_type == "integer" else float(text)
    except (ValueError, OverflowError):
        return "is no whole number" if setting.data_type == "integer" else "is no number"
    low, high = setting.min_limit, setting.max_limit
    if (low is not None and number < low) or (high is not None and number > high):
        return f"is not within {limits(setting)}"
    return None
