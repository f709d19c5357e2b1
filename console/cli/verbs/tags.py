"""``tag …`` and ``card …``: who may charge."""

from __future__ import annotations

import asyncio
import difflib
import sys
from contextlib import aclosing
from pathlib import Path

import click
import msgspec

from console.backends.base import Backend
from console.cli.carry_out import ask, carry_out, carry_out_on, describe, show_outcome, yes_option
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, TimedOut, UsageError
from console.cli.output import Table, cut, moment, say, say_json, warn
from console.cli.rows import token_record
from console.cli.verbs.groups import Group
from console.errors import ConsoleError
from console.model.command import LearnCard, PutToken, RemoveToken, SettleCard
from console.model.outcome import EXIT_CODE
from console.model.site import Site
from console.model.token import Card, CardVerdict, Token, token_key
from console.model.token_file import make_token, parse


@click.group("tag", cls=Group)
def tag() -> None:
    """Add, block, unblock, forget, import and learn tags."""


@tag.command("add", help="Add a tag, or change one: what is not said stays as it is.")
@click.argument("token", metavar="TAG")
@click.option("--type", "token_type", metavar="TYPE", help="ISO14443 (the default), ISO15693, KeyCode, Central, …")
@click.option("--group", metavar="GROUP", help="Tags of one group may stop each other's transactions.")
@click.option("--expires", metavar="WHEN", help="2026-12-31, +30d, mon 06:00, or never.")
@click.option("--label", metavar="TEXT", help="Whose it is.")
@click.option("--at", "places", metavar="PLACES", help='Only there: CP-01, or "CP-01,CP-02/2"; "" is everywhere.')
@verb
async def add(
    call: Call,
    token: str,
    token_type: str | None,
    group: str | None,
    expires: str | None,
    label: str | None,
    places: str | None,
) -> int:
    said = {"type": token_type, "group": group, "expires": expires, "label": label, "places": places}
    made = make_token({"id_token": token} | {name: text for name, text in said.items() if text is not None}, call.now())
    async with call.backend() as backend:
        held = (await first_site(backend)).tokens.get(made.key)
        if held is not None:
            fields = {
                "type": "token_type",
                "group": "group_id",
                "expires": "expires_at",
                "label": "label",
                "places": "places",
            }
            changes = {fields[name]: getattr(made, fields[name]) for name, text in said.items() if text is not None}
            made = msgspec.structs.replace(held, **changes)
        return await carry_out_on(call, backend, PutToken(made))


@tag.command("block", help="Block a tag: it may not charge until it is unblocked.")
@click.argument("token", metavar="TAG")
@verb
async def block(call: Call, token: str) -> int:
    return await _put_blocked(call, token, blocked=True)


@tag.command("unblock", help="Let a blocked tag charge again.")
@click.argument("token", metavar="TAG")
@verb
async def unblock(call: Call, token: str) -> int:
    return await _put_blocked(call, token, blocked=False)


async def _put_blocked(call: Call, id_token: str, *, blocked: bool) -> int:
    async with call.backend() as backend:
        held = _find_token(await first_site(backend), id_token)
        return await carry_out_on(call, backend, PutToken(msgspec.structs.replace(held, blocked=blocked)))


def _find_token(site: Site, id_token: str) -> Token:
    held = site.tokens.get(token_key(id_token))
    if held is None:
        near = difflib.get_close_matches(token_key(id_token), site.tokens, n=1)
        hint = f"Did you mean {site.tokens[near[0]].id_token}?" if near else "See: ocpp-console tags"
        raise Refused(f"There is no tag {id_token}.", hint)
    return held


@tag.command("remove", help=f"{describe('token.remove')} Its transactions stay on record.")
@click.argument("token", metavar="TAG")
@yes_option
@verb
async def remove(call: Call, token: str, yes: bool) -> int:
    return await carry_out(call, RemoveToken(token), yes=yes)


@tag.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), metavar="FILE")
@verb
async def import_(call: Call, file: Path) -> int:
    """Read tags from a CSV or JSON FILE (- reads standard input).

    CSV columns: id_token, type, group, expires, label, blocked, places; with or without a header line.
    """
    text = sys.stdin.read() if str(file) == "-" else _read(file)
    tokens = parse(text, call.now())
    async with call.backend() as backend:
        known = (await first_site(backend)).tokens
        for token in tokens:
            command = PutToken(token)
            outcome = await ask(backend, command)
            if not outcome.ok:
                show_outcome(call, command, outcome)
                return EXIT_CODE[outcome.result]
    new = sum(token.key not in known for token in tokens)
    changed = len(tokens) - new
    call.show({"imported": len(tokens), "new": new, "changed": changed}, f"Imported {new} new tags, {changed} known.")
    return 0


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text: {error.reason}.", "Save it as CSV in UTF-8.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Mend its rights, or its path.") from error


@tag.command("learn")
@click.option("--wait", "wait_s", default=60, type=click.IntRange(1), metavar="SECONDS", show_default=True)
@verb
async def learn(call: Call, wait_s: int) -> int:
    """Make a tag of the next unknown card that is swiped at any reader."""
    async with call.backend() as backend:
        command = LearnCard()
        known = set((await first_site(backend)).tokens)
        outcome = await ask(backend, command)
        if not outcome.ok:
            show_outcome(call, command, outcome)
            return EXIT_CODE[outcome.result]
        warn("Hold the card to a reader now. Ctrl-C gives up.")
        try:
            async with asyncio.timeout(wait_s):
                token = await _learned(backend, known)
        except TimeoutError:
            raise TimedOut(f"No unknown card was swiped within {wait_s} s.", "Nothing was learned.") from None
        finally:
            await backend.run(LearnCard(on=False))
    call.show(token_record(token, call.now()), f"Learned {token.id_token}.")
    return 0


async def _learned(backend: Backend, known: set[str]) -> Token:
    """The first tag that was not there before."""
    site: Site | None = None
    async with aclosing(backend.watch()) as updates:
        async for update in updates:
            if isinstance(update, Site):
                site = update
            elif isinstance(update, tuple) and site is not None:
                site = site.apply(update)
            fresh = [token for key, token in site.tokens.items() if key not in known] if site else []
            if fresh:
                return fresh[-1]
    raise ConsoleError("The service went away.", "Try again.")


@click.group("card", cls=Group)
def card() -> None:
    """Answer for unknown cards that were swiped."""


@card.command("list")
@verb
async def list_(call: Call) -> None:
    """Unknown cards, those that wait for an answer first."""
    async with call.backend(looking=True) as backend:
        site = await first_site(backend)
    cards = sorted(site.cards.values(), key=lambda one: (not one.waiting, -one.seen_at.timestamp()))
    if call.as_json:
        say_json({"cards": cards})
    elif cards:
        for line in Table("CARD", "STATION", ">EVSE", "SWIPED", "STATE").lines([_card_row(call, one) for one in cards]):
            say(cut(line))
    else:
        warn("No unknown card was swiped.")


def _card_row(call: Call, one: Card) -> tuple[str, ...]:
    left_s = max(0, int((one.deadline - call.now()).total_seconds()))
    state = f"waits, {left_s} s left" if one.waiting else "was refused"
    return one.id_token, one.station_id, str(one.evse_id), moment(one.seen_at), state


@card.command("accept")
@click.argument("which", metavar="CARD")
@click.option("--always", is_flag=True, help="Keep it as a tag, too.")
@verb
async def accept(call: Call, which: str, always: bool) -> int:
    """Let a card charge, this once or always."""
    return await _settle(call, which, CardVerdict.ALWAYS if always else CardVerdict.ONCE)


@card.command("refuse", help=describe("card.refuse"))
@click.argument("which", metavar="CARD")
@verb
async def refuse(call: Call, which: str) -> int:
    return await _settle(call, which, CardVerdict.REFUSE)


async def _settle(call: Call, which: str, verdict: CardVerdict) -> int:
    async with call.backend() as backend:
        cards = (await first_site(backend)).cards
        matching = [
            one for one in cards.values() if which == one.card_id or token_key(which) == token_key(one.id_token)
        ]
        if not matching:
            raise Refused(f"No card {which} was swiped.", "See: ocpp-console card list")
        newest = max(matching, key=lambda one: (one.waiting, one.seen_at))
        return await carry_out_on(call, backend, SettleCard(newest.card_id, verdict))
