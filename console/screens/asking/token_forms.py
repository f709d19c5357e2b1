"""What the commands about tags need to know. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from console.errors import ConsoleError
from console.model import command as c
from console.model.site import Site
from console.model.spec import Target
from console.model.token import Token
from console.model.token_file import TOKEN_TYPES, make_token
from console.model.when import parse_when
from console.screens.asking.form import Context, Form, Param, Values, text
from console.screens.frame import words
from widgets.form import Field

_EXPIRY_HELP = "2026-12-31, +30d, mon 06:00, or never"


def _token(context: Context) -> Token:
    return context.site.tokens[context.target.token_key]


def _expiry_error(context: Context) -> Callable[[str], str | None]:
    def error(written: str) -> str | None:
        try:
            parse_when(written, context.now, context.zone, end_of_day=True)
        except ConsoleError as wrong:
            return wrong.message
        return None

    return error


def _token_params(context: Context) -> list[Param]:
    held = context.site.tokens.get(context.target.token_key, Token(""))
    expires = words.expiry(held.expires_at, context.zone)
    return [
        text("group", "group", held.group_id, "Tags of one group may stop each other's transactions"),
        Param(Field("expires", "expires", expires, _EXPIRY_HELP, validate=_expiry_error(context))),
        text("label", "label", held.label, "Whose tag it is"),
        text("places", "only at", ", ".join(held.places), "CP-01, or CP-02/2 for its connector 2; empty: everywhere"),
    ]


def _new_token_params(context: Context) -> list[Param]:
    return [
        text("id_token", "tag", help="As the reader sends it, such as 04A2C19B", required=True),
        *_token_params(Context(context.site, Target(), context.now, context.zone)),
        Param(Field("type", "type", TOKEN_TYPES[0], "Almost every card is ISO14443", TOKEN_TYPES)),
    ]


def _new_token(context: Context, values: Values) -> c.Command:
    token = make_token(dict(values), context.now, context.zone)
    if token.key in context.site.tokens:
        raise ConsoleError(f"{token.id_token} is a tag already", "Select it and press e to edit it.")
    return c.PutToken(replace(token, created_at=context.now))


def _edit_token(context: Context, values: Values) -> c.Command:
    held = _token(context)
    record = {"id_token": held.id_token, "type": held.token_type} | dict(values)
    token = make_token(record, context.now, context.zone)
    changed = {"group_id": token.group_id, "expires_at": token.expires_at, "label": token.label}
    return c.PutToken(replace(held, **changed, places=token.places))


def learning(site: Site, now: datetime) -> bool:
    """Whether the next card will be learned."""
    return site.learning_until is not None and site.learning_until > now


_TOKEN = ("token_key",)

TOKEN_FORMS: dict[str, Form] = {
    "token.add": Form(_new_token, (), _new_token_params),
    "token.edit": Form(_edit_token, _TOKEN, _token_params),
    "token.block": Form(
        lambda context, _values: c.PutToken(replace(_token(context), blocked=not _token(context).blocked)), _TOKEN
    ),
    "token.expire": Form(lambda context, _values: c.PutToken(replace(_token(context), expires_at=context.now)), _TOKEN),
    "token.remove": Form(lambda context, _values: c.RemoveToken(_token(context).id_token), _TOKEN),
    "token.learn": Form(lambda context, _values: c.LearnCard(on=not learning(context.site, context.now))),
}
