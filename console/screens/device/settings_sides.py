"""With what a station's settings are compared: one of its snapshots, another's, or another station."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import App

from console.model.station import Setting
from console.screens.frame import words
from console.screens.frame.session import Session
from widgets.dialog import PromptDialog
from widgets.form import Field

_MOST_STATIONS = 200


class Side(NamedTuple):
    """What is compared with: what to call it, and its settings."""

    name: str
    settings: Sequence[Setting]


async def ask_for_side(app: App[object], session: Session, station_id: str) -> Side | None:
    """Let the operator choose. None: left undone, or there is nothing to compare with, which is said."""
    snapshots = await session.backend.snapshots()
    snapshots = sorted(snapshots, key=lambda each: each.station_id != station_id)  # its own first, newest first
    names = {
        f"{each.station_id} {words.moment(each.at, session.zone)} {each.name}".strip(): each.snapshot_id
        for each in snapshots
    }
    others = _others(session, station_id)
    choices = (*names, *others)
    if not choices:
        session.say("compare: there is nothing to compare with", "warn", "Press s to put the settings by as they are.")
        return None
    told = "left and right, or the first letter; snapshots first, then stations as they are known"
    field = Field("side", "with", choices[0], told, choices, required=True)
    values = await app.push_screen_wait(PromptDialog(f"{station_id}: compare with", [field]))
    if values is None:
        session.say("compare: left undone")
        return None
    chosen = values["side"]
    if chosen not in names:
        return _known(session, chosen, await session.backend.settings(chosen))
    snapshot = await session.backend.snapshot(names[chosen])
    return _known(session, chosen, snapshot.settings if snapshot else ())


def _others(session: Session, station_id: str) -> list[str]:
    """The other stations, those first that are most alike: of the same make, then of the same OCPP version."""
    stations = session.site.stations
    own = stations.get(station_id)

    def unlike(other_id: str) -> tuple[bool, bool, str]:
        other = stations[other_id]
        same_make = own is not None and (own.vendor, own.model) == (other.vendor, other.model)
        same_version = own is not None and own.ocpp_version[:1] == other.ocpp_version[:1]
        return not same_version, not same_make, other_id

    return sorted((each for each in stations if each != station_id), key=unlike)[:_MOST_STATIONS]


def _known(session: Session, name: str, settings: Sequence[Setting]) -> Side | None:
    if settings:
        return Side(name, settings)
    session.say(f"compare: nothing is known of the settings of {name}", "warn", "Open it and read them first.")
    return None
