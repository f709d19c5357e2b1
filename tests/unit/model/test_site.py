"""A site after changes: what it holds, what it lets go of, and that the one before stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.change import (
    CardGone,
    CardSwiped,
    Change,
    Learning,
    Measured,
    Notice,
    Noticed,
    StationChanged,
    StationRemoved,
    StationSeen,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.meter import Reading
from console.model.site import KEPT_CARDS, KEPT_ENDED, KEPT_NOTICES, Site
from console.model.station import Connector, Station
from console.model.token import Card, Token
from console.model.transaction import Transaction

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
IDS = st.sampled_from(["CP-1", "CP-2", "CP-3"])

CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(lambda i, on: StationChanged(Station(i, online=on)), IDS, st.booleans()),
    st.builds(StationRemoved, IDS),
    st.builds(lambda i, wh: StationSeen(i, NOW, wh), IDS, st.integers(0, 9)),
    st.builds(lambda i, w: Measured(Reading(i, 1, NOW, power_w=w)), IDS, st.floats(0, 9)),
    st.builds(
        lambda i, t, end: TransactionChanged(Transaction(i, t, 1, ended_at=end)),
        IDS,
        st.sampled_from("12"),
        st.sampled_from([None, NOW]),
    ),
    st.builds(lambda i, t, wh: TransactionProgressed(i, t, NOW, wh), IDS, st.sampled_from("12"), st.integers(0, 9)),
    st.builds(lambda t: TokenChanged(Token(t)), st.sampled_from("AB")),
    st.builds(TokenRemoved, st.sampled_from("ab")),
    st.builds(lambda c: CardSwiped(Card(c, "X", "CP-1", 1, NOW, NOW)), st.sampled_from("12")),
    st.builds(CardGone, st.sampled_from("12")),
    st.builds(lambda t: Noticed(Notice(NOW, t)), st.text(max_size=2)),
    st.builds(Learning, st.sampled_from([None, NOW])),
)


@given(st.lists(CHANGES, max_size=30), st.integers(0, 30))
def test_batches_do_not_matter(changes: list[Change], cut: int) -> None:
    assert Site().apply(changes) == Site().apply(changes[:cut]).apply(changes[cut:])


@given(st.lists(CHANGES, max_size=30))
def test_the_site_before_stays_as_it_was(changes: list[Change]) -> None:
    site = Site().apply(changes[:10])
    before = msgspec.json.encode(site)
    site.apply(changes[10:])
    assert msgspec.json.encode(site) == before


@given(st.lists(CHANGES, max_size=20))
def test_changes_and_sites_survive_the_wire(changes: list[Change]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(changes), type=list[Change]) == changes
    site = Site().apply(changes)
    assert msgspec.json.decode(msgspec.json.encode(site), type=Site) == site


def test_what_could_grow_for_ever_is_bounded() -> None:
    site = Site().apply(Noticed(Notice(NOW, str(n))) for n in range(KEPT_NOTICES + 5))
    site = site.apply(CardSwiped(Card(str(n), "X", "CP-1", 1, NOW, NOW)) for n in range(KEPT_CARDS + 5))
    site = site.apply(TransactionChanged(Transaction("CP-1", str(n), 1, ended_at=NOW)) for n in range(KEPT_ENDED + 5))
    assert (len(site.notices), len(site.cards), len(site.transactions)) == (KEPT_NOTICES, KEPT_CARDS, KEPT_ENDED)
    assert next(iter(site.cards)) == "5"


def test_running_transactions_are_never_let_go_of() -> None:
    running = Transaction("CP-1", "running", 1)
    ended = [TransactionChanged(Transaction("CP-1", str(n), 1, ended_at=NOW)) for n in range(KEPT_ENDED + 5)]
    assert running.key in Site().apply([TransactionChanged(running), *ended]).transactions


def test_progress_never_reopens_an_ended_transaction() -> None:
    ended = Transaction("CP-1", "7", 1, ended_at=NOW, energy_wh=10)
    site = Site().apply([TransactionChanged(ended), TransactionProgressed("CP-1", "7", NOW + timedelta(1), 99)])
    assert site.transactions[ended.key] == ended


def test_power_is_the_sum_over_the_evses_of_a_connected_station() -> None:
    station = Station("CP-1", online=True, connectors=(Connector(1), Connector(2), Connector(3)))
    measured = [Measured(Reading("CP-1", evse, NOW, power_w=1000.0 * evse)) for evse in (1, 2)]
    site = Site().apply([StationChanged(station), *measured])
    assert site.power_w("CP-1") == pytest.approx(3000)
    assert site.apply([StationChanged(Station("CP-1", online=False))]).power_w("CP-1") is None
    assert site.power_w("CP-2") is None
