"""A station's charging profiles in rows and lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, tzinfo

from console.model.schedule.checks import Finding, Level
from console.model.schedule.draft import Draft, Every, in_words, to_draft
from console.model.schedule.installed import Installed, Source
from console.model.schedule.obeyed import Disobeyed
from console.model.schedule.outlook import Window
from console.model.schedule.profile import ChargingProfile, Purpose, Unit
from console.model.schedule.reported import Difference
from console.screens.frame import words
from widgets.columns import Column
from widgets.row_line import Cell, Part

COLUMNS = (
    Column("id", "ID", 5, "right"),
    Column("where", "FOR", 9),
    Column("purpose", "PURPOSE", 12),
    Column("stack", "STACK", 5, "right"),
    Column("limits", "LIMITS", 20, flex=True),
    Column("known", "KNOWN", 14),
)

#: What a person calls the purposes.
PURPOSE_WORDS = {
    Purpose.TX_DEFAULT: "default",
    Purpose.TX: "transaction",
    Purpose.STATION_MAX: "station max",
    Purpose.EXTERNAL_CONSTRAINTS: "from outside",
    Purpose.PRIORITY_CHARGING: "priority",
    Purpose.LOCAL_GENERATION: "local power",
}
EVERY_WORDS = {
    Every.DAY: "every day",
    Every.WEEK: "every week",
    Every.START: "from the start of charging",
    Every.ONCE: "once",
    Every.NOW: "from now on, updated in place",
}


def cells(held: Installed, zone: tzinfo | None) -> dict[str, Cell]:
    """The cells of one profile."""
    profile = held.profile
    known = "reported" if held.source is Source.REPORTED else "set from here"
    return {
        "id": str(profile.profile_id),
        "where": f"conn {profile.evse_id}" if profile.evse_id else "station",
        "purpose": PURPOSE_WORDS[profile.purpose],
        "stack": str(profile.stack_level),
        "limits": limits(profile, zone),
        "known": (held.limit_source or known, "muted"),
    }


def limits(profile: ChargingProfile, zone: tzinfo | None) -> str:
    """A profile's limits in one line."""
    draft = to_draft(profile, zone)
    steps = [f"{when} {limit}" for when, limit in in_words(draft)]
    return f"{draft.every}: {', '.join(steps[:5])}{', …' if len(steps) > 5 else ''}"


def place(evse_id: int) -> str:
    """Where a schedule counts."""
    return f"connector {evse_id}" if evse_id else "the station and all its connectors"


def about(draft: Draft, evse_id: int, zone: tzinfo | None, reading: str = "") -> list[Part]:
    """What the draft is, beside its steps; ``reading`` is what is unusual about how schedules are read."""
    validity = words.join(
        f"from {words.moment(draft.valid_from, zone, None)}" if draft.valid_from else "",
        f"until {words.moment(draft.valid_to, zone, None)}" if draft.valid_to else "",
    )
    profile_id = f"profile {draft.profile_id}" if draft.profile_id else "new profile"
    return [
        (f" {profile_id}  ", "strong"),
        (f"read with {reading}  " if reading else "", "warn"),
        (
            words.join(
                EVERY_WORDS[draft.every],
                PURPOSE_WORDS[draft.purpose],
                place(evse_id),
                f"stack level {draft.stack_level}",
                validity and f"valid {validity}",
            ),
            "",
        ),
    ]


def findings_line(found: Sequence[Finding], problem: str) -> list[Part]:
    """The gravest thing to know, and how many more there are."""
    if problem:
        return [(f" ! {problem}", "bad")]
    if not found:
        return [(" nothing speaks against it", "muted")]
    first = found[0]
    more = f"  (and {len(found) - 1} more, shown before sending)" if len(found) > 1 else ""
    return [(f" ! {first.text}{more}", "warn" if first.level is Level.WARNING else "bad")]


def disobeyed_line(found: Disobeyed, window: Window, zone: tzinfo | None) -> list[Part]:
    """Accepted is not obeyed."""
    at = words.time_of_day(window.start + timedelta(seconds=found.at_s), zone)
    text = f" ! NOT OBEYED: {found.power_w / 1000:.1f} kW measured at {at}, {found.limit_w / 1000:.1f} kW allowed"
    return [(text, "bad")]


def reported_line(found: Sequence[Difference], window: Window, zone: tzinfo | None) -> list[Part]:
    """What the station says against what was computed, and how much more there is to say of it."""
    first, *rest = difference_lines(found, window, zone)
    more = f"  (and {len(rest)} more)" if rest else ""
    if any(each.disagrees for each in found):
        return [(f" ! {first}{more}", "warn")]
    return [(f" {first}{more}", "ok")]


def difference_lines(found: Sequence[Difference], window: Window, zone: tzinfo | None) -> list[str]:
    """What the station says against what was computed: in one line first, then where else they differ."""

    def when(each: Difference) -> str:
        if (each.start_s, each.end_s) == (0, window.duration_s):
            return "throughout"
        began, ends = (window.start + timedelta(seconds=second) for second in (each.start_s, each.end_s))
        return f"{words.time_of_day(began, zone)[:5]}-{words.time_of_day(ends, zone)[:5]}"

    def much(limit: float | None) -> str:
        return "no limit" if limit is None else f"{limit / (1000 if window.unit is Unit.W else 1):g}"

    unit = "kW" if window.unit is Unit.W else "A"
    wrong = [
        f"{when(each)}: computed {much(each.computed)}, station {much(each.reported)} {unit}"
        for each in found
        if each.disagrees
    ]
    own = [
        f"{when(each)}: no limit here, its own maximum is {much(each.reported)} {unit}"
        for each in found
        if not each.disagrees
    ]
    if wrong:
        return [f"the station says otherwise: {wrong[0]}", *wrong[1:], *own]
    return ["the station says the same as was computed", *own]
