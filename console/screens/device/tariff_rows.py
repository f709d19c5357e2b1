"""A station's tariffs as rows, as lines to read, and what the station says that it can do with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from console.errors import ConsoleError
from console.model.record import StationRecord
from console.model.station import Setting
from console.model.station_tariff import read_tariff
from console.model.tariff_words import lines, summary_of
from console.model.text import plain
from console.screens.frame import words
from widgets.columns import Column
from widgets.row_line import Cell, Part

COLUMNS = (
    Column("name", "TARIFF", 18),
    Column("kind", "KIND", 7),
    Column("evses", "EVSE", 6),
    Column("since", "FROM", 11),
    Column("prices", "PRICES", 20, flex=True),
)
_CTRLR = "tariffcostctrlr/"
_OFF = ("available#tariff", "enabled#tariff")


def cells(record: StationRecord, zone: tzinfo | None, now: datetime) -> dict[str, Cell]:
    """The cells of one tariff."""
    said = record.details
    starts = _time(said.get("validFrom"))
    return {
        "name": (record.key, "strong"),
        "kind": _kind(said),
        "evses": _places(said),
        "since": (words.day_and_time(starts, zone, now) if starts else "", "warn" if starts and starts > now else ""),
        "prices": (summary_of(said.get("tariff")), ""),
    }


def _kind(said: Mapping[str, Any]) -> str:
    return plain(str(said.get("tariffKind", words.NOTHING))).removesuffix("Tariff").lower()


def _places(said: Mapping[str, Any]) -> str:
    evse_ids = said.get("evseIds")
    return ", ".join(map(str, evse_ids)) if isinstance(evse_ids, list) and evse_ids else "all"


def document(record: StationRecord, zone: tzinfo | None, now: datetime) -> list[list[Part]]:
    """All that is known of a tariff, in lines of a label and a text."""
    said = record.details
    told: list[tuple[str, str]] = [("tariff", words.join(record.key, _kind(said), f"EVSE {_places(said)}"))]
    starts = _time(said.get("validFrom"))
    if starts is not None:
        told.append(("from", words.moment(starts, zone, now) + (", not yet" if starts > now else "")))
    tags = said.get("idTokens")
    if isinstance(tags, list) and tags:
        told.append(("for tags", ", ".join(plain(str(each)) for each in tags[:8])))
    try:
        told += lines(read_tariff(said["tariff"]))
    except KeyError:
        told.append(("prices", "not known: a station tells which it has, not what they say"))
    except ConsoleError as error:
        told.append(("prices", error.message))
    return [[(f" {label:<14}", "muted"), (text, "")] for label, text in told]


def can_line(settings: Mapping[str, Setting]) -> list[Part]:
    """What the station says that it can do with tariffs; [] where that is not known."""
    off = lacks(settings)
    if off is not None:
        return [(f" {off}", "warn")]
    held = _of_tariffs(settings)
    most, conditions = held.get("maxelements#tariff", ""), held.get("conditionssupported#tariff", "")
    told = words.join(
        held.get("currency", ""),
        f"at most {most} prices of a kind" if most else "",
        "" if not conditions else "conditions are obeyed" if conditions.casefold() == "true" else "no conditions",
    )
    return [(f" {told}", "muted")] if told else []


def lacks(settings: Mapping[str, Setting]) -> str | None:
    """Why the station can do nothing with tariffs, by its own settings; None where nothing speaks against it."""
    held = _of_tariffs(settings)
    off = next((name for name in _OFF if held.get(name, "").casefold() == "false"), None)
    if off is not None:
        return f"TariffCostCtrlr/{off.partition('#')[0].capitalize()}#Tariff of the station is false"
    if not held and any(key.casefold().startswith("devicedatactrlr/") for key in settings):
        return "the station has no TariffCostCtrlr in its settings"
    return None


def _of_tariffs(settings: Mapping[str, Setting]) -> dict[str, str]:
    return {
        key.casefold().removeprefix(_CTRLR): (each.value or "").strip()
        for key, each in settings.items()
        if key.casefold().startswith(_CTRLR) and not each.unknown
    }


def _time(said: object) -> datetime | None:
    """A time as a station wrote it, if it can be read."""
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
