"""What holds for every set of profiles, whatever they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

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


@st.composite
def profiles(draw: st.DrawFn) -> ChargingProfile:
    kind = draw(st.sampled_from(Kind))
    starts = sorted(draw(st.sets(st.integers(1, DAY_S), max_size=4)))
    periods = [Period(at, draw(limits), draw(st.sampled_from([None, 1, 3]))) for at in [0, *starts]]
    valid_from = draw(st.none() | offsets.map(lambda s: T0 + timedelta(seconds=s)))
    return ChargingProfile(
        profile_id=draw(st.integers(1, 99)),
        evse_id=draw(st.integers(0, 1)),
        stack_level=draw(st.integers(0, 3)),
        purpose=draw(st.sampled_from(Purpose)),
        kind=kind,
        unit=draw(st.sampled_from(Unit)),
        periods=tuple(periods),
        recurrency=draw(st.sampled_from(Recurrency)) if kind is Kind.RECURRING else None,
        start=None if kind is Kind.RELATIVE else T0 + timedelta(seconds=draw(offsets)),
        duration_s=draw(st.none() | st.integers(1, 2 * DAY_S)),
        valid_from=valid_from,
        valid_to=draw(st.none() | st.just(T0 + timedelta(seconds=DAY_S))),
        starts_before_first=draw(st.booleans()),
    )


sets = st.lists(profiles(), max_size=5)
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
