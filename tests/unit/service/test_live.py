"""The live hub: whoever watches comes to the hub's own site, at any pace; nobody costs more than a bounded amount."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.backends.base import MessageQuery
from console.model import site as site_module
from console.model.change import (
    AttemptSeen,
    Audited,
    CardGone,
    CardSwiped,
    Change,
    Learning,
    Measured,
    MessagesSeen,
    MetersSampled,
    Notice,
    Noticed,
    SettingsRead,
    StationChanged,
    StationRemoved,
    StationSeen,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.message import Attempt, Direction, Message, MessageType
from console.model.meter import Reading, Samples
from console.model.site import Site
from console.model.station import Setting, Station
from console.model.token import Card, Token
from console.model.transaction import Transaction
from console.service import live
from console.service.live import MOST_SETTINGS_TOLD, Hub

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
IDS = st.sampled_from(["CP-1", "CP-2", "CP-3"])
FEW = st.sampled_from("1234")
THREE = st.sampled_from("123")

Changes = st.SearchStrategy[Change]
STATIONS: Changes = st.one_of(
    st.builds(lambda i, on: StationChanged(Station(i, online=on)), IDS, st.booleans()),
    st.builds(StationRemoved, IDS),
    st.builds(lambda i, wh: StationSeen(i, NOW, wh), IDS, st.integers(0, 9)),
)
TRANSACTIONS: Changes = st.one_of(
    st.builds(
        lambda t, end, wh: TransactionChanged(Transaction("CP-1", t, 1, ended_at=end, energy_wh=wh)),
        THREE,
        st.sampled_from([None, NOW]),
        st.integers(0, 3),
    ),
    st.builds(lambda t, wh: TransactionProgressed("CP-1", t, NOW, wh), THREE, st.integers(4, 9)),
)
CARDS: Changes = st.one_of(
    st.builds(lambda c, w: CardSwiped(Card(c, "X", "CP-1", 1, NOW, NOW, w)), FEW, st.booleans()),
    st.builds(CardGone, FEW),
)
OTHERS: Changes = st.one_of(
    st.builds(lambda i, w: Measured(Reading(i, 1, NOW, power_w=w)), IDS, st.floats(0, 9)),
    st.builds(lambda t, label: TokenChanged(Token(t, label=label)), st.sampled_from("AB"), FEW),
    st.builds(TokenRemoved, st.sampled_from("ab")),
    st.builds(lambda a, n: AttemptSeen(Attempt(a, NOW, "", "", "", 404, "", "", n)), FEW, st.integers(1, 9)),
    st.builds(lambda t: Noticed(Notice(NOW, t)), st.text(max_size=2)),
    st.builds(Learning, st.sampled_from([None, NOW])),
    st.builds(lambda i, k, v: SettingsRead(i, (Setting(i, k, v),)), IDS, st.sampled_from("kl"), FEW),
    st.just(MetersSampled("CP-1", 1, NOW, Samples((), ()))),
    st.just(Audited(NOW, "me", "station.reset", "CP-1", "", "accepted", "")),
)
#: What a story is about: one thing at a time finds more than everything at once; then everything at once.
THEMES = {
    "stations": STATIONS,
    "transactions": TRANSACTIONS,
    "cards": CARDS,
    "others": OTHERS,
    "everything": st.one_of(STATIONS, TRANSACTIONS, CARDS, OTHERS),
}


@pytest.fixture(autouse=True, scope="module")
def _small_bounds() -> object:
    """Bounds so small that every example runs into them."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (site_module, live):
            patch.setattr(module, "KEPT_CARDS", 2)
            patch.setattr(module, "KEPT_NOTICES", 3)
        patch.setattr(site_module, "KEPT_ENDED", 2)
        patch.setattr(site_module, "KEPT_ATTEMPTS", 2)
        patch.setattr(live, "_SPARE", 6)
        patch.setattr(live, "KEPT_MESSAGES", 3)
        yield


class Follower:
    """A far side: applies what it takes."""

    def __init__(self, hub: Hub) -> None:
        self.watch = hub.watch()
        self.site = Site()
        self.updates = 0

    def take(self) -> None:
        update = self.watch.take_now()
        self.site = update if isinstance(update, Site) else self.site.apply(update)


def test_what_is_measured_of_a_station_that_was_removed_is_not_lost() -> None:
    """A reading takes the place of an older one that waits; not of one from before the removal."""
    hub = Hub(Site(), pace_s=0)
    follower = Follower(hub)
    follower.take()
    reading = Measured(Reading("CP-2", 1, NOW, power_w=7.0))
    hub.publish([reading, StationRemoved("CP-2")])
    hub.publish([reading])
    follower.take()
    assert follower.site == hub.site
    assert follower.site.reading("CP-2", 1) is not None


@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_every_watcher_comes_to_the_hubs_site_at_any_pace(theme: str, data: st.DataObject) -> None:
    changes = THEMES[theme]
    before = data.draw(st.lists(changes, max_size=8))
    story = data.draw(st.lists(st.tuples(changes, st.integers(0, 20), st.booleans()), max_size=40))
    hub = Hub(Site().apply(before), pace_s=0)
    plain = Site().apply(before)
    followers = [Follower(hub) for _ in range(3)]
    batch: list[Change] = []
    for change, who, publish in story:
        plain = plain.apply([change])
        batch.append(change)
        if publish:
            hub.publish(batch)
            batch = []
        if who < len(followers):
            followers[who].take()
            assert followers[who].site == hub.site
    hub.publish(batch)
    for follower in followers:
        follower.take()
        assert follower.site == plain
        for name in ("cards", "attempts"):  # where the order decides what is let go of next
            assert list(getattr(follower.site, name)) == list(getattr(plain, name))
        ended = [[key for key, one in site.transactions.items() if not one.running] for site in (follower.site, plain)]
        assert ended[0] == ended[1]
    assert hub.site == plain


async def test_a_watcher_gets_the_site_then_changes_each_in_its_newest_state() -> None:
    hub = Hub(Site(name="depot"), pace_s=0)
    watch = hub.watch()
    assert await watch.take() == Site(name="depot")
    hub.publish([StationChanged(Station("CP-1")), StationSeen("CP-1", NOW), StationChanged(Station("CP-1", model="X"))])
    assert await watch.take() == (StationSeen("CP-1", NOW), StationChanged(Station("CP-1", model="X")))


async def test_what_was_taken_stays_as_it_is() -> None:
    hub = Hub(Site(), pace_s=0)
    hub.publish([StationChanged(Station("CP-1"))])
    taken = await hub.watch().take()
    hub.publish([StationChanged(Station("CP-2"))])
    assert isinstance(taken, Site)
    assert list(taken.stations) == ["CP-1"]


async def test_a_watcher_that_takes_nothing_holds_a_bounded_amount_and_starts_over() -> None:
    hub = Hub(Site(), pace_s=0)
    watch = hub.watch()
    await watch.take()
    for number in range(100):
        hub.publish([AttemptSeen(Attempt(str(number), NOW, "", "", "", 404, "", ""))])
    assert isinstance(await watch.take(), Site)


async def test_settings_read_one_by_one_are_told_together() -> None:
    hub = Hub(Site(), pace_s=0)
    watch = hub.watch()
    await watch.take()
    hub.publish([SettingsRead("CP-1", (Setting("CP-1", key, value),)) for key, value in ("a1", "b1", "a2")])
    assert await watch.take() == (SettingsRead("CP-1", (Setting("CP-1", "a", "2"), Setting("CP-1", "b", "1"))),)


async def test_very_many_settings_are_not_told_but_that_they_are_there() -> None:
    hub = Hub(Site(), pace_s=0)
    watch = hub.watch()
    await watch.take()
    many = tuple(Setting("CP-1", f"K{number}", "1") for number in range(MOST_SETTINGS_TOLD + 1))
    told = SettingsRead("CP-1", ())
    hub.publish([SettingsRead("CP-1", many)])
    assert await watch.take() == (told,)
    hub.publish([SettingsRead("CP-1", many[:15]), SettingsRead("CP-1", many[15:]), SettingsRead("CP-1", many[:1])])
    assert await watch.take() == (told,)
    hub.publish([SettingsRead("CP-1", many), SettingsRead("CP-1", many[:2], complete=True)])
    assert await watch.take() == (SettingsRead("CP-1", many[:2], complete=True),)


async def test_pace_is_kept() -> None:
    hub = Hub(Site(), pace_s=30)
    watch = hub.watch()
    await watch.take()
    hub.publish([StationSeen("CP-1", NOW)])
    second = asyncio.ensure_future(watch.take())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not second.done()
    second.cancel()


async def test_an_operator_is_present_while_a_watch_says_so() -> None:
    hub = Hub(Site())
    looker, operator = hub.watch(), hub.watch(operator=True)
    assert hub.operators_present
    operator.close()
    assert not hub.operators_present
    looker.close()


def _message(seq: int, station_id: str = "CP-1", action: str = "Heartbeat", problem: str = "") -> MessagesSeen:
    message = Message(seq, NOW, station_id, Direction.FROM_STATION, MessageType.CALL, action=action, problem=problem)
    return MessagesSeen((message,))


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        (MessageQuery(), [1, 2, 3]),
        (MessageQuery(station="cp-1"), [1, 3]),
        (MessageQuery(action="heart"), [1, 2]),
        (MessageQuery(problems_only=True), [3]),
        (MessageQuery(station="CP-2", action="MeterValues"), []),
    ],
)
async def test_messages_go_to_who_asked_for_them(query: MessageQuery, seqs: list[int]) -> None:
    hub = Hub(Site(), pace_s=0)
    watch, site_watch = hub.watch_messages(query), hub.watch()
    site_watch.take_now()
    hub.publish([_message(1), _message(2, "CP-2"), _message(3, action="MeterValues", problem="odd")])
    assert site_watch.take_now() == ()
    if seqs:
        messages, dropped = await watch.take()
        assert ([message.seq for message in messages], dropped) == (seqs, 0)
    else:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch.take(), 0.01)


async def test_messages_there_is_no_room_for_are_counted() -> None:
    hub = Hub(Site(), pace_s=0)
    watch = hub.watch_messages(MessageQuery())
    hub.publish([_message(seq) for seq in range(10)])
    messages, dropped = await watch.take()
    assert ([message.seq for message in messages], dropped) == ([7, 8, 9], 7)
    hub.publish([_message(10)])
    assert await watch.take() == (list(_message(10).messages), 0)
