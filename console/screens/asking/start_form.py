"""What a remote start needs to know: where, on whose account, and by which schedule. Pure."""

from __future__ import annotations

from console.errors import ConsoleError
from console.model import command as c
from console.model.schedule.checks import Level, start_findings
from console.model.schedule.draft import for_start, goes_with_start
from console.model.schedule.outlook import surroundings
from console.model.schedule.profile import ChargingProfile
from console.model.site import Site
from console.model.station import ConnectorStatus
from console.model.token import TokenStatus, token_key
from console.screens.asking.form import Context, Param, Values
from widgets.form import Field

#: A start without a schedule of its own.
NO_SCHEDULE = "none"
_TAKEN = (ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE, ConnectorStatus.CHARGING)


def start_params(context: Context) -> list[Param]:
    """The connector where there is a choice, the tag, and a template as the transaction's schedule."""
    station = context.site.stations[context.target.station_id]
    free = _free(context)
    ready = [each.evse_id for each in station.connectors if each.status is ConnectorStatus.PREPARING]
    asked = [Param(tag_field(context)), Param(_schedule_field(context))]
    if context.target.evse_id or len(free) <= 1:
        return asked
    choices = tuple(str(evse_id) for evse_id in free)
    value = next((str(evse_id) for evse_id in ready if evse_id in free), choices[0])
    return [Param(Field("evse_id", "connector", value, choices=choices, required=True)), *asked]


def start(context: Context, values: Values) -> c.Command:
    """The command. Raises ConsoleError for a schedule that cannot go with it."""
    tag = find_tag(context.site, values["id_token"])
    # With one free EVSE it is that one; 0 leaves the choice to the station.
    evse_id = context.target.evse_id or int(values.get("evse_id") or next(iter(_free(context)), 0))
    name = values.get("schedule", NO_SCHEDULE)
    if name == NO_SCHEDULE:
        return c.StartTransaction(context.target.station_id, evse_id, tag)
    return c.StartTransaction(context.target.station_id, evse_id, tag, profile=_profile(context, name, evse_id))


def _free(context: Context) -> dict[int, None]:
    """The EVSEs that could start, in order."""
    station = context.site.stations[context.target.station_id]
    busy = {each.evse_id for each in context.site.running(station.station_id)}
    return {each.evse_id: None for each in station.connectors if each.status not in _TAKEN and each.evse_id not in busy}


def tag_field(context: Context) -> Field:
    """The question for a tag; the only good one there is stands there already."""
    good = [each for each in context.site.tokens.values() if each.status_at(context.now) is TokenStatus.ACCEPTED]
    good.sort(key=lambda each: each.last_seen_at or each.created_at or context.now, reverse=True)
    names = ", ".join(f"{each.id_token} ({each.label})" if each.label else each.id_token for each in good[:4])
    value = good[0].id_token if len(good) == 1 else ""
    return Field("id_token", "tag", value, help=f"Known: {names}" if names else "The tag to charge with", required=True)


def find_tag(site: Site, text: str) -> str:
    """The tag meant: one of that id, else the only one whose label begins so, else the text itself."""
    known = site.tokens.get(token_key(text))
    if known is not None:
        return known.id_token
    start = text.strip().casefold()
    labelled = [each.id_token for each in site.tokens.values() if start and each.label.casefold().startswith(start)]
    return labelled[0] if len(labelled) == 1 else text.strip()


def _schedule_field(context: Context) -> Field:
    """None, or a template; one that the station cannot take is refused in the dialog."""
    names = [name for name, draft in context.templates().items() if goes_with_start(draft)]
    told = "A template that limits this transaction only; left and right choose"

    def error(name: str) -> str | None:
        if name == NO_SCHEDULE:
            return None
        try:
            _profile(context, name, context.target.evse_id or 0)
        except ConsoleError as wrong:
            return f"cannot go with it: {wrong.message}"
        return None

    return Field("schedule", "schedule", NO_SCHEDULE, told, (NO_SCHEDULE, *names), validate=error)


def _profile(context: Context, name: str, evse_id: int) -> ChargingProfile:
    """A template as the schedule of the transaction that begins. Raises ConsoleError where it cannot be."""
    draft = context.templates().get(name)
    if draft is None:
        raise ConsoleError(f"there is no template {name}", "Choose another.")
    profile = for_start(draft, evse_id, context.now, context.zone)
    station_id = context.target.station_id
    settings = context.settings.get(station_id, {}).values()
    found = start_findings(profile, surroundings(context.site, station_id, settings, context.now))
    blocked = next((each for each in found if each.level is not Level.WARNING), None)
    if blocked is not None:
        raise ConsoleError(blocked.text, blocked.hint)
    return profile
