"""Reading all of something in pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from console.backends.base import MessageQuery, TransactionQuery
from console.cli import paging
from console.model.message import Message
from console.model.transaction import Transaction
from tests.unit.cli.fake import ENDED, MESSAGES, NOW, FakeBackend, ago, message


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_PAGE", 5)


async def test_all_messages_come_once_in_order(backend: FakeBackend) -> None:
    assert [one async for one in paging.all_messages(backend, MessageQuery())] == list(MESSAGES)


async def test_what_came_between_asking_and_watching_is_not_lost(backend: FakeBackend) -> None:
    backend.batches = ((message(11), message(12)), (message(13),))
    found = [one.seq async for one in paging.new_messages(backend, MessageQuery(), 4)]
    assert found == list(range(5, 14))


@pytest.mark.parametrize(("seconds", "seq"), [(1000, 0), (99, 0), (98.5, 1), (90, 9), (88, 11), (1, 12)])
async def test_the_last_frame_before_an_instant_is_found(backend: FakeBackend, seconds: float, seq: int) -> None:
    assert await paging.seq_before(backend, ago(seconds=seconds)) == seq


class _Many(FakeBackend):
    """Twelve transactions, three at each instant; a page that would end between them holds them all."""

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        every = [
            msgspec.structs.replace(ENDED, transaction_id=str(n), started_at=NOW - timedelta(minutes=n // 3))
            for n in range(12)
        ]
        return [one for one in every if query.before is None or one.started_at < query.before][
            : query.limit // 3 * 3 + 3
        ]


async def test_all_transactions_come_once(backend: FakeBackend) -> None:
    found = [one.transaction_id async for one in paging.all_transactions(_Many(), TransactionQuery())]
    assert found == [str(n) for n in range(12)]


async def test_no_messages_at_all() -> None:
    class Empty(FakeBackend):
        async def messages(self, query: MessageQuery) -> Sequence[Message]:
            return []

    assert await paging.seq_before(Empty(), NOW) == 0
    assert [one async for one in paging.all_messages(Empty(), MessageQuery())] == []
