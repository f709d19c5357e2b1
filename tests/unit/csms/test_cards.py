"""Unknown cards, and the operator who looks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.csms.authorization.cards import MOST_WAITING
from console.model.command import LearnCard, PutToken, SettleCard, StartTransaction
from console.model.outcome import Result
from console.model.token import Card, CardVerdict, Token
from console.model.transaction import Flag
from tests.unit.csms.rig import Charger, Rig, start


class Desk(Rig):
    """A site where an operator watches (``present``)."""

    def __init__(self) -> None:
        self.present = True
        super().__init__(operators_present=lambda: self.present)

    def card(self) -> Card:
        (card,) = self.journal.site.cards.values()
        return card

    async def settle(self, verdict: CardVerdict) -> str:
        outcome = await self.csms.execute(SettleCard(self.card().card_id, verdict))
        assert outcome.ok
        return outcome.text


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def charger(desk: Desk) -> Charger:
    return desk.charger()


def authorize(charger: Charger, tag: str = "04A2C19B") -> str:
    """Swipe a card; return the request's id."""
    return charger.send("Authorize", {"idTag": tag})


def status(charger: Charger, message_id: str) -> Any:
    """What the station was told about the card, None as long as it waits."""
    reply = charger.reply(message_id)
    return reply["idTagInfo"]["status"] if isinstance(reply, dict) else None


def test_an_unknown_card_waits_for_the_operator(desk: Desk, charger: Charger) -> None:
    message_id = authorize(charger)
    assert charger.reply(message_id) is None
    card = desk.card()
    assert (card.id_token, card.station_id, card.waiting) == ("04A2C19B", "CP1", True)
    assert (card.deadline - card.seen_at).total_seconds() == 15


async def test_once_lets_it_charge_within_two_minutes(desk: Desk, charger: Charger) -> None:
    message_id = authorize(charger)
    assert "this once" in await desk.settle(CardVerdict.ONCE)
    reply = charger.reply(message_id)
    assert isinstance(reply, dict)
    assert reply["idTagInfo"]["status"] == "Accepted"
    assert "expiryDate" in reply["idTagInfo"]  # the station must not remember it for good
    assert desk.journal.site.cards == {}
    assert charger.start(tag="04a2c19b")["idTagInfo"]["status"] == "Accepted"
    assert desk.charger("CP2").send("Authorize", {"idTag": "04A2C19B"})
    assert desk.card().station_id == "CP2"
    desk.clock.advance(121)
    later = authorize(charger)
    assert status(charger, later) is None
    assert desk.journal.site.tokens.keys() == {"tag1", "tag2", "tag3", "tag4"}


async def test_a_guest_may_stop_what_he_started(desk: Desk, charger: Charger) -> None:
    authorize(charger)
    await desk.settle(CardVerdict.ONCE)
    transaction_id = charger.start(tag="04A2C19B")["transactionId"]
    desk.clock.advance(3600)
    reply = charger.stop(transaction_id, idTag="04A2C19B")
    assert reply["idTagInfo"]["status"] == "Accepted"
    assert charger.transaction(transaction_id).flags == ()


async def test_always_makes_a_tag_of_it(desk: Desk, charger: Charger) -> None:
    message_id = authorize(charger)
    elsewhere = desk.charger("CP2")
    waiting = authorize(elsewhere, "04a2c19b")
    card = next(each for each in desk.journal.site.cards.values() if each.station_id == "CP1")
    assert (await desk.csms.execute(SettleCard(card.card_id, CardVerdict.ALWAYS))).ok
    assert charger.reply(message_id) == {"idTagInfo": {"status": "Accepted"}}
    assert status(elsewhere, waiting) == "Accepted"
    assert desk.journal.site.cards == {}
    assert desk.journal.site.tokens["04a2c19b"].id_token == "04A2C19B"
    desk.clock.advance(1000)
    assert status(charger, authorize(charger)) == "Accepted"


async def test_refused_it_is_invalid(desk: Desk, charger: Charger) -> None:
    message_id = authorize(charger)
    await desk.settle(CardVerdict.REFUSE)
    assert charger.reply(message_id) == {"idTagInfo": {"status": "Invalid"}}
    assert desk.journal.site.cards == {}
    assert desk.clock.timers == 0


async def test_after_the_wait_it_is_invalid_and_stays_listed(desk: Desk, charger: Charger) -> None:
    message_id = authorize(charger)
    desk.clock.advance(14.9)
    assert charger.reply(message_id) is None
    desk.clock.advance(0.1)
    assert status(charger, message_id) == "Invalid"
    assert not desk.card().waiting
    await desk.settle(CardVerdict.ONCE)
    assert charger.start(tag="04A2C19B")["idTagInfo"]["status"] == "Accepted"


async def test_always_still_works_after_the_wait(desk: Desk, charger: Charger) -> None:
    authorize(charger)
    desk.clock.advance(60)
    await desk.settle(CardVerdict.ALWAYS)
    assert status(charger, authorize(charger)) == "Accepted"


def test_with_nobody_there_it_is_invalid_at_once_and_listed(desk: Desk, charger: Charger) -> None:
    desk.present = False
    assert status(charger, authorize(charger)) == "Invalid"
    assert not desk.card().waiting
    assert desk.clock.timers == 0


def test_a_card_swiped_again_is_one_question(desk: Desk, charger: Charger) -> None:
    first, second = authorize(charger), authorize(charger)
    assert len(desk.journal.site.cards) == 1
    desk.clock.advance(15)
    assert (status(charger, first), status(charger, second)) == ("Invalid", "Invalid")


def test_impatient_stations_and_many_cards_are_bounded(desk: Desk, charger: Charger) -> None:
    ids = [authorize(charger) for _ in range(20)]
    assert status(charger, ids[-1]) == "Invalid"
    ids = [authorize(charger, f"CARD{number}") for number in range(MOST_WAITING + 5)]
    assert status(charger, ids[-1]) == "Invalid"
    assert desk.clock.timers == MOST_WAITING


async def test_a_start_with_an_unknown_card_is_durable_and_waits(desk: Desk, charger: Charger) -> None:
    message_id = charger.send("StartTransaction", start(tag="04A2C19B"))
    assert charger.reply(message_id) is None
    assert desk.card().evse_id == 1
    (begun,) = charger.running()
    desk.journal.holding = True
    verdict = desk.csms.execute(SettleCard(desk.card().card_id, CardVerdict.ONCE))
    task = asyncio.ensure_future(verdict)
    await asyncio.sleep(0)
    assert charger.reply(message_id) is None
    desk.journal.holding = False
    desk.journal.commit()
    await task
    reply = charger.reply(message_id)
    assert isinstance(reply, dict)
    assert reply["transactionId"] == int(begun.transaction_id)
    assert reply["idTagInfo"]["status"] == "Accepted"
    assert charger.running()[0].flags == ()


async def test_a_start_whose_card_is_refused_keeps_its_id(desk: Desk, charger: Charger) -> None:
    message_id = charger.send("StartTransaction", start(tag="04A2C19B"))
    again = charger.send("StartTransaction", start(tag="04A2C19B"))
    await desk.settle(CardVerdict.REFUSE)
    reply = charger.reply(message_id)
    assert reply == charger.reply(again)
    assert isinstance(reply, dict)
    assert reply["idTagInfo"]["status"] == "Invalid"
    (begun,) = charger.running()
    assert begun.flags == (Flag.NOT_AUTHORIZED,)


async def test_the_station_left_before_the_verdict(desk: Desk, charger: Charger) -> None:
    authorize(charger)
    charger.disconnect()
    await desk.settle(CardVerdict.ALWAYS)
    assert "04a2c19b" in desk.journal.site.tokens


async def test_a_card_that_is_not_listed(desk: Desk) -> None:
    outcome = await desk.csms.execute(SettleCard("nothing", CardVerdict.ONCE))
    assert outcome.result is Result.NOT_POSSIBLE


async def test_learning_makes_a_tag_of_the_next_unknown_card(desk: Desk, charger: Charger) -> None:
    assert (await desk.csms.execute(LearnCard())).ok
    assert desk.journal.site.learning_until is not None
    assert status(charger, authorize(charger, "TAG1")) == "Accepted"
    assert desk.journal.site.learning_until is not None
    assert status(charger, authorize(charger)) == "Accepted"
    assert desk.journal.site.tokens["04a2c19b"].id_token == "04A2C19B"
    assert desk.journal.site.learning_until is None
    assert status(charger, authorize(charger, "ANOTHER")) is None


async def test_learning_ends_by_itself_or_by_hand(desk: Desk, charger: Charger) -> None:
    await desk.csms.execute(LearnCard())
    desk.clock.advance(121)
    assert status(charger, authorize(charger)) is None
    await desk.csms.execute(LearnCard())
    await desk.csms.execute(LearnCard(on=False))
    assert status(charger, authorize(charger, "ANOTHER")) is None


async def test_a_tag_added_by_hand_answers_the_card_that_waits(desk: Desk, charger: Charger) -> None:
    message_id = authorize(charger)
    assert (await desk.csms.execute(PutToken(Token("04a2c19b", group_id="FLEET")))).ok
    assert charger.reply(message_id) == {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    assert desk.journal.site.cards == {}


async def test_a_tag_that_an_operator_starts_with_is_let_charge(desk: Desk, charger: Charger) -> None:
    charger.session.says["RemoteStartTransaction"] = {"status": "Accepted"}
    assert (await desk.csms.execute(StartTransaction("CP1", 1, "GUEST"))).ok
    assert status(charger, authorize(charger, "guest")) == "Accepted"
    assert charger.start(tag="GUEST")["idTagInfo"]["status"] == "Accepted"


async def test_a_remote_start_that_was_refused_lets_nobody_charge(desk: Desk, charger: Charger) -> None:
    charger.session.says["RemoteStartTransaction"] = {"status": "Rejected"}
    assert not (await desk.csms.execute(StartTransaction("CP1", 1, "GUEST"))).ok
    assert status(charger, authorize(charger, "GUEST")) is None
