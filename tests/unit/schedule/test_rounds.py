"""One round stands for all of them, and nothing else changes by that."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.schedule import composite as composites
from console.model.schedule import rounds
from console.model.schedule.composite import (
    CompositePeriod,
    DefaultOrder,
    Electrics,
    Reading,
    Request,
    RunningTransaction,
    composite,
)
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from console.model.schedule.rounds import Piece, pieces
from tests.unit.schedule.test_properties import DAY_S, T0, readings, running, sets

YEAR_S = 365 * DAY_S


def in_one_go(
    held: list[ChargingProfile], request: Request, transactions: list[RunningTransaction], reading: Reading
) -> tuple[CompositePeriod, ...]:
    """The composite without any piece that repeats itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composites, "pieces", lambda _profiles, _begin, length_s, _anchors: [Piece(0, length_s)])
        return composite(held, request, Electrics(evse_count=2), transactions, reading)


@settings(max_examples=2000, deadline=None)
@given(sets, st.integers(0, 1), st.integers(-9, 9), st.integers(1, 40), st.sampled_from(Unit), running, readings)
def test_pieces_give_what_the_whole_gives(
    held: list[ChargingProfile],
    evse_id: int,
    offset_days: int,
    days: int,
    unit: Unit,
    transactions: list[RunningTransaction],
    reading: Reading,
) -> None:
    begin = T0 + timedelta(days=offset_days, seconds=77)
    request = Request(evse_id, begin, days * DAY_S + 31, unit)
    with_pieces = composite(held, request, Electrics(evse_count=2), transactions, reading)
    assert with_pieces == in_one_go(held, request, transactions, reading)


def eight() -> list[ChargingProfile]:
    """Eight profiles that recur, in both units, daily and weekly."""
    purposes = [Purpose.TX_DEFAULT, Purpose.STATION_MAX]
    return [
        ChargingProfile(
            profile_id=number, evse_id=0, stack_level=number, purpose=purposes[number % 2], kind=Kind.RECURRING,
            unit=Unit.A if number % 3 else Unit.W,
            periods=tuple(Period(at * 3600, 6.0 + (at * 7 + number) % 26, 3) for at in range(0, 24, 4)),
            recurrency=Recurrency.WEEKLY if number == 5 else Recurrency.DAILY,
            start=T0 - timedelta(days=900 + number), duration_s=20 * 3600,
        )
        for number in range(8)
    ]  # fmt: skip


def test_a_year_of_recurrence_works_out_one_round() -> None:
    """What is worked out, and so the time it takes, does not grow with the window."""
    cut = pieces(eight(), T0, YEAR_S, [T0])
    assert sum(piece.worked_out_s for piece in cut) == 7 * DAY_S
    assert pieces(eight(), T0, 100 * YEAR_S, [T0])[0].worked_out_s == 7 * DAY_S


def test_what_happens_once_is_worked_out_as_it_is() -> None:
    once = ChargingProfile(
        9, 0, 9, Purpose.TX_DEFAULT, Kind.ABSOLUTE, Unit.A, (Period(0, 6.0), Period(3600, 8.0)),
        start=T0 + timedelta(days=100), duration_s=7200,
    )  # fmt: skip
    cut = pieces([*eight(), once], T0, YEAR_S, [T0])
    assert [piece.round_s for piece in cut] == [7 * DAY_S, 0, 7 * DAY_S]
    assert (cut[0].begin_s, cut[-1].end_s) == (0, YEAR_S)
    assert all(one.end_s == two.begin_s for one, two in itertools.pairwise(cut))


def test_nothing_that_recurs_is_one_piece() -> None:
    assert pieces([], T0, YEAR_S, [T0]) == [Piece(0, YEAR_S)]
    assert rounds.Piece(5, 10).worked_out_s == 5


@pytest.mark.parametrize(("order", "limit"), [(DefaultOrder.STACK, 10.0), (DefaultOrder.OWN, 6.0)])
def test_whose_default_counts_is_a_named_choice(order: DefaultOrder, limit: float) -> None:
    own = ChargingProfile(
        1, 1, 0, Purpose.TX_DEFAULT, Kind.ABSOLUTE, Unit.A, (Period(0, 6.0),), start=T0, duration_s=3600
    )
    wide = ChargingProfile(2, 0, 3, Purpose.TX_DEFAULT, Kind.ABSOLUTE, Unit.A, (Period(0, 10.0),), start=T0)
    found = composite([own, wide], Request(1, T0, 7200, Unit.A), reading=Reading(default_order=order))
    assert (found[0].limit, found[-1].limit) == (limit, 10.0)
