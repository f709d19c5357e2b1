"""Where OCPP leaves open how schedules are read, a station shows by its answer which way it goes."""

from __future__ import annotations

import pytest

from console.model.schedule.composite import CompositePeriod, Electrics, Reading, Request, composite
from console.model.schedule.profile import Unit
from console.model.schedule.readings import READINGS, USUAL, after, followed, sentences, short
from console.model.schedule.reported import ReportedComposite
from tests.unit.schedule.samples import T0, profile

HOUR_S = 3600
OWN = profile((0, 10.0), profile_id=1, evse_id=1, stack_level=0)
WIDE = profile((0, 20.0), profile_id=2, evse_id=0, stack_level=5)


def computed(reading: Reading) -> tuple[CompositePeriod, ...]:
    return composite([OWN, WIDE], Request(1, T0, HOUR_S, Unit.A), Electrics(230), (), reading)


def told(limit_a: float) -> ReportedComposite:
    return ReportedComposite(1, T0, HOUR_S, Unit.A, (CompositePeriod(0, limit_a),))


def test_each_reading_has_words_of_its_own_and_comes_once_a_round() -> None:
    assert len({sentences(reading) for reading in READINGS}) == len(READINGS) == 4
    assert len({short(reading) for reading in READINGS}) == 4
    assert short(USUAL) == ""
    reading, seen = USUAL, []
    for _ in READINGS:
        seen.append(reading)
        reading = after(reading)
    assert tuple(seen) == READINGS
    assert reading == USUAL


@pytest.mark.parametrize(("limit_a", "words"), [(20.0, ""), (10.0, "a connector's own default first")])
def test_the_reading_a_station_follows_is_found(limit_a: float, words: str) -> None:
    found = followed(computed, told(limit_a), HOUR_S, USUAL)
    assert found is not None
    assert short(found) == words


def test_the_reading_at_hand_is_kept_where_it_will_do() -> None:
    merged = READINGS[-1]
    assert followed(computed, told(10.0), HOUR_S, merged) == merged


def test_no_reading_explains_a_station_that_does_otherwise() -> None:
    assert followed(computed, told(13.0), HOUR_S, USUAL) is None
