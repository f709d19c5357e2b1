"""Messages by the block: many in one row, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from console.model.message import Message
from console.model.query import MessageQuery
from console.store import rows
from console.store.instants import to_us
from console.store.rows import Cells
from console.store.schema import message_block

#: The most messages in one block: what a filter takes apart at a time.
BLOCK_MESSAGES = 256
#: How many blocks are read at a time.
_PAGE = 32


class _Fields(Message, frozen=True, array_like=True, gc=False):
    """A message without the names of its fields."""


_encode = msgspec.msgpack.Encoder().encode
_fields = msgspec.structs.astuple
_decode_fields = msgspec.msgpack.Decoder(list[_Fields]).decode
_decode_named = msgspec.msgpack.Decoder(list[Message]).decode


def block_rows(messages: Sequence[Message]) -> list[Cells]:
    """The rows that messages come to."""
    return [_block_row(messages[start : start + BLOCK_MESSAGES]) for start in range(0, len(messages), BLOCK_MESSAGES)]


def _block_row(messages: Sequence[Message]) -> Cells:
    fields = [_fields(message) for message in messages]  # the names of the fields would be half of a short message
    try:
        body = _encode(fields)
    except UnicodeEncodeError:  # a lone surrogate, somewhere within
        body = _encode(rows.whole_within(msgspec.to_builtins(fields, builtin_types=())))
    return (messages[0].seq, messages[-1].seq, to_us(messages[-1].at), body)


def _decode(body: bytes) -> list[Message]:
    """The messages of a block. Older ones have the names of their fields with them."""
    try:
        return [Message(*_fields(held)) for held in _decode_fields(body)]
    except msgspec.ValidationError:
        return _decode_named(body)


def messages(connection: Connection, query: MessageQuery, limit: int) -> list[Message]:
    """List messages, oldest first: those after ``after_seq`` if it is given, otherwise the newest ones."""
    newest_first = query.after_seq is None
    found: list[Message] = []
    for block in _blocks(connection, query, newest_first=newest_first):
        held = [message for message in _decode(block.body) if query.matches(message)]
        found.extend(reversed(held) if newest_first else held)
        if len(found) >= limit:
            break
    del found[limit:]
    return found[::-1] if newest_first else found


def newest(connection: Connection, count: int) -> Iterator[Message]:
    """Give the newest messages, newest first, about so many."""
    given = 0
    for block in _blocks(connection, MessageQuery(), newest_first=True):
        held = _decode(block.body)
        yield from reversed(held)
        given += len(held)
        if given >= count:
            return


def _blocks(connection: Connection, query: MessageQuery, *, newest_first: bool) -> Iterator[Row[Any]]:
    """Read the blocks that may hold what is asked for, a page at a time."""
    first_seq, last_seq = message_block.c.first_seq, message_block.c.last_seq
    statement = select(message_block).order_by(first_seq.desc() if newest_first else first_seq).limit(_PAGE)
    if query.after_seq is not None:
        statement = statement.where(last_seq > query.after_seq)
    if query.before_seq is not None:
        statement = statement.where(first_seq < query.before_seq)
    page = statement
    while True:
        found = connection.execute(page).all()
        yield from found
        if len(found) < _PAGE:
            return
        edge = found[-1].first_seq
        page = statement.where(first_seq < edge if newest_first else first_seq > edge)
