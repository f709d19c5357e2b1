"""The composite schedule: what a station obeys when all its profiles are taken together.

OCPP 1.6 §3.13, 2.0.1 K01 and K08, 2.1 §3 with errata. Where the specification leaves a choice, the choice is a field
of ``Reading``, so that a screen can say which one was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce

import msgspec

from console.model.schedule.layer import profile_steps
from console.model.schedule.profile import ChargingProfile, Purpose, Unit
from console.model.schedule.rounds import Piece, pieces
from console.model.schedule.steps import (
    DEFAULT_PHASES,
    NOTHING,
    Limit,
    Steps,
    fewest,
    first_of,
    joined,
    lowest_of,
    raised_by,
    sum_of,
    unless,
)


class Conversion(StrEnum):
    """With how many phases watts become amperes where the layers differ.

    OWN: each period with its own number of phases. MERGED: with the number that is left after merging, as libocpp does.
    """

    OWN = "own"
    MERGED = "merged"


class DefaultOrder(StrEnum):
    """Which TxDefaultProfile counts, a connector's own or a station-wide one with a higher stack level.

    STACK: the higher stack level, wherever it is set. OWN: the connector's own, as many stations of 1.6 have it.
    """

    STACK = "stack"
    OWN = "own"


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the ambiguous parts of the specification are read."""

    conversion: Conversion = Conversion.OWN
    default_order: DefaultOrder = DefaultOrder.STACK


class RunningTransaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """The transaction that Relative and TxProfile refer to. ``priority`` is 2.1's active priority charging."""

    evse_id: int
    transaction_id: str
    start: datetime
    priority: bool = False


class Request(msgspec.Struct, frozen=True):
    """Which composite is asked for: an EVSE's, or (0) the station's, from ``start`` for ``duration_s``, in ``unit``."""

    evse_id: int
    start: datetime
    duration_s: int
    unit: Unit


class Electrics(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the arithmetic must know of the station: phase voltage and the number of EVSEs."""

    voltage_v: float = 230.0
    evse_count: int = 1


class CompositePeriod(msgspec.Struct, frozen=True, omit_defaults=True):
    """From ``start_s`` on at most ``limit`` in the request's unit; None where nothing limits."""

    start_s: int
    limit: float | None
    phases: int | None = None


def composite(
    profiles: Sequence[ChargingProfile],
    request: Request,
    electrics: Electrics = Electrics(),  # noqa: B008  # frozen
    transactions: Sequence[RunningTransaction] = (),
    reading: Reading = Reading(),  # noqa: B008  # frozen
) -> tuple[CompositePeriod, ...]:
    """Compute a composite schedule; the first period starts at 0, equal neighbours are one."""
    anchors = [request.start, *(transaction.start for transaction in transactions)]
    steps: Steps = []
    for piece in pieces(profiles, request.start, request.duration_s, anchors):
        begin = request.start + timedelta(seconds=piece.begin_s)
        part = msgspec.structs.replace(request, start=begin, duration_s=piece.worked_out_s)
        window = _Window(profiles, part, electrics, transactions, reading, request.start)
        _append(steps, window.station() if request.evse_id == 0 else window.evse(request.evse_id), piece)
    return tuple(
        CompositePeriod(at, None if limit is None else _rounded(limit.value), limit.phases if limit else None)
        for at, limit in steps
    )


def _append(steps: Steps, worked_out: Steps, piece: Piece) -> None:
    """Put a piece's steps behind others, as often as it repeats itself; equal neighbours become one."""
    for begin in range(piece.begin_s, piece.end_s, piece.round_s or piece.end_s - piece.begin_s or 1):
        for at, limit in worked_out:
            if begin + at >= piece.end_s:
                break
            if not steps or steps[-1][1] != limit:
                steps.append((begin + at, limit))


def converted(value: float, source: Unit, target: Unit, voltage_v: float, phases: int) -> float:
    """Turn amperes per phase into watts in all, or back: P = U · I · phases."""
    if source is target:
        return value
    per_ampere = voltage_v * phases
    return value * per_ampere if source is Unit.A else value / per_ampere


def _rounded(value: float) -> float:
    """Without the dust of binary fractions, so that A to W to A is what it was."""
    return round(value, 6)


class _Layer(msgspec.Struct, frozen=True):
    """A purpose's function, still in two units where profiles of both are stacked."""

    amperes: Steps
    watts: Steps


class _Window:
    """One request being worked out."""

    def __init__(
        self,
        profiles: Sequence[ChargingProfile],
        request: Request,
        electrics: Electrics,
        transactions: Sequence[RunningTransaction],
        reading: Reading,
        asked_from: datetime,
    ) -> None:
        self._asked_from = asked_from
        self._profiles = profiles
        self._request = request
        self._electrics = electrics
        self._transactions = transactions
        self._reading = reading

    def evse(self, evse_id: int) -> Steps:
        """An EVSE: the transaction's limit under what the station as a whole may draw, local generation on top."""
        layers = [self._transaction_layer(evse_id), *self._caps(evse_id)]
        return joined(self._lowest(layers), self._one(Purpose.LOCAL_GENERATION, evse_id), raised_by)

    def station(self) -> Steps:
        """The station: the sum over its EVSEs, capped by its own profiles."""
        evses = [
            self._lowest([self._transaction_layer(evse_id)])
            for evse_id in range(1, max(self._electrics.evse_count, 1) + 1)
        ]
        total = reduce(lambda left, right: joined(left, right, sum_of), evses)
        capped = self._lowest([self._as_layer(total), *self._caps(0)])
        return joined(capped, self._one(Purpose.LOCAL_GENERATION, 0), raised_by)

    def _caps(self, evse_id: int) -> list[_Layer]:
        return [self._stack(purpose, evse_id) for purpose in (Purpose.STATION_MAX, Purpose.EXTERNAL_CONSTRAINTS)]

    def _transaction_layer(self, evse_id: int) -> _Layer:
        """TxProfile where it says anything, else TxDefault; priority charging sets both aside (2.1 K21.FR.04)."""
        transaction = self._transaction(evse_id)
        if transaction is not None and transaction.priority:
            return self._stack(Purpose.PRIORITY_CHARGING, evse_id)
        return self._over(self._stack(Purpose.TX, evse_id), self._stack(Purpose.TX_DEFAULT, evse_id))

    def _transaction(self, evse_id: int) -> RunningTransaction | None:
        return next((held for held in self._transactions if held.evse_id == evse_id), None)

    def _applicable(self, purpose: Purpose, evse_id: int) -> list[ChargingProfile]:
        """The profiles of a purpose, strongest first: stack level, then the EVSE's own, then the newest.

        Read otherwise, an EVSE's own default goes before any of the station.
        """
        own_first = purpose is Purpose.TX_DEFAULT and self._reading.default_order is DefaultOrder.OWN
        transaction = self._transaction(evse_id)
        found = [
            (own_first and profile.evse_id == evse_id, profile.stack_level, profile.evse_id == evse_id, order, profile)
            for order, profile in enumerate(self._profiles)
            if profile.purpose is purpose
            and profile.evse_id in (0, evse_id)
            and (purpose is not Purpose.TX or _is_for(profile, transaction))
        ]
        return [profile for *_, profile in sorted(found, key=lambda entry: entry[:4], reverse=True)]

    def _stack(self, purpose: Purpose, evse_id: int) -> _Layer:
        """One purpose: at each instant the strongest profile that has a period, even if it allows more."""
        layer = _Layer(NOTHING, NOTHING)
        for profile in self._applicable(purpose, evse_id):
            layer = self._over(layer, self._profile_layer(profile, evse_id))
        return layer

    def _profile_layer(self, profile: ChargingProfile, evse_id: int) -> _Layer:
        transaction = self._transaction(evse_id)
        relative_to = transaction.start if transaction is not None else self._asked_from
        own = self._reading.conversion is Conversion.OWN
        held = self._in_request_unit(profile) if own else profile
        steps = profile_steps(held, self._request.start, self._request.duration_s, relative_to)
        return _Layer(steps, NOTHING) if held.unit is Unit.A else _Layer(NOTHING, steps)

    def _in_request_unit(self, profile: ChargingProfile) -> ChargingProfile:
        """The profile with each period converted with its own number of phases."""
        periods = tuple(
            msgspec.structs.replace(period, limit=self._in_unit(period.limit, profile.unit, period.phases))
            for period in profile.periods
        )
        return msgspec.structs.replace(profile, periods=periods, unit=self._request.unit)

    def _over(self, upper: _Layer, lower: _Layer) -> _Layer:
        """Precedence over both units: where the upper one speaks in either, the lower one is silent in both."""
        if upper.watts == lower.watts == NOTHING:
            return _Layer(joined(upper.amperes, lower.amperes, first_of), NOTHING)
        if upper.amperes == lower.amperes == NOTHING:
            return _Layer(NOTHING, joined(upper.watts, lower.watts, first_of))
        speaks = joined(upper.amperes, upper.watts, first_of)
        amperes = joined(speaks, lower.amperes, unless)
        watts = joined(speaks, lower.watts, unless)
        return _Layer(joined(upper.amperes, amperes, first_of), joined(upper.watts, watts, first_of))

    def _lowest(self, layers: Iterable[_Layer]) -> Steps:
        """All layers bind. With merged conversion the number of phases is settled first, over both units."""
        both = [entry for layer in layers for entry in ((layer.amperes, Unit.A), (layer.watts, Unit.W))]
        both = [(steps, unit) for steps, unit in both if steps != NOTHING] or both[:1]
        held = [steps for steps, _unit in both]
        if self._reading.conversion is Conversion.OWN:
            return reduce(lambda left, right: joined(left, right, lowest_of), held)
        phases = reduce(lambda left, right: joined(left, right, _phases_of), held)
        same = [
            joined(steps, phases, lambda limit, merged, unit=unit: self._merged(limit, merged, unit))  # type: ignore[misc]
            for steps, unit in both
        ]
        return reduce(lambda left, right: joined(left, right, lowest_of), same)

    def _merged(self, limit: Limit | None, merged: Limit | None, unit: Unit) -> Limit | None:
        if limit is None or merged is None:
            return None
        return Limit(self._in_unit(limit.value, unit, merged.phases), merged.phases)

    def _in_unit(self, value: float, unit: Unit, phases: int | None) -> float:
        return _rounded(converted(value, unit, self._request.unit, self._electrics.voltage_v, phases or DEFAULT_PHASES))

    def _as_layer(self, steps: Steps) -> _Layer:
        """A function that is in the request's unit already."""
        return _Layer(steps, NOTHING) if self._request.unit is Unit.A else _Layer(NOTHING, steps)

    def _one(self, purpose: Purpose, evse_id: int) -> Steps:
        return self._lowest([self._stack(purpose, evse_id)])


def _is_for(profile: ChargingProfile, transaction: RunningTransaction | None) -> bool:
    """Whether a TxProfile belongs to the transaction that runs (1.6 may leave the id out)."""
    if transaction is None:
        return False
    return profile.transaction_id in ("", transaction.transaction_id)


def _phases_of(left: Limit | None, right: Limit | None) -> Limit | None:
    """The phases of whatever binds, as a limit whose value means nothing."""
    if left is None or right is None:
        held = left if right is None else right
        return None if held is None else Limit(0, held.phases)
    return Limit(0, fewest(left.phases, right.phases))
