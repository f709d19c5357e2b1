"""Bounds: floods, guesses, reconnects, silence."""

from __future__ import annotations

from console.csms.limits import BackOff, FlapGuard, TokenBucket, half_of_the_descriptors
from console.csms.link.repeats import Memories, Memory, TheirCall
from console.csms.listener.pulse import Pulse


def test_a_burst_is_free_and_what_exceeds_it_is_waited_for() -> None:
    bucket = TokenBucket(burst=5, per_s=2, now_s=0)
    assert bucket.take(5, 0) == 0
    assert bucket.take(3, 0) == 1.5
    assert bucket.take(0, 1.5) == 0
    assert bucket.take(1, 1.5) == 0.5


def test_a_bucket_fills_up_to_its_burst_only() -> None:
    bucket = TokenBucket(burst=5, per_s=2, now_s=0)
    assert bucket.take(6, 1000) == 0.5


def test_wrong_passwords_cost_growing_pauses_for_that_key_alone() -> None:
    back_off = BackOff()
    for _ in range(BackOff.FREE_FAILURES):
        back_off.failed("a", 0)
        assert back_off.wait_s("a", 0) == 0
    pauses = []
    for _ in range(10):
        back_off.failed("a", 0)
        pauses.append(back_off.wait_s("a", 0))
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert back_off.wait_s("a", 59) == 1
    assert back_off.wait_s("b", 0) == 0
    back_off.succeeded("a")
    assert back_off.wait_s("a", 0) == 0


def test_who_guesses_under_ever_new_names_fills_no_memory() -> None:
    back_off = BackOff()
    for number in range(20_000):
        back_off.failed(number, 0)
    assert len(back_off._failures) == 10_000


def test_a_station_that_flaps_is_told_to_wait_and_is_let_in_again() -> None:
    guard = FlapGuard(per_minute=3)
    assert [guard.wait_s("a", 0) for _ in range(3)] == [0, 0, 0]
    assert guard.wait_s("a", 0) == 20
    assert guard.wait_s("a", 0) == 20
    assert guard.wait_s("b", 0) == 0
    assert guard.wait_s("a", 20) == 0


def test_no_limit_of_reconnects() -> None:
    guard = FlapGuard(per_minute=0)
    assert all(guard.wait_s("a", 0) == 0 for _ in range(100))


def test_descriptors_are_counted() -> None:
    assert half_of_the_descriptors() >= 64


def test_two_silent_intervals_after_a_ping_are_death_and_any_sign_is_life() -> None:
    pulse = Pulse(20, Memory())
    assert [pulse.tick() for _ in range(2)] == [True, True]
    pulse.heard = True
    assert [pulse.tick() for _ in range(3)] == [True, True, False]
    assert pulse.silent_s == 40


def test_a_station_that_never_answers_pings_is_cut_off_for_that_only_once() -> None:
    memory = Memory()
    pulse = Pulse(20, memory)
    while pulse.tick():
        pass
    assert memory.ignores_pings
    pulse = Pulse(20, memory)
    ticks = 0
    while pulse.tick():
        ticks += 1
    assert ticks * 20 == 900
    pulse.pong()
    assert not memory.ignores_pings


def test_a_station_that_answered_pings_before_is_held_to_that() -> None:
    memory = Memory()
    pulse = Pulse(20, memory)
    pulse.pong()
    while pulse.tick():
        pass
    assert not memory.ignores_pings


def test_the_memory_of_requests_is_bounded_and_tells_contents_apart() -> None:
    memory = Memory()
    calls = [TheirCall(str(number), "StartTransaction", number, 0) for number in range(16)]
    for count, call in enumerate(calls):
        memory.keep(call)
        assert all(memory.find(held.message_id, held.content) is held for held in calls[max(0, count - 7) : count + 1])
    assert memory.find("0", 0) is None
    assert memory.find("15", 15) is calls[15]
    assert memory.find("15", 14) is None
    memory.forget(calls[15])
    assert memory.find("15", 15) is None


def test_identities_keep_their_memory_over_connections_and_are_bounded() -> None:
    memories = Memories()
    first = memories.of("CP-1")
    assert memories.of("CP-1") is first
    for number in range(10_000):
        memories.of(f"X{number}")
    assert memories.of("CP-1") is not first
