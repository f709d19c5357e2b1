"""The first line of every screen: where one is, how the site does, and whether what is shown is still true. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from console.backends.base import Playback, Position
from console.screens.frame import paint, words
from console.screens.frame.session import Session
from widgets.row_line import Part


def header(session: Session, trail: Sequence[str], width: int) -> list[Part]:
    """The line, in exactly the width there is."""
    left: list[Part] = [(f" {session.site.name or session.backend.name}", "strong")]
    if session.backend.production:
        left.append(("  PRODUCTION", "bad"))
    for step in trail:
        left += [(" > ", "muted"), (step, "strong")]
    if session.backend.read_only:
        left.append(("  read-only", "muted"))
    room = width - paint.length(left) - 3
    right = _state(session, room)
    parts = paint.two_ends(left, [*right, (" ", "")], width)
    # On a profile's own colour the colours of the words would not be readable.
    return (
        [(text, "strong" if style not in ("", "muted") else "") for text, style in parts] if session.colour else parts
    )


def _state(session: Session, room: int) -> list[Part]:
    link = session.link
    if not link.connected:
        since = f", as of {words.time_of_day(link.stale_since, session.zone)}" if link.stale_since else ""
        return paint.cut_parts([("NOT CONNECTED", "bad"), (f" {link.text}{since}", "")], max(20, room))
    if isinstance(session.backend, Playback):
        return _position(session.backend.position(), session)
    return _totals(session, room)


def _position(position: Position, session: Session) -> list[Part]:
    ended = position.done >= position.total
    state = "playing" if position.playing else "at its end" if ended else "paused: space plays"
    at = words.time_of_day(position.at, session.zone) + "  " if position.at else ""
    return [
        (f"{at}{position.done} of {position.total} frames  {position.speed:g}x ", ""),
        (state, "busy" if position.playing else "strong"),
    ]


def _totals(session: Session, room: int) -> list[Part]:
    """The figures, the most important last so that they stay at the edge; what has no room is left out."""
    total = session.overview.total
    offered: list[tuple[int, Part]] = [
        (5, (words.count(total.stations, "station"), "")),
        (3, (f"{total.online} online", "")),
        (2, (f"{total.charging} charging", "busy" if total.charging else "")),
        (0, (words.count(total.faults, "fault"), "bad" if total.faults else "")),
        (1, (words.power(total.power_w), "strong")),
    ]
    if total.pending:
        offered.insert(0, (4, (f"{total.pending} new", "warn")))
    while offered and sum(len(text) + 2 for _, (text, _) in offered) - 2 > room:
        offered.remove(max(offered, key=lambda each: each[0]))
    parts: list[Part] = []
    for number, (_, part) in enumerate(offered):
        parts += [("  " if number else "", ""), part]
    return parts
