"""Ids: unique, positive, 31 bits, not to be guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.csms.authorization.transaction_ids import LARGEST_ID, TransactionIds


def test_dx_x03_ids_never_repeat_and_fit_31_bits() -> None:
    ids = TransactionIds(b"s" * 16)
    given_out = [int(ids.allocate()) for _ in range(20_000)]
    assert len(set(given_out)) == len(given_out)
    assert min(given_out) > 0
    assert max(given_out) <= LARGEST_ID
    assert max(given_out) > LARGEST_ID * 0.99


def test_they_go_on_where_the_store_left_off() -> None:
    ids = TransactionIds(b"s" * 16)
    before = [ids.allocate() for _ in range(100)]
    again = TransactionIds(b"s" * 16, next_ordinal=101)
    assert set(before).isdisjoint(again.allocate() for _ in range(100))


def test_another_secret_gives_other_ids() -> None:
    one, two = TransactionIds(b"a" * 16), TransactionIds(b"b" * 16)
    assert [one.allocate() for _ in range(10)] != [two.allocate() for _ in range(10)]


def test_neighbours_do_not_tell_of_each_other() -> None:
    ids = TransactionIds(b"s" * 16)
    steps = {int(ids.allocate()) - int(ids.allocate()) for _ in range(1000)}
    assert len(steps) == 1000


@given(st.integers(1, LARGEST_ID), st.integers(1, LARGEST_ID))
def test_two_ordinals_never_share_an_id(one: int, two: int) -> None:
    ids = TransactionIds(b"property-property")
    assert (ids.id_of(one) == ids.id_of(two)) == (one == two)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        TransactionIds(b"short")
