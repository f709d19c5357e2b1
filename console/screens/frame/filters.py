"""What is typed after ``/`` on the lists that are asked of the store: ``CP-01 tag:04A2 since:2026-11-01``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from msgspec.structs import replace

from console.backends.base import MessageQuery, TransactionQuery
from console.errors import ConsoleError
from console.model.message import Message
from console.model.transaction import Transaction
from console.model.when import parse_when

TRANSACTION_HELP = "CP-01  tag:04A2  since:2026-11-01  until:mon  running"
MESSAGE_HELP = "CP-01  action:Heartbeat  problems"


def _pieces(text: str) -> Iterable[tuple[str, str]]:
    """Each word as (name, value); a word without a name has the name ""."""
    for word in text.split():
        name, colon, value = word.partition(":")
        yield (name.casefold(), value) if colon else ("", word)


def transaction_query(text: str, now: datetime, zone: tzinfo | None) -> TransactionQuery:
    """The query that a filter stands for. Raises ConsoleError for what cannot be read."""
    query = TransactionQuery()
    for name, value in _pieces(text):
        match name, value.casefold():
            case ("", "running"):
                query = replace(query, running=True)
            case ("", "ended" | "past"):
                query = replace(query, running=False)
            case ("" | "station", _):
                query = replace(query, station=value)
            case ("tag", _):
                query = replace(query, id_token=value)
            case ("since" | "from", _):
                query = replace(query, since=parse_when(_spaced(value), now, zone, past=True))
            case ("until" | "to", _):
                query = replace(query, until=parse_when(_spaced(value), now, zone, past=True, end_of_day=True))
            case _:
                raise ConsoleError(f"{name}: is unknown here", f"Write for example {TRANSACTION_HELP}")
    return query


def _spaced(value: str) -> str:
    """A day and a time of day, which have a space between them elsewhere, are written with ``T`` or ``_`` here."""
    return value.replace("_", " ")


def transaction_matches(one: Transaction, query: TransactionQuery) -> bool:
    """Whether a transaction that came in live belongs into a list."""
    started = one.started_at
    return (
        query.station.casefold() in one.station_id.casefold()
        and query.id_token.casefold() in one.id_token.casefold()
        and query.running in (None, one.running)
        and (query.since is None or (started is not None and started >= query.since))
        and (query.until is None or (started is not None and started < query.until))
    )


def message_query(text: str, station_ids: Iterable[str]) -> MessageQuery:
    """The query that a filter stands for. A word without a name is a station's, if one is called so, else an action."""
    query = MessageQuery()
    known = [each.casefold() for each in station_ids]
    for name, value in _pieces(text):
        lower = value.casefold()
        if not name and lower in ("problems", "problem", "!"):
            query = replace(query, problems_only=True)
        elif name == "action" or (not name and lower and not any(lower in each for each in known)):
            query = replace(query, action=value)
        elif name in ("", "station"):
            query = replace(query, station=value)
        else:
            raise ConsoleError(f"{name}: is unknown here", f"Write for example {MESSAGE_HELP}")
    return query


def message_matches(one: Message, query: MessageQuery) -> bool:
    """Whether a frame belongs into a list."""
    return (
        query.station.casefold() in one.station_id.casefold()
        and query.action.casefold() in one.action.casefold()
        and (bool(one.problem) or not query.problems_only)
    )
