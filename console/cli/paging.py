"""Reading all of something through a backend that answers in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime

import msgspec

from console.backends.base import Backend, MessageQuery, TransactionQuery
from console.model.message import Message
from console.model.transaction import Transaction

_PAGE = 500


async def all_messages(backend: Backend, query: MessageQuery) -> AsyncIterator[Message]:
    """Every frame that matches, oldest first, from after ``query.after_seq`` on."""
    after = query.after_seq or 0
    while True:
        page = await backend.messages(msgspec.structs.replace(query, after_seq=after, limit=_PAGE))
        for message in page:
            yield message
        if len(page) < _PAGE:
            return
        after = page[-1].seq


async def new_messages(backend: Backend, query: MessageQuery, last_seq: int) -> AsyncIterator[Message]:
    """Every frame that matches after ``last_seq``, as they come, those between asking and watching included."""
    async with aclosing(backend.watch_messages(query)) as batches:
        async for every in batches:
            # A line of no station and no frame stands for those that came too fast: they are read from the record.
            batch = [message for message in every if message.station_id or message.text]
            if batch and batch[0].seq > last_seq + 1:
                gap = msgspec.structs.replace(query, after_seq=last_seq, before_seq=batch[0].seq)
                async for message in all_messages(backend, gap):
                    yield message
            for message in batch:
                if message.seq > last_seq:
                    last_seq = message.seq
                    yield message


async def seq_before(backend: Backend, since: datetime) -> int:
    """The number of the last frame before an instant, 0 if there is none. Numbers grow with time, so it is bisected."""
    newest = await backend.messages(MessageQuery(limit=1))
    low, high = 0, newest[-1].seq if newest else 0
    while low < high:
        middle = (low + high) // 2
        (found,) = await backend.messages(MessageQuery(after_seq=middle, limit=1)) or (None,)
        if found is None or found.at >= since:
            high = middle
        else:
            low = found.seq
    return low


async def all_transactions(backend: Backend, query: TransactionQuery) -> AsyncIterator[Transaction]:
    """Every transaction that matches, newest first. A page is never cut between two that began at one instant."""
    while True:
        page = await backend.transactions(msgspec.structs.replace(query, limit=_PAGE))
        for transaction in page:
            yield transaction
        # What stands for an unknown start is the end; the store sorts by it too.
        oldest = (page[-1].started_at or page[-1].ended_at) if page else None
        if len(page) < _PAGE or oldest is None:
            return
        query = msgspec.structs.replace(query, before=oldest)
