"""Tags and unknown cards as rows of a table, and what an import would change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec.structs import replace

from console.model.site import Site
from console.model.token import Card, Token, TokenStatus
from console.screens.frame import words
from widgets.columns import Column
from widgets.row_line import Cell, CellStyle

COLUMNS = (
    Column("tag", "TAG", 16),
    Column("status", "STATUS", 9),
    Column("group", "GROUP", 9),
    Column("expires", "EXPIRES", 10),
    Column("seen", "SEEN", 4, "right"),
    Column("label", "LABEL", 16, flex=True),
    Column("type", "TYPE", 10, min_total_width=100),
    Column("added", "ADDED", 11, min_total_width=100),
)
SORTABLE = ("tag", "label", "status", "group", "expires", "seen")
LARGEST_FIRST = frozenset({"seen"})
CARD = "card:"
"""Begins the row keys of unknown cards; no tag begins so, for a tag's key has no place for what follows."""

_FAR = datetime.max.replace(tzinfo=UTC)
_STYLES: dict[TokenStatus, CellStyle] = {
    TokenStatus.ACCEPTED: "ok",
    TokenStatus.BLOCKED: "bad",
    TokenStatus.EXPIRED: "warn",
}


def cells(token: Token, now: datetime, zone: tzinfo | None) -> dict[str, Cell]:
    """The cells of a tag."""
    status = token.status_at(now)
    return {
        "tag": (token.id_token, "strong"),
        "status": (status.value.lower(), _STYLES.get(status, "")),
        "group": token.group_id,
        "expires": words.expiry(token.expires_at, zone)[:10],
        "seen": words.ago(token.last_seen_at, now),
        "label": token.label,
        "type": token.token_type,
        "added": words.day_and_time(token.created_at, zone, now) if token.created_at else "",
    }


def card_cells(card: Card, now: datetime) -> dict[str, Cell]:
    """The cells of a card that nobody knows."""
    where = f"{card.station_id} connector {card.evse_id}" if card.evse_id else card.station_id
    return {
        "tag": (card.id_token, "strong"),
        "status": ("unknown", "warn"),
        "seen": words.ago(card.seen_at, now),
        "label": (f"at {where}", "warn"),
    }


def sort_value(token: Token, column: str, now: datetime) -> Any:
    """What a tag is sorted by."""
    match column:
        case "label":
            return (not token.label, token.label.casefold())
        case "status":
            return token.status_at(now).value
        case "group":
            return (not token.group_id, token.group_id.casefold())
        case "expires":
            return token.expires_at or _FAR
        case "seen":
            return -(token.last_seen_at.timestamp() if token.last_seen_at else 0.0)
        case _:
            return token.key


def matches(token: Token, wanted: tuple[str, ...], now: datetime) -> bool:
    """Whether every word of a filter stands in a tag's id, group, label, type or status."""
    if not wanted:
        return True
    texts = (token.id_token, token.group_id, token.label, token.token_type, token.status_at(now).value)
    haystack = "\n".join(texts).casefold()
    return all(word in haystack for word in wanted)


def cards(site: Site) -> list[Card]:
    """The unknown cards of which none has become a tag, newest first."""
    found = [card for card in site.cards.values() if card.id_token.strip().casefold() not in site.tokens]
    return sorted(found, key=lambda card: card.seen_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Import:
    """What reading a file of tags would do."""

    new: Sequence[Token]
    changed: Sequence[Token]
    same: int

    @property
    def puts(self) -> list[Token]:
        """The tags to write."""
        return [*self.new, *self.changed]


def compare(tokens: Iterable[Token], site: Site, now: datetime) -> Import:
    """Sort the tags of a file into new, changed and same. What a file cannot know is kept."""
    new: list[Token] = []
    changed: list[Token] = []
    same = 0
    for token in tokens:
        held = site.tokens.get(token.key)
        if held is None:
            new.append(replace(token, created_at=now))
            continue
        merged = replace(token, id_token=held.id_token, created_at=held.created_at, last_seen_at=held.last_seen_at)
        if merged == held:
            same += 1
        else:
            changed.append(merged)
    return Import(new, changed, same)


def preview(plan: Import, site: Site, zone: tzinfo | None) -> list[str]:
    """The import in lines: what is added, and of what is changed the old and the new."""
    lines = [
        words.join(
            f"{len(plan.new)} new",
            f"{len(plan.changed)} changed",
            f"{plan.same} are as they were" if plan.same else "",
        )
        + "."
    ]
    lines += [f"+ {_told(token, zone)}" for token in plan.new]
    for token in plan.changed:
        lines.append(f"- {_told(site.tokens[token.key], zone)}")
        lines.append(f"+ {_told(token, zone)}")
    return lines


def _told(token: Token, zone: tzinfo | None) -> str:
    return words.join(
        token.id_token,
        token.label,
        f"group {token.group_id}" if token.group_id else "",
        f"expires {words.expiry(token.expires_at, zone)}" if token.expires_at else "",
        "BLOCKED" if token.blocked else "",
    )
