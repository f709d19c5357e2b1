"""``stations``, ``transactions``, ``tags``, ``messages`` and ``alarms``: what is there, once or as it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import click

from console.backends.base import Archive, Backend, MessageQuery, RecordQuery, TransactionQuery
from console.cli.context import Call, first_site, verb
from console.cli.exits import UsageError
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.cli.paging import new_messages
from console.cli.rows import (
    MESSAGE_TITLES,
    STATION_TITLES,
    TOKEN_TITLES,
    TRANSACTION_TITLES,
    message_row,
    station_record,
    station_row,
    token_record,
    token_row,
    transaction_record,
    transaction_row,
)
from console.cli.verbs.alarms import Alarm, alarms, with_past
from console.cli.verbs.times import span_of
from console.model.change import (
    Change,
    Measured,
    StationChanged,
    StationSeen,
    TokenChanged,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.message import Message
from console.model.site import Site
from console.model.text import plain

Item = tuple[Sequence[str], Any]
"""One entry of a list: its cells, and its record for scripts."""

_follow = click.option("--follow", is_flag=True, help="Go on printing what changes, until Ctrl-C.")


def _print(call: Call, name: str, table: Table, items: Iterable[Item], nothing: str) -> None:
    """Print a list once: one object for scripts, columns for people."""
    held = list(items)
    if call.as_json:
        say_json({name: [item[1] for item in held]})
    elif held:
        for line in table.lines([item[0] for item in held]):
            say(cut(line))
    else:
        warn(nothing)


def _print_one(call: Call, table: Table, item: Item) -> None:
    if call.as_json:
        say_json(item[1])
    else:
        say(cut(table.line(item[0])))


async def _updates(backend: Backend) -> AsyncIterator[tuple[Site, Sequence[Change] | None]]:
    """The site and what changed in it; None where the whole of it is new. Says when the link breaks."""
    site: Site | None = None
    async with aclosing(backend.watch()) as updates:
        async for update in updates:
            if isinstance(update, Site):
                site = update
                yield site, None
            elif isinstance(update, tuple) and site is not None:
                site = site.apply(update)
                yield site, update
            elif not isinstance(update, tuple) and not update.connected:
                warn(update.text)


async def _follow_items(
    call: Call, backend: Backend, table: Table, everything: Callable[[Site], list[Item]],
    touched: Callable[[Site, Change], Item | None],
) -> None:  # fmt: skip
    """Print all, then each entry that a change touches."""
    headed = False
    async for site, changes in _updates(backend):
        if changes is None:
            items = everything(site)
            lines = [] if call.as_json else table.lines([item[0] for item in items])[1 if headed else 0 :]
            headed = True
            for item in items if call.as_json else ():
                say_json(item[1])
            for line in lines:
                say(cut(line))
        else:
            # Several changes of one batch may come to the same line.
            fresh = {tuple(item[0]): item for item in (touched(site, change) for change in changes) if item}
            for item in fresh.values():
                _print_one(call, table, item)


@click.command("stations")
@_follow
@verb
async def stations(call: Call, follow: bool) -> None:
    """Every station: its connectors, what it does, power and energy.

    Letters of connectors: A available, P preparing, C charging, c suspended, f finishing, R reserved, U unavailable,
    ! fault, - offline or unknown.
    """
    table = Table(*STATION_TITLES)

    def entry(site: Site, station_id: str) -> Item | None:
        station = site.stations.get(station_id)
        return (station_row(site, station, call.now()), station_record(site, station)) if station else None

    def everything(site: Site) -> list[Item]:
        return [item for item in (entry(site, name) for name in sorted(site.stations)) if item]

    def touched(site: Site, change: Change) -> Item | None:
        match change:
            case StationChanged(station=station):
                return entry(site, station.station_id)
            case StationSeen(station_id=station_id):
                return entry(site, station_id)
            case Measured(reading=reading):
                return entry(site, reading.station_id)
        return None

    async with call.backend(looking=True) as backend:
        if follow:
            await _follow_items(call, backend, table, everything, touched)
        else:
            nothing = "There are no stations yet. Point one at this computer, then: ocpp-console alarms"
            _print(call, "stations", table, everything(await first_site(backend)), nothing)


@click.command("transactions")
@click.option("--station", default="", metavar="ID", help="Only of stations with this in their name.")
@click.option("--tag", default="", metavar="TAG", help="Only with tags that hold this.")
@click.option("--since", metavar="WHEN", help="Only begun since: -7d, 2026-12-01, mon 06:00.")
@click.option("--until", metavar="WHEN", help="Only begun before.")
@click.option("--running", is_flag=True, help="Only those that run.")
@click.option("--limit", default=200, type=click.IntRange(1, 10_000), show_default=True, help="At most so many.")
@_follow
@verb
async def transactions(
    call: Call, station: str, tag: str, since: str | None, until: str | None, running: bool, limit: int, follow: bool
) -> None:
    """Transactions, newest first."""
    table = Table(*TRANSACTION_TITLES)
    begin, end = span_of(call, since, until)
    query = TransactionQuery(
        station=station,
        id_token=tag,
        since=begin,
        until=end,
        running=True if running else None,
        limit=limit,
    )

    def touched(site: Site, change: Change) -> Item | None:
        match change:
            case TransactionChanged(transaction=transaction):
                pass
            case TransactionProgressed():
                found = site.transactions.get(change.key[1])
                if found is None:
                    return None
                transaction = found
            case _:
                return None
        matches = station.casefold() in transaction.station_id.casefold() and tag.casefold() in (
            transaction.id_token.casefold()
        )
        return (transaction_row(transaction, call.now()), transaction_record(transaction)) if matches else None

    async with call.backend(looking=True) as backend:
        found = await backend.transactions(query)
        items = [(transaction_row(one, call.now()), transaction_record(one)) for one in found]
        if follow:
            items.reverse()
            await _follow_items(call, backend, table, lambda _site: items, touched)
        else:
            _print(call, "transactions", table, items, "There are no such transactions.")


@click.command("tags")
@_follow
@verb
async def tags(call: Call, follow: bool) -> None:
    """Every tag, and whether it may charge."""
    table = Table(*TOKEN_TITLES)

    def everything(site: Site) -> list[Item]:
        held = sorted(site.tokens.values(), key=lambda token: token.key)
        return [(token_row(token, call.now()), token_record(token, call.now())) for token in held]

    def touched(_site: Site, change: Change) -> Item | None:
        if not isinstance(change, TokenChanged):
            return None
        return token_row(change.token, call.now()), token_record(change.token, call.now())

    async with call.backend(looking=True) as backend:
        if follow:
            await _follow_items(call, backend, table, everything, touched)
        else:
            nothing = "There are no tags yet. Add one: ocpp-console tag add 04A2C19B"
            _print(call, "tags", table, everything(await first_site(backend)), nothing)


@click.command("alarms")
@click.option("--past", is_flag=True, help="Also the warnings that there have been.")
@_follow
@verb
async def alarms_(call: Call, past: bool, follow: bool) -> None:
    """What wants attention: faults, alarms of stations, new stations, waiting cards, refused connections."""
    table = Table("TIME", "KIND", "STATION", "WHAT")
    async with call.backend(looking=not follow) as backend:
        if follow:
            await _follow_alarms(call, backend, table, past)
            return
        site = await first_site(backend)
        found = alarms(site, call.now(), await backend.records(RecordQuery(standing=True, alarms=True)))
        if past:
            found = with_past(found, site, await backend.alarms() if isinstance(backend, Archive) else ())
    if call.as_json:
        say_json({"alarms": found})
    elif not found:
        warn("Nothing wants attention.")
    else:
        title, *lines = table.lines([_alarm_row(alarm) for alarm in found])
        say(cut(title))
        for alarm, line in zip(found, lines, strict=True):
            _say_alarm(alarm, line)


async def _follow_alarms(call: Call, backend: Backend, table: Table, past: bool) -> None:
    """Print each alarm when it comes up, and those that stand as it begins."""
    known: set[tuple[str, ...]] = set()
    async for site, _changes in _updates(backend):
        found = alarms(site, call.now())
        now = {
            (alarm.kind, alarm.station_id, alarm.text): alarm for alarm in (with_past(found, site) if past else found)
        }
        for key in now.keys() - known if known else now:
            if call.as_json:
                say_json(now[key])
            else:
                _say_alarm(now[key], table.line(_alarm_row(now[key])))
        known = set(now)


def _alarm_row(alarm: Alarm) -> Sequence[str]:
    return moment(alarm.at), alarm.kind, alarm.station_id, alarm.text


def _say_alarm(alarm: Alarm, line: str) -> None:
    """A line for what it is, whole if need be, and one for what to do about it."""
    say(line)
    if alarm.cure:
        say(plain(f"    {alarm.cure}"))


@click.command("messages")
@click.option("--station", default="", metavar="ID", help="Only of stations with this in their name.")
@click.option("--action", default="", metavar="ACTION", help="Only this action, such as BootNotification.")
@click.option("--problems", is_flag=True, help="Only frames with something wrong.")
@click.option("--limit", type=click.IntRange(1), help="The newest so many (200; all of them with --save).")
@click.option(
    "--save", type=click.Path(dir_okay=False), metavar="FILE", help="Record them into a file: ocpp-console open FILE."
)
@_follow
@verb
async def messages(
    call: Call, station: str, action: str, problems: bool, limit: int | None, save: str | None, follow: bool
) -> None:
    """Frames as they crossed the wire: > from the station, < to it."""
    query = MessageQuery(station=station, action=action, problems_only=problems, limit=limit or 200)
    if save and call.as_json:
        raise UsageError("--save and --json do not go together.", "A saved file is JSON, one frame a line, already.")
    async with call.backend(looking=True) as backend:
        if save:
            from console.cli.recording import save_messages

            await save_messages(backend, query, Path(save), newest_only=limit is not None, follow=follow)
        elif follow:
            await _follow_messages(call, backend, query)
        else:
            held_now = await backend.messages(query)
            _print(call, "messages", Table(*MESSAGE_TITLES), map(_message_item, held_now), "There are no such frames.")


async def _follow_messages(call: Call, backend: Backend, query: MessageQuery) -> None:
    table = Table(*MESSAGE_TITLES)
    held = await backend.messages(query)
    if not call.as_json:
        for line in table.lines([message_row(message) for message in held]):
            say(cut(line))
    for message in held if call.as_json else ():
        say_json(message)
    async for message in new_messages(backend, query, held[-1].seq if held else 0):
        _print_one(call, table, _message_item(message))


def _message_item(message: Message) -> Item:
    return message_row(message), message
