"""What holds for every set of profiles, whatever they are."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.schedule.composite import (
    CompositePeriod,
    Conversion,
    Electrics,
    Reading,
    Request,
    RunningTransaction,
    composite,
    converted,
)
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit

T0 = datetime(2026, 3, 1, tzinfo=UTC)
DAY_S = 86_400
MANY = settings(max_examples=1000, deadline=None)

offsets = st.integers(-2 * DAY_S, 2 * DAY_S)
limits = st.integers(0, 320).map(lambda tenths: tenths / 10)


#: All that a profile may be, apart from times and limits. Drawn as one: a draw takes longer than a composite.
SHAPES = list(
    itertools.product(Kind, Purpose, Unit, Recurrency, (0, 1), range(4), (None, T0 + timedelta(days=1)), (False, True))
)
PHASES = (None, 1, 3)


def _period(number: int) -> Period:
    """A period by one number: its phases, its limit in tenths, its start within a day."""
    number, phases = divmod(number, len(PHASES))
    start_s, tenths = divmod(number, 321)
    return Period(start_s, tenths / 10, PHASES[phases])


def _profile(
    profile_id: int, shape: tuple[Any, ...], periods: list[Period], start_s: int, duration_s: int, valid_s: int
) -> ChargingProfile:
    kind, purpose, unit, recurrency, evse_id, stack_level, valid_to, early = shape
    by_start = {period.start_s: period for period in periods}
    first, *rest = (by_start[start_s] for start_s in sorted(by_start))
    return ChargingProfile(
        profile_id=profile_id,
        evse_id=evse_id,
        stack_level=stack_level,
        purpose=purpose,
        kind=kind,
        unit=unit,
        periods=(msgspec.structs.replace(first, start_s=0), *rest),
        recurrency=recurrency if kind is Kind.RECURRING else None,
        start=None if kind is Kind.RELATIVE else T0 + timedelta(seconds=start_s),
        duration_s=duration_s if duration_s > 0 else None,
        valid_from=None if valid_s < -2 * DAY_S else T0 + timedelta(seconds=valid_s),
        valid_to=valid_to,
        starts_before_first=early,
    )


profiles = st.builds(
    _profile,
    st.integers(1, 99),
    st.sampled_from(SHAPES),
    st.lists(st.integers(0, (DAY_S + 1) * 321 * len(PHASES) - 1).map(_period), min_size=1, max_size=5),
    offsets,
    offsets,
    st.integers(-6 * DAY_S, 2 * DAY_S),
)
sets = st.lists(profiles, max_size=5)
requests = st.builds(
    lambda evse, at, length, unit: Request(evse, T0 + timedelta(seconds=at), length, unit),
    st.integers(0, 1), offsets, st.integers(1, 2 * DAY_S), st.sampled_from(Unit),
)  # fmt: skip
running = st.lists(
    st.builds(lambda at, on: RunningTransaction(1, "T", T0 + timedelta(seconds=at), on), offsets, st.booleans()),
    max_size=1,
)
readings = st.sampled_from([Reading(conversion) for conversion in Conversion])


def at_instants(periods: tuple[CompositePeriod, ...], instants: list[int]) -> list[float]:
    """The limit at each instant; no limit is infinite."""
    found = []
    for instant in instants:
        current = [period for period in periods if period.start_s <= instant][-1]
        found.append(float("inf") if current.limit is None else current.limit)
    return found


def instants_of(*results: tuple[CompositePeriod, ...]) -> list[int]:
    return sorted({period.start_s for result in results for period in result})


@MANY
@given(sets, requests, running, readings)
def test_the_result_is_a_step_function(
    held: list[ChargingProfile], request: Request, transactions: list[RunningTransaction], reading: Reading
) -> None:
    result = composite(held, request, transactions=transactions, reading=reading)
    starts = [period.start_s for period in result]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < request.duration_s
    neighbours = pairwise(result)
    assert all((one.limit, one.phases) != (two.limit, two.phases) for one, two in neighbours)


@MANY
@given(sets, requests, running)
def test_nothing_exceeds_a_cap(
    held: list[ChargingProfile], request: Request, transactions: list[RunningTransaction]
) -> None:
    held = [profile for profile in held if profile.purpose is not Purpose.LOCAL_GENERATION]
    result = composite(held, request, transactions=transactions)
    for purpose in (Purpose.STATION_MAX, Purpose.EXTERNAL_CONSTRAINTS):
        alone = composite([p for p in held if p.purpose is purpose], request, transactions=transactions)
        instants = instants_of(result, alone)
        pairs = zip(at_instants(result, instants), at_instants(alone, instants), strict=True)
        assert all(limit <= cap for limit, cap in pairs)


@MANY
@given(sets.filter(bool), requests, running, readings, st.data())
def test_lowering_a_limit_never_raises_the_composite(
    held: list[ChargingProfile],
    request: Request,
    transactions: list[RunningTransaction],
    reading: Reading,
    data: st.DataObject,
) -> None:
    index = data.draw(st.integers(0, len(held) - 1))
    lowered = tuple(msgspec.structs.replace(period, limit=period.limit / 2) for period in held[index].periods)
    lower = [*held[:index], msgspec.structs.replace(held[index], periods=lowered), *held[index + 1 :]]
    before = composite(held, request, transactions=transactions, reading=reading)
    after = composite(lower, request, transactions=transactions, reading=reading)
    instants = instants_of(before, after)
    pairs = zip(at_instants(before, instants), at_instants(after, instants), strict=True)
    assert all(low <= high + 1e-5 for high, low in pairs)


@MANY
@given(sets.filter(bool), requests, running, readings, st.integers(1, 3600))
def test_splitting_a_period_changes_nothing(
    held: list[ChargingProfile], request: Request, transactions: list[RunningTransaction], reading: Reading, cut: int
) -> None:
    first = held[0]
    last = first.periods[-1]
    more = (*first.periods, msgspec.structs.replace(last, start_s=last.start_s + cut))
    split = [msgspec.structs.replace(first, periods=more), *held[1:]]
    assert composite(split, request, transactions=transactions, reading=reading) == composite(
        held, request, transactions=transactions, reading=reading
    )


@MANY
@given(sets, requests, running, st.integers(1, DAY_S))
def test_asking_later_gives_the_rest(
    held: list[ChargingProfile], request: Request, transactions: list[RunningTransaction], later: int
) -> None:
    """Without a Relative profile that counts from the request, the window's begin does not matter."""
    held = [profile for profile in held if profile.kind is not Kind.RELATIVE or transactions]
    if later >= request.duration_s:
        return
    shifted = Request(
        request.evse_id, request.start + timedelta(seconds=later), request.duration_s - later, request.unit
    )
    electrics = Electrics(evse_count=1)
    if any(profile.kind is Kind.RELATIVE for profile in held) and request.evse_id == 0:
        return  # the station's own caps count from the request where no transaction is the station's
    whole = composite(held, request, electrics, transactions)
    rest = composite(held, shifted, electrics, transactions)
    instants = instants_of(rest)
    assert at_instants(whole, [instant + later for instant in instants]) == at_instants(rest, instants)


@given(limits, st.floats(100, 1000), st.sampled_from([1, 2, 3]))
def test_amperes_to_watts_and_back(limit: float, voltage_v: float, phases: int) -> None:
    watts = converted(limit, Unit.A, Unit.W, voltage_v, phases)
    assert round(converted(watts, Unit.W, Unit.A, voltage_v, phases), 6) == limit


@given(st.integers(1, 400))
def test_a_recurrence_holds_after_any_number_of_days(days: int) -> None:
    profile = ChargingProfile(
        1, 0, 0, Purpose.TX_DEFAULT, Kind.RECURRING, Unit.A, (Period(0, 6), Period(3600, 16)), Recurrency.DAILY, T0
    )
    first = composite([profile], Request(1, T0, DAY_S, Unit.A))
    assert composite([profile], Request(1, T0 + timedelta(days=days), DAY_S, Unit.A)) == first
